//! Random words, states and memories, biased to what executes and to edges.

use bytes::Bytes;
use opml_engine::Region;
use opml_machine::{Memory, Processor};
use opml_riscv::State;

/// A stream of numbers fixed by its seed (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

/// Opcode, funct3 and funct7 of every instruction but the two that are whole words; 0 where a field does not decide.
pub(crate) const INSTRUCTIONS: &[(u32, &[u32], &[u32])] = &[
    (0x37, &[], &[]),
    (0x17, &[], &[]),
    (0x6f, &[], &[]),
    (0x67, &[0], &[]),
    (0x63, &[0, 1, 4, 5, 6, 7], &[]),
    (0x03, &[0, 1, 2, 4, 5], &[]),
    (0x23, &[0, 1, 2], &[]),
    (0x13, &[0, 2, 3, 4, 6, 7], &[]),
    (0x13, &[1], &[0x00]),
    (0x13, &[5], &[0x00, 0x20]),
    (0x33, &[0, 1, 2, 3, 4, 5, 6, 7], &[0x00, 0x01]),
    (0x33, &[0, 5], &[0x20]),
    (0x0f, &[0], &[]),
];

const ECALL: u32 = 0x0000_0073;
const EBREAK: u32 = 0x0010_0073;

impl Random {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 32) as u32
    }

    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.next() % bound
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u32) as usize]
    }

    /// A value that is often an edge.
    pub(crate) fn value(&mut self) -> u32 {
        match self.below(6) {
            0 => self.pick(&[0, 1, 2, 31, 32, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0xffff_8000, 93]),
            1 => self.below(64),
            2 => 1 << self.below(32),
            _ => self.next(),
        }
    }

    /// An address that is often mapped, often at an edge.
    pub(crate) fn address(&mut self) -> u32 {
        match self.below(8) {
            0 => self.next(),
            1 => 0x1000 + self.below(0x400),
            2 => (self.below(16) << 28).wrapping_sub(self.below(8)),
            3 => self.below(16) << 28 | self.below(0x1200),
            4 => 0x2010_0000u32.wrapping_sub(self.below(64)),
            _ => (0x2000_0000 + (self.below(2) << 28) + self.below(0x2200)) & !self.pick(&[0, 1, 3, 3, 3]),
        }
    }

    /// A word: any, or a legal operation with any fields, or nearly one.
    pub(crate) fn word(&mut self) -> u32 {
        match self.below(20) {
            0 => self.next(),
            1 => {
                let nearly = ECALL ^ 1 << self.below(32);
                self.pick(&[ECALL, ECALL, EBREAK, nearly])
            }
            2 => self.legal() ^ 1 << self.below(32),
            _ => self.legal(),
        }
    }

    /// A word of [`INSTRUCTIONS`]; its immediate is mostly near zero.
    pub(crate) fn legal(&mut self) -> u32 {
        let (opcode, funct3, funct7) = self.pick(INSTRUCTIONS);
        let mut word = self.next() & !127 | opcode;
        if self.below(3) != 0 {
            word = self.near(word);
        }
        if !funct3.is_empty() {
            word = word & !0x7000 | self.pick(funct3) << 12;
        }
        if !funct7.is_empty() {
            word = word & !0xfe00_0000 | self.pick(funct7) << 25;
        }
        word
    }

    /// The word with an immediate near zero, for those opcodes whose immediate is an address's offset.
    fn near(&mut self, word: u32) -> u32 {
        let offset = (self.below(64) & !self.pick(&[0, 1, 3, 3, 3])).wrapping_sub(32);
        with_offset(word, offset)
    }

    /// A state that goes on, mostly at a code address.
    pub(crate) fn state(&mut self) -> State {
        let mut state = State::entry();
        state.pc = match self.below(24) {
            0 => self.address(),
            1 => self.pick(&[0, 0x0fff_fffc, 0x1000_0000, 0x13fc, 0x13fe, 0x1400, u32::MAX]),
            _ => 0x1000 + 4 * self.below(0x100),
        };
        for number in 1..32 {
            state.registers[number] = match self.below(4) {
                0 => self.value(),
                1 => 0x1000 + 4 * self.below(0x100),
                _ => self.address(),
            };
        }
        if self.below(4) == 0 {
            state.registers[17] = 93;
        }
        state.exit_code = self.pick(&[0, 0, 7]);
        state.exited = self.below(200) == 0;
        state
    }

    /// Memory with `program` at 0x1000, a record, a call chunk, an initial output and two inputs.
    pub(crate) fn memory(&mut self, program: &[u32]) -> Memory {
        let mut image = vec![0; 0x1000];
        image.extend(program.iter().flat_map(|word| word.to_le_bytes()));
        let mut regions = vec![region(0, image)];
        for (address, length) in [
            (0x1000_0000, 1024),
            (0x1800_0000, 128),
            (0x2000_1000, 0x800),
            (0x3000_0000, 0x1100),
            (0x4000_0000, 0x1003),
            (0xf000_0000, 5),
        ] {
            regions.push(region(address, (0..length).map(|_| self.next() as u8).collect()));
        }
        Memory::new(&regions).expect("the regions are disjoint")
    }

    /// A program of `words` random words.
    pub(crate) fn program(&mut self, words: usize) -> Vec<u32> {
        (0..words).map(|_| self.word()).collect()
    }
}

/// The word with the immediate `offset`, where its opcode's immediate is an address's offset; cut to the bits there are.
pub(crate) fn with_offset(word: u32, offset: u32) -> u32 {
    let bits = |from: u32, count: u32, to: u32| (offset >> from & ((1 << count) - 1)) << to;
    match word & 127 {
        0x03 | 0x67 => word & 0x000f_ffff | bits(0, 12, 20),
        0x23 => word & 0x01ff_f07f | bits(5, 7, 25) | bits(0, 5, 7),
        0x63 => word & 0x01ff_f07f | bits(12, 1, 31) | bits(5, 6, 25) | bits(1, 4, 8) | bits(11, 1, 7),
        0x6f => word & 0x0000_0fff | bits(20, 1, 31) | bits(1, 10, 21) | bits(11, 1, 20) | bits(12, 8, 12),
        _ => word,
    }
}

pub(crate) fn region(address: u32, bytes: Vec<u8>) -> Region {
    Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    }
}
