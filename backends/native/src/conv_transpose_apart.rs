//! Transposed convolutions whose windows lie apart, so that one tap at most reaches an output: a matrix product, whose rows are the taps of each
//! output, and whose results are then laid where they belong.

use opml_ops::ConvTransposeF32;

use crate::product::{Product, stored};
use crate::simd::Kernel;

/// Whether no two elements of the input reach the same output.
pub(crate) fn lies_apart(plan: &ConvTransposeF32) -> bool {
    plan.windows()
        .iter()
        .all(|along| along.kernel == 1 || (along.dilation == 1 && along.kernel <= along.stride))
}

/// Computes such a node; `bias` has a number for each output channel, or there is none.
pub(crate) fn conv_transpose_apart(
    plan: &ConvTransposeF32,
    kernel: Kernel,
    [x, weights]: [&[[u8; 4]]; 2],
    bias: Option<&[[u8; 4]]>,
    output: &mut [u8],
    threads: usize,
) {
    let [kernels, sizes] = [
        plan.windows().map(|along| along.kernel),
        plan.windows().map(|along| along.size),
    ]
    .map(|axes| axes.map(|axis| axis as usize));
    let (taps, points): (usize, usize) = (kernels.iter().product(), sizes.iter().product());
    let rows = plan.outputs * taps;
    let mut turned = vec![[0; 4]; rows * plan.channels];
    let mut reached = vec![0; 4 * rows * points];
    let plane: usize = plan.size.iter().product();
    let groups = output.as_chunks_mut::<4>().0.chunks_exact_mut(plan.outputs * plane);
    for (place, planes) in groups.enumerate() {
        let group = place % plan.groups;
        let own = &weights[group * plan.channels * rows..][..plan.channels * rows];
        for (channel, weights) in own.chunks_exact(rows).enumerate() {
            for (row, weight) in weights.iter().enumerate() {
                turned[row * plan.channels + channel] = *weight;
            }
        }
        let product = Product {
            a: turned.as_flattened(),
            b: x[place * plan.channels * points..][..plan.channels * points].as_flattened(),
            rows,
            columns: points,
            depth: plan.channels,
        };
        product.compute(kernel, threads, &mut reached);
        let results = reached.as_chunks::<4>().0.chunks_exact(taps * points);
        for (channel, (plane, results)) in planes.chunks_exact_mut(plane).zip(results).enumerate() {
            let bias = bias.map(|bias| f32::from_le_bytes(bias[group * plan.outputs + channel]));
            plane.fill(stored(bias.map_or(0.0, |bias| 0.0 + bias)));
            kernel.compiled(
                #[inline(always)]
                || lay(plan, bias, [kernels, sizes], results, plane),
            );
        }
    }
}

/// Lays the results of each tap, [tap][point of the input], where they belong in one plane of the output.
#[inline(always)]
fn lay(
    plan: &ConvTransposeF32,
    bias: Option<f32>,
    [kernels, sizes]: [[usize; 3]; 2],
    results: &[[u8; 4]],
    plane: &mut [[u8; 4]],
) {
    let [along_z, along_y, along_x] = plan.windows();
    let [depth, high, wide] = plan.size;
    let mut lines = results.chunks_exact(sizes[2]);
    // The output that a tap of an input element reaches, if it is not cut off.
    let reached = |along: &opml_ops::Window, place: usize, tap: usize, size: usize| {
        (place * along.stride as usize + tap)
            .checked_sub(along.before as usize)
            .filter(|at| *at < size)
    };
    for tap in 0..kernels.iter().product() {
        let (tap_z, tap_y, tap_x) = (
            tap / kernels[2] / kernels[1],
            tap / kernels[2] % kernels[1],
            tap % kernels[2],
        );
        for z in 0..sizes[0] {
            for y in 0..sizes[1] {
                let line = lines.next().unwrap_or_default();
                let (Some(at_z), Some(at_y)) = (reached(along_z, z, tap_z, depth), reached(along_y, y, tap_y, high))
                else {
                    continue;
                };
                let row = &mut plane[(at_z * high + at_y) * wide..][..wide];
                // Elements before `first` are cut off.
                let stride = along_x.stride as usize;
                let first = (along_x.before as usize).saturating_sub(tap_x).div_ceil(stride);
                let Some(from) = reached(along_x, first, tap_x, wide) else {
                    continue;
                };
                let places = row[from..].iter_mut().step_by(stride);
                for (place, sum) in places.zip(line.get(first..).unwrap_or_default()) {
                    let sum = f32::from_le_bytes(*sum);
                    *place = stored(bias.map_or(sum, |bias| sum + bias));
                }
            }
        }
    }
}
