//! Entry and exit: execution begins at 0x1000 with the stack pointer set; `syscall` 4246 exits.

use core::arch::{asm, naked_asm};

const EXIT: u32 = 4246;

/// The first instruction. The machine has set the stack pointer; nothing else needs to be.
#[unsafe(no_mangle)]
#[unsafe(naked)]
#[unsafe(link_section = ".text.start")]
extern "C" fn _start() -> ! {
    naked_asm!(".set noreorder", "j {main}", "nop", main = sym main)
}

extern "C" fn main() -> ! {
    exit(crate::program())
}

/// Ends the program.
pub(crate) fn exit(code: u32) -> ! {
    // SAFETY: the machine halts at this syscall and touches no memory.
    unsafe { asm!("syscall", in("$2") EXIT, in("$4") code, options(noreturn, nostack)) }
}
