use std::borrow::Cow;

use opml_ops::{ConvInteger, Convolution, PANEL_OUTPUTS};

use crate::conv_thin::{Arithmetic, is_thin, thin_groups};
use crate::integer_product::{Bias, Factor, Panel, products, row_sum, signed, store_sums, zero_point};
use crate::patches::{Patches, copy_few};
use crate::phases::Phases;
use crate::share::{share_planes, share_rows, worthwhile};
use crate::simd::{Kernel, ROWS};

/// So many products of two differences of bytes make a sum that binary32 holds exactly, as it does every sum on the way there: 258 · 255² < 2^24.
const EXACT_DEPTH: usize = 258;

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn conv_integer(plan: &ConvInteger, kernel: Kernel, inputs: &[&[u8]], output: &mut [u8], threads: usize) {
    let &[x, weights, x_zero, weight_zero, ref bias @ ..] = inputs else {
        return;
    };
    let bias = Bias::of(bias);
    let convolution = &plan.convolution.points_first();
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
    let weights = all_signed(weights, plan.signed[1]);
    let node = Node {
        plan: convolution,
        kernel,
        x_signed: plan.signed[0],
        zero: signed(x_zero[0], plan.signed[0]),
    };
    let factor = |(channel, row)| Factor {
        row,
        zero: zero_point(weight_zero[if plan.each_output { channel } else { 0 }], plan.signed[1]),
        sum: kernel.compiled(
            #[inline(always)]
            || row_sum(row),
        ),
        initial: bias.at(channel),
    };
    let factors: Vec<Factor> = weights.chunks_exact(depth).enumerate().map(factor).collect();
    let mut phases = (!convolution.reads_in_place()).then(|| Phases::new(convolution, 1, node.zero));
    for (place, output) in output.chunks_exact_mut(planes).enumerate() {
        let x = &x[place * image..][..image];
        if let Some(phases) = &mut phases {
            phases.lay(x, |byte| signed(byte, plan.signed[0]));
        }
        let phases = phases.as_ref();
        let factors = &factors[place % convolution.groups * convolution.outputs..][..convolution.outputs];
        let pieces = [PANEL_OUTPUTS, ROWS];
        share_planes(output, 4 * pixels, pieces, threads, |channel, window, planes| {
            kernel.compiled(
                #[inline(always)]
                || node.windows(x, phases, &factors[channel..], window, planes),
            );
        });
    }
}

/// Bytes as signed ones: as they are, if they are that already.
fn all_signed(bytes: &[u8], are_signed: bool) -> Cow<'_, [u8]> {
    match are_signed {
        true => Cow::Borrowed(bytes),
        false => bytes.iter().map(|byte| signed(*byte, false)).collect(),
    }
}

#[derive(Clone, Copy)]
struct Node<'a> {
    plan: &'a Convolution,
    kernel: Kernel,
    x_signed: bool,
    /// What stands for zero in x, made signed.
    zero: u8,
}

impl Node<'_> {
    /// The windows from `first_window` on, of an output channel for each of `planes`: as many of each as these parts of the planes have.
    /// The image is its own patches without `phases`.
    #[inline(always)]
    fn windows(
        &self,
        x: &[u8],
        phases: Option<&Phases<u8>>,
        factors: &[Factor],
        first_window: usize,
        planes: &mut [&mut [u8]],
    ) {
        let plan = self.plan;
        let factors = &factors[..planes.len()];
        let windows = first_window..first_window + planes.first().map_or(0, |plane| plane.len() / 4);
        let zeros = [i32::from(self.zero as i8); PANEL_OUTPUTS];
        let mut panel = Panel::new(plan.channels * plan.taps(), factors);
        let mut patches = phases.map(|phases| (phases, Patches::new(plan, PANEL_OUTPUTS, self.zero)));
        for window in windows.clone().step_by(PANEL_OUTPUTS) {
            let wide = PANEL_OUTPUTS.min(windows.end - window);
            match &mut patches {
                None => panel.fill(
                    #[inline(always)]
                    |k, row| {
                        copy_few(&x[k * plan.plane() + window..][..wide], &mut row[..wide]);
                        row.iter_mut().for_each(|byte| *byte = signed(*byte, self.x_signed));
                    },
                ),
                Some((phases, patches)) => {
                    patches.lay(plan, phases, window, wide);
                    let rows = patches.values().as_chunks::<PANEL_OUTPUTS>().0;
                    panel.fill(
                        #[inline(always)]
                        |k, row| *row = rows[k],
                    );
                }
            }
            for (factors, planes) in factors.chunks(ROWS).zip(planes.chunks_mut(ROWS)) {
                products(
                    self.kernel,
                    &panel,
                    wide,
                    factors,
                    &zeros,
                    #[inline(always)]
                    |row, sums| {
                        let results = &mut planes[row][4 * (window - windows.start)..][..4 * wide];
                        store_sums(results.as_chunks_mut().0, sums);
                    },
                );
            }
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
