//! What results are compared with: functions that the standard library lacks, in binary64, and integers as a tensor's bytes.
#![allow(dead_code, reason = "every test file uses some of it")]

use opml_ops::DType;

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

/// The types of fixed-point numbers.
pub(crate) const SIGNED: [DType; 3] = [DType::I8, DType::I16, DType::I32];

/// The least and the greatest number of a type.
pub(crate) fn bounds(dtype: DType) -> [f64; 2] {
    match dtype {
        DType::I8 => [-128.0, 127.0],
        DType::U8 => [0.0, 255.0],
        DType::I16 => [-32768.0, 32767.0],
        _ => [i32::MIN, i32::MAX].map(f64::from),
    }
}

/// Numbers as elements of a type.
pub(crate) fn to_bytes(dtype: DType, values: &[i32]) -> Vec<u8> {
    let size = dtype.bytes() as usize;
    let bytes = values
        .iter()
        .flat_map(|value| value.to_le_bytes().into_iter().take(size));
    bytes.collect()
}

/// Elements of a type as numbers.
pub(crate) fn from_bytes(dtype: DType, bytes: &[u8]) -> Vec<i32> {
    let read = |element: &[u8]| match dtype {
        DType::I8 => i32::from(element[0] as i8),
        DType::U8 => i32::from(element[0]),
        DType::I16 => i32::from(i16::from_le_bytes(element.try_into().unwrap())),
        _ => i32::from_le_bytes(element.try_into().unwrap()),
    };
    bytes.chunks(dtype.bytes() as usize).map(read).collect()
}
