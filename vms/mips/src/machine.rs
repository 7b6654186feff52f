use std::sync::Arc;

use opml_commit::Root;
use opml_engine::{FaultPart, Machine, VmError};
use opml_machine::{Memory, prove_step};

use crate::code::Code;
use crate::translation::{Translation, run};
use crate::{Live, State, step};

/// A MIPS machine at some step of its run.
pub struct MipsMachine {
    state: State,
    memory: Memory,
    code: Arc<Code>,
    step: u64,
    halted_at: Option<u64>,
    translation: Translation,
}

impl MipsMachine {
    /// A machine in the entry state over `memory`.
    pub fn new(memory: Memory) -> Self {
        MipsMachine::at(State::entry(), memory)
    }

    /// A machine in any state over `memory`, at step 0.
    pub fn at(state: State, memory: Memory) -> Self {
        MipsMachine {
            halted_at: state.exited.then_some(0),
            code: Code::of(&memory.leading(0)),
            state,
            memory,
            step: 0,
            translation: Translation::default(),
        }
    }

    /// Says when the machine's code is translated; what it computes does not depend on it.
    pub fn set_translation(&mut self, translation: Translation) {
        self.translation = translation;
        if translation == Translation::AtOnce {
            self.code.translations.heat_up();
        }
    }

    /// Instructions of this machine's image that have been translated so far, by whichever machine; one that two loops share counts twice.
    pub fn translated_instructions(&self) -> u32 {
        self.code.translations.instructions()
    }

    /// The state but for its memory.
    pub fn registers(&self) -> &State {
        &self.state
    }

    /// The memory.
    pub fn memory(&mut self) -> &mut Memory {
        &mut self.memory
    }

    /// Does `steps` steps by [`step`] alone, without the interpreter.
    pub fn run_plainly(&mut self, steps: u64) {
        for _ in 0..steps {
            let Ok(()) = step(&mut self.state, &mut Live(&mut self.memory.view()));
            self.step += 1;
            self.note_halt();
        }
    }

    fn note_halt(&mut self) {
        if self.state.exited && self.halted_at.is_none() {
            self.halted_at = Some(self.step);
        }
    }

    /// Runs until halted or at `limit`.
    fn advance(&mut self, limit: u64) -> Result<(), VmError> {
        let steps = limit.checked_sub(self.step).ok_or(VmError::Backward {
            at: self.step,
            asked: limit,
        })?;
        self.step += run(&mut self.state, &mut self.memory, &self.code, steps, self.translation);
        self.note_halt();
        Ok(())
    }
}

impl Machine for MipsMachine {
    fn step(&self) -> u64 {
        self.step
    }

    fn halted_at(&self) -> Option<u64> {
        self.halted_at
    }

    fn run_to(&mut self, step: u64) -> Result<(), VmError> {
        self.advance(step)?;
        self.step = step;
        Ok(())
    }

    fn run_until_halt(&mut self, limit: u64) -> Result<(), VmError> {
        if self.halted_at.is_some() {
            return Ok(());
        }
        self.advance(limit)
    }

    fn state(&mut self) -> Vec<u8> {
        self.state.pack(&self.memory.root()).to_vec()
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(MipsMachine {
            state: self.state.clone(),
            memory: self.memory.fork(),
            code: Arc::clone(&self.code),
            step: self.step,
            halted_at: self.halted_at,
            translation: self.translation,
        })
    }

    fn prove_step(&mut self) -> Result<Vec<u8>, VmError> {
        Ok(prove_step(&self.state, &mut self.memory))
    }

    fn prove_memory(&mut self, height: u8, index: u64) -> Vec<Root> {
        self.memory.path(height, index)
    }

    fn memory_node(&mut self, height: u8, index: u64) -> Root {
        self.memory.node(height, index)
    }

    fn read(&self, address: u32, length: usize) -> Vec<u8> {
        self.memory.read(address, length)
    }

    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), VmError> {
        self.memory.write(address, bytes)
    }

    fn corrupt(&mut self, part: &FaultPart) -> Result<(), VmError> {
        match *part {
            FaultPart::Output { byte } => self.flip(3, byte),
            FaultPart::Scratch { byte } => self.flip(2, byte),
            FaultPart::Register {
                number: number @ 1..=31,
            } => {
                self.state.registers[usize::from(number)] ^= 1;
                Ok(())
            }
            FaultPart::Register { number } => Err(VmError::Backend {
                reason: format!("there is no register {number} to corrupt; name one of 1 to 31"),
            }),
            FaultPart::ProgramCounter => {
                self.state.next_pc ^= 4;
                Ok(())
            }
        }
    }
}

impl MipsMachine {
    /// Flips the highest bit of a byte of slot 2 or 3.
    fn flip(&mut self, slot: u32, byte: u64) -> Result<(), VmError> {
        if byte >= opml_commit::SLOT_BYTES {
            return Err(VmError::Backend {
                reason: format!("byte {byte} lies outside slot {slot}, which has 2^28 bytes"),
            });
        }
        let address = slot << 28 | byte as u32;
        let shift = 8 * (address & 3);
        let mut view = self.memory.view();
        let word = view.load(address);
        view.store(address, word ^ 0x80 << shift, u32::MAX);
        Ok(())
    }
}
