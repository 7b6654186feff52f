use opml_ops::{ConvInteger, PANEL_OUTPUTS};

use crate::integer_product::{Factor, Panel, Row, products, row_sum, signed, store_sums, zero_point};
use crate::share::{share_rows, worthwhile};
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
    let made_signed =
        |bytes: &[u8], is_signed: bool| bytes.iter().map(|byte| signed(*byte, is_signed)).collect::<Vec<u8>>();
    let x = made_signed(x, plan.signed[0]);
    let node = Node {
        plan,
        kernel,
        zero: signed(x_zero[0], plan.signed[0]),
        weights: made_signed(weights, plan.signed[1]),
        weight_zero,
    };
    let pixels: usize = convolution.size.iter().product();
    let planes = 4 * convolution.outputs * pixels;
    let image = convolution.channels * convolution.plane();
    let threads = worthwhile(threads, convolution.multiply_adds());
    for (place, output) in output.chunks_exact_mut(planes).enumerate() {
        let x = &x[place * image..][..image];
        share_rows(output, 4 * pixels, ROWS, threads, |row, output| {
            let first = place % convolution.groups * convolution.outputs + row;
            kernel.compiled(|| node.planes(x, first, output));
        });
    }
}

struct Node<'a> {
    plan: &'a ConvInteger,
    kernel: Kernel,
    /// What stands for zero in x, signed.
    zero: u8,
    weights: Vec<u8>,
    weight_zero: &'a [u8],
}

impl Node<'_> {
    /// Output planes of one image from channel `first` on.
    #[inline(always)]
    fn planes(&self, x: &[u8], first: usize, output: &mut [u8]) {
        let convolution = &self.plan.convolution;
        let pixels: usize = convolution.size.iter().product();
        let depth = convolution.channels * convolution.taps();
        let output = output.as_chunks_mut::<4>().0;
        let own = self.weights[first * depth..]
            .chunks_exact(depth)
            .take(output.len() / pixels);
        let factor = |(place, row)| {
            let place = if self.plan.each_output { first + place } else { 0 };
            Factor {
                row,
                zero: zero_point(self.weight_zero[place], self.plan.signed[1]),
                sum: row_sum(row),
            }
        };
        let factors: Vec<Factor> = own.enumerate().map(factor).collect();
        let zeros = [i32::from(self.zero as i8); PANEL_OUTPUTS];
        let mut panel = Panel::new(depth);
        for pixel in (0..pixels).step_by(PANEL_OUTPUTS) {
            let wide = PANEL_OUTPUTS.min(pixels - pixel);
            panel.fill(|k, row| self.tap(x, pixel, wide, k, row));
            for (block, factors) in factors.chunks(ROWS).enumerate() {
                products(self.kernel, &panel, factors, &zeros, |row, sums| {
                    store_sums(&mut output[(block * ROWS + row) * pixels + pixel..][..wide], sums);
                });
            }
        }
    }

    /// Tap `k` of the windows from `first` on; the zero point where it lies in the padding.
    #[inline(always)]
    fn tap(&self, x: &[u8], first: usize, wide: usize, k: usize, row: &mut Row) {
        let plan = &self.plan.convolution;
        let [_, high, width] = plan.size;
        let [in_z, in_y, in_x] = plan.windows();
        let kernel = [in_z, in_y, in_x].map(|along| along.kernel as usize);
        let (channel, tap) = (k / plan.taps(), k % plan.taps());
        let (tap_z, tap_y, tap_x) = (
            tap / kernel[2] / kernel[1],
            tap / kernel[2] % kernel[1],
            tap % kernel[2],
        );
        let plane = &x[channel * plan.plane()..][..plan.plane()];
        let (stride, before) = (in_x.stride as usize, in_x.before as usize);
        let offset = tap_x * in_x.dilation as usize;
        row.fill(self.zero);
        let mut done = 0;
        while done < wide {
            // The windows of one row lie side by side.
            let pixel = first + done;
            let (from, y, z) = (pixel % width, pixel / width % high, pixel / width / high);
            let count = (width - from).min(wide - done);
            let (at_z, at_y) = (in_z.place(z, tap_z), in_y.place(y, tap_y));
            let lowest = before.saturating_sub(offset).div_ceil(stride).max(from);
            let end = (in_x.size as usize + before)
                .saturating_sub(offset)
                .div_ceil(stride)
                .min(from + count);
            if at_z < in_z.size as usize && at_y < in_y.size as usize && lowest < end {
                let source = (at_z * in_y.size as usize + at_y) * in_x.size as usize;
                let values = &plane[source + lowest * stride + offset - before..];
                let results = &mut row[done + lowest - from..][..end - lowest];
                if stride == 1 {
                    results.copy_from_slice(&values[..results.len()]);
                } else {
                    let values = values.iter().step_by(stride);
                    results
                        .iter_mut()
                        .zip(values)
                        .for_each(|(result, value)| *result = *value);
                }
            }
            done += count;
        }
    }
}
