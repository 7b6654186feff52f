use super::{abs, exp, polynomial, with_sign};

/// 2/√π · ∫ e^(−t²) dt from 0 to x.
#[inline(always)]
pub(crate) fn erf(x: f32) -> f32 {
    let magnitude = abs(x);
    let square = magnitude * magnitude;
    let near = polynomial(
        square,
        [
            -5.967_617e-4,
            4.991_194_2e-3,
            -2.676_813_5e-2,
            1.128_199_2e-1,
            -3.761_253_4e-1,
            1.283_791_7e-1,
        ],
    );
    let near = near * magnitude + magnitude;
    // ln(1 − erf) + x·… : the exponent of what is missing to 1.
    let high = -1.728_534_7e-5 * magnitude + 3.831_97e-4;
    let low = -3.883_964_4e-3 * magnitude + 2.425_462_2e-2;
    let exponent = polynomial(
        magnitude,
        [high * square + low, -1.067_777_9e-1, -6.348_467e-1, -1.287_175_1e-1],
    );
    let far = 1.0 - exp(exponent * magnitude - magnitude);
    let far = if magnitude > 4.0 { 1.0 } else { far };
    let result = with_sign(if magnitude > 0.927_734_4 { far } else { near }, x);
    if x.is_nan() { f32::NAN } else { result }
}
