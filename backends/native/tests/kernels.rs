//! Every kernel computes what the operators say, bit for bit, on any number of threads.

#[path = "../../../framework/ops/tests/cases/mod.rs"]
mod cases;
mod every_kernel;

use cases::{Case, Random, any_node, conv2d, matmul, typed_tensor, whole_graph};
use opml_ops::{DType, Operator};
use proptest::prelude::*;

fn check(case: &Case) {
    every_kernel::check(case, &[1, 2, 3, 7]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_nodes(seed in any::<u64>()) {
        check(&any_node(seed));
    }
}

#[test]
fn frozen_vectors_hold() {
    for operator in Operator::ALL {
        for frozen in cases::frozen::read(operator.name()) {
            assert_eq!(frozen.case.run_all(), frozen.output, "{}", frozen.name);
            check(&frozen.case);
        }
    }
}

#[test]
fn whole_graphs() {
    check(&whole_graph(2, &[9, 70, 5], 1).0);
}

/// Every product and the zero points at their extremes, where a saturating kernel would differ, and sums that wrap.
#[test]
fn extremes() {
    for (x, weight) in [(0x80, 0x80), (0x80, 0x7f), (0x7f, 0x80), (0x7f, 0x7f)] {
        for depth in [1, 2, 3, 4, 5, 1023] {
            let mut case = matmul(5, depth, 66, u64::from(depth));
            case.inputs[0].fill(x);
            case.inputs[1].fill(weight);
            for bias in case.inputs[2].chunks_mut(8) {
                bias[..4].copy_from_slice(&[i32::MAX, i32::MIN][usize::from(x == 0x7f)].to_le_bytes());
            }
            for multiplier in case.inputs[3].chunks_mut(4) {
                multiplier.copy_from_slice(&(1i32 << 30).to_le_bytes());
            }
            for (place, shift) in case.inputs[4].chunks_mut(4).enumerate() {
                shift.copy_from_slice(&(31 + place as i32 % 24).to_le_bytes());
            }
            check(&case);
        }
    }
}

/// Large enough that the work is shared among threads.
#[test]
fn shared_work() {
    check(&matmul(1, 1030, 1100, 1));
    check(&matmul(70, 130, 150, 2));
    check(&conv2d([1, 24, 21, 21], 70, 1, [3, 3, 1, 1, 1, 1, 1, 1, 1, 1], 3));
}

fn typed(operator: Operator, inputs: &[&[u32]], attributes: &[i32], finite: bool) -> Case {
    let random = &mut Random::new(5);
    let mut inputs: Vec<_> = inputs
        .iter()
        .map(|dims| typed_tensor(random, DType::F32, dims))
        .collect();
    if finite {
        let words = inputs.iter_mut().flat_map(|input| input.2.as_chunks_mut::<4>().0);
        words
            .filter(|word| !f32::from_le_bytes(**word).is_finite())
            .for_each(|word| *word = 1.5f32.to_le_bytes());
    }
    Case::new(operator as u32, inputs, attributes)
}

/// Integer products and convolutions whose work is shared, signed and not, with zero points for all and for each.
#[test]
fn shared_integer_work() {
    for (x, weights) in [(DType::U8, DType::I8), (DType::I8, DType::U8), (DType::U8, DType::U8)] {
        let random = &mut Random::new(3);
        let mut typed = |dtype: DType, dims: &[u32]| typed_tensor(random, dtype, dims);
        let inputs = vec![
            typed(x, &[70, 130]),
            typed(weights, &[130, 150]),
            typed(x, &[70]),
            typed(weights, &[150]),
        ];
        check(&Case::new(Operator::MatMulInteger as u32, inputs, &[]));
        let inputs = vec![
            typed(x, &[3, 1, 40, 90]),
            typed(weights, &[5, 90, 65]),
            typed(x, &[1]),
            typed(weights, &[1]),
        ];
        check(&Case::new(Operator::MatMulInteger as u32, inputs, &[]));
        let padded = [2, 3, 1, 1, 1, 1, 0, 3, 2, 2, 2, 1, 0];
        let inputs = vec![
            typed(x, &[2, 24, 21, 21]),
            typed(weights, &[70, 12, 3, 3]),
            typed(x, &[1]),
            typed(weights, &[70]),
        ];
        check(&Case::new(Operator::ConvInteger as u32, inputs, &padded));
        let plain = [1, 3, 1, 1, 1, 1, 0, 3, 1, 1, 1, 1, 0];
        let inputs = vec![
            typed(x, &[2, 6, 40, 41]),
            typed(weights, &[5, 6, 3, 3]),
            typed(x, &[1]),
            typed(weights, &[5]),
        ];
        check(&Case::new(Operator::ConvInteger as u32, inputs, &plain));
        let depthwise = [48, 3, 1, 1, 1, 1, 0, 3, 1, 1, 1, 1, 0];
        let inputs = vec![
            typed(x, &[1, 48, 40, 41]),
            typed(weights, &[48, 1, 3, 3]),
            typed(x, &[1]),
            typed(weights, &[1]),
        ];
        check(&Case::new(Operator::ConvInteger as u32, inputs, &depthwise));
    }
}

/// Float products and convolutions whose work is shared, with tiles of every kind, and infinite weights under padding.
#[test]
fn shared_float_work() {
    for finite in [true, false] {
        check(&typed(Operator::MatMulF32, &[&[70, 130], &[130, 150]], &[], finite));
        check(&typed(Operator::MatMulF32, &[&[1, 1100], &[1100, 1030]], &[], finite));
        check(&typed(
            Operator::MatMulF32,
            &[&[3, 1, 40, 90], &[5, 90, 65]],
            &[],
            finite,
        ));
        // Groups, channels, kernels, strides, dilations, pads.
        let plain = [1, 3, 1, 1, 1, 1, 0, 3, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
        check(&typed(
            Operator::ConvF32,
            &[&[1, 24, 21, 21], &[70, 24, 3, 3], &[70]],
            &plain,
            finite,
        ));
        let strided = [1, 3, 2, 2, 2, 0, 0, 5, 3, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0];
        check(&typed(
            Operator::ConvF32,
            &[&[2, 8, 60, 61], &[33, 8, 3, 5]],
            &strided,
            finite,
        ));
        let depthwise = [96, 3, 1, 1, 1, 1, 0, 3, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
        check(&typed(
            Operator::ConvF32,
            &[&[1, 96, 40, 41], &[96, 1, 3, 3], &[96]],
            &depthwise,
            finite,
        ));
        let pointwise = [1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        check(&typed(
            Operator::ConvF32,
            &[&[1, 64, 20, 20], &[100, 64, 1, 1]],
            &pointwise,
            finite,
        ));
        // Axes of one point are put first.
        let along_height = [1, 5, 1, 1, 2, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        check(&typed(
            Operator::ConvF32,
            &[&[2, 24, 90, 1], &[34, 24, 5, 1], &[34]],
            &along_height,
            finite,
        ));
        let along_depth = [1, 3, 2, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0];
        check(&typed(
            Operator::ConvF32,
            &[&[1, 16, 90, 1, 1], &[16, 16, 3, 1, 1]],
            &along_depth,
            finite,
        ));
        let doubled = [1, 2, 2, 1, 0, 0, 0, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        check(&typed(
            Operator::ConvTransposeF32,
            &[&[1, 24, 30, 30], &[24, 12, 2, 2], &[12]],
            &doubled,
            finite,
        ));
        let apart = [2, 2, 3, 1, 1, 2, 1, 3, 3, 1, 2, 1, 2, 0, 0, 0, 0, 0, 0];
        check(&typed(
            Operator::ConvTransposeF32,
            &[&[2, 8, 20, 21], &[8, 9, 2, 3], &[18]],
            &apart,
            finite,
        ));
        let cut = [2, 4, 2, 1, 1, 2, 1, 3, 3, 2, 2, 1, 2, 0, 0, 0, 0, 0, 0];
        check(&typed(
            Operator::ConvTransposeF32,
            &[&[2, 8, 20, 21], &[8, 9, 4, 3]],
            &cut,
            finite,
        ));
        check(&typed(Operator::Binary, &[&[40, 1, 3000], &[7, 1]], &[2], finite));
        check(&typed(Operator::Unary, &[&[9, 30_000]], &[8], finite));
    }
}

/// Elements that are moved by several threads: views with transposed, reversed, repeated and padded axes, slices, tables.
#[test]
fn shared_moves() {
    for dtype in [DType::I8, DType::F32, DType::I64] {
        let random = &mut Random::new(7);
        let mut tensor = |dtype: DType, dims: &[u32]| typed_tensor(random, dtype, dims);
        // Rank and fill; then of each axis its size, its source axis, where it begins, and its step.
        let transposed = [3, 0, 0, 700, 2, 0, 1, 601, 1, 0, 1, 1, 0, 0, 0];
        check(&Case::new(
            Operator::View as u32,
            vec![tensor(dtype, &[601, 700])],
            &transposed,
        ));
        let mixed = [4, 5, 0, 3, 0, 0, 0, 210, 1, 199, -1, 1, 3, 0, 0, 710, 2, -4, 1];
        check(&Case::new(
            Operator::View as u32,
            vec![tensor(dtype, &[200, 700, 1])],
            &mixed,
        ));
        let stepped = [2, 0, 0, 601, 1, 0, 1, 701, 2, 1401, -2];
        check(&Case::new(
            Operator::View as u32,
            vec![tensor(dtype, &[601, 1402])],
            &stepped,
        ));
        for (dims, axis) in [([601, 350], 1), ([350, 601], 0)] {
            let indices = (
                DType::I32,
                vec![700],
                (0..700)
                    .flat_map(|place: i32| (place * 7 % 350 - 20).to_le_bytes())
                    .collect(),
            );
            check(&Case::new(
                Operator::Gather as u32,
                vec![tensor(dtype, &dims), indices],
                &[axis],
            ));
        }
        let looked_up = vec![tensor(DType::U8, &[601, 701]), tensor(dtype, &[256])];
        check(&Case::new(Operator::Lookup as u32, looked_up, &[]));
    }
}
