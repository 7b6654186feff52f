use crate::kernel::{BASE_UNITS, Kernel};
use crate::requantize::{Scales, word};
use crate::signature::{clamp_range, dims, expect_inputs, expect_shape, positive, shape};
use crate::window::windows;
use crate::{AdmitError, DType, Finish, Panels, Record, RunError, Shape, Window};

/// A two-dimensional convolution, int8 with int32 accumulators, requantised per output channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dI8 {
    /// Images.
    pub batch: u32,
    /// Input channels, all groups together.
    pub channels: u32,
    /// The windows along height and width.
    pub windows: [Window; 2],
    /// The weights; depth order is (channel in group, tap along height, tap along width).
    pub weights: Panels,
    /// The input value that stands for zero, −128 … 127; it is what padding amounts to.
    pub input_zero_point: i32,
    /// Offset and bounds of the result.
    pub finish: Finish,
    /// Output height and width.
    pub size: [u32; 2],
    output: Shape,
}

impl Conv2dI8 {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<Conv2dI8, AdmitError> {
        expect_inputs(record, 5)?;
        let [batch, channels, height, width] = dims(record, 0, DType::I8)?;
        let [outputs] = dims(record, 2, DType::I32)?;
        let windows = windows(record, [height, width], 4, Some(12))?;
        let groups = positive(record, 14, "groups")?;
        if channels % groups != 0 || outputs % groups != 0 {
            return Err(AdmitError::Attribute {
                place: 14,
                name: "groups",
                value: groups as i32,
                rule: "a divisor of input and output channels",
            });
        }
        let taps = windows[0].kernel.checked_mul(windows[1].kernel);
        let depth = taps.and_then(|taps| taps.checked_mul(channels / groups));
        let weights = Panels {
            groups,
            outputs: outputs / groups,
            depth: depth.ok_or(AdmitError::Window)?,
        };
        expect_shape(record, 1, DType::I8, weights.shape().map_err(|_| AdmitError::Window)?)?;
        let per_output = shape(&[outputs])?;
        expect_shape(record, 3, DType::I32, per_output)?;
        expect_shape(record, 4, DType::I32, per_output)?;
        let input_zero_point = record.signed_attribute(3);
        if !(-128..=127).contains(&input_zero_point) {
            return Err(AdmitError::Attribute {
                place: 3,
                name: "input zero point",
                value: input_zero_point,
                rule: "in -128 … 127",
            });
        }
        let (minimum, maximum) = clamp_range(record, 1)?;
        let [Some(high), Some(wide)] = windows.map(|window| window.output()) else {
            return Err(AdmitError::Window);
        };
        Ok(Conv2dI8 {
            batch,
            channels,
            windows,
            weights,
            input_zero_point,
            finish: Finish {
                zero_point: record.signed_attribute(0),
                minimum,
                maximum,
            },
            size: [high, wide],
            output: shape(&[batch, outputs, high, wide])?,
        })
    }

    /// Copies the taps of one window of one group into `patch`, in depth order; padding is the input's zero point.
    #[inline]
    fn gather(&self, image: &[u8], patch: &mut [u8], [y, x]: [usize; 2]) {
        let [rows, columns] = &self.windows;
        let plane = rows.size as usize * columns.size as usize;
        let padding = self.input_zero_point as u8;
        let taps = rows.kernel as usize * columns.kernel as usize;
        for (channel, patch) in image.chunks_exact(plane).zip(patch.chunks_exact_mut(taps)) {
            for (tap, patch) in patch.chunks_exact_mut(columns.kernel as usize).enumerate() {
                let row = match rows.place(y, tap) {
                    place if place < rows.size as usize => {
                        let first = place * columns.size as usize;
                        channel.get(first..first + columns.size as usize).unwrap_or(&[])
                    }
                    _ => &[],
                };
                let mut place = columns.place(x, 0);
                for result in patch {
                    *result = row.get(place).copied().unwrap_or(padding);
                    place = place.wrapping_add(columns.dilation as usize);
                }
            }
        }
    }
}

impl Kernel for Conv2dI8 {
    const ATTRIBUTES: usize = 15;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        Conv2dI8::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I8, self.output)
    }

    fn scratch_bytes(&self) -> u64 {
        u64::from(self.weights.outputs) * 4 + u64::from(self.weights.depth)
    }

    fn work_units(&self) -> u64 {
        let depth = u64::from(self.weights.depth);
        let per_group = u64::from(self.weights.outputs) * (depth + 32) + 4 * depth + 32;
        let windows = u64::from(self.output.elements()) / u64::from(self.weights.outputs);
        let sums =
            u64::from(self.batch) * u64::from(self.weights.groups) * u64::from(self.weights.outputs) * (depth + 32);
        BASE_UNITS + windows.saturating_mul(per_group).saturating_add(sums)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x, weights, bias, multiplier, shift] = inputs else {
            return Ok(());
        };
        let scales = Scales {
            bias,
            multiplier,
            shift,
        };
        let [high, wide] = self.size.map(|size| size as usize);
        let plane = high * wide;
        let outputs = self.weights.outputs as usize;
        let groups = self.weights.groups as usize;
        let image_bytes = x.len() / (self.batch as usize * groups);
        let depth = self.weights.depth as usize;
        let Some((offsets, rest)) = scratch.split_at_mut_checked(outputs * 4) else {
            return Ok(());
        };
        let Some(patch) = rest.get_mut(..depth) else {
            return Ok(());
        };

        // `images` counts (batch, group) pairs: an image of one group gives `outputs` consecutive planes.
        let image_outputs = outputs * plane;
        let first_image = start / image_outputs;
        let images = x.chunks_exact(image_bytes).enumerate().skip(first_image);
        let mut lower = start % image_outputs;
        let mut rest = output;
        for (image_index, image) in images {
            if rest.is_empty() {
                break;
            }
            let group = image_index % groups;
            let (part, after) = rest.split_at_mut(rest.len().min(image_outputs - lower));
            let upper = lower + part.len();
            let (first, first_pixel) = (lower / plane, lower % plane);
            let (last, last_pixel) = (upper / plane, upper % plane);
            // Accumulators start at bias − zero point · Σ weights, so that padding counts for nothing.
            patch.fill(self.input_zero_point as u8);
            let end = upper.div_ceil(plane);
            self.weights.contract(weights, group, patch, first, end, |n, sum| {
                let offset = scales.bias(group * outputs + n).wrapping_sub(sum);
                if let Some(place) = offsets.get_mut(n * 4..n * 4 + 4) {
                    place.copy_from_slice(&offset.to_le_bytes());
                }
            });
            let pixels = if first == last {
                first_pixel..last_pixel
            } else {
                0..plane
            };
            let (mut row, mut column) = (pixels.start / wide, pixels.start % wide);
            for pixel in pixels {
                let from = first + usize::from(pixel < first_pixel);
                let to = last + usize::from(pixel < last_pixel);
                if from < to {
                    self.gather(image, patch, [row, column]);
                    let mut place = (from * plane + pixel).wrapping_sub(lower);
                    self.weights.contract(weights, group, patch, from, to, |n, sum| {
                        if let Some(result) = part.get_mut(place) {
                            let acc = word(offsets, n).wrapping_add(sum);
                            *result = scales.finish(&self.finish, group * outputs + n, acc);
                        }
                        place = place.wrapping_add(plane);
                    });
                }
                column += 1;
                if column == wide {
                    (row, column) = (row + 1, 0);
                }
            }
            lower = 0;
            rest = after;
        }
        Ok(())
    }
}
