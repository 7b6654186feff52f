//! RISC-V: execution begins at 0x1000 with the stack pointer set; `ecall` 93 exits.

use core::arch::{asm, naked_asm};

const EXIT: u32 = 93;

/// The first instruction. The machine has set the stack pointer; nothing else needs to be.
#[unsafe(no_mangle)]
#[unsafe(naked)]
#[unsafe(link_section = ".text.start")]
extern "C" fn _start() -> ! {
    naked_asm!("j {main}", main = sym main)
}

extern "C" fn main() -> ! {
    exit(crate::guest())
}

/// Ends the program.
pub(crate) fn exit(code: u32) -> ! {
    // SAFETY: the machine halts at this call and touches no memory.
    unsafe { asm!("ecall", in("a7") EXIT, in("a0") code, options(noreturn, nostack)) }
}
