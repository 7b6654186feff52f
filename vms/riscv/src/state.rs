use opml_commit::Root;
use opml_engine::VmError;
use opml_machine::{Access, Processor};

use crate::{Fault, step};

/// Bytes of a packed state.
pub const STATE_BYTES: usize = 162;

/// The state of the machine but for its memory (`specs/riscv.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Address of the instruction to execute.
    pub pc: u32,
    /// Whether the machine has halted.
    pub exited: bool,
    /// The program's exit code, or the number of its fault.
    pub exit_code: u8,
    /// The registers; the one numbered 0 is always 0.
    pub registers: [u32; 32],
}

impl State {
    pub(crate) fn get(&self, register: u32) -> u32 {
        self.registers[(register & 31) as usize]
    }

    pub(crate) fn set(&mut self, register: u32, value: u32) {
        if register & 31 != 0 {
            self.registers[(register & 31) as usize] = value;
        }
    }

    pub(crate) fn advance(&mut self) {
        self.pc = self.pc.wrapping_add(4);
    }

    pub(crate) fn exit(&mut self, code: u8) {
        self.exited = true;
        self.exit_code = code;
    }

    pub(crate) fn fault(&mut self, fault: Fault) {
        self.exit(fault as u8);
    }
}

impl Processor for State {
    const STATE_BYTES: usize = STATE_BYTES;

    fn entry() -> Self {
        let mut registers = [0; 32];
        registers[2] = 0x2010_0000;
        State {
            pc: 0x1000,
            exited: false,
            exit_code: 0,
            registers,
        }
    }

    fn pack(&self, memory_root: &Root) -> Vec<u8> {
        let mut packed = Vec::with_capacity(STATE_BYTES);
        packed.extend(self.pc.to_be_bytes());
        packed.extend([u8::from(self.exited), self.exit_code]);
        packed.extend(self.registers[1..].iter().flat_map(|register| register.to_be_bytes()));
        packed.extend(memory_root.0);
        packed
    }

    fn unpack(packed: &[u8]) -> Result<(Self, Root), VmError> {
        let packed: &[u8; STATE_BYTES] = packed.try_into().map_err(|_| VmError::Witness {
            reason: format!("a state has {STATE_BYTES} bytes, not {}", packed.len()),
        })?;
        if packed[4] > 1 {
            return Err(VmError::Witness {
                reason: format!("its exited byte is {}, neither 0 nor 1", packed[4]),
            });
        }
        let word = |at: usize| u32::from_be_bytes([packed[at], packed[at + 1], packed[at + 2], packed[at + 3]]);
        let mut registers = [0; 32];
        for (number, register) in registers.iter_mut().enumerate().skip(1) {
            *register = word(2 + 4 * number);
        }
        let mut memory_root = Root::ZERO;
        memory_root.0.copy_from_slice(&packed[130..]);
        let state = State {
            pc: word(0),
            exited: packed[4] == 1,
            exit_code: packed[5],
            registers,
        };
        Ok((state, memory_root))
    }

    fn step<A: Access>(&mut self, memory: &mut A) -> Result<(), A::Error> {
        step(self, memory)
    }

    fn exited(&self) -> bool {
        self.exited
    }

    fn exit_code(&self) -> u8 {
        self.exit_code
    }
}
