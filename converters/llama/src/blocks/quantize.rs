use half::f16;

use super::{BlockFormat, CodedRow, ScaleType};
use crate::tensor::TensorError;

/// How plain weights are quantised on request: in blocks of 32 along the depth, with one f16 scale each.
///
/// The weights of a block are divided by its scale **as rounded to f16**, in f32, and rounded to the nearest integer, halves
/// to the even one. A scale that rounds to zero makes the whole block zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// 8 bits: scale = greatest magnitude / 127, codes −127 … 127 around 128. The format of Q8_0.
    Int8Blocks,
    /// 4 bits: scale = m / −8 with m the first weight of the greatest magnitude, codes 0 … 15 around 8, so that m is −8
    /// scales exactly but for the scale's rounding. The format of Q4_0.
    Int4Blocks,
}

/// The nearest integer, of two the even one, for magnitudes up to 2^22: above 2^23 an f32 has no fraction, so that the sum
/// is rounded to an integer. Without a call, so that loops of it are vectorised.
fn nearest(x: f32) -> f32 {
    const WHOLE: f32 = 12_582_912.0;
    (x + WHOLE) - WHOLE
}

impl Scheme {
    /// The name of the scheme in a spec's `quantize`.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Int8Blocks => "int8-blocks",
            Scheme::Int4Blocks => "int4-blocks",
        }
    }

    /// The scheme of this name.
    pub fn from_name(name: &str) -> Option<Scheme> {
        [Scheme::Int8Blocks, Scheme::Int4Blocks]
            .into_iter()
            .find(|scheme| scheme.name() == name)
    }

    /// The format that it makes.
    pub fn format(self) -> BlockFormat {
        let (bits, zero) = match self {
            Scheme::Int8Blocks => (8, 128),
            Scheme::Int4Blocks => (4, 8),
        };
        BlockFormat {
            bits,
            block: 32,
            scale: ScaleType::F16,
            zero,
            minimums: false,
        }
    }

    /// Quantises row `row` of `tensor`, a whole number of blocks.
    pub(crate) fn code(self, weights: &[f32], tensor: &str, row: usize, to: &mut CodedRow) -> Result<(), TensorError> {
        let format = self.format();
        to.clear();
        for block in weights.chunks_exact(format.block) {
            if block.iter().any(|weight| !weight.is_finite()) {
                return Err(TensorError::NotFinite {
                    tensor: tensor.to_string(),
                    row,
                });
            }
            let greatest = block.iter().fold(0f32, |greatest, weight| {
                if weight.abs() > greatest.abs() {
                    *weight
                } else {
                    greatest
                }
            });
            let (scale, least, most) = match self {
                Scheme::Int8Blocks => (greatest.abs() / 127.0, -127.0, 127.0),
                Scheme::Int4Blocks => (greatest / -8.0, -8.0, 7.0),
            };
            let scale = f16::from_f32(scale);
            if !scale.is_finite() {
                return Err(TensorError::NotFinite {
                    tensor: tensor.to_string(),
                    row,
                });
            }
            to.scales.push(scale.to_bits().into());
            let scale = scale.to_f32();
            let start = to.codes.len();
            to.codes.resize(start + format.block, format.zero);
            if scale == 0.0 {
                continue;
            }
            for (code, weight) in to.codes[start..].iter_mut().zip(block) {
                let bounded = nearest(weight / scale).max(least).min(most);
                *code = (bounded as i32 + i32::from(format.zero)) as u8;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn halves_go_to_the_even_integer() {
        for x in (-2000..2000).map(|x| x as f32 / 8.0) {
            assert_eq!(nearest(x), x.round_ties_even(), "{x}");
        }
    }
}
