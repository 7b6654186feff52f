use opml_ops::{ConvInteger, Convolution};

use crate::integer_product::{Weights, signed, zero_point};
use crate::share::{share, worthwhile};
use crate::simd::{Kernel, ROWS};

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn conv_integer(
    plan: &ConvInteger,
    kernel: Kernel,
    [x, weights, x_zero, weight_zero]: [&[u8]; 4],
    output: &mut [u8],
    threads: usize,
) {
    let convolution = &plan.convolution;
    let [x_signed, weights_signed] = plan.signed;
    let x: Vec<u8> = x.iter().map(|byte| signed(*byte, x_signed)).collect();
    let zero = signed(x_zero[0], x_signed);
    let depth = convolution.channels * convolution.taps();
    let pixels: usize = convolution.size.iter().product();
    let threads = worthwhile(threads, convolution.multiply_adds());
    let image = convolution.channels * convolution.plane();
    for (place, output) in output.chunks_exact_mut(4 * convolution.outputs * pixels).enumerate() {
        let first = place % convolution.groups * convolution.outputs;
        let weight = |output: usize, k: usize| signed(weights[(first + output) * depth + k], weights_signed);
        let own_zero = |output: usize| {
            let place = if plan.each_output { first + output } else { 0 };
            zero_point(weight_zero[place], weights_signed)
        };
        let weights = Weights::new(depth, convolution.outputs, weight, own_zero);
        let x = &x[place * image..][..image];
        let output = output.as_chunks_mut::<4>().0;
        for (range, part) in share(pixels, threads, |pixels| {
            let mut part = vec![[0; 4]; convolution.outputs * pixels.len()];
            let mut patches = vec![zero; depth * ROWS];
            for pixel in pixels.clone().step_by(ROWS) {
                let count = ROWS.min(pixels.end - pixel);
                for (row, patch) in patches.chunks_exact_mut(depth).take(count).enumerate() {
                    gather(convolution, x, zero, pixel + row, patch);
                }
                let rows: Vec<&[u8]> = patches.chunks_exact(depth).take(count).collect();
                let zeros = vec![i32::from(zero as i8); count];
                weights.products(kernel, &rows, &zeros, |row, channel, sum| {
                    part[channel * pixels.len() + pixel - pixels.start + row] = sum.to_le_bytes();
                });
            }
            part
        }) {
            for (plane, part) in output.chunks_exact_mut(pixels).zip(part.chunks_exact(range.len())) {
                plane[range.clone()].copy_from_slice(part);
            }
        }
    }
}

/// The taps of a window, the zero point where they lie in the padding.
fn gather(plan: &Convolution, x: &[u8], zero: u8, pixel: usize, patch: &mut [u8]) {
    let [_, high, wide] = plan.size;
    let (column, row, slice) = (pixel % wide, pixel / wide % high, pixel / wide / high);
    let [in_z, in_y, in_x] = plan.windows();
    let kernel = [in_z, in_y, in_x].map(|along| along.kernel as usize);
    let taps_x = in_x.taps(column);
    patch.fill(zero);
    for (channel, patch) in patch.chunks_exact_mut(plan.taps()).enumerate() {
        let plane = &x[channel * plan.plane()..][..plan.plane()];
        for z in in_z.taps(slice) {
            for y in in_y.taps(row) {
                let source = (in_z.place(slice, z) * in_y.size as usize + in_y.place(row, y)) * in_x.size as usize;
                let first = (z * kernel[1] + y) * kernel[2];
                for tap in taps_x.clone() {
                    patch[first + tap] = plane[source + in_x.place(column, tap)];
                }
            }
        }
    }
}
