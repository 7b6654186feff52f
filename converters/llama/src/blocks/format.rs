use half::f16;

use crate::stored::canonical;

/// Outputs that lie side by side.
pub const PANEL: usize = 32;

/// How scales and minimums are stored, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScaleType {
    /// binary16.
    F16,
    /// binary32.
    F32,
}

impl ScaleType {
    /// Bytes of one.
    pub fn bytes(self) -> usize {
        match self {
            ScaleType::F16 => 2,
            ScaleType::F32 => 4,
        }
    }

    /// The number that bits of this type stand for; an f16's are the lower half.
    pub(crate) fn value(self, bits: u32) -> f32 {
        match self {
            ScaleType::F16 => f16::from_bits(bits as u16).to_f32(),
            ScaleType::F32 => f32::from_bits(bits),
        }
    }
}

/// What a block of weights is: `weight = scale · (code − zero) + minimum`, each step rounded to f32; without minimums the
/// last step is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlockFormat {
    /// Bits of a code: 4 or 8.
    pub bits: u32,
    /// Weights along the depth that share a scale: 16 or 32.
    pub block: usize,
    /// How scales and minimums are stored.
    pub scale: ScaleType,
    /// The code that stands for zero.
    pub zero: u8,
    /// Whether blocks have minimums.
    pub minimums: bool,
}

impl BlockFormat {
    /// Bytes of one block of [`PANEL`] outputs: scales, minimums if any, codes.
    pub fn panel_bytes(&self) -> usize {
        let scales = self.scale.bytes() * if self.minimums { 2 } else { 1 };
        PANEL * (scales + self.block * self.bits as usize / 8)
    }

    /// The weight of a code under a scale and a minimum in their bits.
    pub(crate) fn weight(&self, code: u8, scale: u32, minimum: u32) -> f32 {
        let product = self.scale.value(scale) * (f32::from(code) - f32::from(self.zero));
        canonical(match self.minimums {
            true => product + self.scale.value(minimum),
            false => product,
        })
    }
}
