//! What can be seen of a state from outside.

use opml_mips::State;

/// pc, hi, lo and the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visible {
    pub(crate) pc: u32,
    pub(crate) hi: u32,
    pub(crate) lo: u32,
    pub(crate) registers: [u32; 32],
}

impl From<&State> for Visible {
    fn from(state: &State) -> Self {
        Visible {
            pc: state.pc,
            hi: state.hi,
            lo: state.lo,
            registers: state.registers,
        }
    }
}

impl Visible {
    pub(crate) fn words(&self) -> impl Iterator<Item = u32> {
        [self.pc, self.hi, self.lo]
            .into_iter()
            .chain(self.registers[1..].iter().copied())
    }

    pub(crate) fn from_words(words: &[u32; 34]) -> Self {
        let mut registers = [0; 32];
        registers[1..].copy_from_slice(&words[3..]);
        Visible {
            pc: words[0],
            hi: words[1],
            lo: words[2],
            registers,
        }
    }
}
