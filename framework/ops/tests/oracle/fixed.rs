//! Fixed-point operators, in 128 bits.

use opml_ops::{DType, FixedUnaryFunction, Operator, Record};

use super::fixed_functions::{exp, function, reciprocal, reciprocal_root, rounded};
use super::tensor::{Tensor, integer, wrapped};

/// The output of an operator of this family.
pub(crate) fn output(operator: Operator, record: &Record, inputs: &[Vec<u8>]) -> Option<Tensor> {
    let input = |place: usize| Tensor::input(record, inputs, place);
    Some(match operator {
        Operator::FixedUnary => unary(record, &input(0)),
        Operator::FixedSoftmax => softmax(record, &input(0)),
        Operator::FixedNormalize => {
            let parameters: Vec<Tensor> = (1..inputs.len()).map(input).collect();
            normalize(record, &input(0), &parameters)
        }
        _ => return None,
    })
}

fn saturated(dtype: DType, value: i128) -> Vec<u8> {
    let [low, high] = match dtype {
        DType::I8 => [-128, 127],
        DType::U8 => [0, 255],
        DType::I16 => [-32768, 32767],
        _ => [i32::MIN.into(), i32::MAX.into()],
    };
    wrapped(dtype, value.clamp(low, high) as i64)
}

fn unary(record: &Record, x: &Tensor) -> Tensor {
    let code = FixedUnaryFunction::from_code(record.attribute(0)).unwrap();
    let [from, to] = [1, 2].map(|place| i128::from(record.attribute(place)));
    let result = DType::from_code(record.attribute(3)).unwrap();
    Tensor::new(result, x.dims.clone(), |at| {
        saturated(result, function(code, x.integer(at).into(), from, to))
    })
}

fn softmax(record: &Record, x: &Tensor) -> Tensor {
    let axis = record.attribute(0) as usize;
    let a = |place: usize| record.signed_attribute(place);
    let result = DType::from_code(record.attribute(3)).unwrap();
    Tensor::new(result, x.dims.clone(), |at| {
        let line: Vec<i64> = (0..x.dims[axis])
            .map(|place| {
                let mut source = at.to_vec();
                source[axis] = place;
                x.integer(&source)
            })
            .collect();
        let most = *line.iter().max().unwrap();
        let terms: Vec<i128> = line
            .iter()
            .map(|x| {
                let scaled = rounded(i128::from(x - most) * i128::from(a(1)), (a(2) as u32 % 64).into());
                let (value, fraction) = exp(scaled.clamp(i32::MIN.into(), 0) << 6);
                rounded(value, fraction - 31)
            })
            .collect();
        let sum: i128 = terms.iter().sum();
        // sum = d·2^k with 1 ≤ d < 2; both in Q31.
        let k = i128::from(127 - sum.leading_zeros());
        let inverse = reciprocal(sum << (62 - k)) >> 31;
        let share = rounded(terms[at[axis]] * inverse, 31 + k - i128::from(a(4)));
        saturated(result, share + i128::from(a(5)))
    })
}

/// Half of the bits that n has, rounded up: √n ≤ 2^half.
fn half_bits(n: usize) -> i128 {
    i128::from(n.next_power_of_two().trailing_zeros().div_ceil(2))
}

fn normalize(record: &Record, x: &Tensor, parameters: &[Tensor]) -> Tensor {
    let axis = record.attribute(0) as usize;
    let size: usize = x.dims[axis..].iter().product();
    let a = |place: usize| i128::from(record.attribute(place));
    let result = DType::from_code(record.attribute(5)).unwrap();
    Tensor::new(result, x.dims.clone(), |at| {
        let place = x.place(at);
        let row = x.elements[place / size * size..][..size].iter();
        let row: Vec<i128> = row.map(|bytes| integer(x.dtype, bytes).into()).collect();
        let n = size as i128;
        let sum: i128 = if a(2) == 1 { 0 } else { row.iter().sum() };
        let squares: i128 = row.iter().map(|x| x * x).sum();
        let w = n * squares - sum * sum + n * n * a(1);
        let fraction = 30 - half_bits(size);
        let value = if w == 0 {
            0
        } else {
            // W = m·4^k, m in Q30.
            let k = i128::from(127 - w.leading_zeros()) / 2;
            let m = if k >= 15 { w >> (2 * k - 30) } else { w << (30 - 2 * k) };
            let root = reciprocal_root(m) >> 30;
            let width = i128::from(8 * x.dtype.bytes() + size.next_power_of_two().trailing_zeros());
            let shift = 62 - width.min(k + 1 + half_bits(size));
            let product = (((n * row[place % size] - sum) << shift) * root) >> 32;
            rounded(product, shift + k - fraction)
        };
        let parameter = |input: usize| {
            parameters
                .get(input)
                .map(|tensor| integer(DType::I32, &tensor.elements[place % size]))
        };
        let scale = parameter(0).map_or(1 << a(3), i128::from);
        let bias = i128::from(parameter(1).unwrap_or(0));
        let scaled = rounded(value * scale + (bias << fraction), fraction + a(3) - a(4));
        saturated(result, scaled + i128::from(record.signed_attribute(6)))
    })
}
