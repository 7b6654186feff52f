use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{dims, expect_inputs, shape};
use crate::window::windows;
use crate::{AdmitError, DType, Record, RunError, Shape, Window};

/// The greatest int8 value under a sliding window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool2dI8 {
    /// The windows along height and width.
    pub windows: [Window; 2],
    /// Output height and width.
    pub size: [u32; 2],
    output: Shape,
}

impl MaxPool2dI8 {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<MaxPool2dI8, AdmitError> {
        expect_inputs(record, 1)?;
        let [batch, channels, height, width] = dims(record, 0, DType::I8)?;
        let windows = windows(record, [height, width], 0, None)?;
        let [Some(high), Some(wide)] = windows.map(|window| window.output()) else {
            return Err(AdmitError::Window);
        };
        Ok(MaxPool2dI8 {
            windows,
            size: [high, wide],
            output: shape(&[batch, channels, high, wide])?,
        })
    }

    fn greatest(&self, plane: &[u8], y: usize, x: usize) -> i8 {
        let [rows, columns] = &self.windows;
        let mut greatest = i8::MIN;
        for tap in 0..rows.kernel as usize {
            let place = rows.place(y, tap);
            if place >= rows.size as usize {
                continue;
            }
            let first = place * columns.size as usize;
            let row = plane.get(first..first + columns.size as usize).unwrap_or(&[]);
            let place = columns.place(x, 0);
            for tap in 0..columns.kernel as usize {
                if let Some(value) = row.get(place.wrapping_add(tap)) {
                    let value = *value as i8;
                    greatest = if value > greatest { value } else { greatest };
                }
            }
        }
        greatest
    }
}

impl Kernel for MaxPool2dI8 {
    const ATTRIBUTES: usize = 8;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        MaxPool2dI8::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I8, self.output)
    }

    fn work_units(&self) -> u64 {
        let [rows, columns] = &self.windows;
        let taps = u64::from(rows.kernel) * (4 * u64::from(columns.kernel) + 8);
        BASE_UNITS + u64::from(self.output.elements()).saturating_mul(taps + 16)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[x] = inputs else {
            return Ok(());
        };
        let [rows, columns] = &self.windows;
        let [high, wide] = self.size.map(|size| size as usize);
        let pixel = start % (high * wide);
        let (mut row, mut column) = (pixel / wide, pixel % wide);
        let mut planes = x
            .chunks_exact(rows.size as usize * columns.size as usize)
            .skip(start / (high * wide));
        let mut plane = planes.next().unwrap_or(&[]);
        for result in output {
            *result = self.greatest(plane, row, column) as u8;
            column += 1;
            if column == wide {
                (row, column) = (row + 1, 0);
                if row == high {
                    row = 0;
                    plane = planes.next().unwrap_or(&[]);
                }
            }
        }
        Ok(())
    }
}
