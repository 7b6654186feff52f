use opml_graph::Quantization;

use super::fixed_point::FixedPoint;

/// One output channel of a matrix product or convolution in integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Channel {
    /// −127 … 127.
    pub(super) weights: Vec<i8>,
    /// In units of input scale times weight scale.
    pub(super) bias: i32,
    /// From accumulator units to output units.
    pub(super) rescale: FixedPoint,
}

/// The greatest |x − zero point| of an int8 input.
const INPUT_SPAN: i64 = 255;

impl Channel {
    /// Quantises the weights symmetrically: their scale is the greatest |weight| over 127, or larger where that keeps
    /// the bias and every sum in 32 bits and the rescaling factor at 2^−33 or more. `None` when no scale does.
    pub(super) fn new(weights: &[f32], bias: f32, input: Quantization, output: Quantization) -> Option<Channel> {
        let (input_scale, output_scale) = (f64::from(input.scale), f64::from(output.scale));
        let greatest = weights.iter().fold(0.0f64, |greatest, weight| {
            let weight = f64::from(*weight).abs();
            if weight > greatest { weight } else { greatest }
        });
        // Weights that are all 0 leave the scale free: the bias then has sixteen bits below a unit of the output.
        let mut scale = match greatest > 0.0 {
            true => greatest / 127.0,
            false => output_scale / input_scale / 65536.0,
        };
        for _ in 0..MAX_DOUBLINGS {
            let rescale = FixedPoint::nearest(input_scale * scale / output_scale);
            let integers = weights.iter().map(|weight| (f64::from(*weight) / scale).round() as i8);
            let weights: Vec<i8> = integers.collect();
            let bias = (f64::from(bias) / (input_scale * scale)).round();
            let span = weights
                .iter()
                .map(|weight| i64::from(weight.unsigned_abs()))
                .sum::<i64>()
                * INPUT_SPAN;
            let fits = bias.abs() + span as f64 <= f64::from(i32::MAX);
            match rescale {
                Some(rescale) if fits => {
                    return Some(Channel {
                        weights,
                        bias: bias as i32,
                        rescale,
                    });
                }
                _ => scale *= 2.0,
            }
        }
        None
    }

    /// The bias with which the sum over the raw input, zero point and all, is the same.
    pub(super) fn folded_bias(&self, input: Quantization) -> i32 {
        let sum: i32 = self.weights.iter().map(|weight| i32::from(*weight)).sum();
        self.bias.wrapping_sub(sum.wrapping_mul(input.zero_point))
    }
}

/// Enough to reach any scale from any other.
const MAX_DOUBLINGS: usize = 400;

#[cfg(test)]
mod tests {
    use opml_ops::Finish;
    use proptest::prelude::*;

    use super::*;

    fn finish(zero_point: i32) -> Finish {
        Finish {
            zero_point,
            minimum: -128,
            maximum: 127,
        }
    }

    proptest! {
        /// The integer channel against the same sum in f64, over the very integers and scales that it was given.
        #[test]
        fn a_channel_is_within_one_unit_of_the_real_sum(
            weights in prop::collection::vec(-2.0f32..2.0, 1..40),
            x in prop::collection::vec(any::<i8>(), 40),
            bias in -5.0f32..5.0,
            scales in (1e-4f32..1.0, 1e-4f32..1.0),
            zero_points in (-128i32..=127, -128i32..=127),
        ) {
            let input = Quantization { scale: scales.0, zero_point: zero_points.0 };
            let output = Quantization { scale: scales.1, zero_point: zero_points.1 };
            let channel = Channel::new(&weights, bias, input, output).unwrap();
            let factor = f64::from(channel.rescale.multiplier) / 2f64.powi(channel.rescale.shift);
            let weight_scale = factor * f64::from(output.scale) / f64::from(input.scale);
            for (weight, integer) in weights.iter().zip(&channel.weights) {
                prop_assert!((f64::from(*weight) - weight_scale * f64::from(*integer)).abs() <= 0.501 * weight_scale);
            }
            let terms = channel.weights.iter().zip(&x);
            let centred: i64 = terms.clone().map(|(w, x)| i64::from(*w) * (i64::from(*x) - i64::from(input.zero_point))).sum();
            let real = f64::from(input.scale) * weight_scale * centred as f64 + f64::from(bias);
            let expected = (real / f64::from(output.scale) + f64::from(output.zero_point)).clamp(-128.0, 127.0);
            let raw: i64 = terms.map(|(w, x)| i64::from(*w) * i64::from(*x)).sum();
            let acc = i32::try_from(raw + i64::from(channel.folded_bias(input))).unwrap();
            let found = finish(output.zero_point).apply(acc, channel.rescale.multiplier, channel.rescale.shift) as i8;
            // The bias is off by half an accumulator unit, and a unit of the output may be smaller than that.
            let slack = 1.0 + 0.5 * f64::from(input.scale) * weight_scale / f64::from(output.scale);
            prop_assert!((f64::from(found) - expected).abs() <= slack, "{found} for {expected}");
        }
    }

    #[test]
    fn weights_that_are_all_zero_leave_the_bias() {
        let unit = Quantization {
            scale: 0.25,
            zero_point: 7,
        };
        let channel = Channel::new(&[0.0; 3], 3.0, unit, unit).unwrap();
        assert_eq!(channel.weights, [0, 0, 0]);
        let found = finish(7).apply(
            channel.folded_bias(unit),
            channel.rescale.multiplier,
            channel.rescale.shift,
        );
        assert_eq!(found, 12 + 7);
    }

    #[test]
    fn a_bias_that_dwarfs_the_weights_still_fits() {
        let [input, output] = [1e-3, 1e3].map(|scale| Quantization { scale, zero_point: 0 });
        let channel = Channel::new(&[1e-7, -1e-7], 1e5, input, output).unwrap();
        let found = finish(0).apply(channel.bias, channel.rescale.multiplier, channel.rescale.shift);
        assert_eq!(found, 100);
    }
}
