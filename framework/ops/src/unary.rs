use crate::float::{self, exp, log, maximum, minimum, tanh};
use crate::functions::Unary as Function;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{Bool, F32, I8, I16, I32, I64, Scalar, U8};
use crate::signature::{any, expect_inputs, function, wrong_type};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// A function of each element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unary {
    /// Which.
    pub function: Function,
    /// Its parameters α and β, as attribute words: binary32 for an f32 input, else integers.
    pub parameters: [u32; 2],
    dtype: DType,
    result: DType,
    output: Shape,
}

impl Unary {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<Unary, AdmitError> {
        expect_inputs(record, 1)?;
        let x = any(record, 0)?;
        let function = function(record, 0, Function::from_code)?;
        use Function::{Abs, BitNot, Clip, IsInf, IsNan, Neg, Not, Sign};
        let integer = !matches!(x.dtype, DType::F32 | DType::Bool);
        let result = match (function, x.dtype) {
            (Not, DType::Bool) => DType::Bool,
            (Not, _) => return Err(wrong_type(0, DType::Bool, x.dtype)),
            (BitNot, _) if integer => x.dtype,
            (BitNot, _) => return Err(wrong_type(0, DType::I32, x.dtype)),
            (IsNan | IsInf, DType::F32) => DType::Bool,
            (Abs | Neg | Sign | Clip, _) if integer => x.dtype,
            (_, DType::F32) => DType::F32,
            _ => return Err(wrong_type(0, DType::F32, x.dtype)),
        };
        Ok(Unary {
            function,
            parameters: [record.attribute(1), record.attribute(2)],
            dtype: x.dtype,
            result,
            output: x.shape,
        })
    }

    /// Whether it goes from f32 to f32, so that [`Unary::floats`] computes it.
    pub fn is_float(&self) -> bool {
        self.dtype == DType::F32 && self.result == DType::F32
    }

    /// Computes f32 results of f32 elements.
    ///
    /// Inlined, so that a caller that is compiled for wider registers computes with them; the results are the same.
    #[inline(always)]
    pub fn floats(&self, x: &[[u8; 4]], output: &mut [[u8; 4]]) {
        let [a, b] = self.parameters.map(f32::from_bits);
        match self.function {
            Function::Abs => map(x, output, float::abs),
            Function::Neg => map(x, output, float::neg),
            Function::Sign => map(x, output, |x| {
                let sign = if x < 0.0 { -1.0 } else { x };
                if x > 0.0 { 1.0 } else { sign }
            }),
            Function::Reciprocal => map(x, output, |x| 1.0 / x),
            Function::Floor => map(x, output, float::floor),
            Function::Ceil => map(x, output, float::ceil),
            Function::Round => map(x, output, float::round_half_even),
            Function::Trunc => map(x, output, float::trunc),
            Function::Sqrt => map(x, output, float::sqrt),
            Function::Exp => map(x, output, exp),
            Function::Log => map(x, output, log),
            Function::Sin => map(x, output, float::sin),
            Function::Cos => map(x, output, float::cos),
            Function::Tan => map(x, output, float::tan),
            Function::Asin => map(x, output, float::asin),
            Function::Acos => map(x, output, float::acos),
            Function::Atan => map(x, output, float::atan),
            Function::Sinh => map(x, output, float::sinh),
            Function::Cosh => map(x, output, float::cosh),
            Function::Tanh => map(x, output, tanh),
            Function::Asinh => map(x, output, float::asinh),
            Function::Acosh => map(x, output, float::acosh),
            Function::Atanh => map(x, output, float::atanh),
            Function::Erf => map(x, output, float::erf),
            Function::Sigmoid => map(x, output, float::sigmoid),
            Function::Softplus => map(x, output, softplus),
            Function::Gelu => map(x, output, |x| {
                0.5 * x * (1.0 + float::erf(x * core::f32::consts::FRAC_1_SQRT_2))
            }),
            Function::GeluTanh => map(x, output, |x| {
                let inner = 0.797_884_6 * (x + 0.044_715 * (x * x * x));
                0.5 * x * (1.0 + tanh(inner))
            }),
            Function::LeakyRelu => map(x, output, |x| if x < 0.0 { a * x } else { x }),
            Function::Relu => map(x, output, |x| if x < 0.0 { 0.0 } else { x }),
            Function::Elu => map(x, output, |x| if x < 0.0 { a * (exp(x) - 1.0) } else { x }),
            Function::Selu => map(x, output, |x| if x < 0.0 { b * (a * exp(x) - a) } else { b * x }),
            Function::Celu => map(x, output, |x| maximum(x, 0.0) + minimum(a * (exp(x / a) - 1.0), 0.0)),
            Function::HardSigmoid => map(x, output, |x| bounded(a * x + b, 0.0, 1.0)),
            Function::HardSwish => map(x, output, |x| x * bounded(x * (1.0 / 6.0) + 0.5, 0.0, 1.0)),
            Function::Mish => map(x, output, |x| x * tanh(softplus(x))),
            Function::Softsign => map(x, output, |x| x / (1.0 + float::abs(x))),
            Function::ThresholdedRelu => map(x, output, |x| if x > a { x } else { 0.0 }),
            Function::Shrink => map(x, output, |x| {
                let above = if x > a { x - b } else { 0.0 };
                if x < -a { x + b } else { above }
            }),
            Function::Clip => map(x, output, |x| bounded(x, a, b)),
            Function::Swish => map(x, output, |x| x / (1.0 + exp(-(a * x)))),
            Function::Affine => map(x, output, |x| a * x + b),
            Function::IsNan | Function::IsInf | Function::Not | Function::BitNot => {}
        }
    }
}

#[inline(always)]
fn map(x: &[[u8; 4]], output: &mut [[u8; 4]], function: impl Fn(f32) -> f32) {
    for (result, x) in output.iter_mut().zip(x) {
        *result = F32::write(function(F32::read(*x)));
    }
}

#[inline(always)]
fn bounded(x: f32, least: f32, greatest: f32) -> f32 {
    let x = if x < least { least } else { x };
    if x > greatest { greatest } else { x }
}

#[inline(always)]
fn softplus(x: f32) -> f32 {
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + log(1.0 + exp(-float::abs(x)))
}

/// Each element of an integer type by `function`.
fn integers<S: Scalar<N, Value = i64>, const N: usize>(x: &[u8], output: &mut [u8], function: &dyn Fn(i64) -> i64) {
    let elements = x.as_chunks::<N>().0;
    for (result, x) in output.as_chunks_mut::<N>().0.iter_mut().zip(elements) {
        *result = S::write(function(S::read(*x)));
    }
}

impl Kernel for Unary {
    const ATTRIBUTES: usize = 3;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        Unary::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (self.result, self.output)
    }

    fn work_units(&self) -> u64 {
        use Function::*;
        let each = match self.function {
            _ if self.dtype != DType::F32 => 32,
            Abs | Neg | Sign | IsNan | IsInf | Relu | Clip | Trunc | ThresholdedRelu | Not | BitNot => 64,
            Floor | Ceil | Round | LeakyRelu | Affine | Reciprocal | Softsign | HardSigmoid | HardSwish | Shrink => 192,
            Sqrt => 256,
            Mish | Softplus => 2048,
            _ => 1024,
        };
        BASE_UNITS + each * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let from = start / self.result.bytes() as usize * self.dtype.bytes() as usize;
        let x = inputs.first().and_then(|x| x.get(from..)).unwrap_or(&[]);
        if self.is_float() {
            self.floats(x.as_chunks().0, output.as_chunks_mut().0);
            return Ok(());
        }
        let [a, b] = self.parameters.map(|word| i64::from(word as i32));
        let function: &dyn Fn(i64) -> i64 = match self.function {
            Function::Abs => &i64::wrapping_abs,
            Function::Neg => &i64::wrapping_neg,
            Function::Sign => &i64::signum,
            Function::Clip => &|x| {
                let x = if x < a { a } else { x };
                if x > b { b } else { x }
            },
            Function::Not => &|x| x ^ 1,
            Function::BitNot => &|x| !x,
            // The remaining ones are f32 to bool: they look at the bits.
            Function::IsNan => &|bits| i64::from(f32::from_bits(bits as u32).is_nan()),
            _ => &|bits| {
                let x = f32::from_bits(bits as u32);
                i64::from((x == f32::INFINITY && a != 0) || (x == f32::NEG_INFINITY && b != 0))
            },
        };
        match self.dtype {
            DType::F32 => {
                for (result, x) in output.iter_mut().zip(x.as_chunks::<4>().0) {
                    *result = function(I32::read(*x)) as u8;
                }
            }
            DType::Bool => integers::<Bool, 1>(x, output, function),
            DType::I8 => integers::<I8, 1>(x, output, function),
            DType::U8 => integers::<U8, 1>(x, output, function),
            DType::I16 => integers::<I16, 2>(x, output, function),
            DType::I32 => integers::<I32, 4>(x, output, function),
            DType::I64 => integers::<I64, 8>(x, output, function),
        }
        Ok(())
    }
}
