//! Random words, states and memories, biased to what executes and to edges.

use bytes::Bytes;
use opml_engine::Region;
use opml_machine::Memory;
use opml_mips::State;

/// A stream of numbers fixed by its seed (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

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
            0 => self.pick(&[
                0,
                1,
                2,
                31,
                32,
                0x7fff_ffff,
                0x8000_0000,
                0xffff_ffff,
                0xffff_8000,
                4246,
            ]),
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

    /// A word: any, or a legal operation with any fields.
    pub(crate) fn word(&mut self) -> u32 {
        let fields = self.next() & 0x03ff_ffff;
        match self.below(16) {
            0 => self.next(),
            1..=5 => {
                let function = self.pick(&[
                    0x00, 0x02, 0x03, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0f, 0x10, 0x11, 0x12,
                    0x13, 0x18, 0x19, 0x1a, 0x1b, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2a, 0x2b, 0x30,
                    0x31, 0x32, 0x33, 0x34, 0x36, 0x01, 0x05, 0x2c,
                ]);
                fields & !63 | function
            }
            6 => {
                let rt = self.pick(&[0, 1, 2, 3, 8, 9, 10, 11, 12, 14, 16, 17, 18, 19, 31, 4]);
                1 << 26 | fields & 0x03e0_0000 | rt << 16 | self.offset()
            }
            7 => 0x1c << 26 | fields & !63 | self.pick(&[0, 1, 2, 4, 5, 0x20, 0x21, 0x3f]),
            8 => 0x1f << 26 | fields & !63 | self.pick(&[0, 4, 0x20, 0x3b]),
            9 => 0x1f << 26 | fields & 0x03ff_f800 | self.pick(&[2, 0x10, 0x18]) << 6 | 0x20,
            10 => self.pick(&[2, 3]) << 26 | (0x400 + self.below(0x100)),
            11 => self.pick(&[4, 5, 6, 7, 0x14, 0x15, 0x16, 0x17]) << 26 | fields & 0x03ff_0000 | self.offset(),
            12 => self.pick(&[8, 9, 10, 11, 12, 13, 14, 15]) << 26 | fields,
            _ => {
                let op = self.pick(&[
                    0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28, 0x29, 0x2a, 0x2b, 0x2e, 0x30, 0x33, 0x38, 0x2f,
                ]);
                op << 26 | fields & 0x03ff_0000 | self.offset()
            }
        }
    }

    /// A 16-bit immediate, mostly near zero.
    fn offset(&mut self) -> u32 {
        match self.below(4) {
            0 => self.below(0x1_0000),
            1 => self.below(32).wrapping_sub(16) & 0xffff,
            _ => self.below(16).wrapping_sub(8).wrapping_mul(4) & 0xffff,
        }
    }

    /// A state that goes on, mostly at a code address and outside a delay slot.
    pub(crate) fn state(&mut self) -> State {
        let mut state = State::entry();
        state.pc = match self.below(24) {
            0 => self.address(),
            1 => self.pick(&[0, 0x0fff_fffc, 0x1000_0000, 0x13fc, 0x13fe]),
            _ => 0x1000 + 4 * self.below(0x100),
        };
        state.next_pc = match self.below(8) {
            0 => self.address(),
            1 => 0x1000 + 4 * self.below(0x100),
            _ => state.pc.wrapping_add(4),
        };
        for number in 1..32 {
            state.registers[number] = match self.below(4) {
                0 => self.value(),
                1 => 0x1000 + 4 * self.below(0x100),
                _ => self.address(),
            };
        }
        (state.hi, state.lo) = (self.value(), self.value());
        let linked = state.registers[self.below(32) as usize];
        state.ll = self.pick(&[0, linked | 1, linked & !3 | 1, linked]);
        state.exit_code = self.pick(&[0, 0, 7]);
        state.exited = self.below(200) == 0;
        state
    }

    /// Memory with `program` at 0x1000, a record, a call chunk, an initial output and two inputs.
    pub(crate) fn memory(&mut self, program: &[u32]) -> Memory {
        let mut image = vec![0; 0x1000];
        program
            .iter()
            .for_each(|word| image.extend_from_slice(&word.to_le_bytes()));
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

pub(crate) fn region(address: u32, bytes: Vec<u8>) -> Region {
    Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    }
}
