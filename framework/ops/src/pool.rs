use crate::float::{LaneSum, abs, maximum, pow};
use crate::functions::Pool as Function;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{F32, Scalar};
use crate::signature::{any, expect_inputs, function, wrong_type};
use crate::sliding::{AXES, AXIS_WORDS, Sliding, output_shape, split};
use crate::{AdmitError, DType, Record, RunError, Shape, Window};

/// One number for the taps of each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// What is made of the taps.
    pub function: Function,
    /// The type of the elements.
    pub dtype: DType,
    /// p of an Lp pool.
    power: u32,
    sliding: Sliding,
    /// Windows along each axis of the output.
    pub size: [usize; AXES],
    output: Shape,
}

impl Pool {
    /// How windows slide along depth, height and width; axes that the tensor lacks have one point.
    pub fn windows(&self) -> [Window; AXES] {
        self.sliding.axes
    }

    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<Pool, AdmitError> {
        expect_inputs(record, 1)?;
        let x = any(record, 0)?;
        let function = function(record, 0, Function::from_code)?;
        match (x.dtype, function) {
            (DType::F32, _) | (DType::I8 | DType::U8, Function::Max) => {}
            _ => return Err(wrong_type(0, DType::F32, x.dtype)),
        }
        let power = record.attribute(1);
        if (function == Function::Lp) != (1..=64).contains(&power) {
            return Err(AdmitError::Attribute {
                place: 1,
                name: "p",
                value: power as i32,
                rule: "1 … 64 for Lp, else 0",
            });
        }
        let sliding = Sliding::of(record, &x.shape, 2)?;
        let size = sliding.windows()?;
        let channels = x.shape.dims().get(1).copied().unwrap_or(1);
        Ok(Pool {
            function,
            dtype: x.dtype,
            power,
            sliding,
            size,
            output: output_shape(&x.shape, channels, size)?,
        })
    }

    fn float(&self, x: &[[u8; 4]], window: [usize; AXES]) -> f32 {
        let at = |place: usize| F32::read(x.get(place).copied().unwrap_or([0; 4]));
        let mut sum = LaneSum::new();
        match self.function {
            Function::Max => {
                let mut result = f32::NEG_INFINITY;
                self.sliding
                    .taps(window, |place, _| result = maximum(result, at(place)));
                result
            }
            Function::Mean => {
                let mut count = 0u32;
                self.sliding.taps(window, |place, _| {
                    sum.add(at(place));
                    count += 1;
                });
                if count == 0 { 0.0 } else { sum.total() / count as f32 }
            }
            Function::MeanPadded => {
                self.sliding.taps(window, |place, _| sum.add(at(place)));
                sum.total() / self.padded_taps(window) as f32
            }
            Function::Lp => {
                let power = self.power as f32;
                self.sliding.taps(window, |place, _| {
                    let magnitude = abs(at(place));
                    sum.add(match self.power {
                        1 => magnitude,
                        2 => magnitude * magnitude,
                        _ => pow(magnitude, power),
                    });
                });
                pow(sum.total(), 1.0 / power)
            }
        }
    }

    /// The taps that lie in the image or its padding.
    fn padded_taps(&self, window: [usize; AXES]) -> usize {
        let along = |axis: usize| {
            let padded = Window {
                size: self.sliding.axes[axis].size + self.sliding.axes[axis].before + self.sliding.axes[axis].after,
                before: 0,
                ..self.sliding.axes[axis]
            };
            padded.taps(window[axis]).len()
        };
        along(0) * along(1) * along(2)
    }
}

impl Kernel for Pool {
    const ATTRIBUTES: usize = 2 + AXIS_WORDS * AXES;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        Pool::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        let taps: usize = self.sliding.kernel().iter().product();
        let (each, tap) = match (self.dtype, self.function) {
            (DType::F32, Function::Lp) => (8192, 2048),
            (DType::F32, _) => (1024, 64),
            _ => (256, 16),
        };
        BASE_UNITS + u64::from(self.output.elements()) * (each + tap * taps as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let x = inputs.first().copied().unwrap_or(&[]);
        let plane: usize = self.sliding.image().iter().product();
        if self.dtype == DType::F32 {
            let x = x.as_chunks::<4>().0;
            for (result, element) in output.as_chunks_mut::<4>().0.iter_mut().zip(start / 4..) {
                let (channel, window) = split(element, self.size);
                let plane = x.get(channel * plane..(channel + 1) * plane).unwrap_or(&[]);
                *result = F32::write(self.float(plane, window));
            }
            return Ok(());
        }
        // A signed byte is ordered as an unsigned one after its highest bit is turned.
        let turn = if self.dtype == DType::I8 { 0x80 } else { 0 };
        for (result, element) in output.iter_mut().zip(start..) {
            let (channel, window) = split(element, self.size);
            let mut greatest = 0;
            self.sliding.taps(window, |place, _| {
                let value = x.get(channel * plane + place).copied().unwrap_or(0) ^ turn;
                greatest = if value > greatest { value } else { greatest };
            });
            *result = greatest ^ turn;
        }
        Ok(())
    }
}
