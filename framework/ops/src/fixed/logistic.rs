use super::{Fixed, ONE, exp, reciprocal};

/// 1/(1 + e^−x) in Q62 of x ≥ 0 in Q32, with an error of 2^−34.
#[inline]
fn logistic(x: i64) -> i64 {
    let power = exp(x.wrapping_neg()).rounded(62).clamp(0, ONE - 1);
    reciprocal((ONE + power) as u64)
}

/// 1/(1 + e^−x) of x in Q32; of −x it is 1 less that of x, exactly.
#[inline]
pub(super) fn sigmoid(x: i64) -> Fixed {
    let above = logistic(x.saturating_abs());
    Fixed {
        value: if x < 0 { ONE - above } else { above },
        fraction: 62,
    }
}

/// tanh(x) = 2/(1 + e^−2x) − 1 of x in Q32, |x| bounded to 16; of −x it is −tanh(x), exactly.
#[inline]
pub(super) fn tanh(x: i64) -> Fixed {
    let above = logistic(2 * x.saturating_abs().clamp(0, 1 << 36));
    let value = 2 * (above - ONE / 2);
    Fixed {
        value: if x < 0 { -value } else { value },
        fraction: 62,
    }
}
