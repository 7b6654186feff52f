use crate::float::{maximum, minimum, pow};
use crate::functions::Binary as Function;
use crate::kernel::{BASE_UNITS, Kernel};
use crate::scalar::{Bool, F32, I8, I16, I32, I64, Scalar, U8};
use crate::signature::{any, expect_inputs, function, typed, wrong_type};
use crate::walk::Walk;
use crate::{AdmitError, DType, Record, RunError, Shape};

/// A function of each pair of elements, with multidirectional broadcasting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binary {
    /// Which.
    pub function: Function,
    dtype: DType,
    result: DType,
    walk: Walk<2>,
    output: Shape,
}

impl Binary {
    /// Reads a record of this operator; the output is not looked at.
    pub fn plan(record: &Record) -> Result<Binary, AdmitError> {
        expect_inputs(record, 2)?;
        let a = any(record, 0)?;
        let b = typed(record, 1, a.dtype)?;
        let function = function(record, 0, Function::from_code)?;
        let (walk, output) = Walk::broadcast([a.shape, b])?;
        use Function::*;
        let integer = !matches!(a.dtype, DType::F32 | DType::Bool);
        let result = match function {
            Equal => DType::Bool,
            Less | LessOrEqual | Greater | GreaterOrEqual if a.dtype != DType::Bool => DType::Bool,
            And | Or | Xor if a.dtype == DType::Bool => DType::Bool,
            And | Or | Xor => return Err(wrong_type(0, DType::Bool, a.dtype)),
            BitAnd | BitOr | BitXor | ShiftLeft | ShiftRight if !integer => {
                return Err(wrong_type(0, DType::I32, a.dtype));
            }
            _ if a.dtype == DType::Bool => return Err(wrong_type(0, DType::F32, a.dtype)),
            _ => a.dtype,
        };
        Ok(Binary {
            function,
            dtype: a.dtype,
            result,
            walk,
            output,
        })
    }

    /// Whether it goes from f32 to f32, so that [`Binary::floats`] computes it.
    pub fn is_float(&self) -> bool {
        self.dtype == DType::F32 && self.result == DType::F32
    }

    /// Computes f32 results of f32 elements, from element `start` on; inlined as `Unary::floats`.
    #[inline(always)]
    pub fn floats(&self, a: &[u8], b: &[u8], output: &mut [u8], start: usize) {
        let (walk, a, b) = (&self.walk, a.as_chunks().0, b.as_chunks().0);
        let output = output.as_chunks_mut().0;
        match self.function {
            Function::Add => zip(walk, a, b, output, start, |a, b| F32::write(a + b)),
            Function::Sub => zip(walk, a, b, output, start, |a, b| F32::write(a - b)),
            Function::Mul => zip(walk, a, b, output, start, |a, b| F32::write(a * b)),
            Function::Div => zip(walk, a, b, output, start, |a, b| F32::write(a / b)),
            Function::Minimum => zip(walk, a, b, output, start, |a, b| F32::write(minimum(a, b))),
            Function::Maximum => zip(walk, a, b, output, start, |a, b| F32::write(maximum(a, b))),
            Function::Prelu => zip(walk, a, b, output, start, |a, b| {
                F32::write(if a < 0.0 { a * b } else { a })
            }),
            Function::Pow => zip(walk, a, b, output, start, |a, b| F32::write(pow(a, b))),
            Function::Remainder => zip(walk, a, b, output, start, |a, b| F32::write(remainder(a, b))),
            Function::Modulo => zip(walk, a, b, output, start, |a, b| F32::write(modulo(a, b))),
            _ => {}
        }
    }

    fn comparisons(&self, a: &[u8], b: &[u8], output: &mut [u8], start: usize) {
        let (walk, a, b) = (&self.walk, a.as_chunks().0, b.as_chunks().0);
        let output = output.as_chunks_mut().0;
        match self.function {
            Function::Less => zip(walk, a, b, output, start, |a, b| [u8::from(a < b)]),
            Function::LessOrEqual => zip(walk, a, b, output, start, |a, b| [u8::from(a <= b)]),
            Function::Greater => zip(walk, a, b, output, start, |a, b| [u8::from(a > b)]),
            Function::GreaterOrEqual => zip(walk, a, b, output, start, |a, b| [u8::from(a >= b)]),
            _ => zip(walk, a, b, output, start, |a, b| [u8::from(a == b)]),
        }
    }

    /// Elements of an integer type or booleans.
    fn integers<S: Scalar<N, Value = i64>, const N: usize>(&self, a: &[u8], b: &[u8], output: &mut [u8], start: usize) {
        let function = integer_function(self.function, 8 * N as u32);
        self.walk.stretches(
            start,
            output.len() / self.result.bytes() as usize,
            |done, length, places, steps| {
                for place in 0..length {
                    let [a, b] =
                        [(a, 0), (b, 1)].map(|(bytes, operand)| S::at(bytes, places[operand] + place * steps[operand]));
                    let value = function(a, b);
                    if self.result == DType::Bool {
                        if let Some(result) = output.get_mut(done + place) {
                            *result = value as u8;
                        }
                    } else if let Some(result) = output.as_chunks_mut::<N>().0.get_mut(done + place) {
                        *result = S::write(value);
                    }
                }
            },
        );
    }
}

/// Each pair of a walk by `function`, stretch by stretch; the common steps have loops of their own, for registers of many elements.
#[inline(always)]
fn zip<const N: usize>(
    walk: &Walk<2>,
    a: &[[u8; 4]],
    b: &[[u8; 4]],
    output: &mut [[u8; N]],
    start: usize,
    function: impl Fn(f32, f32) -> [u8; N],
) {
    walk.stretches(
        start,
        output.len(),
        #[inline(always)]
        |done, length, places, steps| {
            let results = output.get_mut(done..done + length).unwrap_or_default();
            let rest_a = a.get(places[0]..).unwrap_or_default();
            let rest_b = b.get(places[1]..).unwrap_or_default();
            let first = |rest: &[[u8; 4]]| F32::read(rest.first().copied().unwrap_or_default());
            match steps {
                [1, 1] => {
                    for ((result, a), b) in results.iter_mut().zip(rest_a).zip(rest_b) {
                        *result = function(F32::read(*a), F32::read(*b));
                    }
                }
                [1, 0] => {
                    let b = first(rest_b);
                    for (result, a) in results.iter_mut().zip(rest_a) {
                        *result = function(F32::read(*a), b);
                    }
                }
                [0, 1] => {
                    let a = first(rest_a);
                    for (result, b) in results.iter_mut().zip(rest_b) {
                        *result = function(a, F32::read(*b));
                    }
                }
                [step_a, step_b] => {
                    for (place, result) in results.iter_mut().enumerate() {
                        let [a, b] = [(rest_a, step_a), (rest_b, step_b)]
                            .map(|(rest, step)| F32::read(rest.get(place * step).copied().unwrap_or_default()));
                        *result = function(a, b);
                    }
                }
            }
        },
    );
}

/// a − b·trunc(a / b), exactly: the remainder of the significands by shifts and subtractions.
fn remainder(a: f32, b: f32) -> f32 {
    if a.is_nan() || b.is_nan() || a.is_infinite() || b == 0.0 {
        return f32::NAN;
    }
    if b.is_infinite() {
        return a;
    }
    a % b
}

/// The remainder with b's sign.
fn modulo(a: f32, b: f32) -> f32 {
    let rest = remainder(a, b);
    if rest == 0.0 || (rest < 0.0) == (b < 0.0) {
        rest
    } else {
        rest + b
    }
}

/// The function of integers of this many bits, held in 64.
fn integer_function(function: Function, bits: u32) -> fn(i64, i64) -> i64 {
    match function {
        Function::Add => i64::wrapping_add,
        Function::Sub => i64::wrapping_sub,
        Function::Mul => i64::wrapping_mul,
        Function::Div => |a, b| if b == 0 { 0 } else { a.wrapping_div(b) },
        Function::Pow => power,
        Function::Minimum => |a, b| if a < b { a } else { b },
        Function::Maximum => |a, b| if a > b { a } else { b },
        Function::Modulo => |a, b| {
            let rest = if b == 0 { 0 } else { a.wrapping_rem(b) };
            if rest != 0 && (rest < 0) != (b < 0) {
                rest.wrapping_add(b)
            } else {
                rest
            }
        },
        Function::Remainder => |a, b| if b == 0 { 0 } else { a.wrapping_rem(b) },
        Function::And | Function::BitAnd => |a, b| a & b,
        Function::Or | Function::BitOr => |a, b| a | b,
        Function::Xor | Function::BitXor => |a, b| a ^ b,
        Function::Equal => |a, b| i64::from(a == b),
        Function::Less => |a, b| i64::from(a < b),
        Function::LessOrEqual => |a, b| i64::from(a <= b),
        Function::Greater => |a, b| i64::from(a > b),
        Function::GreaterOrEqual => |a, b| i64::from(a >= b),
        Function::ShiftLeft => |a, b| if (0..64).contains(&b) { a << b } else { 0 },
        Function::ShiftRight => match bits {
            8 => |a, b| shift_right(a & 0xff, b),
            16 => |a, b| shift_right(a & 0xffff, b),
            32 => |a, b| shift_right(a & 0xffff_ffff, b),
            _ => shift_right,
        },
        Function::Prelu => |a, b| if a < 0 { a.wrapping_mul(b) } else { a },
    }
}

fn shift_right(a: i64, b: i64) -> i64 {
    if (0..64).contains(&b) {
        (a as u64 >> b) as i64
    } else {
        0
    }
}

/// a^b modulo 2^64; for b < 0 what 1/a^|b| is towards zero.
fn power(a: i64, b: i64) -> i64 {
    if b < 0 {
        return match a {
            1 => 1,
            -1 if b & 1 == 0 => 1,
            -1 => -1,
            _ => 0,
        };
    }
    let (mut result, mut square, mut rest) = (1i64, a, b);
    while rest > 0 {
        if rest & 1 == 1 {
            result = result.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        rest >>= 1;
    }
    result
}

impl Kernel for Binary {
    const ATTRIBUTES: usize = 1;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        Binary::plan(record)
    }

    fn output(&self) -> (DType, Shape) {
        (self.result, self.output)
    }

    fn work_units(&self) -> u64 {
        let each = match (self.dtype, self.function) {
            (DType::F32, Function::Pow) => 4096,
            (DType::F32, Function::Modulo | Function::Remainder) => 2048,
            (_, Function::Pow) => 1024,
            (DType::F32, _) => 96,
            (_, Function::Div | Function::Modulo | Function::Remainder) => 128,
            _ => 48,
        };
        BASE_UNITS + each * u64::from(self.output.elements())
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let &[a, b] = inputs else {
            return Ok(());
        };
        let start = start / self.result.bytes() as usize;
        match (self.dtype, self.result) {
            (DType::F32, DType::F32) => self.floats(a, b, output, start),
            (DType::F32, _) => self.comparisons(a, b, output, start),
            (DType::Bool, _) => self.integers::<Bool, 1>(a, b, output, start),
            (DType::I8, _) => self.integers::<I8, 1>(a, b, output, start),
            (DType::U8, _) => self.integers::<U8, 1>(a, b, output, start),
            (DType::I16, _) => self.integers::<I16, 2>(a, b, output, start),
            (DType::I32, _) => self.integers::<I32, 4>(a, b, output, start),
            (DType::I64, _) => self.integers::<I64, 8>(a, b, output, start),
        }
        Ok(())
    }
}
