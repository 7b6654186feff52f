//! The functions of one binary32 number stay within the errors that `specs/operators.md` states, over all of their inputs.

mod cases;
mod exact;

use cases::Case;
use exact::erf;
use opml_ops::{BinaryFunction, DType, Operator, UnaryFunction};

/// Results of a unary function on many inputs at once.
fn unary(function: UnaryFunction, parameters: [f32; 2], x: &[f32]) -> Vec<f32> {
    let bytes = x.iter().flat_map(|x| x.to_le_bytes()).collect();
    let [a, b] = parameters.map(|parameter| parameter.to_bits() as i32);
    let inputs = vec![(DType::F32, vec![x.len() as u32], bytes)];
    floats(&Case::new(Operator::Unary as u32, inputs, &[function as i32, a, b]).run_all())
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|word| f32::from_le_bytes(*word))
        .collect()
}

/// Numbers of every exponent and sign, a step of a prime apart, and those that are special.
fn inputs() -> Vec<f32> {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MAX,
        f32::MIN,
        f32::MIN_POSITIVE,
        f32::from_bits(1),
        f32::from_bits(0x8000_0001),
        f32::from_bits(0x007f_ffff),
        88.722_84,
        88.722_85,
        -87.336_54,
        -103.972_08,
        std::f32::consts::PI,
        std::f32::consts::FRAC_PI_2,
    ];
    let spread = (0..=u32::MAX).step_by(4099).map(f32::from_bits);
    spread.chain(special).collect()
}

/// The distance of a result from the exact one, in units of the last place of the exact one.
fn error(result: f32, exact: f64) -> f64 {
    if exact.is_nan() || result.is_nan() {
        return if exact.is_nan() && result.is_nan() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let rounded = exact as f32;
    if rounded.is_infinite() || result.is_infinite() {
        // One unit beyond the greatest number counts as infinite.
        let near = |x: f64| x.abs() >= f64::from(f32::MAX) * (1.0 - 1e-6);
        return if near(exact) && near(f64::from(result)) && exact.signum() == f64::from(result).signum() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let exponent = exact.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor();
    (f64::from(result) - exact).abs() / (exponent - 23.0).exp2()
}

#[test]
fn functions_stay_within_their_errors() {
    use UnaryFunction::*;
    type Exact = fn(f64) -> f64;
    // The bound, in units of the last place.
    let functions: &[(UnaryFunction, f64, Exact)] = &[
        (Abs, 0.0, f64::abs),
        (Neg, 0.0, |x| -x),
        (Floor, 0.0, f64::floor),
        (Ceil, 0.0, f64::ceil),
        (Round, 0.0, f64::round_ties_even),
        (Trunc, 0.0, f64::trunc),
        (Sqrt, 0.5, f64::sqrt),
        (Reciprocal, 0.5, |x| 1.0 / x),
        (Exp, 1.5, f64::exp),
        (Log, 1.5, f64::ln),
        (Sin, 3.0, f64::sin),
        (Cos, 3.0, f64::cos),
        (Tan, 5.0, f64::tan),
        (Asin, 3.0, f64::asin),
        (Acos, 3.0, f64::acos),
        (Atan, 3.0, f64::atan),
        (Sinh, 3.0, f64::sinh),
        (Cosh, 3.0, f64::cosh),
        (Tanh, 2.0, f64::tanh),
        (Asinh, 3.0, f64::asinh),
        (Acosh, 3.0, f64::acosh),
        (Atanh, 3.0, f64::atanh),
        (Erf, 2.0, erf),
        (Sigmoid, 3.0, |x| 1.0 / (1.0 + (-x).exp())),
    ];
    let inputs = inputs();
    let mut wrong = Vec::new();
    for (function, bound, exact) in functions {
        let results = unary(*function, [0.0; 2], &inputs);
        let errors = inputs.iter().zip(&results).map(|(x, result)| {
            // 1 + e^−x overflows there, and the result, less than 2^−127, is 0.
            let vanishes = *function == Sigmoid && *x < -88.0;
            let error = if vanishes {
                f64::from(*result)
            } else {
                error(*result, exact(f64::from(*x)))
            };
            (error, *x, *result)
        });
        let worst = errors.max_by(|a, b| a.0.total_cmp(&b.0)).expect("there are inputs");
        println!(
            "{:<12} {:>8.3} at {:e} gives {:e}",
            function.name(),
            worst.0,
            worst.1,
            worst.2
        );
        if worst.0 > *bound {
            wrong.push((function.name(), worst));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn powers_stay_within_their_error() {
    let random = &mut cases::Random::new(1);
    let mut pairs: Vec<(f32, f32)> = Vec::new();
    for _ in 0..200_000 {
        let x = f32::from_bits(random.next() as u32);
        let y = match random.below(3) {
            0 => f32::from_bits(random.next() as u32),
            1 => random.below(41) as f32 - 20.0,
            _ => (random.next() as i32 as f32) / (1u32 << 27) as f32,
        };
        pairs.push((x, y));
    }
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        2.0,
        -2.0,
        3.0,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        f32::MAX,
        f32::from_bits(1),
    ];
    pairs.extend(special.iter().flat_map(|x| special.iter().map(|y| (*x, *y))));
    let bytes = |values: Vec<f32>| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let dims = vec![pairs.len() as u32];
    let inputs = vec![
        (
            DType::F32,
            dims.clone(),
            bytes(pairs.iter().map(|pair| pair.0).collect()),
        ),
        (DType::F32, dims, bytes(pairs.iter().map(|pair| pair.1).collect())),
    ];
    let results = floats(&Case::new(Operator::Binary as u32, inputs, &[BinaryFunction::Pow as i32]).run_all());
    for ((x, y), result) in pairs.iter().zip(results) {
        let exact = f64::from(*x).powf(f64::from(*y));
        assert!(error(result, exact) <= 0.51, "{x:e}^{y:e} is {exact:e}, not {result:e}");
    }
}
