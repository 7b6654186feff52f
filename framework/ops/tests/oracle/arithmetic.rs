//! Operators that compute each element from few others, and reductions.

use opml_ops::{BinaryFunction, DType, Operator, Record, ReduceFunction, UnaryFunction};

use super::tensor::{Tensor, coordinates, float, function, integer, joint, lane_sum, stored, wrapped};
use crate::cases::Case;

/// The greater one; NaN when either is; the second when they are equal.
pub(crate) fn greatest(a: f32, b: f32) -> f32 {
    match (a.is_nan() || b.is_nan(), a > b) {
        (true, _) => f32::NAN,
        (_, true) => a,
        _ => b,
    }
}

/// The lesser one, likewise.
pub(crate) fn least(a: f32, b: f32) -> f32 {
    match (a.is_nan() || b.is_nan(), a < b) {
        (true, _) => f32::NAN,
        (_, true) => a,
        _ => b,
    }
}

/// The output of an operator of this family.
pub(crate) fn output(operator: Operator, record: &Record, inputs: &[Vec<u8>]) -> Option<Tensor> {
    let input = |place: usize| Tensor::input(record, inputs, place);
    Some(match operator {
        Operator::Cast => cast(record, &input(0)),
        Operator::Unary => unary(record, &input(0)),
        Operator::Binary => binary(record, &input(0), &input(1)),
        Operator::Reduce => reduce(record, &input(0)),
        Operator::Softmax => softmax(record, &input(0)),
        Operator::Normalize => {
            let parameters: Vec<Tensor> = (1..inputs.len()).map(input).collect();
            normalize(record, &input(0), &parameters)
        }
        Operator::Cumulate => cumulate(record, &input(0)),
        Operator::QuantizeLinear => {
            let (x, scale, zero) = (input(0), input(1), input(2));
            let [low, high] = match zero.dtype {
                DType::U8 => [0, 255],
                DType::I16 => [-32768, 32767],
                _ => [-128, 127],
            };
            Tensor::new(zero.dtype, joint(&[&x.dims, &scale.dims, &zero.dims]), |at| {
                let real = match x.dtype {
                    DType::I32 => integer(DType::I32, x.stretched(at)) as f32,
                    _ => float(x.stretched(at)),
                };
                let scale = float(scale.stretched(at));
                let scaled = if record.attribute(0) == 1 {
                    real * scale
                } else {
                    real / scale
                };
                let rounded = i64::from(scaled.round_ties_even() as i32);
                wrapped(
                    zero.dtype,
                    (rounded + integer(zero.dtype, zero.stretched(at))).clamp(low, high),
                )
            })
        }
        Operator::DequantizeLinear => {
            let (x, scale, zero) = (input(0), input(1), input(2));
            Tensor::new(DType::F32, joint(&[&x.dims, &scale.dims, &zero.dims]), |at| {
                let whole = integer(x.dtype, x.stretched(at)) - integer(zero.dtype, zero.stretched(at));
                stored(whole as i32 as f32 * float(scale.stretched(at)))
            })
        }
        _ => return None,
    })
}

fn cast(record: &Record, x: &Tensor) -> Tensor {
    let to = DType::from_code(record.attribute(0)).unwrap();
    Tensor::new(to, x.dims.clone(), |at| {
        let bytes = x.at(at);
        match (record.attribute(1), x.dtype, to) {
            (1, ..) => bytes.to_vec(),
            (_, DType::F32, DType::F32) => stored(float(bytes)),
            (_, DType::F32, DType::Bool) => vec![u8::from(float(bytes) != 0.0)],
            (_, DType::F32, DType::I8) => (float(bytes) as i8).to_le_bytes().to_vec(),
            (_, DType::F32, DType::U8) => (float(bytes) as u8).to_le_bytes().to_vec(),
            (_, DType::F32, DType::I16) => (float(bytes) as i16).to_le_bytes().to_vec(),
            (_, DType::F32, DType::I32) => (float(bytes) as i32).to_le_bytes().to_vec(),
            (_, DType::F32, DType::I64) => (float(bytes) as i64).to_le_bytes().to_vec(),
            (_, from, DType::F32) => stored(integer(from, bytes) as f32),
            (_, from, to) => wrapped(to, integer(from, bytes)),
        }
    })
}

fn unary(record: &Record, x: &Tensor) -> Tensor {
    use UnaryFunction::*;
    let code = UnaryFunction::from_code(record.attribute(0)).unwrap();
    let words = [record.attribute(1), record.attribute(2)];
    let [a, b] = words.map(f32::from_bits);
    let result = if matches!(code, IsNan | IsInf) {
        DType::Bool
    } else {
        x.dtype
    };
    Tensor::new(result, x.dims.clone(), |at| {
        if x.dtype != DType::F32 {
            let (value, [a, b]) = (x.integer(at), words.map(|word| i64::from(word as i32)));
            return wrapped(
                result,
                match code {
                    Abs => value.wrapping_abs(),
                    Neg => value.wrapping_neg(),
                    Sign => value.signum(),
                    Clip => {
                        if value.max(a) > b {
                            b
                        } else {
                            value.max(a)
                        }
                    }
                    Not => 1 - value,
                    _ => !value,
                },
            );
        }
        let x = x.float(at);
        let value = match code {
            IsNan => return vec![u8::from(x.is_nan())],
            IsInf => {
                return vec![u8::from(
                    (x == f32::INFINITY && words[0] != 0) || (x == f32::NEG_INFINITY && words[1] != 0),
                )];
            }
            Abs => x.abs(),
            Neg => -x,
            Sign => {
                if x > 0.0 {
                    1.0
                } else if x < 0.0 {
                    -1.0
                } else {
                    x
                }
            }
            Reciprocal => 1.0 / x,
            Floor => x.floor(),
            Ceil => x.ceil(),
            Round => x.round_ties_even(),
            Trunc => x.trunc(),
            Sqrt => x.sqrt(),
            Gelu => 0.5 * x * (1.0 + function(Erf, x * std::f32::consts::FRAC_1_SQRT_2)),
            GeluTanh => 0.5 * x * (1.0 + function(Tanh, 0.797_884_6 * (x + 0.044_715 * (x * x * x)))),
            LeakyRelu => {
                if x < 0.0 {
                    a * x
                } else {
                    x
                }
            }
            Relu => {
                if x < 0.0 {
                    0.0
                } else {
                    x
                }
            }
            Elu => {
                if x < 0.0 {
                    a * (function(Exp, x) - 1.0)
                } else {
                    x
                }
            }
            Selu => {
                if x < 0.0 {
                    b * (a * function(Exp, x) - a)
                } else {
                    b * x
                }
            }
            Celu => greatest(x, 0.0) + least(a * (function(Exp, x / a) - 1.0), 0.0),
            HardSigmoid => bounded(a * x + b, 0.0, 1.0),
            HardSwish => x * bounded(x * (1.0 / 6.0) + 0.5, 0.0, 1.0),
            Mish => x * function(Tanh, function(Softplus, x)),
            Softplus => (if x < 0.0 { 0.0 } else { x }) + function(Log, 1.0 + function(Exp, -x.abs())),
            Softsign => x / (1.0 + x.abs()),
            ThresholdedRelu => {
                if x > a {
                    x
                } else {
                    0.0
                }
            }
            Shrink => {
                if x < -a {
                    x + b
                } else if x > a {
                    x - b
                } else {
                    0.0
                }
            }
            Clip => bounded(x, a, b),
            Swish => x / (1.0 + function(Exp, -(a * x))),
            Sigmoid => 1.0 / (1.0 + function(Exp, -x)),
            Affine => a * x + b,
            code => function(code, x),
        };
        stored(value)
    })
}

fn bounded(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

fn binary(record: &Record, a: &Tensor, b: &Tensor) -> Tensor {
    use BinaryFunction::*;
    let code = BinaryFunction::from_code(record.attribute(0)).unwrap();
    let compares = matches!(code, Equal | Less | LessOrEqual | Greater | GreaterOrEqual);
    let result = if compares { DType::Bool } else { a.dtype };
    Tensor::new(result, joint(&[&a.dims, &b.dims]), |at| {
        if a.dtype == DType::F32 {
            let (x, y) = (float(a.stretched(at)), float(b.stretched(at)));
            let value = match code {
                Equal => return vec![u8::from(x == y)],
                Less => return vec![u8::from(x < y)],
                LessOrEqual => return vec![u8::from(x <= y)],
                Greater => return vec![u8::from(x > y)],
                GreaterOrEqual => return vec![u8::from(x >= y)],
                Add => x + y,
                Sub => x - y,
                Mul => x * y,
                Div => x / y,
                Minimum => least(x, y),
                Maximum => greatest(x, y),
                Remainder => x % y,
                Modulo => {
                    let rest = x % y;
                    if rest != 0.0 && (rest < 0.0) != (y < 0.0) {
                        rest + y
                    } else {
                        rest
                    }
                }
                Prelu => {
                    if x < 0.0 {
                        x * y
                    } else {
                        x
                    }
                }
                _ => {
                    let one = |x: f32| (DType::F32, vec![1], x.to_le_bytes().to_vec());
                    return Case::new(Operator::Binary as u32, vec![one(x), one(y)], &[code as i32]).run_all();
                }
            };
            return stored(value);
        }
        let (x, y) = (integer(a.dtype, a.stretched(at)), integer(a.dtype, b.stretched(at)));
        let unsigned = match a.dtype.bytes() {
            1 => (x as u8).into(),
            2 => (x as u16).into(),
            4 => (x as u32).into(),
            _ => x as u64,
        };
        let value = match code {
            Add => x.wrapping_add(y),
            Sub => x.wrapping_sub(y),
            Mul => x.wrapping_mul(y),
            Prelu => {
                if x < 0 {
                    x.wrapping_mul(y)
                } else {
                    x
                }
            }
            Div => x.checked_div(y).unwrap_or(if y == 0 { 0 } else { x }),
            // Beyond −1, 0 and 1 a negative power is less than 1; positive ones are kept small by the cases.
            Pow if y < 0 && x == 1 => 1,
            Pow if y < 0 && x == -1 => 1 - 2 * (y & 1),
            Pow if y < 0 => 0,
            Pow => (0..y).fold(1i64, |power, _| power.wrapping_mul(x)),
            Minimum => x.min(y),
            Maximum => x.max(y),
            Modulo if y == 0 => 0,
            Modulo => ((i128::from(x) % i128::from(y) + i128::from(y)) % i128::from(y)) as i64,
            Remainder => x.checked_rem(y).unwrap_or(0),
            And | BitAnd => x & y,
            Or | BitOr => x | y,
            Xor | BitXor => x ^ y,
            Equal => (x == y).into(),
            Less => (x < y).into(),
            LessOrEqual => (x <= y).into(),
            Greater => (x > y).into(),
            GreaterOrEqual => (x >= y).into(),
            ShiftLeft => u32::try_from(y).ok().and_then(|y| x.checked_shl(y)).unwrap_or(0),
            ShiftRight => u32::try_from(y).ok().and_then(|y| unsigned.checked_shr(y)).unwrap_or(0) as i64,
        };
        wrapped(result, value)
    })
}

fn reduce(record: &Record, x: &Tensor) -> Tensor {
    use ReduceFunction::*;
    let code = ReduceFunction::from_code(record.attribute(0)).unwrap();
    let axes = record.attribute(1);
    let reduced = |axis: usize| axes >> axis & 1 == 1;
    let dims = x
        .dims
        .iter()
        .enumerate()
        .map(|(axis, dim)| if reduced(axis) { 1 } else { *dim })
        .collect();
    Tensor::new(x.dtype, dims, |at| {
        let own = coordinates(&x.dims)
            .into_iter()
            .filter(|source| (0..at.len()).all(|axis| reduced(axis) || source[axis] == at[axis]));
        let own: Vec<Vec<u8>> = own.map(|source| x.at(&source).to_vec()).collect();
        if x.dtype == DType::F32 {
            let values: Vec<f32> = own.iter().map(|bytes| float(bytes)).collect();
            let of = |map: fn(f32) -> f32| lane_sum(&values.iter().map(|x| map(*x)).collect::<Vec<_>>());
            let most = values.iter().copied().reduce(greatest).unwrap();
            return stored(match code {
                Sum => of(|x| x),
                Mean => of(|x| x) / values.len() as f32,
                Max => most,
                Min => values.iter().copied().reduce(least).unwrap(),
                Prod => values.iter().copied().reduce(|a, b| a * b).unwrap(),
                SumSquare => of(|x| x * x),
                L1 => of(f32::abs),
                L2 => of(|x| x * x).sqrt(),
                LogSum => function(UnaryFunction::Log, of(|x| x)),
                LogSumExp => {
                    let most = if most.is_finite() { most } else { 0.0 };
                    let terms: Vec<f32> = values.iter().map(|x| function(UnaryFunction::Exp, x - most)).collect();
                    most + function(UnaryFunction::Log, lane_sum(&terms))
                }
            });
        }
        let values: Vec<i64> = own.iter().map(|bytes| integer(x.dtype, bytes)).collect();
        let sum = |map: fn(i64) -> i64| values.iter().fold(0i64, |sum, x| sum.wrapping_add(map(*x)));
        wrapped(
            x.dtype,
            match code {
                Max => *values.iter().max().unwrap(),
                Min => *values.iter().min().unwrap(),
                Prod => values.iter().fold(1i64, |product, x| product.wrapping_mul(*x)),
                SumSquare => sum(|x| x.wrapping_mul(x)),
                L1 => sum(i64::wrapping_abs),
                Mean => sum(|x| x) / values.len() as i64,
                _ => sum(|x| x),
            },
        )
    })
}

/// The elements of x along an axis, through `at`.
fn line(x: &Tensor, axis: usize, at: &[usize]) -> Vec<Vec<u8>> {
    let along = |place: usize| {
        let mut source = at.to_vec();
        source[axis] = place;
        x.at(&source).to_vec()
    };
    (0..x.dims[axis]).map(along).collect()
}

fn softmax(record: &Record, x: &Tensor) -> Tensor {
    let axis = record.attribute(0) as usize;
    Tensor::new(DType::F32, x.dims.clone(), |at| {
        let values: Vec<f32> = line(x, axis, at).iter().map(|bytes| float(bytes)).collect();
        let most = values
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, |most, x| if x > most { x } else { most });
        // Every NaN is the one NaN before it is looked at again.
        let centred: Vec<f32> = values.iter().map(|x| float(&stored(x - most))).collect();
        let terms: Vec<f32> = centred.iter().map(|x| function(UnaryFunction::Exp, *x)).collect();
        let sum = lane_sum(&terms);
        stored(match record.attribute(1) {
            1 => centred[at[axis]] - function(UnaryFunction::Log, sum),
            _ => terms[at[axis]] / sum,
        })
    })
}

fn normalize(record: &Record, x: &Tensor, parameters: &[Tensor]) -> Tensor {
    let axis = record.attribute(0) as usize;
    let size: usize = x.dims[axis..].iter().product();
    let rms = record.attribute(2) == 1;
    Tensor::new(DType::F32, x.dims.clone(), |at| {
        let place = x.place(at);
        let row: Vec<f32> = x.elements[place / size * size..][..size]
            .iter()
            .map(|bytes| float(bytes))
            .collect();
        let mean = if rms { 0.0 } else { lane_sum(&row) / size as f32 };
        let squares: Vec<f32> = row.iter().map(|x| (x - mean) * (x - mean)).collect();
        let inverse = 1.0 / (lane_sum(&squares) / size as f32 + f32::from_bits(record.attribute(1))).sqrt();
        let mut value = (row[place % size] - mean) * inverse;
        if let Some(scale) = parameters.first() {
            value *= float(&scale.elements[place % size]);
        }
        if let Some(bias) = parameters.get(1) {
            value += float(&bias.elements[place % size]);
        }
        stored(value)
    })
}

fn cumulate(record: &Record, x: &Tensor) -> Tensor {
    let [axis, exclusive, reverse, product] = [0, 1, 2, 3].map(|place| record.attribute(place) as usize);
    Tensor::new(x.dtype, x.dims.clone(), |at| {
        let mut values = line(x, axis, at);
        let mut here = at[axis];
        if reverse == 1 {
            values.reverse();
            here = values.len() - 1 - here;
        }
        let before = &values[..here + 1 - exclusive];
        if x.dtype == DType::F32 {
            let values = before.iter().map(|bytes| float(bytes));
            return stored(match product {
                1 => values.fold(1.0, |product, x| product * x),
                _ => values.fold(0.0, |sum, x| sum + x),
            });
        }
        let values = before.iter().map(|bytes| integer(x.dtype, bytes));
        wrapped(
            x.dtype,
            match product {
                1 => values.fold(1i64, |product, x| product.wrapping_mul(x)),
                _ => values.fold(0i64, |sum, x| sum.wrapping_add(x)),
            },
        )
    })
}
