//! The operators that language models are made of.

use opml_ops::{DType, Operator, Record, UnaryFunction};

use super::tensor::{Tensor, function, integer, lane_sum, stored};

/// The output of an operator of this family.
pub(crate) fn output(operator: Operator, record: &Record, inputs: &[Vec<u8>]) -> Option<Tensor> {
    let input = |place: usize| Tensor::input(record, inputs, place);
    Some(match operator {
        Operator::MatMulBlocks => matmul_blocks(record, &input(0), &inputs[1]),
        Operator::Rotary => rotary(record, &input(0), &input(1), &input(2)),
        Operator::Attend => attend(record, [&input(0), &input(1), &input(2)], &inputs[3]),
        _ => return None,
    })
}

/// A binary16 by its definition: (−1)^s · 2^(e − 15) · 1.f, or 2^−14 · 0.f.
fn half(bytes: &[u8]) -> f32 {
    let bits = u16::from_le_bytes(bytes.try_into().unwrap());
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023) / 1024.0);
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
    };
    (if bits >> 15 == 1 { -magnitude } else { magnitude }) as f32
}

/// A block of a row: its codes and its scale.
fn quantized(x: &[f32]) -> (Vec<i64>, f32) {
    let most = x
        .iter()
        .map(|x| x.abs())
        .fold(0f32, |most, x| if x > most { x } else { most });
    if most == 0.0 {
        return (vec![0; x.len()], 0.0);
    }
    let inverse = 127.0 / most;
    let codes = x
        .iter()
        .map(|x| ((x * inverse).round_ties_even() as i64).clamp(-127, 127));
    (codes.collect(), most / 127.0)
}

fn matmul_blocks(record: &Record, x: &Tensor, weights: &[u8]) -> Tensor {
    let a = |place: usize| record.attribute(place) as usize;
    let (outputs, bits, block, zero) = (a(0), a(1), a(2), a(4) as i64);
    let (scale_bytes, kinds) = (if a(3) == 1 { 4 } else { 2 }, 1 + a(5));
    let depth = *x.dims.last().unwrap();
    let block_bytes = 32 * (scale_bytes * kinds + block * bits / 8);
    let number = |bytes: &[u8]| match scale_bytes {
        4 => f32::from_le_bytes(bytes.try_into().unwrap()),
        _ => half(bytes),
    };
    let mut dims = x.dims.clone();
    *dims.last_mut().unwrap() = outputs;
    Tensor::new(DType::F32, dims, |at| {
        let (n, row) = (*at.last().unwrap(), &at[..at.len() - 1]);
        let mut acc = 0f32;
        for b in 0..depth / block {
            let values: Vec<f32> = (0..block).map(|k| x.float(&[row, &[b * block + k]].concat())).collect();
            let (codes, s) = quantized(&values);
            let bytes = &weights[(n / 32 * (depth / block) + b) * block_bytes..][..block_bytes];
            let n = n % 32;
            let head = |kind: usize| number(&bytes[(32 * kind + n) * scale_bytes..][..scale_bytes]);
            let packed = &bytes[32 * scale_bytes * kinds..];
            let code = |k: usize| match bits {
                8 => i64::from(packed[k / 4 * 128 + n * 4 + k % 4]),
                _ => {
                    let byte = packed[k / 8 * 128 + n * 4 + k % 4];
                    i64::from(if k % 8 < 4 { byte % 16 } else { byte / 16 })
                }
            };
            let i: i64 = (0..block).map(|k| (code(k) - zero) * codes[k]).sum();
            acc += (s * head(0)) * i as f32;
            if kinds == 2 {
                acc += (s * codes.iter().sum::<i64>() as f32) * head(1);
            }
        }
        stored(acc)
    })
}

fn rotary(record: &Record, x: &Tensor, cos: &Tensor, sin: &Tensor) -> Tensor {
    let half = cos.dims[1];
    Tensor::new(DType::F32, x.dims.clone(), |at| {
        let (t, h, e) = (at[0], at[1], at[2]);
        if e >= 2 * half {
            return x.at(at).to_vec();
        }
        let pairs: Vec<[usize; 2]> = match record.attribute(0) {
            1 => (0..half).map(|i| [2 * i, 2 * i + 1]).collect(),
            _ => (0..half).map(|i| [i, i + half]).collect(),
        };
        let i = pairs.iter().position(|pair| pair.contains(&e)).unwrap();
        let [x0, x1] = pairs[i].map(|e| x.float(&[t, h, e]));
        let (cos, sin) = (cos.float(&[t, i]), sin.float(&[t, i]));
        stored(if e == pairs[i][0] {
            x0 * cos - x1 * sin
        } else {
            x0 * sin + x1 * cos
        })
    })
}

fn attend(record: &Record, [q, keys, values]: [&Tensor; 3], position: &[u8]) -> Tensor {
    let scale = f32::from_bits(record.attribute(0));
    let position = integer(DType::I32, position).max(0) as usize;
    let dims = vec![q.dims[0], q.dims[1], values.dims[2]];
    Tensor::new(DType::F32, dims, |at| {
        let (t, h, e) = (at[0], at[1], at[2]);
        let g = h / (q.dims[1] / keys.dims[1]);
        let seen = (position + t).min(keys.dims[0] - 1) + 1;
        let score = |j: usize| {
            let products = (0..q.dims[2]).map(|d| q.float(&[t, h, d]) * keys.float(&[j, g, d]));
            products.fold(0f32, |sum, product| sum + product) * scale
        };
        let scores: Vec<f32> = (0..seen).map(score).collect();
        let most = scores
            .iter()
            .fold(f32::NEG_INFINITY, |most, x| if *x > most { *x } else { most });
        let terms = scores.iter().map(|score| function(UnaryFunction::Exp, score - most));
        let terms: Vec<f32> = terms.collect();
        let sum = lane_sum(&terms);
        let products = terms
            .iter()
            .enumerate()
            .map(|(j, term)| term / sum * values.float(&[j, g, e]));
        stored(products.fold(0f32, |sum, product| sum + product))
    })
}
