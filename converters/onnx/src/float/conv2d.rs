use ndarray::Array4;
use opml_ops::Window;

use super::Bounds;

/// A two-dimensional convolution of `[batch, channels, height, width]`, plus bias, within bounds.
#[derive(Clone, Debug)]
pub(crate) struct Conv2d {
    /// `[outputs, channels of a group, kernel height, kernel width]`, in standard layout.
    pub(crate) weights: Array4<f32>,
    /// One number an output.
    pub(crate) bias: Vec<f32>,
    /// The windows along height and width.
    pub(crate) windows: [Window; 2],
    /// Groups of channels, a divisor of inputs and outputs.
    pub(crate) groups: usize,
    pub(crate) bounds: Bounds,
}

impl Conv2d {
    /// Sums are taken in f64 over (channel, row, column) ascending; padding is skipped.
    pub(crate) fn run(&self, x: &[f32]) -> Vec<f32> {
        let [rows, columns] = &self.windows;
        let (outputs, depth, _, _) = self.weights.dim();
        let weights = self.weights.as_slice().unwrap_or(&[]);
        let taps = rows.kernel as usize * columns.kernel as usize;
        let plane = rows.size as usize * columns.size as usize;
        let per_group = outputs / self.groups;
        let high = rows.output().unwrap_or(0) as usize;
        let wide = columns.output().unwrap_or(0) as usize;
        let mut result = Vec::with_capacity(x.len() / (plane * depth) * outputs * high * wide);
        for image in x.chunks_exact(plane * depth * self.groups) {
            for (output, (weights, bias)) in weights.chunks_exact(taps * depth).zip(&self.bias).enumerate() {
                let channels = &image[output / per_group * depth * plane..][..depth * plane];
                for y in 0..high {
                    for x in 0..wide {
                        let sum = self.window(channels, weights, [y, x], f64::from(*bias));
                        result.push(self.bounds.apply(sum as f32));
                    }
                }
            }
        }
        result
    }

    fn window(&self, channels: &[f32], weights: &[f32], [y, x]: [usize; 2], bias: f64) -> f64 {
        let [rows, columns] = &self.windows;
        let taps = rows.kernel as usize * columns.kernel as usize;
        let plane = rows.size as usize * columns.size as usize;
        let mut sum = bias;
        for (channel, weights) in channels.chunks_exact(plane).zip(weights.chunks_exact(taps)) {
            for (tap, weights) in weights.chunks_exact(columns.kernel as usize).enumerate() {
                let Some(row) = inside(rows, y, tap) else {
                    continue;
                };
                let row = &channel[row * columns.size as usize..][..columns.size as usize];
                for (tap, weight) in weights.iter().enumerate() {
                    if let Some(column) = inside(columns, x, tap) {
                        sum += f64::from(row[column]) * f64::from(*weight);
                    }
                }
            }
        }
        sum
    }
}

/// The place of tap `tap` of window `window` in the image; `None` in the padding.
pub(super) fn inside(axis: &Window, window: usize, tap: usize) -> Option<usize> {
    let place = window * axis.stride as usize + tap * axis.dilation as usize;
    place
        .checked_sub(axis.before as usize)
        .filter(|place| *place < axis.size as usize)
}
