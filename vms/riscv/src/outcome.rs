use crate::Fault;

/// How an instruction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The program goes on at the next instruction.
    Next,
    /// The program goes on there.
    Jump(u32),
    /// The program is ended; the instruction changed nothing.
    Fault(Fault),
    /// The program ended itself with this code.
    Exit(u8),
}
