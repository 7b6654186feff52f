//! Products with weights in blocks, beside f32 and beside reading the same bytes: what a token costs is reading the weights once.
//!
//! `cargo bench -p opml-native --bench blocks`. Bytes a second count bytes of weights; weights are taken in turn from more memory than any
//! cache holds, so that each product reads its own anew.

#[path = "../../../framework/ops/tests/cases/mod.rs"]
mod cases;

use cases::{Case, Random, matmul_blocks};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box, main as run_benches};
use opml_graph::ComputeBackend;
use opml_native::Native;
use opml_ops::{BlockPanels, DType, Operator};

/// More than a cache holds.
const MEMORY: usize = 256 << 20;

fn main() {
    run_benches();
}

fn panels(outputs: u32, depth: u32, bits: u32) -> BlockPanels {
    BlockPanels {
        outputs,
        depth,
        bits,
        block: 32,
        wide: false,
        minimums: false,
    }
}

fn everyday(count: u32) -> Vec<u8> {
    (0..count)
        .flat_map(|place| ((place % 201) as f32 * 0.01 - 1.0).to_le_bytes())
        .collect()
}

/// x [rows, depth] by weights of 4 or 8 bits, or by f32.
fn product(rows: u32, depth: u32, outputs: u32, bits: u32) -> Case {
    let random = &mut Random::new(1);
    let x = (DType::F32, vec![rows, depth], everyday(rows * depth));
    if bits == 32 {
        let weights = (DType::F32, vec![depth, outputs], everyday(depth * outputs));
        return Case::new(Operator::MatMulF32 as u32, vec![x, weights], &[]);
    }
    let mut case = matmul_blocks(random, &[rows, depth], &panels(outputs, depth, bits), 8);
    case.inputs[0] = x.2;
    case
}

/// Each product by the next of many copies of its weights.
fn in_turn(bencher: Bencher, case: &Case, threads: usize) {
    let weights = &case.inputs[1];
    let copies: Vec<Vec<u8>> = vec![weights.clone(); MEMORY.div_ceil(weights.len())];
    let mut output = vec![0; case.record.output_bytes() as usize];
    let mut turn = copies.iter().cycle();
    bencher.counter(BytesCount::new(weights.len())).bench_local(|| {
        let weights = turn.next().expect("there are copies");
        Native
            .run_node(&case.record, &[&case.inputs[0], weights], &mut output, threads)
            .expect("the node runs");
    });
}

/// Reads 16 MiB of many, on so many threads.
#[divan::bench(args = [1, 2], sample_count = 200, sample_size = 1)]
fn read_memory(bencher: Bencher, threads: usize) {
    const PIECE: usize = 16 << 20;
    let memory: Vec<u8> = (0..MEMORY).map(|place| place as u8).collect();
    let mut turn = memory.chunks_exact(PIECE).cycle();
    let sum = |bytes: &[u8]| {
        let mut lanes = [0u64; 16];
        for chunk in bytes.as_chunks::<128>().0 {
            for (lane, word) in lanes.iter_mut().zip(chunk.as_chunks::<8>().0) {
                *lane ^= u64::from_le_bytes(*word);
            }
        }
        lanes.iter().fold(0, |sum, lane| sum ^ lane)
    };
    bencher.counter(BytesCount::new(PIECE)).bench_local(|| {
        let piece = turn.next().expect("there are pieces");
        std::thread::scope(|scope| {
            for part in piece.chunks(PIECE / threads) {
                scope.spawn(move || black_box(sum(part)));
            }
        });
    });
}

const WAYS: [(u32, usize); 6] = [(8, 1), (8, 2), (4, 1), (4, 2), (32, 1), (32, 2)];

/// Bits of a weight, threads.
#[divan::bench(args = WAYS, sample_count = 200, sample_size = 1)]
fn vector_by_4096x4096(bencher: Bencher, (bits, threads): (u32, usize)) {
    in_turn(bencher, &product(1, 4096, 4096, bits), threads);
}

#[divan::bench(args = WAYS, sample_count = 1000, sample_size = 1)]
fn vector_by_576x1536(bencher: Bencher, (bits, threads): (u32, usize)) {
    in_turn(bencher, &product(1, 576, 1536, bits), threads);
}

/// A prompt's rows at once; items are multiply-adds.
#[divan::bench(args = WAYS, sample_count = 20, sample_size = 1)]
fn rows_32_by_1536x1536(bencher: Bencher, (bits, threads): (u32, usize)) {
    let case = product(32, 1536, 1536, bits);
    let mut output = vec![0; case.record.output_bytes() as usize];
    bencher.counter(ItemsCount::new(32u64 * 1536 * 1536)).bench_local(|| {
        Native
            .run_node(&case.record, &case.slices(), &mut output, threads)
            .expect("the node runs");
    });
}
