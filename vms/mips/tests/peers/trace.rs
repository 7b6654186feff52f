//! A case in our machine, step by step.

use std::convert::Infallible;

use opml_machine::{Access, Live, Memory, Words};
use opml_mips::{State, step};

/// What a step did to data.
#[derive(Clone, Copy)]
pub(crate) struct Touch {
    pub(crate) address: u32,
    /// The word there before the step.
    pub(crate) before: u32,
}

/// One step.
pub(crate) struct Step {
    pub(crate) before: State,
    /// The instruction; `None` when the fetch faults.
    pub(crate) word: Option<u32>,
    pub(crate) touch: Option<Touch>,
    pub(crate) after: State,
}

impl Step {
    /// The number of the fault that ended the program.
    pub(crate) fn fault(&self) -> Option<u8> {
        let exit = self.word.is_some_and(is_system_call) && self.before.registers[2] == 4246;
        (self.after.exited && !exit).then_some(self.after.exit_code)
    }

    /// Whether this is a likely branch that skips its slot.
    pub(crate) fn nullifies(&self) -> bool {
        !self.after.exited && self.after.pc == self.before.pc.wrapping_add(8) && self.before.next_pc != self.after.pc
    }
}

/// Whether `word` is `syscall`.
pub(crate) fn is_system_call(word: u32) -> bool {
    word & 0xfc00_003f == 0x0c
}

/// Live memory that notes what is done to it.
struct Noting<'a, W> {
    live: Live<'a, W>,
    word: Option<u32>,
    touch: Option<Touch>,
}

impl<W: Words> Access for Noting<'_, W> {
    type Error = Infallible;

    fn fetch(&mut self, address: u32) -> Result<u32, Infallible> {
        let word = self.live.fetch(address)?;
        self.word = Some(word);
        Ok(word)
    }

    fn load(&mut self, address: u32) -> Result<u32, Infallible> {
        let before = self.live.load(address)?;
        self.touch = Some(Touch { address, before });
        Ok(before)
    }

    fn store(&mut self, address: u32, word: u32) -> Result<(), Infallible> {
        let before = self.live.load(address)?;
        self.touch = Some(Touch { address, before });
        self.live.store(address, word)
    }
}

/// Does the next step of `state`.
pub(crate) fn noted_step(state: &State, memory: &mut Memory) -> Step {
    let mut after = state.clone();
    let mut view = memory.view();
    let mut noting = Noting {
        live: Live(&mut view),
        word: None,
        touch: None,
    };
    let Ok(()) = step(&mut after, &mut noting);
    Step {
        before: state.clone(),
        word: noting.word,
        touch: noting.touch,
        after,
    }
}
