/// `value · 2^−fraction`: what a function gives before it is rounded to a tensor's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fixed {
    pub(crate) value: i64,
    pub(crate) fraction: i32,
}

impl Fixed {
    /// More than any tensor holds.
    pub(crate) const GREATEST: Fixed = Fixed {
        value: i64::MAX,
        fraction: 0,
    };

    /// Less than any tensor holds.
    pub(crate) const LEAST: Fixed = Fixed {
        value: i64::MIN,
        fraction: 0,
    };

    /// The nearest number with this many fraction bits, halves rounded up.
    ///
    /// Where bits are added instead, which are at most 30, a value beyond ±2^32 becomes that first: saturated, with or without a zero point, it is the same.
    #[inline]
    pub(crate) fn rounded(self, fraction: i32) -> i64 {
        match self.fraction.wrapping_sub(fraction) {
            0 => self.value,
            // floor(v / 2^s + ½), which cannot overflow.
            shift @ 1..=63 => ((self.value >> (shift - 1)).wrapping_add(1)) >> 1,
            shift if shift > 63 => 0,
            shift => {
                let value = self.value.clamp(-1 << 32, 1 << 32);
                value << (shift.wrapping_neg() & 31)
            }
        }
    }
}
