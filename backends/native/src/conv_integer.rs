use opml_ops::{ConvInteger, PANEL_OUTPUTS};

use crate::conv_thin::{Arithmetic, is_thin, thin_groups};
use crate::integer_product::{Bias, Factor, Panel, Row, products, row_sum, signed, store_sums, zero_point};
use crate::phases::Phases;
use crate::share::{share_rows, worthwhile};
use crate::simd::{Kernel, ROWS};

/// So many products of two differences of bytes make a sum that binary32 holds exactly, as it does every sum on the way there: 258 · 255² < 2^24.
const EXACT_DEPTH: usize = 258;

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn conv_integer(plan: &ConvInteger, kernel: Kernel, inputs: &[&[u8]], output: &mut [u8], threads: usize) {
    let &[x, weights, x_zero, weight_zero, ref bias @ ..] = inputs else {
        return;
    };
    let bias = Bias::of(bias);
    let convolution = &plan.convolution;
    let pixels: usize = convolution.size.iter().product();
    let planes = 4 * convolution.outputs * pixels;
    let images = convolution.batch * convolution.groups;
    let depth = convolution.channels * convolution.taps();
    let image = convolution.channels * convolution.plane();
    let threads = worthwhile(threads, convolution.multiply_adds());
    if images >= threads && is_thin(convolution) && depth <= EXACT_DEPTH {
        let thin = Thin {
            bias,
            is_signed: plan.signed[0],
            zero: zero_point(x_zero[0], plan.signed[0]),
        };
        let weights = weight_differences(plan, weights, weight_zero);
        share_rows(output, planes, 1, threads, |image, output| {
            kernel.compiled(
                #[inline(always)]
                || thin_groups(convolution, thin, x, &weights, image, output),
            );
        });
        return;
    }
    let made_signed =
        |bytes: &[u8], is_signed: bool| bytes.iter().map(|byte| signed(*byte, is_signed)).collect::<Vec<u8>>();
    let x = made_signed(x, plan.signed[0]);
    let node = Node {
        plan,
        kernel,
        zero: signed(x_zero[0], plan.signed[0]),
        weights: made_signed(weights, plan.signed[1]),
        weight_zero,
        bias,
    };
    let mut phases = Phases::new(convolution, 1, node.zero);
    for (place, output) in output.chunks_exact_mut(planes).enumerate() {
        let x = &x[place * image..][..image];
        if !convolution.reads_in_place() {
            phases.lay(x, |byte| byte);
        }
        let phases = &phases;
        share_rows(output, 4 * pixels, ROWS, threads, |row, output| {
            let first = place % convolution.groups * convolution.outputs + row;
            kernel.compiled(
                #[inline(always)]
                || node.planes(x, phases, first, output),
            );
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
    bias: Bias<'a>,
}

impl Node<'_> {
    /// Output planes of one image from channel `first` on.
    #[inline(always)]
    fn planes(&self, x: &[u8], phases: &Phases<u8>, first: usize, output: &mut [u8]) {
        let convolution = &self.plan.convolution;
        let pixels: usize = convolution.size.iter().product();
        let depth = convolution.channels * convolution.taps();
        let output = output.as_chunks_mut::<4>().0;
        let own = self.weights[first * depth..]
            .chunks_exact(depth)
            .take(output.len() / pixels);
        let factor = |(place, row)| {
            let channel = first + place;
            let zero = self.weight_zero[if self.plan.each_output { channel } else { 0 }];
            Factor {
                row,
                zero: zero_point(zero, self.plan.signed[1]),
                sum: row_sum(row),
                initial: self.bias.at(channel),
            }
        };
        let factors: Vec<Factor> = own.enumerate().map(factor).collect();
        let zeros = [i32::from(self.zero as i8); PANEL_OUTPUTS];
        let mut panel = Panel::new(depth, &factors);
        let in_place = convolution.reads_in_place();
        for pixel in (0..pixels).step_by(PANEL_OUTPUTS) {
            let wide = PANEL_OUTPUTS.min(pixels - pixel);
            match in_place {
                true => panel.fill(|k, row| row[..wide].copy_from_slice(&x[k * pixels + pixel..][..wide])),
                false => {
                    let mut taps = (0..depth).map(|k| (k / convolution.taps(), k % convolution.taps()));
                    panel.fill(|_, row| self.tap(phases, pixel, wide, taps.next().unwrap_or_default(), row));
                }
            }
            for (block, factors) in factors.chunks(ROWS).enumerate() {
                products(self.kernel, &panel, factors, &zeros, |row, sums| {
                    store_sums(&mut output[(block * ROWS + row) * pixels + pixel..][..wide], sums);
                });
            }
        }
    }

    /// A tap of a channel for the windows from `first` on; the zero point where it lies in the padding.
    #[inline(always)]
    fn tap(&self, phases: &Phases<u8>, first: usize, wide: usize, (channel, tap): (usize, usize), row: &mut Row) {
        let plan = &self.plan.convolution;
        let [_, high, width] = plan.size;
        let [in_z, in_y, in_x] = plan.windows();
        let (in_row, rows) = (in_x.kernel as usize, in_y.kernel as usize);
        let (tap_z, tap_y, tap_x) = (tap / in_row / rows, tap / in_row % rows, tap % in_row);
        let mut done = 0;
        while done < wide {
            // The windows of one row lie side by side.
            let pixel = first + done;
            let (from, y, z) = (pixel % width, pixel / width % high, pixel / width / high);
            let count = (width - from).min(wide - done);
            let (at_z, at_y) = (in_z.place(z, tap_z), in_y.place(y, tap_y));
            let results = &mut row[done..][..count];
            if at_z < in_z.size as usize && at_y < in_y.size as usize {
                results.copy_from_slice(&phases.values()[phases.start(channel, [at_z, at_y], tap_x) + from..][..count]);
            } else {
                results.fill(self.zero);
            }
            done += count;
        }
    }
}

/// Bytes less a zero point, computed in binary32, where their sums are exact and cheaper than as integers.
#[derive(Clone, Copy)]
struct Thin<'a> {
    bias: Bias<'a>,
    is_signed: bool,
    /// Made signed, as the bytes are.
    zero: i32,
}

impl Arithmetic for Thin<'_> {
    type Stored = u8;
    type Factor = f32;
    type Sum = f32;
    const NOTHING: f32 = 0.0;
    const EMPTY: f32 = 0.0;

    #[inline(always)]
    fn factor(self, byte: u8) -> f32 {
        difference(byte, self.is_signed, self.zero)
    }

    #[inline(always)]
    fn add(sum: f32, weight: f32, x: f32) -> f32 {
        sum + weight * x
    }

    #[inline(always)]
    fn store(self, channel: usize, sums: &[f32], results: &mut [[u8; 4]]) {
        let initial = self.bias.at(channel);
        for (result, sum) in results.iter_mut().zip(sums) {
            *result = initial.wrapping_add(integer(*sum)).to_le_bytes();
        }
    }
}

/// A byte less a zero point that was made signed.
#[inline(always)]
fn difference(byte: u8, is_signed: bool, zero: i32) -> f32 {
    i32::from(signed(byte, is_signed) as i8).wrapping_sub(zero) as f32
}

/// A whole number within ± 2^24 as an integer.
#[inline(always)]
fn integer(sum: f32) -> i32 {
    // Both halves are within ± 2^22, where adding 1.5 · 2^23 leaves a whole number in the low bits.
    const WHOLE: f32 = 12_582_912.0;
    let low_bits = |value: f32| ((value + WHOLE).to_bits() as i32).wrapping_sub(WHOLE.to_bits() as i32);
    let high = low_bits(sum * (1.0 / 4096.0));
    high.wrapping_mul(4096)
        .wrapping_add(low_bits(sum - high as f32 * 4096.0))
}

/// Weights less their zero points.
fn weight_differences(plan: &ConvInteger, weights: &[u8], zeros: &[u8]) -> Vec<f32> {
    let each = weights.len() / (plan.convolution.groups * plan.convolution.outputs);
    let is_signed = plan.signed[1];
    let channels = weights.chunks_exact(each).enumerate().flat_map(|(channel, weights)| {
        let zero = zeros[if plan.each_output { channel } else { 0 }];
        let zero = zero_point(zero, is_signed);
        weights.iter().map(move |weight| difference(*weight, is_signed, zero))
    });
    channels.collect()
}
