use std::ops::Range;

use opml_ops::{ConvTransposeF32, Window};

use crate::conv_transpose_apart::{conv_transpose_apart, lies_apart};
use crate::product::{add_scaled, stored};
use crate::share::{share, worthwhile};
use crate::simd::Kernel;

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn conv_transpose_f32(
    plan: &ConvTransposeF32,
    kernel: Kernel,
    inputs: &[&[u8]],
    output: &mut [u8],
    threads: usize,
) {
    let words = |input: usize| inputs.get(input).map_or(&[][..], |bytes| bytes.as_chunks::<4>().0);
    let bias = inputs.get(2).filter(|_| plan.bias).map(|bias| bias.as_chunks().0);
    let threads = worthwhile(threads, plan.multiply_adds());
    if lies_apart(plan) {
        conv_transpose_apart(plan, kernel, [words(0), words(1)], bias, output, threads);
        return;
    }
    let node = Node {
        plan,
        x: words(0),
        weights: words(1),
        bias,
    };
    let plane: usize = 4 * plan.size.iter().product::<usize>();
    for (planes, part) in share(output.len() / plane, threads, |planes| {
        kernel.compiled(
            #[inline(always)]
            || node.planes(planes),
        )
    }) {
        output[planes.start * plane..planes.end * plane].copy_from_slice(&part);
    }
}

struct Node<'a> {
    plan: &'a ConvTransposeF32,
    x: &'a [[u8; 4]],
    weights: &'a [[u8; 4]],
    bias: Option<&'a [[u8; 4]]>,
}

/// The input place that reaches `at` by a tap.
fn source(along: &Window, at: usize, tap: usize) -> Option<usize> {
    let reach = (at + along.before as usize).checked_sub(tap * along.dilation as usize)?;
    let (place, rest) = (reach / along.stride as usize, reach % along.stride as usize);
    (rest == 0 && place < along.size as usize).then_some(place)
}

impl Node<'_> {
    /// Whole planes of the output, row by row.
    #[inline(always)]
    fn planes(&self, planes: Range<usize>) -> Vec<u8> {
        let [depth, high, wide] = self.plan.size;
        let along = &self.plan.windows()[2];
        let stride = along.stride as usize;
        let mut output = Vec::with_capacity(planes.len() * depth * high * wide * 4);
        // Outputs of one remainder modulo the stride lie side by side, so that a tap adds a stretch of the input.
        let phase = wide.div_ceil(stride);
        let mut sums = vec![0.0; stride * phase];
        for plane in planes {
            let channel = plane % (self.plan.outputs * self.plan.groups);
            for row in 0..depth * high {
                sums.fill(0.0);
                self.add_row(plane, [row / high, row % high], &mut sums, phase);
                let bias = self.bias.map(|bias| f32::from_le_bytes(bias[channel]));
                for at in 0..wide {
                    let sum = sums[at % stride * phase + at / stride];
                    output.extend(stored(bias.map_or(sum, |bias| sum + bias)));
                }
            }
        }
        output
    }

    /// Adds to a row what every channel and tap gives it, in their order.
    #[inline(always)]
    fn add_row(&self, plane: usize, [z, y]: [usize; 2], sums: &mut [f32], phase: usize) {
        let plan = self.plan;
        let [in_z, in_y, in_x] = plan.windows();
        let [depth, high, wide] = [in_z, in_y, in_x].map(|along| along.size as usize);
        let outputs = plan.outputs * plan.groups;
        let (image, channel) = (plane / outputs, plane % outputs);
        let (group, output) = (channel / plan.outputs, channel % plan.outputs);
        let taps = [in_z, in_y, in_x].map(|along| along.kernel as usize);
        for input in group * plan.channels..(group + 1) * plan.channels {
            let x = &self.x[(image * plan.channels * plan.groups + input) * depth * high * wide..];
            let weights = &self.weights[(input * plan.outputs + output) * taps.iter().product::<usize>()..];
            for tap_z in 0..taps[0] {
                let Some(at_z) = source(in_z, z, tap_z) else { continue };
                for tap_y in 0..taps[1] {
                    let Some(at_y) = source(in_y, y, tap_y) else { continue };
                    let row = &x[(at_z * high + at_y) * wide..][..wide];
                    let weights = &weights[(tap_z * taps[1] + tap_y) * taps[2]..][..taps[2]];
                    for (tap, weight) in weights.iter().enumerate() {
                        self.add_tap(row, f32::from_le_bytes(*weight), tap, sums, phase);
                    }
                }
            }
        }
    }

    /// Adds one tap of a row: element i reaches i · stride + tap · dilation − before.
    #[inline(always)]
    fn add_tap(&self, row: &[[u8; 4]], weight: f32, tap: usize, sums: &mut [f32], phase: usize) {
        let along = &self.plan.windows()[2];
        let (stride, wide) = (along.stride as i64, self.plan.size[2] as i64);
        let offset = tap as i64 * i64::from(along.dilation) - i64::from(along.before);
        let (first, lane) = (offset.div_euclid(stride), offset.rem_euclid(stride));
        // Elements whose place i + first lies in 0 … and whose output lies in the row.
        let from = (-first).max(0);
        let end = ((wide - 1 - offset).div_euclid(stride) + 1).min(row.len() as i64);
        if from < end {
            let target = lane as usize * phase + (from + first) as usize;
            let count = (end - from) as usize;
            add_scaled(&mut sums[target..target + count], weight, &row[from as usize..]);
        }
    }
}
