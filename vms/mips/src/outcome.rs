use crate::Fault;

/// How an instruction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The program goes on at `next_pc`.
    Next,
    /// The instruction set `pc` and `next_pc`.
    Jumped,
    /// The program is ended; the instruction changed nothing.
    Fault(Fault),
    /// The program ended itself with this code.
    Exit(u8),
}

impl Outcome {
    /// [`Outcome::Fault`] when `condition` holds, else [`Outcome::Next`].
    pub(crate) fn fault_if(condition: bool, fault: Fault) -> Outcome {
        if condition {
            Outcome::Fault(fault)
        } else {
            Outcome::Next
        }
    }
}
