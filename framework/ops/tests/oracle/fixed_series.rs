//! The constants of the fixed-point functions, from other formulas than those that the crate computes them by.

use std::sync::LazyLock;

/// 2/√π in Q84.
const SLOPE: i128 = 0x12_0dd7_5042_9b6d_11ae_3a91;

/// a / b in Q`fraction`, bit by bit.
fn quotient(a: i128, b: i128, fraction: u32) -> i128 {
    let (mut quotient, mut rest) = (a / b, a % b);
    for _ in 0..fraction {
        rest *= 2;
        quotient = 2 * quotient + rest / b;
        rest %= b;
    }
    quotient
}

/// value · 2^−shift, to the nearest.
fn nearest(value: i128, shift: u32) -> i128 {
    ((value >> (shift - 1)) + 1) >> 1
}

/// `erf_series` of each eighth from 0 to 5.
pub(super) static ERF_SERIES: LazyLock<Vec<(i128, Vec<i128>)>> = LazyLock::new(|| (0..40).map(erf_series).collect());

/// `logarithm_part` of each.
pub(super) static LOGARITHM_PARTS: LazyLock<Vec<(i128, i128)>> =
    LazyLock::new(|| (0..32).map(logarithm_part).collect());

/// `root_seed` of each.
pub(super) static ROOT_SEEDS: LazyLock<Vec<i128>> = LazyLock::new(|| (0..96).map(root_seed).collect());

/// erf about c = (2j + 1)/16: erf(c) in Q62, and erf^(k)(c) / (k!·16^k) in Q(33 + k) for k = 1 … 7.
fn erf_series(j: i128) -> (i128, Vec<i128>) {
    let odd = 2 * j + 1;
    // e^(c²) = Σ c^(2n)/n!, and erf(c)·e^(c²) = 2/√π · Σ 2^n·c^(2n+1) / (1·3·…·(2n+1)): nothing cancels.
    let (mut power, mut exponential) = (1i128 << 84, 0);
    let (mut term, mut sum) = (SLOPE * odd / 16, 0);
    for n in 0..150 {
        exponential += power;
        power = power * odd / 16 * odd / 16 / (n + 1);
        sum += term;
        term = term * odd / 16 * odd / 8 / (2 * n + 3);
    }
    let value = nearest(quotient(sum, exponential, 80), 18);
    // erf^(k+1) = (−1)^k·H_k·erf', H_k the Hermite polynomials, here 8^k·H_k as whole numbers.
    let slope = quotient(SLOPE, exponential, 84);
    let mut hermite = vec![1, odd];
    for k in 1..7 {
        hermite.push(odd * hermite[k] - 128 * k as i128 * hermite[k - 1]);
    }
    let mut factorial = 1;
    let terms = (1..=7u32).map(|k| {
        factorial *= i128::from(k);
        let signed = if k % 2 == 1 { 1 } else { -1 } * hermite[k as usize - 1];
        nearest(slope * signed / factorial, 84 - 33 - k + 3 * (k - 1) + 4 * k)
    });
    (value, terms.collect())
}

/// For part j of 32 of 1 … 2: the inverse of its middle in Q16, and ln(1 / inverse) in Q57.
fn logarithm_part(j: i128) -> (i128, i128) {
    let inverse = ((1 << 23) / (65 + 2 * j) + 1) / 2;
    // −ln(1 − y) = y + y²/2 + y³/3 + …
    let y = (1 << 16) - inverse;
    let (mut power, mut sum) = (1i128 << 100, 0);
    for n in 1..130 {
        power = (power * y) >> 16;
        sum += power / n;
    }
    (inverse, nearest(sum, 43))
}

/// For part j of 96 of 1 … 4: the whole number next to 2^16 / √(1 + (j + ½)/32).
fn root_seed(j: i128) -> i128 {
    let near = |seed: &i128| (2 * seed - 1) * (2 * seed - 1) * (2 * (j + 32) + 1) <= 1 << 40;
    (1..1 << 16).take_while(near).last().unwrap()
}
