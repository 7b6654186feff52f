use opml_ops::MatMulInteger;

use crate::integer_product::{Weights, signed, zero_point};
use crate::share::{share_rows, worthwhile};
use crate::simd::{Kernel, ROWS};

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn matmul_integer(
    plan: &MatMulInteger,
    kernel: Kernel,
    [a, b, a_zero, b_zero]: [&[u8]; 4],
    output: &mut [u8],
    threads: usize,
) {
    let (left, right) = (plan.rows * plan.depth, plan.depth * plan.columns);
    let size = plan.rows * plan.columns;
    let [a_signed, b_signed] = plan.signed;
    let a: Vec<u8> = a.iter().map(|byte| signed(*byte, a_signed)).collect();
    let threads = worthwhile(threads, (size * plan.depth) as u64);
    let mut laid_out: Option<(usize, Weights)> = None;
    let products = output.len() / 4 / size;
    plan.each_product(0, products, |product, in_a, in_b| {
        if laid_out.as_ref().is_none_or(|(matrix, _)| *matrix != in_b) {
            let b = &b[in_b * right..][..right];
            let weight = |column: usize, k: usize| signed(b[k * plan.columns + column], b_signed);
            let zero = |column: usize| zero_point(b_zero[if plan.each[1] { column } else { 0 }], b_signed);
            laid_out = Some((in_b, Weights::new(plan.depth, plan.columns, weight, zero)));
        }
        let Some((_, weights)) = &laid_out else { return };
        let a = &a[in_a * left..][..left];
        let output = &mut output[4 * product * size..][..4 * size];
        share_rows(output, 4 * plan.columns, ROWS, threads, |first, output| {
            let output = output.as_chunks_mut::<4>().0;
            for (block, results) in output.chunks_mut(ROWS * plan.columns).enumerate() {
                let row = first + block * ROWS;
                let count = results.len() / plan.columns;
                let rows: Vec<&[u8]> = a[row * plan.depth..].chunks_exact(plan.depth).take(count).collect();
                let zero = |row: usize| zero_point(a_zero[if plan.each[0] { row } else { 0 }], a_signed);
                let zeros: Vec<i32> = (row..row + count).map(zero).collect();
                weights.products(kernel, &rows, &zeros, |row, column, sum| {
                    results[row * plan.columns + column] = sum.to_le_bytes();
                });
            }
        });
    });
}
