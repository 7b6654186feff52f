use opml_ops::{ConvF32, Convolution};

use crate::conv_thin::{Arithmetic, is_thin, thin_groups};
use crate::patches::Patches;
use crate::phases::Phases;
use crate::product::store_row;
use crate::share::{share_planes, share_rows, worthwhile};
use crate::simd::{Factors, Kernel, TILE_COLUMNS, TILE_ROWS};
use crate::strips::{Strips, together};

/// Computes the node; the sizes of inputs and output have been checked. `false`, and nothing done, when a weight is not finite: then a
/// tap in the padding, which is skipped, cannot be multiplied by zero instead.
pub(crate) fn conv_f32(plan: &ConvF32, kernel: Kernel, inputs: &[&[u8]], output: &mut [u8], threads: usize) -> bool {
    let &[x, weights, ..] = inputs else {
        return false;
    };
    let convolution = &plan.convolution.points_first();
    let in_place = convolution.reads_in_place();
    let finite = || {
        kernel.compiled(
            #[inline(always)]
            || are_finite(weights),
        )
    };
    if !in_place && !finite() {
        return false;
    }
    let node = Node {
        plan: convolution,
        kernel,
        weights,
        bias: inputs.get(2).filter(|_| plan.bias).map(|bias| bias.as_chunks().0),
    };
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
    let mut phases = (!in_place).then(|| Phases::new(convolution, 1, [0; 4]));
    for (place, output) in output.chunks_exact_mut(planes).enumerate() {
        let x = &x[place * image..][..image];
        if let Some(phases) = &mut phases {
            phases.lay(x.as_chunks().0, |word| word);
        }
        let phases = phases.as_ref();
        let first = place % convolution.groups * convolution.outputs;
        let pieces = [kernel.tile_columns(), TILE_ROWS];
        share_planes(output, 4 * pixels, pieces, threads, |channel, window, planes| {
            kernel.compiled(
                #[inline(always)]
                || node.tiles(x, phases, first + channel, window, planes),
            );
        });
    }
    true
}

/// Whether no number is infinite or none.
#[inline(always)]
fn are_finite(numbers: &[u8]) -> bool {
    const EXPONENT: u32 = 0x7f80_0000;
    let endless = |word: &[u8; 4]| u32::from(u32::from_le_bytes(*word) & EXPONENT == EXPONENT);
    let (parts, rest) = numbers.as_chunks::<4>().0.as_chunks::<64>();
    // A sum, since a search that may end anywhere is made word by word.
    let any = |words: &[[u8; 4]]| words.iter().map(endless).fold(0, |any, one| any | one) != 0;
    !parts.iter().any(|part| any(part)) && !any(rest)
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

    /// The windows from `first_window` on, of the output channels from `first` on: as many of each as the parts of `planes` have. The image is
    /// its own patches without `phases`.
    #[inline(always)]
    fn tiles(
        &self,
        x: &[u8],
        phases: Option<&Phases<[u8; 4]>>,
        first: usize,
        first_window: usize,
        planes: &mut [&mut [u8]],
    ) {
        let plan = self.plan;
        let (depth, plane) = (plan.channels * plan.taps(), plan.plane());
        let (width, outputs) = (self.kernel.tile_columns(), planes.len());
        let windows = first_window..first_window + planes.first().map_or(0, |plane| plane.len() / 4);
        let together = together(depth, width);
        let mut strips = Strips::new(depth, width);
        let laid = phases.map_or(0, |_| together.min(windows.len().div_ceil(width)));
        let mut patches: Vec<Patches<[u8; 4]>> = (0..laid).map(|_| Patches::new(plan, width, [0; 4])).collect();
        let mut sums = [[0.0; TILE_COLUMNS]; TILE_ROWS];
        for group in windows.clone().step_by(together * width) {
            let group = group..windows.end.min(group + together * width);
            let wide = |column: usize| width.min(group.end - column);
            match phases {
                Some(phases) => {
                    for (column, patches) in group.clone().step_by(width).zip(&mut patches) {
                        patches.lay(plan, phases, column, wide(column));
                    }
                }
                None if outputs > TILE_ROWS => strips.lay(x, plane, group.clone()),
                None => {}
            }
            for (block, planes) in planes.chunks_mut(TILE_ROWS).enumerate() {
                let channel = first + block * TILE_ROWS;
                for (place, column) in group.clone().step_by(width).enumerate() {
                    let (b, b_stride) = match patches.get(place) {
                        Some(patches) => (patches.values().as_flattened(), width),
                        None if outputs > TILE_ROWS => (strips.strip(place), width),
                        None => (&x[4 * column..], plane),
                    };
                    let factors = Factors {
                        a: &self.weights[4 * channel * depth..],
                        a_stride: depth,
                        b,
                        b_stride,
                        depth,
                    };
                    self.kernel.tile(factors, planes.len(), wide(column), &mut sums);
                    for (row, (plane, sums)) in planes.iter_mut().zip(&sums).enumerate() {
                        let results = &mut plane[4 * (column - windows.start)..][..4 * wide(column)];
                        store_row(results.as_chunks_mut().0, sums, self.bias(channel + row));
                    }
                }
            }
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
