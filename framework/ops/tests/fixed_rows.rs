//! Softmax and normalisation in fixed point stay within the errors that `specs/operators.md` states, against binary64.

mod cases;
mod exact;

use cases::{Case, Random};
use exact::{SIGNED, bounds, from_bytes, to_bytes};
use opml_ops::{DType, Operator};

/// The error in units of the last place of softmax lines, all of one size, of a step of `scale`.
fn softmax_error(from: DType, size: u32, x: &[i32], scale: f64, [to, bits, zero]: [i32; 3]) -> f64 {
    // scale·2^26 = multiplier·2^−shift.
    let shift = 30 - (scale * f64::from(1 << 26)).log2().floor() as i32;
    let multiplier = (scale * f64::from(1 << 26) * f64::from(shift).exp2()).round();
    let scale = multiplier / f64::from(shift + 26).exp2();
    let inputs = vec![(from, vec![x.len() as u32 / size, size], to_bytes(from, x))];
    let words = [1, multiplier as i32, shift, to, bits, zero];
    let to = DType::from_code(to as u32).expect("a type");
    let results = from_bytes(to, &Case::new(Operator::FixedSoftmax as u32, inputs, &words).run_all());
    let [least, greatest] = bounds(to);
    let mut worst = 0.0f64;
    for (x, results) in x.chunks(size as usize).zip(results.chunks(size as usize)) {
        let most = f64::from(*x.iter().max().expect("a line has elements"));
        let terms: Vec<f64> = x.iter().map(|x| ((f64::from(*x) - most) * scale).exp()).collect();
        let sum: f64 = terms.iter().sum();
        for (term, result) in terms.iter().zip(results) {
            let exact = (term / sum * f64::from(bits).exp2() + f64::from(zero)).clamp(least, greatest);
            worst = worst.max((f64::from(*result) - exact).abs());
        }
    }
    worst
}

/// Results of 8 and of 16 bits.
const SHARES: [[i32; 3]; 4] = [
    [DType::I8 as i32, 8, -128],
    [DType::U8 as i32, 8, 0],
    [DType::I16 as i32, 15, 0],
    [DType::I16 as i32, 16, -32768],
];

#[test]
fn softmax_stays_within_its_error() {
    let pairs: Vec<i32> = (-128..128)
        .flat_map(|a| (-128..128).flat_map(move |b| [a, b]))
        .collect();
    let random = &mut Random::new(7);
    let mut worst = 0.0f64;
    for share in SHARES {
        for scale in [0.001, 1.0 / 16.0, 0.1, 1.0] {
            worst = worst.max(softmax_error(DType::I8, 2, &pairs, scale, share));
        }
        for (from, width, scale) in [(DType::I8, 8, 0.05), (DType::I16, 16, 2e-4), (DType::I32, 32, 3e-9)] {
            for size in [1, 3, 16, 77, 1000, 4096] {
                let x: Vec<i32> = (0..8 * size).map(|_| random.next() as i32 >> (32 - width)).collect();
                worst = worst.max(softmax_error(from, size, &x, scale, share));
            }
        }
    }
    println!("softmax {worst:.5}");
    assert!(worst <= 0.501, "{worst}");
}

/// The greatest difference of normalised rows from the exact ones, in units of the last place, less that many 2^−29 of the result itself.
fn normalize_error(random: &mut Random, from: DType, to: DType, size: u32, root_mean_square: bool) -> f64 {
    let width = 8 * from.bytes();
    // Rows of few bits and of many.
    let narrowed = random.below(u64::from(width) - 1) as u32;
    let x: Vec<i32> = (0..4 * size)
        .map(|_| random.next() as i32 >> (32 - width) >> narrowed)
        .collect();
    let scale: Vec<i32> = (0..size).map(|_| random.next() as i32 >> 2).collect();
    let bias: Vec<i32> = (0..size).map(|_| random.next() as i32 >> 3).collect();
    let (bits, epsilon) = (28, random.below(3) as u32);
    let out_bits = match to {
        DType::I8 => 4,
        DType::I16 => 11,
        _ => 24,
    };
    let words = [
        1,
        epsilon as i32,
        i32::from(root_mean_square),
        bits,
        out_bits,
        to as i32,
        3,
    ];
    let inputs = vec![
        (from, vec![4, size], to_bytes(from, &x)),
        (DType::I32, vec![size], to_bytes(DType::I32, &scale)),
        (DType::I32, vec![size], to_bytes(DType::I32, &bias)),
    ];
    let results = from_bytes(
        to,
        &Case::new(Operator::FixedNormalize as u32, inputs, &words).run_all(),
    );
    let [least, greatest] = bounds(to);
    let mut worst = 0.0f64;
    for (x, results) in x.chunks(size as usize).zip(results.chunks(size as usize)) {
        let count = f64::from(size);
        let sum: i64 = if root_mean_square {
            0
        } else {
            x.iter().map(|x| i64::from(*x)).sum()
        };
        let centred = |x: i32| f64::from(size) * f64::from(x) - sum as f64;
        let spread = x.iter().map(|x| centred(*x).powi(2)).sum::<f64>() / count + count * count * f64::from(epsilon);
        for (place, (x, result)) in x.iter().zip(results).enumerate() {
            let value = if spread == 0.0 {
                0.0
            } else {
                centred(*x) / spread.sqrt()
            };
            let [scale, bias] = [scale[place], bias[place]].map(|word| f64::from(word) / f64::from(bits).exp2());
            let unit = f64::from(out_bits).exp2();
            let exact = ((value * scale + bias) * unit + 3.0).clamp(least, greatest);
            // What a normalised value is rounded to, and its relative error, times the scale.
            let half = (count.sqrt().log2().ceil() - 31.0).exp2();
            let allowed = (value.abs() * (-30.0f64).exp2() + half) * scale.abs() * unit;
            worst = worst.max((f64::from(*result) - exact).abs() - allowed);
        }
    }
    worst
}

#[test]
fn normalisation_stays_within_its_error() {
    let random = &mut Random::new(3);
    let mut worst = 0.0f64;
    for from in SIGNED {
        for to in SIGNED {
            for size in [1, 2, 3, 16, 100, 768, 4096] {
                for _ in 0..12 {
                    for root_mean_square in [false, true] {
                        worst = worst.max(normalize_error(random, from, to, size, root_mean_square));
                    }
                }
            }
        }
    }
    println!("normalisation {worst:.5}");
    assert!(worst <= 0.501, "{worst}");
}
