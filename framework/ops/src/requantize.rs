/// `acc · multiplier / 2^(shift mod 64)`, halves rounded up, saturated to 32 bits.
///
/// The rounding constant is added to the 64-bit product with wrapping.
#[inline]
pub fn requantize(acc: i32, multiplier: i32, shift: i32) -> i32 {
    let product = i64::from(acc).wrapping_mul(i64::from(multiplier));
    let shift = (shift as u32) & 63;
    if shift > 32 {
        // The rounding constant and what is kept lie in the upper word alone, and the result fits.
        let upper = (product >> 32) as i32;
        return upper.wrapping_add(1i32.wrapping_shl(shift - 33)) >> (shift - 32);
    }
    let rounded = match shift {
        0 => product,
        _ => product.wrapping_add(1i64 << (shift - 1)) >> shift,
    };
    if rounded > i64::from(i32::MAX) {
        i32::MAX
    } else if rounded < i64::from(i32::MIN) {
        i32::MIN
    } else {
        rounded as i32
    }
}

/// The last step of int8 contractions: offset and bounds of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finish {
    /// Added to the requantised accumulator.
    pub zero_point: i32,
    /// The least result, −128 … 127.
    pub minimum: i32,
    /// The greatest result, `minimum` … 127.
    pub maximum: i32,
}

impl Finish {
    /// Offsets and bounds a requantised value; the result is the two's complement byte.
    #[inline]
    pub fn bound(&self, value: i32) -> u8 {
        let value = value.saturating_add(self.zero_point);
        let value = if value < self.minimum { self.minimum } else { value };
        let value = if value > self.maximum { self.maximum } else { value };
        value as u8
    }

    /// [`requantize`], then [`Finish::bound`].
    #[inline]
    pub fn apply(&self, acc: i32, multiplier: i32, shift: i32) -> u8 {
        self.bound(requantize(acc, multiplier, shift))
    }
}

/// Per-output bias, multiplier and shift, each little-endian i32.
#[derive(Clone, Copy)]
pub(crate) struct Scales<'a> {
    pub(crate) bias: &'a [u8],
    pub(crate) multiplier: &'a [u8],
    pub(crate) shift: &'a [u8],
}

impl<'a> Scales<'a> {
    /// Those of the outputs from `first` on.
    #[inline]
    pub(crate) fn from(&self, first: usize) -> Scales<'a> {
        let tail = |bytes: &'a [u8]| bytes.get(first * 4..).unwrap_or(&[]);
        Scales {
            bias: tail(self.bias),
            multiplier: tail(self.multiplier),
            shift: tail(self.shift),
        }
    }

    /// Bias, multiplier and shift of each output.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i32, i32, i32)> {
        let scales = words(self.multiplier).zip(words(self.shift));
        words(self.bias)
            .zip(scales)
            .map(|(bias, (multiplier, shift))| (bias, multiplier, shift))
    }
}

/// The little-endian i32 words of a tensor.
#[inline]
pub(crate) fn words(bytes: &[u8]) -> impl Iterator<Item = i32> {
    bytes.as_chunks().0.iter().map(|word| i32::from_le_bytes(*word))
}
