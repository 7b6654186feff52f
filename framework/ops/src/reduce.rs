use crate::float::{self, LaneSum, exp, log};
use crate::functions::Reduce as Function;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{Bool, F32, I8, I16, I32, I64, Scalar, U8};
use crate::signature::{any, expect_inputs, function, wrong_type};
use crate::walk::{Walk, row_major};
use crate::{AdmitError, DType, MAX_RANK, Record, RunError, Shape};

/// One number for all elements along some axes, whose dimensions become 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reduce {
    function: Function,
    dtype: DType,
    /// Over the output; where an element's inputs begin.
    kept: Walk<1>,
    /// Over the inputs of one element.
    reduced: Walk<1>,
    output: Shape,
}

impl Reduce {
    /// The stretches of f32 elements that one output element is made of.
    #[inline(always)]
    fn each_stretch(&self, x: &[[u8; 4]], base: usize, mut each: impl FnMut(Stretch<'_>)) {
        self.reduced
            .stretches(0, self.reduced.elements(), |_, length, [place], [step]| {
                each(Stretch {
                    x: x.get(base + place..).unwrap_or(&[]),
                    step,
                    length,
                });
            });
    }

    fn sum(&self, x: &[[u8; 4]], base: usize, map: impl Fn(f32) -> f32) -> f32 {
        let mut sum = LaneSum::new();
        self.each_stretch(x, base, |stretch| stretch.add_to(&mut sum, &map));
        sum.total()
    }

    fn fold(&self, x: &[[u8; 4]], base: usize, function: impl Fn(f32, f32) -> f32) -> f32 {
        let mut result = None;
        self.each_stretch(x, base, |stretch| {
            for place in 0..stretch.length {
                let value = stretch.at(place);
                result = Some(result.map_or(value, |before| function(before, value)));
            }
        });
        result.unwrap_or(0.0)
    }

    fn float(&self, x: &[[u8; 4]], base: usize) -> f32 {
        match self.function {
            Function::Sum => self.sum(x, base, |x| x),
            Function::Mean => self.sum(x, base, |x| x) / self.reduced.elements() as f32,
            Function::Max => self.fold(x, base, float::maximum),
            Function::Min => self.fold(x, base, float::minimum),
            Function::Prod => self.fold(x, base, |a, b| a * b),
            Function::SumSquare => self.sum(x, base, |x| x * x),
            Function::L1 => self.sum(x, base, float::abs),
            Function::L2 => float::sqrt(self.sum(x, base, |x| x * x)),
            Function::LogSum => log(self.sum(x, base, |x| x)),
            Function::LogSumExp => {
                let greatest = self.fold(x, base, float::maximum);
                let greatest = if greatest.is_finite() { greatest } else { 0.0 };
                greatest + log(self.sum(x, base, |x| exp(x - greatest)))
            }
        }
    }

    fn integers<S: Scalar<N, Value = i64>, const N: usize>(&self, x: &[u8], output: &mut [u8], start: usize) {
        let count = self.reduced.elements() as i64;
        let (first, function): (Option<i64>, fn(i64, i64) -> i64) = match self.function {
            Function::Max => (None, |a, b| if a > b { a } else { b }),
            Function::Min => (None, |a, b| if a < b { a } else { b }),
            Function::Prod => (Some(1), i64::wrapping_mul),
            Function::SumSquare => (Some(0), |a, b| a.wrapping_add(b.wrapping_mul(b))),
            Function::L1 => (Some(0), |a, b| a.wrapping_add(b.wrapping_abs())),
            _ => (Some(0), i64::wrapping_add),
        };
        let output = output.as_chunks_mut::<N>().0;
        self.kept
            .stretches(start, output.len(), |done, length, [place], [step]| {
                for element in 0..length {
                    let base = place + element * step;
                    let mut result = first;
                    self.reduced
                        .stretches(0, self.reduced.elements(), |_, length, [place], [step]| {
                            for at in 0..length {
                                let value = S::at(x, base + place + at * step);
                                result = Some(result.map_or(value, |before| function(before, value)));
                            }
                        });
                    let result = result.unwrap_or(0);
                    if let Some(place) = output.get_mut(done + element) {
                        *place = S::write(match self.function {
                            Function::Mean => result.wrapping_div(count),
                            _ => result,
                        });
                    }
                }
            });
    }
}

/// Elements one step apart.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    x: &'a [[u8; 4]],
    step: usize,
    length: usize,
}

impl Stretch<'_> {
    #[inline(always)]
    fn at(&self, place: usize) -> f32 {
        F32::read(self.x.get(place * self.step).copied().unwrap_or([0; 4]))
    }

    #[inline(always)]
    fn add_to(&self, sum: &mut LaneSum, map: &impl Fn(f32) -> f32) {
        match (self.step, self.x.get(..self.length)) {
            (1, Some(words)) => sum.extend(words, map),
            _ => (0..self.length).for_each(|place| sum.add(map(self.at(place)))),
        }
    }
}

impl Kernel for Reduce {
    const ATTRIBUTES: usize = 2;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let x = any(record, 0)?;
        let function = function(record, 0, Function::from_code)?;
        let float_only = matches!(function, Function::L2 | Function::LogSum | Function::LogSumExp);
        let ordered_only = x.dtype == DType::Bool && !matches!(function, Function::Max | Function::Min);
        if x.dtype != DType::F32 && (float_only || ordered_only) {
            return Err(wrong_type(0, DType::F32, x.dtype));
        }
        let axes = record.attribute(1);
        if axes >> x.shape.rank() != 0 {
            return Err(AdmitError::Attribute {
                place: 1,
                name: "axes",
                value: axes as i32,
                rule: "bits of axes that the input has",
            });
        }
        let strides = row_major(&x.shape);
        let (mut kept, mut reduced) = ([1; MAX_RANK], [1; MAX_RANK]);
        for (axis, &dim) in x.shape.dims().iter().enumerate() {
            let dims = if axes >> axis & 1 == 1 { &mut reduced } else { &mut kept };
            if let Some(place) = dims.get_mut(axis) {
                *place = dim;
            }
        }
        let strides = strides.map(|stride| [stride]);
        Ok(Reduce {
            function,
            dtype: x.dtype,
            kept: Walk::new(&kept, &strides),
            reduced: Walk::new(&reduced, &strides),
            output: Shape::new(kept.get(..x.shape.rank()).unwrap_or(&[])).map_err(|_| AdmitError::Window)?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (self.dtype, self.output)
    }

    fn work_units(&self) -> u64 {
        let (outputs, each) = (u64::from(self.output.elements()), self.reduced.elements() as u64);
        let unit = match (self.dtype, self.function) {
            (DType::F32, Function::LogSumExp) => 1024,
            (DType::F32, _) => 64,
            _ => 48,
        };
        BASE_UNITS + outputs * (1024 + unit * each + 64 * (each / self.reduced.width() as u64))
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let x = inputs.first().copied().unwrap_or(&[]);
        let start = start / self.dtype.bytes() as usize;
        match self.dtype {
            DType::F32 => {
                let (x, output) = (x.as_chunks().0, output.as_chunks_mut().0);
                self.kept
                    .stretches(start, output.len(), |done, length, [place], [step]| {
                        for element in 0..length {
                            if let Some(result) = output.get_mut(done + element) {
                                *result = F32::write(self.float(x, place + element * step));
                            }
                        }
                    });
            }
            DType::Bool => self.integers::<Bool, 1>(x, output, start),
            DType::I8 => self.integers::<I8, 1>(x, output, start),
            DType::U8 => self.integers::<U8, 1>(x, output, start),
            DType::I16 => self.integers::<I16, 2>(x, output, start),
            DType::I32 => self.integers::<I32, 4>(x, output, start),
            DType::I64 => self.integers::<I64, 8>(x, output, start),
        }
        Ok(())
    }
}
