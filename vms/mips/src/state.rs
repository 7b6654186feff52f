use opml_commit::Root;
use opml_engine::VmError;
use opml_machine::{Access, Processor};

use crate::{Fault, step};

/// Bytes of a packed state.
pub const STATE_BYTES: usize = 178;

/// The state of the machine but for its memory (`specs/machine.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Address of the instruction to execute.
    pub pc: u32,
    /// Address of the one after it.
    pub next_pc: u32,
    /// Upper half of products, remainder of divisions.
    pub hi: u32,
    /// Lower half of products, quotient of divisions.
    pub lo: u32,
    /// 0, or the linked word's address with bit 0 set.
    pub ll: u32,
    /// Whether the machine has halted.
    pub exited: bool,
    /// The program's exit code, or the number of its fault.
    pub exit_code: u8,
    /// The registers; the one numbered 0 is always 0.
    pub registers: [u32; 32],
}

impl State {
    /// The entry state.
    pub fn entry() -> Self {
        let mut registers = [0; 32];
        registers[29] = 0x2010_0000;
        State {
            pc: 0x1000,
            next_pc: 0x1004,
            hi: 0,
            lo: 0,
            ll: 0,
            exited: false,
            exit_code: 0,
            registers,
        }
    }

    /// Packs the state over a memory with this root.
    pub fn pack(&self, memory_root: &Root) -> [u8; STATE_BYTES] {
        let mut packed = [0; STATE_BYTES];
        let head = [self.pc, self.next_pc, self.hi, self.lo, self.ll];
        let (words, rest) = packed.split_at_mut(20);
        put_words(words, &head);
        rest[0] = u8::from(self.exited);
        rest[1] = self.exit_code;
        put_words(&mut rest[2..126], &self.registers[1..]);
        rest[126..].copy_from_slice(&memory_root.0);
        packed
    }

    /// Reads a packed state and its memory root.
    pub fn unpack(packed: &[u8; STATE_BYTES]) -> Result<(Self, Root), VmError> {
        let word = |at: usize| u32::from_be_bytes([packed[at], packed[at + 1], packed[at + 2], packed[at + 3]]);
        if packed[20] > 1 {
            return Err(VmError::Witness {
                reason: format!("its exited byte is {}, neither 0 nor 1", packed[20]),
            });
        }
        let mut registers = [0; 32];
        for (number, register) in registers.iter_mut().enumerate().skip(1) {
            *register = word(18 + 4 * number);
        }
        let mut memory_root = Root::ZERO;
        memory_root.0.copy_from_slice(&packed[146..]);
        let state = State {
            pc: word(0),
            next_pc: word(4),
            hi: word(8),
            lo: word(12),
            ll: word(16),
            exited: packed[20] == 1,
            exit_code: packed[21],
            registers,
        };
        Ok((state, memory_root))
    }

    pub(crate) fn get(&self, register: u32) -> u32 {
        self.registers[(register & 31) as usize]
    }

    pub(crate) fn set(&mut self, register: u32, value: u32) {
        if register & 31 != 0 {
            self.registers[(register & 31) as usize] = value;
        }
    }

    pub(crate) fn advance(&mut self) {
        self.pc = self.next_pc;
        self.next_pc = self.next_pc.wrapping_add(4);
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
        State::entry()
    }

    fn pack(&self, memory_root: &Root) -> Vec<u8> {
        State::pack(self, memory_root).to_vec()
    }

    fn unpack(packed: &[u8]) -> Result<(Self, Root), VmError> {
        let packed = packed.try_into().map_err(|_| VmError::Witness {
            reason: format!("a state has {STATE_BYTES} bytes, not {}", packed.len()),
        })?;
        State::unpack(packed)
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

fn put_words(target: &mut [u8], words: &[u32]) {
    for (bytes, word) in target.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *bytes = word.to_be_bytes();
    }
}
