//! Contractions by every kernel that this processor has, beside the operators' own definition.

#[path = "../../../framework/ops/tests/cases/mod.rs"]
mod cases;

use cases::{Case, conv2d, matmul};
use divan::counter::ItemsCount;
use divan::{Bencher, main as run_benches};
use opml_graph::ComputeBackend;
use opml_native::Native;
use opml_ops::{DType, Operator};

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
    for shift in case
        .inputs
        .get_mut(4)
        .into_iter()
        .flat_map(|shifts| shifts.chunks_exact_mut(4))
    {
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

/// A convolution in steps of one, padded so that an image keeps its size where the kernel is odd.
fn conv_f32([channels, outputs]: [u32; 2], image: &[u32], kernel: u32) -> (Case, u64) {
    let floats = |dims: Vec<u32>| {
        let places = 0..dims.iter().product::<u32>();
        let values = places.flat_map(|place| ((place % 89) as f32 / 89.0 - 0.5).to_le_bytes());
        (DType::F32, dims, values.collect())
    };
    let before = (kernel as i32 - 1) / 2;
    let axes = image.iter().flat_map(|_| [kernel as i32, 1, 1, before, before, 0]);
    let words: Vec<i32> = [1].into_iter().chain(axes).collect();
    let kernels = vec![kernel; image.len()];
    let inputs = vec![
        floats([&[1, channels], image].concat()),
        floats([&[outputs, channels], &kernels[..]].concat()),
    ];
    let products = inputs[1].1.iter().chain(image).map(|size| u64::from(*size)).product();
    (Case::new(Operator::ConvF32 as u32, inputs, &words), products)
}

#[divan::bench(args = ways())]
fn conv_f32_1x1_to_64_channels(bencher: Bencher, way: Option<usize>) {
    let (case, products) = conv_f32([256, 64], &[28, 28], 1);
    bench(bencher, way, case, products);
}

#[divan::bench(args = ways())]
fn conv_f32_3x3_64_channels(bencher: Bencher, way: Option<usize>) {
    let (case, products) = conv_f32([64, 64], &[28, 28], 3);
    bench(bencher, way, case, products);
}

#[divan::bench(args = ways())]
fn conv_f32_3x3_16_channels(bencher: Bencher, way: Option<usize>) {
    let (case, products) = conv_f32([16, 16], &[112, 112], 3);
    bench(bencher, way, case, products);
}

#[divan::bench(args = ways())]
fn conv_f32_1x1_16_channels_of_large_images(bencher: Bencher, way: Option<usize>) {
    let (case, products) = conv_f32([16, 32], &[160, 160], 1);
    bench(bencher, way, case, products);
}

#[divan::bench(args = ways())]
fn conv_f32_5_taps_of_many_channels(bencher: Bencher, way: Option<usize>) {
    let (case, products) = conv_f32([256, 512], &[512], 5);
    bench(bencher, way, case, products);
}
