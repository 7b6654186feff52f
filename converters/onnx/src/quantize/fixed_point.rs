/// `multiplier · 2^−shift`, the multiplier from 2^30 to 2^31 − 1, the shift from 0 to 63: what `requantize` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FixedPoint {
    pub(crate) multiplier: i32,
    pub(crate) shift: i32,
}

impl FixedPoint {
    /// The nearest to `real`, halves away from zero; `None` outside 2^−33 … 2^31.
    pub(crate) fn nearest(real: f64) -> Option<FixedPoint> {
        if !real.is_normal() || real < 0.0 {
            return None;
        }
        // real = mantissa · 2^(exponent − 30), mantissa from 2^30 up to 2^31: exact, by the bits of the number.
        let exponent = ((real.to_bits() >> 52) & 0x7FF) as i32 - 1023;
        let mantissa = f64::from_bits(real.to_bits() & ((1 << 52) - 1) | (1023 + 30) << 52).round() as i64;
        let (multiplier, exponent) = match mantissa {
            0x8000_0000 => (1 << 30, exponent + 1),
            mantissa => (mantissa as i32, exponent),
        };
        let shift = 30 - exponent;
        (0..64).contains(&shift).then_some(FixedPoint { multiplier, shift })
    }
}

#[cfg(test)]
mod tests {
    use opml_ops::requantize;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn powers_of_two_are_exact() {
        for exponent in -33..=30 {
            let point = FixedPoint::nearest(2f64.powi(exponent)).unwrap();
            assert_eq!((point.multiplier, point.shift), (1 << 30, 30 - exponent));
        }
    }

    #[test]
    fn what_cannot_be_held_is_refused() {
        for real in [
            0.0,
            -1.0,
            f64::NAN,
            f64::INFINITY,
            2f64.powi(-34),
            2f64.powi(31),
            1e-320,
        ] {
            assert_eq!(FixedPoint::nearest(real), None, "{real}");
        }
    }

    #[test]
    fn a_mantissa_that_rounds_up_to_the_next_power_is_carried() {
        let point = FixedPoint::nearest(2.0 - f64::EPSILON).unwrap();
        assert_eq!((point.multiplier, point.shift), (1 << 30, 29));
    }

    proptest! {
        #[test]
        fn requantising_is_within_one_unit_of_the_real_product(acc: i32, mantissa in 1.0f64..2.0, exponent in -33i32..=30) {
            let real = mantissa * 2f64.powi(exponent);
            let point = FixedPoint::nearest(real).unwrap();
            let exact = (f64::from(acc) * real).clamp(f64::from(i32::MIN), f64::from(i32::MAX));
            let found = f64::from(requantize(acc, point.multiplier, point.shift));
            // The multiplier has 30 bits; beyond them the error grows with the result.
            prop_assert!((found - exact).abs() <= 1.0 + exact.abs() / 2f64.powi(30), "{found} for {exact}");
        }
    }
}
