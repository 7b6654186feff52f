use crate::kernel::{BASE_UNITS, Kernel};
use crate::signature::{any, expect_inputs};
use crate::walk::row_major;
use crate::{AdmitError, DType, MAX_RANK, Record, RunError, Shape};

/// Attribute words before the axes, and those of one axis.
const HEAD: usize = 3;
const AXIS: usize = 4;

/// One output axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Axis {
    /// Output elements along it.
    pub dim: usize,
    /// Elements of the source along the axis that it reads; 0 for one that reads none.
    pub size: i64,
    /// The source's coordinate of its first element.
    pub start: i64,
    /// And how much further each next one lies.
    pub step: i64,
    /// The source's elements from one coordinate to the next.
    pub stride: i64,
}

/// Every output axis reads a source axis from a start in steps, or none; what lies outside the source is a fill.
///
/// Transposition, slicing, reversal, broadcasting, padding by a constant, and any mixture of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    dtype: DType,
    fill: [u8; 8],
    rank: usize,
    axes: [Axis; MAX_RANK],
    output: Shape,
}

impl View {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<View, AdmitError> {
        expect_inputs(record, 1)?;
        let source = any(record, 0)?;
        let rank = record.attribute(0) as usize;
        if rank > MAX_RANK {
            return Err(View::bad(record, 0, "rank", "0 … 6"));
        }
        let mut axes = [Axis::default(); MAX_RANK];
        let mut dims = [0; MAX_RANK];
        let mut read = [false; MAX_RANK];
        for (axis, (place, dim)) in axes.iter_mut().zip(&mut dims).take(rank).enumerate() {
            *place = View::axis(record, &source.shape, HEAD + AXIS * axis, &mut read)?;
            *dim = record.attribute(HEAD + AXIS * axis);
        }
        let surplus = HEAD + AXIS * rank..HEAD + AXIS * MAX_RANK;
        if let Some(place) = surplus.into_iter().find(|place| record.attribute(*place) != 0) {
            return Err(View::bad(record, place, "unused", "0"));
        }
        let [low, high] = [record.attribute(1), record.attribute(2)];
        let fill = (u64::from(high) << 32 | u64::from(low)).to_le_bytes();
        if fill.iter().skip(source.dtype.bytes() as usize).any(|byte| *byte != 0) {
            return Err(View::bad(record, 1, "fill", "one element's bytes"));
        }
        let output = Shape::new(dims.get(..rank).unwrap_or(&[])).map_err(|_| AdmitError::Window)?;
        Ok(View {
            dtype: source.dtype,
            fill,
            rank,
            axes,
            output,
        })
    }

    /// Bytes of an element.
    pub fn element(&self) -> usize {
        self.dtype.bytes() as usize
    }

    /// What stands for elements outside the source: as many bytes of it as an element has.
    pub fn fill(&self) -> &[u8; 8] {
        &self.fill
    }

    /// The output's axes, the innermost last.
    pub fn axes(&self) -> &[Axis] {
        self.axes.get(..self.rank).unwrap_or(&[])
    }

    fn bad(record: &Record, place: usize, name: &'static str, rule: &'static str) -> AdmitError {
        AdmitError::Attribute {
            place,
            name,
            value: record.signed_attribute(place),
            rule,
        }
    }

    fn axis(record: &Record, source: &Shape, place: usize, read: &mut [bool; MAX_RANK]) -> Result<Axis, AdmitError> {
        let dim = record.attribute(place) as usize;
        let (start, step) = (record.signed_attribute(place + 2), record.signed_attribute(place + 3));
        let (size, stride) = match record.attribute(place + 1) {
            0 if start == 0 && step == 0 => (0, 0),
            0 => {
                return Err(View::bad(
                    record,
                    place + 2,
                    "start",
                    "0, as is the step, on an axis that reads none",
                ));
            }
            axis => {
                let axis = axis as usize - 1;
                let free = read.get_mut(axis).filter(|read| !**read);
                let (Some(read), Some(size)) = (free, source.dims().get(axis)) else {
                    return Err(View::bad(
                        record,
                        place + 1,
                        "source axis",
                        "1 + an axis of the input, each once",
                    ));
                };
                *read = true;
                let strides = row_major(source);
                (i64::from(*size), strides.get(axis).copied().unwrap_or(0) as i64)
            }
        };
        Ok(Axis {
            dim,
            size,
            start: i64::from(start),
            step: i64::from(step),
            stride,
        })
    }

    /// Copies elements of `N` bytes.
    fn copy<const N: usize>(&self, source: &[u8], output: &mut [u8], start: usize) {
        let source = source.as_chunks::<N>().0;
        let output = output.as_chunks_mut::<N>().0;
        let fill: [u8; N] = self.fill.first_chunk().copied().unwrap_or([0; N]);
        let inner = self.axes.get(self.rank.wrapping_sub(1)).copied().unwrap_or(Axis {
            dim: 1,
            ..Axis::default()
        });
        let outer = self.axes.get(..self.rank.saturating_sub(1)).unwrap_or(&[]);
        let mut done = 0;
        while done < output.len() {
            let element = start + done;
            let from = element % inner.dim;
            let mut row = element / inner.dim;
            let length = if inner.dim - from < output.len() - done {
                inner.dim - from
            } else {
                output.len() - done
            };
            let results = output.get_mut(done..done + length).unwrap_or_default();
            done += length;
            let mut base = 0i64;
            let mut inside = true;
            for axis in outer.iter().rev() {
                let coordinate = axis.start + axis.step * (row % axis.dim) as i64;
                row /= axis.dim;
                inside &= axis.size == 0 || (0..axis.size).contains(&coordinate);
                base += coordinate * axis.stride;
            }
            if !inside {
                results.fill(fill);
                continue;
            }
            inner.copy(source, results, base, from as i64, fill);
        }
    }
}

impl Axis {
    /// The elements from `from` on along this axis, which is the innermost one.
    fn copy<const N: usize>(&self, source: &[[u8; N]], results: &mut [[u8; N]], base: i64, from: i64, fill: [u8; N]) {
        let first = self.start + self.step * from;
        let last = first + self.step * (results.len() as i64 - 1);
        let inside = |coordinate: i64| self.size == 0 || (0..self.size).contains(&coordinate);
        let whole = inside(first) && inside(last);
        let jump = self.step * self.stride;
        let place = base + first * self.stride;
        if whole && jump == 1 {
            let taken = source.get(place as usize..).and_then(|rest| rest.get(..results.len()));
            if let Some(taken) = taken {
                results.copy_from_slice(taken);
            }
            return;
        }
        if whole && jump == 0 {
            results.fill(source.get(place as usize).copied().unwrap_or(fill));
            return;
        }
        let (mut coordinate, mut place) = (first, place);
        for result in results {
            *result = match inside(coordinate) {
                true => source.get(place as usize).copied().unwrap_or(fill),
                false => fill,
            };
            coordinate += self.step;
            place += jump;
        }
    }
}

impl Kernel for View {
    const ATTRIBUTES: usize = HEAD + AXIS * MAX_RANK;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        View::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        let width = self.axes.get(self.rank.wrapping_sub(1)).map_or(1, |axis| axis.dim);
        let elements = u64::from(self.output.elements());
        BASE_UNITS + 16 * elements + 256 * (elements / width as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let source = inputs.first().copied().unwrap_or(&[]);
        let start = start / self.dtype.bytes() as usize;
        match self.dtype.bytes() {
            1 => self.copy::<1>(source, output, start),
            2 => self.copy::<2>(source, output, start),
            4 => self.copy::<4>(source, output, start),
            _ => self.copy::<8>(source, output, start),
        }
        Ok(())
    }
}
