use std::ops::Range;

use opml_ops::{Conv2dI8, PANEL_OUTPUTS};

use crate::scales::Scales;
use crate::share::{share, worthwhile};
use crate::simd::{Kernel, ROWS, Sums};

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn conv2d(plan: &Conv2dI8, kernel: Kernel, inputs: [&[u8]; 5], output: &mut [u8], threads: usize) {
    let [x, weights, bias, multiplier, shift] = inputs;
    let mut node = Node {
        plan,
        kernel,
        weights,
        scales: Scales::new(bias, multiplier, shift),
    };
    node.take_zero_point_off();
    let [high, wide] = plan.size.map(|size| size as usize);
    let plane = high * wide;
    let (groups, outputs) = (plan.weights.groups as usize, plan.weights.outputs as usize);
    let threads = worthwhile(threads, (plane * outputs) as u64 * u64::from(plan.weights.depth));
    let image_bytes = x.len() / (plan.batch as usize * groups);
    let images = x
        .chunks_exact(image_bytes)
        .zip(output.chunks_exact_mut(outputs * plane));
    for (place, (image, planes)) in images.enumerate() {
        let group = place % groups;
        for (pixels, results) in share(plane, threads, |pixels| node.part(group, image, pixels)) {
            for (plane, results) in planes.chunks_exact_mut(plane).zip(results.chunks_exact(pixels.len())) {
                plane[pixels.clone()].copy_from_slice(results);
            }
        }
    }
}

struct Node<'a> {
    plan: &'a Conv2dI8,
    kernel: Kernel,
    weights: &'a [u8],
    scales: Scales,
}

impl Node<'_> {
    /// Biases become bias − zero point · Σ weights, so that padding by the zero point counts for nothing.
    fn take_zero_point_off(&mut self) {
        let zero_points = vec![self.plan.input_zero_point as u8; self.plan.weights.depth as usize];
        let outputs = self.plan.weights.outputs as usize;
        let mut sums = [[0; PANEL_OUTPUTS]];
        for group in 0..self.plan.weights.groups as usize {
            for first in (0..outputs).step_by(PANEL_OUTPUTS) {
                let wide = self.products(group, first, &[&zero_points], &mut sums);
                for (lane, sum) in sums[0].iter().enumerate().take(wide) {
                    self.scales.lower_bias(group * outputs + first + lane, *sum);
                }
            }
        }
    }

    /// The products of some rows with the panel that begins with output `first`; gives how many outputs it has.
    fn products(&self, group: usize, first: usize, rows: &[&[u8]], sums: &mut [Sums]) -> usize {
        let panel = &self.weights[self.plan.weights.place(group, first, 0)..];
        let wide = PANEL_OUTPUTS.min(self.plan.weights.outputs as usize - first);
        self.kernel.products(panel, rows, wide, sums);
        wide
    }

    /// The outputs of one group at some pixels of one image: [output][pixel].
    fn part(&self, group: usize, image: &[u8], pixels: Range<usize>) -> Vec<u8> {
        let outputs = self.plan.weights.outputs as usize;
        let depth = self.plan.weights.depth as usize;
        let wide = self.plan.size[1] as usize;
        let mut results = vec![0; outputs * pixels.len()];
        let mut patches = vec![0; depth * ROWS];
        let mut sums = [[0; PANEL_OUTPUTS]; ROWS];
        for pixel in pixels.clone().step_by(ROWS) {
            let count = ROWS.min(pixels.end - pixel);
            for (place, patch) in patches.chunks_exact_mut(depth).take(count).enumerate() {
                let pixel = pixel + place;
                self.plan.gather(image, patch, [pixel / wide, pixel % wide]);
            }
            let rows: Vec<&[u8]> = patches.chunks_exact(depth).take(count).collect();
            for first in (0..outputs).step_by(PANEL_OUTPUTS) {
                let lanes = self.products(group, first, &rows, &mut sums);
                for (place, sums) in sums.iter().enumerate().take(count) {
                    let bytes = self
                        .scales
                        .finish(&self.plan.finish, group * outputs + first, &sums[..lanes]);
                    for (lane, byte) in bytes.enumerate() {
                        results[(first + lane) * pixels.len() + pixel - pixels.start + place] = byte;
                    }
                }
            }
        }
        results
    }
}
