/// A stream of numbers from a seed, many of them awkward.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u32) -> Random {
        Random(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end.max(1)
    }

    /// One of several.
    pub(crate) fn among<T: Copy>(&mut self, several: &[T]) -> T {
        several[self.below(several.len())]
    }

    /// A place in a list; `None` when that is empty.
    pub(crate) fn place(&mut self, length: usize) -> Option<usize> {
        (length > 0).then(|| self.below(length))
    }

    /// A dimension: mostly small.
    pub(crate) fn size(&mut self) -> i64 {
        match self.below(12) {
            0 => self.among(&[
                0,
                1 << 10,
                1 << 16,
                65_535,
                1 << 20,
                1 << 28,
                1 << 31,
                u32::MAX.into(),
                i64::MAX,
            ]),
            1 => self.integer(),
            _ => 1 + self.below(7) as i64,
        }
    }

    /// An integer: small, a power of two, or a type's last one.
    pub(crate) fn integer(&mut self) -> i64 {
        match self.below(6) {
            0 => self.among(&[
                i64::MIN,
                i64::MIN + 1,
                i64::MAX,
                i32::MIN.into(),
                i32::MAX.into(),
                u32::MAX.into(),
            ]),
            1 => (1i64 << self.below(63)).wrapping_sub(self.below(2) as i64),
            2 => -1 - self.below(6) as i64,
            _ => self.below(8) as i64,
        }
    }

    /// A float: small, or one that is no ordinary number.
    pub(crate) fn float(&mut self) -> f32 {
        match self.below(4) {
            0 => self.among(&[
                f32::NAN,
                f32::INFINITY,
                f32::NEG_INFINITY,
                f32::MAX,
                f32::MIN_POSITIVE,
                0.0,
                -0.0,
                1e-40,
            ]),
            _ => self.below(64) as f32 / 8.0 - 4.0,
        }
    }
}
