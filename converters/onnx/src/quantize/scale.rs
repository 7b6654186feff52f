use opml_graph::Quantization;

use super::Range;
use crate::float::Bounds;

const LEAST: f64 = -128.0;
const GREATEST: f64 = 127.0;

/// The quantisation to i8 that covers `range` and represents 0 exactly.
pub(super) fn activation(range: Range) -> Quantization {
    let minimum = f64::from(if range.minimum < 0.0 { range.minimum } else { 0.0 });
    let maximum = f64::from(if range.maximum > 0.0 { range.maximum } else { 0.0 });
    let scale = ((maximum - minimum) / (GREATEST - LEAST)) as f32;
    // A value that is always 0 has no range: any scale serves.
    let scale = if scale.is_normal() { scale } else { 1.0 };
    Quantization {
        scale,
        zero_point: integer(LEAST - minimum / f64::from(scale)) as i32,
    }
}

/// The integer nearest to `value`, halves away from zero, in the range of i8.
fn integer(value: f64) -> i8 {
    let value = value.round();
    let value = if value < LEAST { LEAST } else { value };
    (if value > GREATEST { GREATEST } else { value }) as i8
}

/// The i8 that stands for `real`, saturated.
pub(super) fn quantized(real: f32, quantization: Quantization) -> i8 {
    integer(f64::from(real) / f64::from(quantization.scale) + f64::from(quantization.zero_point))
}

/// The least and the greatest i8 within `bounds`; the least never exceeds the greatest.
pub(super) fn clamp(bounds: Bounds, quantization: Quantization) -> [i32; 2] {
    let [minimum, maximum] = [bounds.minimum, bounds.maximum].map(|bound| i32::from(quantized(bound, quantization)));
    [if minimum > maximum { maximum } else { minimum }, maximum]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn zero_is_exact_and_the_range_is_covered(a in -1e6f32..1e6, b in -1e6f32..1e6) {
            let (minimum, maximum) = if a < b { (a, b) } else { (b, a) };
            let quantization = activation(Range { minimum, maximum });
            prop_assert_eq!(i32::from(quantized(0.0, quantization)), quantization.zero_point);
            for value in [minimum, maximum, (minimum + maximum) / 2.0] {
                let back = f64::from(quantization.scale)
                    * f64::from(i32::from(quantized(value, quantization)) - quantization.zero_point);
                // Half a unit of rounding, and as much where the zero point was rounded.
                prop_assert!((back - f64::from(value)).abs() <= 1.001 * f64::from(quantization.scale));
            }
        }
    }

    #[test]
    fn a_value_that_is_always_zero_has_a_scale() {
        let quantization = activation(Range {
            minimum: 0.0,
            maximum: 0.0,
        });
        assert_eq!((quantization.scale, quantization.zero_point), (1.0, -128));
    }

    #[test]
    fn infinite_bounds_bound_nothing() {
        let quantization = Quantization {
            scale: 0.5,
            zero_point: 3,
        };
        assert_eq!(clamp(Bounds::NONE, quantization), [-128, 127]);
        assert_eq!(
            clamp(
                Bounds {
                    minimum: 0.0,
                    maximum: 6.0
                },
                quantization
            ),
            [3, 15]
        );
        assert_eq!(
            clamp(
                Bounds {
                    minimum: 9.0,
                    maximum: 6.0
                },
                quantization
            ),
            [15, 15]
        );
    }
}
