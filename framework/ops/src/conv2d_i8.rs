use crate::kernel::{BASE_UNITS, Kernel};
use crate::requantize::Scales;
use crate::signature::{clamp_range, dims, expect_inputs, expect_shape, positive, shape};
use crate::window::windows;
use crate::{AdmitError, DType, Finish, Panels, Record, RunError, Shape, Window};

mod gather;
mod grouped;

use grouped::{Grouped, Scratch};

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

    /// Outputs of one channel.
    fn plane(&self) -> usize {
        self.size[0] as usize * self.size[1] as usize
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
        Scratch::bytes(self)
    }

    fn work_units(&self) -> u64 {
        let depth = u64::from(self.weights.depth);
        let outputs = u64::from(self.weights.outputs);
        let per_window = outputs * (depth + 32) + 6 * depth + 32;
        let images = u64::from(self.batch) * u64::from(self.weights.groups);
        let windows = u64::from(self.output.elements()) / outputs;
        BASE_UNITS
            + windows
                .saturating_mul(per_window)
                .saturating_add(images * outputs * (depth + 32))
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, scratch: &mut [u8]) -> Result<(), RunError> {
        let (&[x, weights, bias, multiplier, shift], Some(mut scratch)) = (inputs, Scratch::new(self, scratch)) else {
            return Ok(());
        };
        let scales = Scales {
            bias,
            multiplier,
            shift,
        };
        // `images` counts (batch, group) pairs: an image of one group gives `outputs` consecutive planes.
        let outputs = self.weights.outputs as usize;
        let groups = self.weights.groups as usize;
        let image_outputs = outputs * self.plane();
        let image_bytes = x.len() / (self.batch as usize * groups);
        let images = x.chunks_exact(image_bytes).enumerate().skip(start / image_outputs);
        let mut lower = start % image_outputs;
        let mut rest = output;
        for (image_index, image) in images {
            if rest.is_empty() {
                break;
            }
            let group = image_index % groups;
            let (part, after) = rest.split_at_mut(rest.len().min(image_outputs - lower));
            let grouped = Grouped {
                plan: self,
                weights,
                group,
                scales: scales.from(group * outputs),
            };
            grouped.run(image, part, lower, &mut scratch);
            lower = 0;
            rest = after;
        }
        Ok(())
    }
}
