/// Why a program was ended; the number is its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Fault {
    /// `pc` is misaligned or outside slot 0.
    Fetch = 128,
    /// The word is no instruction.
    Reserved = 129,
    /// A halfword or word access off its boundary.
    Misaligned = 131,
    /// A store outside slots 2 and 3.
    Forbidden = 132,
    /// The instruction `ebreak`.
    Break = 136,
    /// A system call other than exit.
    Syscall = 137,
}
