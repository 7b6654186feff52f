//! Contractions by every kernel that this processor has, beside the operators' own definition.

#[path = "../../../framework/ops/tests/cases/mod.rs"]
mod cases;

use cases::{Case, conv2d, matmul};
use divan::counter::ItemsCount;
use divan::{Bencher, main as run_benches};
use opml_graph::ComputeBackend;
use opml_native::Native;

fn main() {
    run_benches();
}

/// The definition, then each kernel, the fastest last.
fn ways() -> Vec<Option<usize>> {
    [None]
        .into_iter()
        .chain((0..Native::variants().len()).map(Some))
        .collect()
}

fn bench(bencher: Bencher, way: Option<usize>, mut case: Case, multiply_adds: u64) {
    // Scales as converters write them: one shift for all outputs.
    for shift in case.inputs[4].chunks_exact_mut(4) {
        shift.copy_from_slice(&40i32.to_le_bytes());
    }
    let inputs = case.slices();
    let mut output = vec![0; case.record.output_bytes() as usize];
    let mut scratch = vec![0; case.record.scratch_bytes() as usize];
    bencher
        .counter(ItemsCount::new(multiply_adds))
        .bench_local(|| match way {
            None => opml_ops::run(&case.record, &inputs, &mut output, 0, &mut scratch).expect("the node runs"),
            Some(variant) => Native::variants()[variant]
                .run_node(&case.record, &inputs, &mut output, 1)
                .expect("the node runs"),
        });
}

#[divan::bench(args = ways())]
fn matmul_256(bencher: Bencher, way: Option<usize>) {
    bench(bencher, way, matmul(256, 256, 256, 1), 1 << 24);
}

#[divan::bench(args = ways())]
fn vector_by_1024(bencher: Bencher, way: Option<usize>) {
    bench(bencher, way, matmul(1, 1024, 1024, 1), 1 << 20);
}

#[divan::bench(args = ways())]
fn conv_3x3_64_channels(bencher: Bencher, way: Option<usize>) {
    let case = conv2d([1, 64, 14, 14], 64, 1, [3, 3, 1, 1, 1, 1, 1, 1, 1, 1], 1);
    bench(bencher, way, case, 64 * 64 * 9 * 14 * 14);
}
