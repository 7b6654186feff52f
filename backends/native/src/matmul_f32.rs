use opml_ops::MatMulF32;

use crate::product::Product;
use crate::share::worthwhile;
use crate::simd::Kernel;

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn matmul_f32(plan: &MatMulF32, kernel: Kernel, [a, b]: [&[u8]; 2], output: &mut [u8], threads: usize) {
    let (left, right) = (plan.rows * plan.depth, plan.depth * plan.columns);
    let size = plan.rows * plan.columns;
    let products = output.len() / 4 / size;
    plan.each_product(0, products, |product, in_a, in_b| {
        let part = Product {
            a: &a[4 * in_a * left..][..4 * left],
            b: &b[4 * in_b * right..][..4 * right],
            rows: plan.rows,
            columns: plan.columns,
            depth: plan.depth,
        };
        let threads = worthwhile(threads, (size * plan.depth) as u64);
        part.compute(kernel, threads, &mut output[4 * product * size..][..4 * size]);
    });
}
