//! Functions that the standard library lacks, in binary64.

/// 2/√π · ∫ e^(−t²) dt from 0 to x.
pub(crate) fn erf(x: f64) -> f64 {
    // Σ (−1)^n x^(2n+1) / (n! (2n+1)) near 0, a continued fraction of erfc far from it.
    let a = x.abs();
    if a < 2.5 {
        let (mut term, mut sum) = (x, x);
        for n in 1..80 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        return sum * 2.0 / std::f64::consts::PI.sqrt();
    }
    let mut fraction = 0.0;
    for n in (1..200).rev() {
        fraction = f64::from(n) / 2.0 / (a + fraction);
    }
    let rest = (-a * a).exp() / std::f64::consts::PI.sqrt() / (a + fraction);
    (1.0 - rest).copysign(x)
}
