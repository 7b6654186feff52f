/// The number, or one NaN for all of them: processors differ in the sign of a NaN that they compute, and a model's bytes must not.
pub(crate) fn canonical(number: f32) -> f32 {
    if number.is_nan() { f32::NAN } else { number }
}
