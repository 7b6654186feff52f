use opml_ops::{ConvF32, Convolution};

use crate::product::{add_scaled, store_row};
use crate::share::{share_rows, worthwhile};
use crate::simd::{Factors, Kernel, TILE_COLUMNS, TILE_ROWS};

/// Computes the node; the sizes of inputs and output have been checked. `false`, and nothing done, when a weight is not finite: then a
/// tap in the padding, which is skipped, cannot be multiplied by zero instead.
pub(crate) fn conv_f32(plan: &ConvF32, kernel: Kernel, inputs: &[&[u8]], output: &mut [u8], threads: usize) -> bool {
    let &[x, weights, ..] = inputs else {
        return false;
    };
    if weights
        .as_chunks()
        .0
        .iter()
        .any(|word| !f32::from_le_bytes(*word).is_finite())
    {
        return false;
    }
    let node = Node {
        plan: &plan.convolution,
        kernel,
        weights,
        bias: inputs.get(2).filter(|_| plan.bias).map(|bias| bias.as_chunks().0),
    };
    let convolution = node.plan;
    let pixels: usize = convolution.size.iter().product();
    let threads = worthwhile(threads, convolution.multiply_adds());
    let images = convolution.batch * convolution.groups;
    let image = 4 * convolution.channels * convolution.plane();
    let planes = 4 * convolution.outputs * pixels;
    if images >= threads && node.is_thin() {
        // Groups of few outputs, as in depthwise convolutions, are shared out themselves.
        share_rows(output, planes, 1, threads, |image, output| {
            kernel.compiled(|| node.thin(x, image, output));
        });
        return true;
    }
    for (place, output) in output.chunks_exact_mut(planes).enumerate() {
        let x = &x[place * image..][..image];
        share_rows(output, 4 * pixels, TILE_ROWS, threads, |row, output| {
            let first = place % convolution.groups * convolution.outputs + row;
            kernel.compiled(|| node.tiles(x, first, output));
        });
    }
    true
}

struct Node<'a> {
    plan: &'a Convolution,
    kernel: Kernel,
    weights: &'a [u8],
    bias: Option<&'a [[u8; 4]]>,
}

impl Node<'_> {
    /// Whether a group has so few outputs that laying out patches costs more than the products.
    fn is_thin(&self) -> bool {
        self.plan.outputs < 4
    }

    fn bias(&self, output: usize) -> Option<f32> {
        self.bias.map(|bias| f32::from_le_bytes(bias[output]))
    }

    /// The planes of whole groups from image and group `first` on, row by row: each tap adds a stretch of a row.
    #[inline(always)]
    fn thin(&self, x: &[u8], first: usize, output: &mut [u8]) {
        let plan = self.plan;
        let [depth, high, wide] = plan.size;
        let [in_z, in_y, in_x] = plan.windows();
        let (plane, taps) = (plan.plane(), plan.taps());
        let x = x.as_chunks::<4>().0;
        let weights = self.weights.as_chunks::<4>().0;
        let images = output.len() / (plan.outputs * depth * high * wide * 4);
        let mut rows = output.as_chunks_mut::<4>().0.chunks_exact_mut(wide);
        let mut sums = vec![0.0; wide];
        for image in first..first + images {
            for output_of_group in 0..plan.outputs {
                let channel = image % plan.groups * plan.outputs + output_of_group;
                for row in 0..depth * high {
                    let (z, y) = (row / high, row % high);
                    sums.fill(0.0);
                    for input in 0..plan.channels {
                        let planes = &x[(image * plan.channels + input) * plane..][..plane];
                        let weights = &weights[(channel * plan.channels + input) * taps..][..taps];
                        for tap_z in in_z.taps(z) {
                            for tap_y in in_y.taps(y) {
                                let source = in_z.place(z, tap_z) * in_y.size as usize + in_y.place(y, tap_y);
                                let source = &planes[source * in_x.size as usize..][..in_x.size as usize];
                                let first = (tap_z * in_y.kernel as usize + tap_y) * in_x.kernel as usize;
                                for (tap, weight) in weights[first..][..in_x.kernel as usize].iter().enumerate() {
                                    self.add_tap(&mut sums, source, f32::from_le_bytes(*weight), tap);
                                }
                            }
                        }
                    }
                    store_row(rows.next().unwrap_or_default(), &sums, self.bias(channel));
                }
            }
        }
    }

    /// Adds one tap of a row to the windows for which it lies in the image.
    #[inline(always)]
    fn add_tap(&self, sums: &mut [f32], source: &[[u8; 4]], weight: f32, tap: usize) {
        let along = &self.plan.windows()[2];
        let (stride, before) = (along.stride as usize, along.before as usize);
        let offset = tap * along.dilation as usize;
        // Windows whose place `window · stride + offset − before` lies in 0 … size − 1.
        let first = before.saturating_sub(offset).div_ceil(stride);
        let end = (along.size as usize + before)
            .saturating_sub(offset)
            .div_ceil(stride)
            .min(sums.len());
        if first >= end {
            return;
        }
        let place = first * stride + offset - before;
        if stride == 1 {
            add_scaled(&mut sums[first..end], weight, &source[place..]);
            return;
        }
        let values = source[place..].iter().step_by(stride);
        for (sum, x) in sums[first..end].iter_mut().zip(values) {
            *sum += weight * f32::from_le_bytes(*x);
        }
    }

    /// Some output planes of one image, from channel `first` on.
    #[inline(always)]
    fn tiles(&self, x: &[u8], first: usize, output: &mut [u8]) {
        let plan = self.plan;
        let (depth, pixels) = (plan.channels * plan.taps(), plan.size.iter().product::<usize>());
        let (width, outputs) = (self.kernel.tile_columns(), output.len() / (4 * pixels));
        let in_place = self.reads_in_place();
        let mut patches = vec![0; if in_place { 0 } else { 4 * depth * width }];
        let mut sums = [[0.0; TILE_COLUMNS]; TILE_ROWS];
        for column in (0..pixels).step_by(width) {
            let wide = width.min(pixels - column);
            let (b, b_stride) = match in_place {
                true => (&x[4 * column..], plan.plane()),
                false => {
                    self.patches(x, column, wide, width, &mut patches);
                    (&patches[..], width)
                }
            };
            for row in (0..outputs).step_by(TILE_ROWS) {
                let high = TILE_ROWS.min(outputs - row);
                let factors = Factors {
                    a: &self.weights[4 * (first + row) * depth..],
                    a_stride: depth,
                    b,
                    b_stride,
                    depth,
                };
                self.kernel.tile(factors, high, wide, &mut sums);
                for (place, sums) in sums.iter().enumerate().take(high) {
                    let results = output[4 * ((row + place) * pixels + column)..][..4 * wide]
                        .as_chunks_mut()
                        .0;
                    store_row(results, sums, self.bias(first + row + place));
                }
            }
        }
    }

    /// Whether every window is one element, in order, so that the image is its own patches.
    fn reads_in_place(&self) -> bool {
        self.plan.taps() == 1
            && self
                .plan
                .windows()
                .iter()
                .all(|along| (along.stride, along.before, along.after) == (1, 0, 0))
    }

    /// Lays out the taps of `wide` windows from `first` on as [channel, tap][window], `width` apart; zeros for the padding.
    fn patches(&self, x: &[u8], first: usize, wide: usize, width: usize, patches: &mut [u8]) {
        let plan = self.plan;
        let [_, high, row] = plan.size;
        let [in_z, in_y, in_x] = plan.windows();
        let (plane, taps) = (plan.plane(), plan.taps());
        let x = x.as_chunks::<4>().0;
        let patches = patches.as_chunks_mut::<4>().0;
        patches.fill([0; 4]);
        let mut done = 0;
        while done < wide {
            // The windows of one row lie side by side.
            let pixel = first + done;
            let (from, y, z) = (pixel % row, pixel / row % high, pixel / row / high);
            let count = (row - from).min(wide - done);
            for tap_z in in_z.taps(z) {
                for tap_y in in_y.taps(y) {
                    let source =
                        (in_z.place(z, tap_z) * in_y.size as usize + in_y.place(y, tap_y)) * in_x.size as usize;
                    for tap_x in 0..in_x.kernel as usize {
                        let tap = (tap_z * in_y.kernel as usize + tap_y) * in_x.kernel as usize + tap_x;
                        let (stride, before) = (in_x.stride as usize, in_x.before as usize);
                        let offset = tap_x * in_x.dilation as usize;
                        let lowest = before.saturating_sub(offset).div_ceil(stride).max(from);
                        let end = (in_x.size as usize + before)
                            .saturating_sub(offset)
                            .div_ceil(stride)
                            .min(from + count);
                        if lowest >= end {
                            continue;
                        }
                        let place = source + lowest * stride + offset - before;
                        let target = tap * width + done + lowest - from;
                        for channel in 0..plan.channels {
                            let values = &x[channel * plane + place..];
                            let results = &mut patches[channel * taps * width + target..][..end - lowest];
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
                    }
                }
            }
            done += count;
        }
    }
}
