//! Decoders of the stored types, one by one and as plainly as their descriptions, to hold the layouts against.

use opml_llama::StoredType;

fn half(bytes: &[u8]) -> f32 {
    let bits = u32::from(bytes[0]) | u32::from(bytes[1]) << 8;
    let (sign, exponent, fraction) = (bits >> 15, bits >> 10 & 31, bits & 1023);
    let size = match exponent {
        0 => fraction as f32 * 2f32.powi(-24),
        31 if fraction == 0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024 + fraction) as f32 * 2f32.powi(exponent as i32 - 25),
    };
    if sign == 1 { -size } else { size }
}

/// The values of one stored block.
pub(crate) fn decode(stored: StoredType, b: &[u8]) -> Vec<f32> {
    let mut out = vec![0f32; stored.block()];
    match stored {
        StoredType::F32 => out[0] = f32::from_le_bytes([b[0], b[1], b[2], b[3]]),
        StoredType::F16 => out[0] = half(b),
        StoredType::Bf16 => out[0] = f32::from_le_bytes([0, 0, b[0], b[1]]),
        StoredType::Q4_0 => {
            for i in 0..16 {
                out[i] = half(b) * (f32::from(b[2 + i] % 16) - 8.0);
                out[i + 16] = half(b) * (f32::from(b[2 + i] / 16) - 8.0);
            }
        }
        StoredType::Q4_1 => {
            for i in 0..16 {
                out[i] = half(b) * f32::from(b[4 + i] % 16) + half(&b[2..]);
                out[i + 16] = half(b) * f32::from(b[4 + i] / 16) + half(&b[2..]);
            }
        }
        StoredType::Q5_0 | StoredType::Q5_1 => {
            let head = if stored == StoredType::Q5_0 { 2 } else { 4 };
            for i in 0..32 {
                let top = b[head + i / 8] >> (i % 8) & 1;
                let byte = b[head + 4 + i % 16];
                let low = if i < 16 { byte % 16 } else { byte / 16 };
                let q = f32::from(low + 16 * top);
                out[i] = match stored {
                    StoredType::Q5_0 => half(b) * (q - 16.0),
                    _ => half(b) * q + half(&b[2..]),
                };
            }
        }
        StoredType::Q8_0 => {
            for i in 0..32 {
                out[i] = half(b) * f32::from(b[2 + i] as i8);
            }
        }
        StoredType::Q2K => {
            let (d, dmin) = (half(&b[80..]), half(&b[82..]));
            let mut at = 0;
            for half_block in 0..2 {
                for shift in [0, 2, 4, 6] {
                    for _ in 0..32 {
                        let q = b[16 + 32 * half_block + at % 32] >> shift & 3;
                        let s = b[at / 16];
                        out[at] = d * f32::from(s % 16) * f32::from(q) - dmin * f32::from(s / 16);
                        at += 1;
                    }
                }
            }
        }
        StoredType::Q3K => {
            let mut at = 0;
            for half_block in 0..2 {
                for run in 0..4 {
                    for l in 0..32 {
                        let low = b[32 + 32 * half_block + l] >> (2 * run) & 3;
                        let clear = b[l] >> (4 * half_block + run) & 1 == 0;
                        let q = f32::from(low) - if clear { 4.0 } else { 0.0 };
                        out[at] = half(&b[108..]) * f32::from(three_bit_scale(&b[96..108], at / 16)) * q;
                        at += 1;
                    }
                }
            }
        }
        StoredType::Q4K | StoredType::Q5K => {
            let five = stored == StoredType::Q5K;
            let nibbles = if five { &b[48..] } else { &b[16..] };
            for (i, out) in out.iter_mut().enumerate() {
                let sub = i / 32;
                let byte = nibbles[i / 64 * 32 + i % 32];
                let mut q = if sub % 2 == 0 { byte % 16 } else { byte / 16 };
                if five && b[16 + i % 32] >> sub & 1 == 1 {
                    q += 16;
                }
                let (scale, minimum) = scale_and_minimum(&b[4..16], sub);
                *out = half(b) * f32::from(scale) * f32::from(q) - half(&b[2..]) * f32::from(minimum);
            }
        }
        StoredType::Q6K => {
            for side in 0..2 {
                let (ql, qh, sc) = (&b[64 * side..], &b[128 + 32 * side..], &b[192 + 8 * side..]);
                for l in 0..32 {
                    let quarters = [
                        ql[l] % 16 + 16 * (qh[l] & 3),
                        ql[l + 32] % 16 + 16 * (qh[l] >> 2 & 3),
                        ql[l] / 16 + 16 * (qh[l] >> 4 & 3),
                        ql[l + 32] / 16 + 16 * (qh[l] >> 6 & 3),
                    ];
                    for (quarter, q) in quarters.into_iter().enumerate() {
                        let scale = f32::from(sc[l / 16 + 2 * quarter] as i8);
                        out[128 * side + 32 * quarter + l] = half(&b[208..]) * scale * (f32::from(q) - 32.0);
                    }
                }
            }
        }
    }
    out
}

fn three_bit_scale(s: &[u8], index: usize) -> i8 {
    let (low, high) = match index {
        0..4 => (s[index] % 16, s[8 + index] & 3),
        4..8 => (s[index] % 16, s[4 + index] >> 2 & 3),
        8..12 => (s[index - 8] / 16, s[index] >> 4 & 3),
        _ => (s[index - 8] / 16, s[index - 4] >> 6 & 3),
    };
    (low + 16 * high) as i8 - 32
}

fn scale_and_minimum(s: &[u8], index: usize) -> (u8, u8) {
    if index < 4 {
        return (s[index] & 63, s[index + 4] & 63);
    }
    let byte = s[index + 4];
    (byte % 16 + 16 * (s[index - 4] >> 6), byte / 16 + 16 * (s[index] >> 6))
}

/// The values of a row.
pub(crate) fn decode_row(stored: StoredType, row: &[u8]) -> Vec<f32> {
    row.chunks_exact(stored.block_bytes())
        .flat_map(|block| decode(stored, block))
        .collect()
}

/// Equal bits, or both not a number.
pub(crate) fn assert_same(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
        assert!(same, "{what}: value {index} is {found:?}, not {expected:?}");
    }
}
