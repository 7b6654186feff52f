//! The operators of language models by every kernel, bit for bit, on any number of threads.

#[path = "../../../framework/ops/tests/cases/mod.rs"]
mod cases;
mod every_kernel;

use cases::{Case, Random, attend, matmul_blocks};
use opml_ops::BlockPanels;
use proptest::prelude::*;

fn check(case: &Case) {
    every_kernel::check(case, &[1, 2, 3]);
}

/// Every kind of blocks.
fn kinds() -> Vec<([u32; 2], [bool; 2])> {
    let kind = |number: u32| {
        let bit = |place: u32| number >> place & 1 == 1;
        let [bits, block] = [if bit(0) { 4 } else { 8 }, if bit(1) { 16 } else { 32 }];
        ([bits, block], [bit(2), bit(3)])
    };
    (0..16).map(kind).collect()
}

fn product(seed: u64, rows: u32, outputs: u32, blocks: u32, kind: ([u32; 2], [bool; 2])) -> Case {
    let ([bits, block], [wide, minimums]) = kind;
    let weights = BlockPanels {
        outputs,
        depth: blocks * block,
        bits,
        block,
        wide,
        minimums,
    };
    let random = &mut Random::new(seed);
    let zero = [0, 8, 128, 255][random.below(4) as usize];
    matmul_blocks(random, &[rows, weights.depth], &weights, zero)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn products(seed in any::<u64>(), rows in 1u32..=70, outputs in 1u32..150, blocks in 1u32..5) {
        for kind in kinds() {
            check(&product(seed, rows, outputs, blocks, kind));
        }
    }

    #[test]
    fn attention(
        seed in any::<u64>(),
        rows in 1u32..12,
        heads in (1u32..4, 1u32..9),
        cached in 1u32..150,
        sizes in (1u32..40, 1u32..100),
        position in -3i32..160,
    ) {
        let sizes = [rows, heads.0, heads.1, cached, sizes.0, sizes.1];
        check(&attend(&mut Random::new(seed), sizes, position));
    }
}

/// Codes and rows at their extremes, where sums of 16 bits come nearest to their bounds.
#[test]
fn extremes() {
    for kind in kinds() {
        for (code, x) in [(0xff, 1.0), (0xff, -1.0), (0, 1.0), (0x7f, 3e38), (0xf0, 1e-42)] {
            let mut case = product(1, 3, 33, 3, kind);
            let x = |place: usize| -> f32 { if place % 7 == 6 { -x } else { x } };
            let count = case.inputs[0].len() / 4;
            case.inputs[0] = (0..count).flat_map(|place| x(place).to_le_bytes()).collect();
            let ([bits, block], flags) = kind;
            let weights = BlockPanels {
                outputs: 33,
                depth: 3 * block,
                bits,
                block,
                wide: flags[0],
                minimums: flags[1],
            };
            for panel in case.inputs[1].chunks_exact_mut(weights.block_bytes()) {
                panel[weights.head_bytes()..].fill(code);
            }
            check(&case);
        }
    }
}

/// Large enough that the work is shared among threads.
#[test]
fn shared_work() {
    for kind in kinds() {
        check(&product(2, 1, 1111, 1024 / kind.0[1], kind));
        check(&product(3, 70, 333, 64 / kind.0[1], kind));
    }
    check(&attend(&mut Random::new(4), [1, 3, 3, 900, 64, 64], 899));
    check(&attend(&mut Random::new(5), [33, 2, 4, 300, 64, 40], 200));
}
