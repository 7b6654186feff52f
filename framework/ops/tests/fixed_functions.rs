//! The fixed-point functions stay within the errors that `specs/operators.md` states, against binary64.

mod cases;
mod exact;

use cases::Case;
use exact::{SIGNED, bounds, erf, from_bytes, to_bytes};
use opml_ops::{DType, FixedUnaryFunction, Operator};

/// All numbers of a type; of i32 those a stride of a prime apart, the small ones, and those about powers of two.
fn inputs(dtype: DType) -> Vec<i32> {
    match dtype {
        DType::I8 => (-128..=127).collect(),
        DType::I16 => (-32768..=32767).collect(),
        _ => {
            let strided = (i32::MIN..=i32::MAX).step_by(28657);
            let about =
                (0..31).flat_map(|power| (-3..=3).flat_map(move |near| [(1 << power) + near, near - (1 << power)]));
            strided
                .chain(-4096..4096)
                .chain(about)
                .chain([i32::MIN, i32::MAX])
                .collect()
        }
    }
}

fn exact(function: FixedUnaryFunction, x: f64) -> f64 {
    use FixedUnaryFunction::*;
    match function {
        Exp => x.exp(),
        Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Tanh => x.tanh(),
        Erf => erf(x),
        Gelu => 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)),
        Rsqrt if x <= 0.0 => f64::INFINITY,
        Rsqrt => 1.0 / x.sqrt(),
        Reciprocal if x == 0.0 => f64::INFINITY,
        Reciprocal => 1.0 / x,
        Log if x <= 0.0 => f64::NEG_INFINITY,
        Log => x.ln(),
        Sqrt => x.max(0.0).sqrt(),
    }
}

/// Fraction bits that numbers of a type are tried with.
fn fractions(dtype: DType) -> &'static [i32] {
    match dtype {
        DType::I8 => &[0, 4, 7],
        DType::I16 => &[0, 8, 12, 15],
        _ => &[0, 10, 16, 23, 26, 28, 29, 30],
    }
}

/// The greatest error in units of the last place, and where it is.
type Worst = (f64, String);

/// The worst of a function of one type, for each type of the result, over every format of both.
fn worst(function: FixedUnaryFunction, from: DType) -> [Worst; 3] {
    let x = inputs(from);
    let mut worst = [(); 3].map(|()| (0.0, String::new()));
    for in_bits in fractions(from) {
        let real = x.iter().map(|x| f64::from(*x) / f64::from(*in_bits).exp2());
        let exact: Vec<f64> = real.map(|x| exact(function, x)).collect();
        for (worst, to) in worst.iter_mut().zip(SIGNED) {
            let [least, greatest] = bounds(to);
            for out_bits in fractions(to) {
                let inputs = vec![(from, vec![x.len() as u32], to_bytes(from, &x))];
                let words = [function as i32, *in_bits, *out_bits, to as i32];
                let results = from_bytes(to, &Case::new(Operator::FixedUnary as u32, inputs, &words).run_all());
                let unit = f64::from(*out_bits).exp2();
                for ((x, result), exact) in x.iter().zip(results).zip(&exact) {
                    let exact = (exact * unit).clamp(least, greatest);
                    let error = (f64::from(result) - exact).abs();
                    if error > worst.0 {
                        *worst = (
                            error,
                            format!("{x} in Q{in_bits} gives {result}, not {exact} in Q{out_bits}"),
                        );
                    }
                }
            }
        }
    }
    worst
}

/// In units of the last place: for results of 8 and of 16 bits, and for those of 32.
const BOUNDS: [(FixedUnaryFunction, f64, f64); 9] = {
    use FixedUnaryFunction::*;
    [
        (Exp, 0.501, 0.66),
        (Sigmoid, 0.501, 0.53),
        (Tanh, 0.501, 0.54),
        (Erf, 0.501, 0.66),
        (Gelu, 0.501, 0.85),
        (Rsqrt, 0.501, 0.51),
        (Reciprocal, 0.501, 0.501),
        (Log, 0.501, 0.51),
        (Sqrt, 0.501, 0.51),
    ]
};

#[test]
fn functions_stay_within_their_errors() {
    let mut wrong = Vec::new();
    for (function, narrow, wide) in BOUNDS {
        for from in SIGNED {
            for ((error, place), to) in worst(function, from).into_iter().zip(SIGNED) {
                let bound = if to == DType::I32 { wide } else { narrow };
                println!(
                    "{:<10} {} to {}: {error:.5}, {place}",
                    function.name(),
                    from.name(),
                    to.name()
                );
                if error > bound {
                    wrong.push((function.name(), error, place));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
