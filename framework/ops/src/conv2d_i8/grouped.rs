use crate::Conv2dI8;
use crate::requantize::{Scales, words};

/// The working memory of a convolution.
pub(super) struct Scratch<'a> {
    /// What the accumulator of each output of a group starts from, i32.
    offsets: &'a mut [u8],
    /// The taps of two neighbouring windows.
    patches: [&'a mut [u8]; 2],
}

impl<'a> Scratch<'a> {
    pub(super) fn bytes(plan: &Conv2dI8) -> u64 {
        u64::from(plan.weights.outputs) * 4 + u64::from(plan.weights.depth) * 2
    }

    pub(super) fn new(plan: &Conv2dI8, bytes: &'a mut [u8]) -> Option<Scratch<'a>> {
        let depth = plan.weights.depth as usize;
        let (offsets, rest) = bytes.split_at_mut_checked(plan.weights.outputs as usize * 4)?;
        let (first, rest) = rest.split_at_mut_checked(depth)?;
        Some(Scratch {
            offsets,
            patches: [first, rest.get_mut(..depth)?],
        })
    }
}

/// One group of a convolution.
pub(super) struct Grouped<'a> {
    pub(super) plan: &'a Conv2dI8,
    pub(super) weights: &'a [u8],
    pub(super) group: usize,
    /// Those of the group's outputs.
    pub(super) scales: Scales<'a>,
}

impl Grouped<'_> {
    /// Computes `part`, which lies at place `lower` of this image's planes.
    pub(super) fn run(&self, image: &[u8], part: &mut [u8], lower: usize, scratch: &mut Scratch<'_>) {
        let plane = self.plan.plane();
        let upper = lower + part.len();
        let (first, first_pixel) = (lower / plane, lower % plane);
        let (last, last_pixel) = (upper / plane, upper % plane);
        self.start(first, upper.div_ceil(plane), scratch);
        let scales = Scales {
            bias: scratch.offsets,
            ..self.scales
        };
        let finish = &self.plan.finish;
        let weights = &self.plan.weights;
        let [first_patch, second_patch] = &mut scratch.patches;
        // The channels whose output at a pixel lies in the part.
        let channels = |pixel: usize| first + usize::from(pixel < first_pixel)..last + usize::from(pixel < last_pixel);
        let end = if first == last { last_pixel } else { plane };
        let mut pixel = if first == last { first_pixel } else { 0 };
        while pixel < end {
            let outputs = channels(pixel);
            let mut place = (outputs.start * plane + pixel).wrapping_sub(lower);
            if outputs.is_empty() {
                pixel += 1;
            } else if pixel + 1 < end && channels(pixel + 1) == outputs {
                self.gather(image, first_patch, pixel);
                self.gather(image, second_patch, pixel + 1);
                let patches: [&[u8]; 2] = [first_patch, second_patch];
                weights.contract_pair(self.weights, self.group, patches, outputs, |n, sums| {
                    let sums = sums[0].iter().zip(sums[1]);
                    for ((bias, multiplier, shift), (first, second)) in scales.from(n).iter().zip(sums) {
                        if let Some([left, right]) = part.get_mut(place..).and_then(|rest| rest.first_chunk_mut()) {
                            *left = finish.apply(bias.wrapping_add(*first), multiplier, shift);
                            *right = finish.apply(bias.wrapping_add(*second), multiplier, shift);
                        }
                        place = place.wrapping_add(plane);
                    }
                });
                pixel += 2;
            } else {
                self.gather(image, first_patch, pixel);
                weights.contract(
                    self.weights,
                    self.group,
                    first_patch,
                    outputs.start,
                    outputs.end,
                    |n, sums| {
                        for ((bias, multiplier, shift), sum) in scales.from(n).iter().zip(sums) {
                            if let Some(result) = part.get_mut(place) {
                                *result = finish.apply(bias.wrapping_add(*sum), multiplier, shift);
                            }
                            place = place.wrapping_add(plane);
                        }
                    },
                );
                pixel += 1;
            }
        }
    }

    /// Accumulators start at bias − zero point · Σ weights, so that padding counts for nothing.
    fn start(&self, from: usize, to: usize, scratch: &mut Scratch<'_>) {
        let [patch, _] = &mut scratch.patches;
        patch.fill(self.plan.input_zero_point as u8);
        self.plan
            .weights
            .contract(self.weights, self.group, patch, from, to, |n, sums| {
                let biases = words(self.scales.from(n).bias);
                let places = scratch
                    .offsets
                    .get_mut(n * 4..)
                    .unwrap_or(&mut [])
                    .as_chunks_mut::<4>()
                    .0;
                for (place, (bias, sum)) in places.iter_mut().zip(biases.zip(sums)) {
                    *place = bias.wrapping_sub(*sum).to_le_bytes();
                }
            });
    }

    fn gather(&self, image: &[u8], patch: &mut [u8], pixel: usize) {
        let wide = self.plan.size[1] as usize;
        self.plan.gather(image, patch, [pixel / wide, pixel % wide]);
    }
}
