//! The basic operations of binary32, natively and in the machines, beside an independent implementation in integers (`rustc_apfloat`, the
//! compiler's own), over all pairs of edges and random numbers of every exponent.
//!
//! `OPML_FLOATS=20000000` tries so many random pairs instead of the usual ones.

#[path = "../../../framework/ops/tests/cases/mod.rs"]
mod cases;
mod guest_run;

use cases::{Case, Random};
use guest_run::boot_and_run;
use opml_graph::ComputeBackend;
use opml_native::Native;
use opml_ops::{BinaryFunction, DType, Operator, UnaryFunction};
use rustc_apfloat::ieee::Single;
use rustc_apfloat::{Float, Round, Status, StatusAnd};

/// Numbers at which something changes: zeros, the subnormals' ends, powers of two and their neighbours, the greatest, infinities, NaNs.
fn edges() -> Vec<u32> {
    let mut edges = vec![
        0,
        1,
        2,
        0x007f_ffff,
        0x0080_0000,
        0x0080_0001,
        0x7f7f_ffff,
        0x7f80_0000,
        0x7fc0_0000,
        0x7f80_0001,
    ];
    for exponent in [1, 23, 64, 104, 126, 127, 128, 150, 151, 158, 190, 253, 254] {
        let power = exponent << 23;
        edges.extend([power - 1, power, power + 1, power | 0x0040_0000, power | 0x002a_aaab]);
    }
    edges.extend(edges.clone().iter().map(|bits| bits | 0x8000_0000));
    edges
}

fn pairs(count: usize) -> Vec<(u32, u32)> {
    let edges = edges();
    let mut pairs: Vec<(u32, u32)> = edges.iter().flat_map(|a| edges.iter().map(|b| (*a, *b))).collect();
    let random = &mut Random::new(11);
    while pairs.len() < count {
        let a = random.next() as u32;
        // Half of them near one another, where sums cancel and quotients are near 1.
        let b = match random.below(2) {
            0 => random.next() as u32,
            _ => a.wrapping_add((random.next() as u32) >> 8) ^ (random.next() as u32) << 31,
        };
        pairs.push((a, b));
    }
    pairs
}

/// The bits of a result: every NaN is the one NaN.
fn bits(value: Single) -> u32 {
    if value.is_nan() {
        0x7fc0_0000
    } else {
        value.to_bits() as u32
    }
}

fn single(bits: u32) -> Single {
    Single::from_bits(u128::from(bits))
}

type Exact = fn(Single, Single) -> StatusAnd<Single>;

fn words(values: impl Iterator<Item = u32>) -> Vec<u8> {
    values.flat_map(u32::to_le_bytes).collect()
}

fn node(function: BinaryFunction, pairs: &[(u32, u32)]) -> Case {
    let dims = vec![pairs.len() as u32];
    let inputs = vec![
        (DType::F32, dims.clone(), words(pairs.iter().map(|pair| pair.0))),
        (DType::F32, dims, words(pairs.iter().map(|pair| pair.1))),
    ];
    Case::new(Operator::Binary as u32, inputs, &[function as i32])
}

fn natively(case: &Case) -> Vec<u8> {
    let mut output = vec![0; case.record.output_bytes() as usize];
    Native
        .run_node(&case.record, &case.slices(), &mut output, 1)
        .expect("the node runs");
    output
}

#[test]
fn sums_differences_products_and_quotients() {
    let count = std::env::var("OPML_FLOATS").map_or(1 << 20, |count| count.parse().expect("a number"));
    let functions: [(BinaryFunction, Exact); 4] = [
        (BinaryFunction::Add, |a, b| a + b),
        (BinaryFunction::Sub, |a, b| a - b),
        (BinaryFunction::Mul, |a, b| a * b),
        (BinaryFunction::Div, |a, b| a / b),
    ];
    let pairs = pairs(count);
    for (function, exact) in functions {
        for chunk in pairs.chunks(1 << 18) {
            let results = natively(&node(function, chunk));
            for ((a, b), result) in chunk.iter().zip(results.as_chunks().0) {
                let expected = bits(exact(single(*a), single(*b)).value);
                let given = u32::from_le_bytes(*result);
                assert_eq!(
                    given,
                    expected,
                    "{} of {a:08x} and {b:08x}: {given:08x}, not {expected:08x}",
                    function.name()
                );
            }
        }
        // The machines take every pair of edges and some thousands more.
        for chunk in pairs[..20_000].chunks(5000) {
            let case = node(function, chunk);
            let ended = boot_and_run(&case.record, &case.inputs, 1, 0);
            assert_eq!(ended.output[..4 * chunk.len()], natively(&case), "{}", function.name());
        }
    }
}

#[test]
fn comparisons() {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let pairs = pairs(100_000);
    let functions: [(BinaryFunction, &[std::cmp::Ordering]); 5] = [
        (BinaryFunction::Equal, &[Equal]),
        (BinaryFunction::Less, &[Less]),
        (BinaryFunction::LessOrEqual, &[Less, Equal]),
        (BinaryFunction::Greater, &[Greater]),
        (BinaryFunction::GreaterOrEqual, &[Greater, Equal]),
    ];
    for (function, orders) in functions {
        let case = node(function, &pairs[..20_000]);
        let results = natively(&case);
        for ((a, b), result) in pairs.iter().zip(&results) {
            let order = single(*a).partial_cmp(&single(*b));
            let expected = order.is_some_and(|order| orders.contains(&order));
            assert_eq!(*result == 1, expected, "{} of {a:08x} and {b:08x}", function.name());
        }
        let ended = boot_and_run(&case.record, &case.inputs, 1, 0);
        assert_eq!(ended.output[..results.len()], results);
    }
}

#[test]
fn square_roots_conversions_and_whole_numbers() {
    let numbers: Vec<u32> = pairs(200_000).iter().map(|pair| pair.0).collect();
    let dims = vec![numbers.len() as u32];
    let unary = |function: UnaryFunction, numbers: &[u32]| {
        let inputs = vec![(DType::F32, vec![numbers.len() as u32], words(numbers.iter().copied()))];
        Case::new(Operator::Unary as u32, inputs, &[function as i32])
    };
    // A root is right when the number lies between the squares of the middles to its neighbours, taken exactly in binary64.
    let roots = natively(&unary(UnaryFunction::Sqrt, &numbers));
    for (bits, root) in numbers.iter().zip(roots.as_chunks().0) {
        let (x, root) = (f32::from_bits(*bits), f32::from_le_bytes(*root));
        if x.is_nan() || x <= 0.0 || x.is_infinite() {
            let special = if x == 0.0 || x == f32::INFINITY {
                x.to_bits()
            } else {
                0x7fc0_0000
            };
            assert_eq!(root.to_bits(), special, "√{x:e}");
            continue;
        }
        let middle = |other: f32| (f64::from(root) + f64::from(other)) / 2.0;
        let (low, high) = (middle(root.next_down()), middle(root.next_up()));
        assert!(
            low * low <= f64::from(x) && f64::from(x) <= high * high,
            "√{x:e} is {root:e}"
        );
    }
    let whole = [
        (UnaryFunction::Floor, Round::TowardNegative),
        (UnaryFunction::Ceil, Round::TowardPositive),
        (UnaryFunction::Trunc, Round::TowardZero),
        (UnaryFunction::Round, Round::NearestTiesToEven),
    ];
    for (function, round) in whole {
        let results = natively(&unary(function, &numbers));
        for (number, result) in numbers.iter().zip(results.as_chunks().0) {
            let expected = bits(single(*number).round_to_integral(round).value);
            assert_eq!(
                u32::from_le_bytes(*result),
                expected,
                "{} of {number:08x}",
                function.name()
            );
        }
    }
    // To integers towards zero, saturated; and from 64-bit integers, rounded once.
    let case = Case::new(
        Operator::Cast as u32,
        vec![(DType::F32, dims.clone(), words(numbers.iter().copied()))],
        &[DType::I32 as i32],
    );
    for (number, result) in numbers.iter().zip(natively(&case).as_chunks().0) {
        let StatusAnd { status, value } = single(*number).to_i128_r(32, Round::TowardZero, &mut false);
        let expected = match (single(*number).is_nan(), status.contains(Status::INVALID_OP)) {
            (true, _) => 0,
            (_, true) if single(*number).is_negative() => i32::MIN,
            (_, true) => i32::MAX,
            _ => value as i32,
        };
        assert_eq!(i32::from_le_bytes(*result), expected, "{number:08x} as an integer");
    }
    let random = &mut Random::new(5);
    let integers: Vec<i64> = (0..100_000)
        .map(|place| (random.next() as i64) >> (place % 64))
        .collect();
    let inputs = vec![(
        DType::I64,
        vec![integers.len() as u32],
        integers.iter().flat_map(|integer| integer.to_le_bytes()).collect(),
    )];
    let case = Case::new(Operator::Cast as u32, inputs, &[DType::F32 as i32]);
    for (integer, result) in integers.iter().zip(natively(&case).as_chunks().0) {
        let expected = bits(Single::from_i128(i128::from(*integer)).value);
        assert_eq!(u32::from_le_bytes(*result), expected, "{integer} as a number");
    }
    for case in [
        unary(UnaryFunction::Sqrt, &numbers[..20_000]),
        unary(UnaryFunction::Round, &numbers[..20_000]),
    ] {
        let ended = boot_and_run(&case.record, &case.inputs, 1, 0);
        assert_eq!(ended.output[..80_000], natively(&case));
    }
}
