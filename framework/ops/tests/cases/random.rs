/// A stream of numbers from a seed (xorshift64*).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number in `0 .. end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    /// Bytes, one in eight of them an extreme.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count)
            .map(|_| match self.below(16) {
                0 => 0x80,
                1 => 0x7f,
                _ => self.next() as u8,
            })
            .collect()
    }

    /// Little-endian words, each made by `word`.
    pub(crate) fn words(&mut self, count: usize, mut word: impl FnMut(&mut Random) -> i32) -> Vec<u8> {
        (0..count).flat_map(|_| word(self).to_le_bytes()).collect()
    }

    /// A multiplier as converters write them, or any word.
    pub(crate) fn multiplier(&mut self) -> i32 {
        match self.below(8) {
            0 => self.next() as i32,
            1 => [i32::MIN, i32::MAX, 0, 1, -1][self.below(5) as usize],
            _ => (1 << 30) + self.below(1 << 30) as i32,
        }
    }

    /// A shift as converters write them, or any word.
    pub(crate) fn shift(&mut self) -> i32 {
        match self.below(8) {
            0 => self.next() as i32,
            1 => self.below(64) as i32,
            _ => 31 + self.below(14) as i32,
        }
    }
}
