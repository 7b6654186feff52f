/// What a planted fault changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultPart {
    /// A byte of the part's output; in the machine, of what it computes: a node's output or a block of it. A machine that is
    /// asked to [`corrupt`](crate::Machine::corrupt) itself counts from the start of slot 3.
    Output {
        /// Byte offset.
        byte: u64,
    },
    /// A byte of the machine's stack and scratch slot.
    Scratch {
        /// Byte offset in slot 2.
        byte: u64,
    },
    /// A register of the machine.
    Register {
        /// 1 … 31.
        number: u8,
    },
    /// The machine's next program counter.
    ProgramCounter,
}

/// A planted fault: a part by part path from the stage that is asked downward, and what is changed there.
///
/// In the machine stage the last index is a step s: state s + 1 is the true one with one bit flipped. What follows is
/// computed from it. An empty path at a stage means that its claimed output is false although its work is not; it stays
/// empty below, where every part's output is said to be the claimed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Part indices, one a stage, outermost first.
    pub path: Vec<u64>,
    /// What is changed.
    pub part: FaultPart,
}

impl Fault {
    /// The fault as the next stage sees it when `part` is opened: `None` when it lies in another part.
    pub fn within(&self, part: u64) -> Option<Fault> {
        let Some((first, rest)) = self.path.split_first() else {
            return Some(self.clone());
        };
        (*first == part).then(|| Fault {
            path: rest.to_vec(),
            part: self.part,
        })
    }
}
