use opml_ops::{ConvF32, Convolution};

use crate::conv_thin::{Arithmetic, is_thin, thin_groups};
use crate::phases::Phases;
use crate::product::store_row;
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
    if images >= threads && is_thin(convolution) {
        // Groups of few outputs, as in depthwise convolutions, are shared out themselves.
        let weights: Vec<f32> = weights
            .as_chunks()
            .0
            .iter()
            .map(|word| f32::from_le_bytes(*word))
            .collect();
        share_rows(output, planes, 1, threads, |image, output| {
            kernel.compiled(
                #[inline(always)]
                || thin_groups(convolution, node, x.as_chunks().0, &weights, image, output),
            );
        });
        return true;
    }
    let mut phases = Phases::new(convolution, 1, [0; 4]);
    for (place, output) in output.chunks_exact_mut(planes).enumerate() {
        let x = &x[place * image..][..image];
        if !convolution.reads_in_place() {
            phases.lay(x.as_chunks().0, |word| word);
        }
        let phases = &phases;
        share_rows(output, 4 * pixels, TILE_ROWS, threads, |row, output| {
            let first = place % convolution.groups * convolution.outputs + row;
            kernel.compiled(
                #[inline(always)]
                || node.tiles(x, phases, first, output),
            );
        });
    }
    true
}

#[derive(Clone, Copy)]
struct Node<'a> {
    plan: &'a Convolution,
    kernel: Kernel,
    weights: &'a [u8],
    bias: Option<&'a [[u8; 4]]>,
}

impl Node<'_> {
    fn bias(&self, output: usize) -> Option<f32> {
        self.bias.map(|bias| f32::from_le_bytes(bias[output]))
    }

    /// Some output planes of one image, from channel `first` on.
    #[inline(always)]
    fn tiles(&self, x: &[u8], phases: &Phases<[u8; 4]>, first: usize, output: &mut [u8]) {
        let plan = self.plan;
        let (depth, pixels) = (plan.channels * plan.taps(), plan.size.iter().product::<usize>());
        let (width, outputs) = (self.kernel.tile_columns(), output.len() / (4 * pixels));
        let in_place = plan.reads_in_place();
        let mut patches = vec![0; if in_place { 0 } else { 4 * depth * width }];
        let mut sums = [[0.0; TILE_COLUMNS]; TILE_ROWS];
        for column in (0..pixels).step_by(width) {
            let wide = width.min(pixels - column);
            let (b, b_stride) = match in_place {
                true => (&x[4 * column..], plan.plane()),
                false => {
                    self.patches(phases, column, wide, width, &mut patches);
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

    /// Lays out the taps of `wide` windows from `first` on as [channel, tap][window], `width` apart; zeros for the padding.
    fn patches(&self, phases: &Phases<[u8; 4]>, first: usize, wide: usize, width: usize, patches: &mut [u8]) {
        let plan = self.plan;
        let [_, high, row] = plan.size;
        let [in_z, in_y, in_x] = plan.windows();
        let (in_row, taps) = (in_x.kernel as usize, plan.taps());
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
                    let place = [in_z.place(z, tap_z), in_y.place(y, tap_y)];
                    let first = (tap_z * in_y.kernel as usize + tap_y) * in_row;
                    for channel in 0..plan.channels {
                        for tap in 0..in_row {
                            let target = (channel * taps + first + tap) * width + done;
                            let values = &phases.values()[phases.start(channel, place, tap) + from..][..count];
                            patches[target..][..count].copy_from_slice(values);
                        }
                    }
                }
            }
            done += count;
        }
    }
}

impl Arithmetic for Node<'_> {
    type Stored = [u8; 4];
    type Factor = f32;
    type Sum = f32;
    const NOTHING: f32 = 0.0;
    const EMPTY: f32 = 0.0;

    #[inline(always)]
    fn factor(self, word: [u8; 4]) -> f32 {
        f32::from_le_bytes(word)
    }

    #[inline(always)]
    fn add(sum: f32, weight: f32, x: f32) -> f32 {
        sum + weight * x
    }

    #[inline(always)]
    fn store(self, channel: usize, sums: &[f32], results: &mut [[u8; 4]]) {
        store_row(results, sums, self.bias(channel));
    }
}
