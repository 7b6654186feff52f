use std::sync::Arc;

use opml_commit::{Root, SLOT_BYTES};
use opml_engine::{FaultPart, Machine, VmError};

use crate::{Interpreted, Live, Memory, prove_step};

/// A processor over slot memory at some step of its run.
pub struct SlotMachine<P: Interpreted> {
    processor: P,
    memory: Memory,
    code: Arc<P::Code>,
    step: u64,
    halted_at: Option<u64>,
}

impl<P: Interpreted> SlotMachine<P> {
    /// A machine in the entry state over `memory`.
    pub fn new(memory: Memory) -> Self {
        SlotMachine::at(P::entry(), memory)
    }

    /// A machine in any state over `memory`, at step 0.
    pub fn at(processor: P, memory: Memory) -> Self {
        let code = P::code(&memory.leading(0));
        SlotMachine::with_code(processor, memory, code)
    }

    /// A machine in any state over `memory`, at step 0, whose image `code` was made of.
    pub fn with_code(processor: P, memory: Memory, code: Arc<P::Code>) -> Self {
        SlotMachine {
            halted_at: processor.exited().then_some(0),
            code,
            processor,
            memory,
            step: 0,
        }
    }

    /// The state but for its memory.
    pub fn processor(&self) -> &P {
        &self.processor
    }

    /// What was made of the image.
    pub fn code(&self) -> &P::Code {
        &self.code
    }

    /// The memory.
    pub fn memory(&mut self) -> &mut Memory {
        &mut self.memory
    }

    /// Does `steps` steps by the definition alone.
    pub fn run_plainly(&mut self, steps: u64) {
        for _ in 0..steps {
            let Ok(()) = self.processor.step(&mut Live(&mut self.memory.view()));
            self.step += 1;
            self.note_halt();
        }
    }

    fn note_halt(&mut self) {
        if self.processor.exited() && self.halted_at.is_none() {
            self.halted_at = Some(self.step);
        }
    }

    /// Runs until halted or at `limit`.
    fn advance(&mut self, limit: u64) -> Result<(), VmError> {
        let steps = limit.checked_sub(self.step).ok_or(VmError::Backward {
            at: self.step,
            asked: limit,
        })?;
        self.step += self.processor.run(&mut self.memory, &self.code, steps);
        self.note_halt();
        Ok(())
    }

    /// Flips the highest bit of a byte of slot 2 or 3.
    fn flip(&mut self, slot: u32, byte: u64) -> Result<(), VmError> {
        if byte >= SLOT_BYTES {
            return Err(VmError::Backend {
                reason: format!("byte {byte} lies outside slot {slot}, which has 2^28 bytes"),
            });
        }
        let address = slot << 28 | byte as u32;
        let flipped = self.memory.read(address, 1)[0] ^ 0x80;
        self.memory.write(address, &[flipped])
    }
}

impl<P: Interpreted> Machine for SlotMachine<P> {
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
        self.processor.pack(&self.memory.root())
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(SlotMachine {
            processor: self.processor.clone(),
            memory: self.memory.fork(),
            code: Arc::clone(&self.code),
            step: self.step,
            halted_at: self.halted_at,
        })
    }

    fn own_bytes(&self) -> u64 {
        self.memory.own_bytes() as u64
    }

    fn prove_step(&mut self) -> Result<Vec<u8>, VmError> {
        Ok(prove_step(&self.processor, &mut self.memory))
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
            FaultPart::Register { number } => {
                let register = self.processor.register(number).ok_or_else(|| VmError::Backend {
                    reason: format!("there is no register {number} to corrupt; name one of 1 to 31"),
                })?;
                *register ^= 1;
                Ok(())
            }
            FaultPart::ProgramCounter => {
                *self.processor.next_pc() ^= 4;
                Ok(())
            }
        }
    }
}
