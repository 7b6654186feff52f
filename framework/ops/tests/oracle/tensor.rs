//! Tensors as lists of elements, each its own bytes: slow, and hard to get wrong.

use opml_ops::{DType, Operator, Record, UnaryFunction};

use crate::cases::Case;

/// A tensor.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) dtype: DType,
    pub(crate) dims: Vec<usize>,
    pub(crate) elements: Vec<Vec<u8>>,
}

impl Tensor {
    /// A record's input.
    pub(crate) fn input(record: &Record, inputs: &[Vec<u8>], input: usize) -> Tensor {
        let value = record.input(input).unwrap();
        Tensor {
            dtype: value.dtype,
            dims: value.shape.dims().iter().map(|dim| *dim as usize).collect(),
            elements: inputs[input]
                .chunks(value.dtype.bytes() as usize)
                .map(<[u8]>::to_vec)
                .collect(),
        }
    }

    /// A tensor whose element at each place is what `element` makes of its coordinates.
    pub(crate) fn new(dtype: DType, dims: Vec<usize>, element: impl FnMut(&[usize]) -> Vec<u8>) -> Tensor {
        let elements = coordinates(&dims).iter().map(|at| &at[..]).map(element).collect();
        Tensor { dtype, dims, elements }
    }

    /// The place of an element.
    pub(crate) fn place(&self, at: &[usize]) -> usize {
        at.iter().zip(&self.dims).fold(0, |place, (at, dim)| place * dim + at)
    }

    /// An element's bytes.
    pub(crate) fn at(&self, at: &[usize]) -> &[u8] {
        &self.elements[self.place(at)]
    }

    /// An element as f32.
    pub(crate) fn float(&self, at: &[usize]) -> f32 {
        float(self.at(at))
    }

    /// An element as an integer.
    pub(crate) fn integer(&self, at: &[usize]) -> i64 {
        integer(self.dtype, self.at(at))
    }

    /// The element that belongs to `at` of an output that this tensor is stretched to.
    pub(crate) fn stretched(&self, at: &[usize]) -> &[u8] {
        let skipped = at.len() - self.dims.len();
        let at: Vec<usize> = at[skipped..]
            .iter()
            .zip(&self.dims)
            .map(|(at, dim)| if *dim == 1 { 0 } else { *at })
            .collect();
        self.at(&at)
    }

    /// Dimensions and bytes.
    pub(crate) fn output(self) -> (Vec<usize>, Vec<u8>) {
        (self.dims, self.elements.concat())
    }
}

/// All coordinates of a tensor, in row-major order.
pub(crate) fn coordinates(dims: &[usize]) -> Vec<Vec<usize>> {
    dims.iter().fold(vec![Vec::new()], |all, dim| {
        all.iter()
            .flat_map(|at| (0..*dim).map(move |next| [&at[..], &[next]].concat()))
            .collect()
    })
}

/// The shape that others are stretched to.
pub(crate) fn joint(shapes: &[&[usize]]) -> Vec<usize> {
    let rank = shapes.iter().map(|dims| dims.len()).max().unwrap();
    let along = |axis: usize| {
        let own = shapes
            .iter()
            .filter_map(|dims| dims.get((axis + dims.len()).checked_sub(rank)?));
        own.copied().max().unwrap()
    };
    (0..rank).map(along).collect()
}

pub(crate) fn float(bytes: &[u8]) -> f32 {
    f32::from_le_bytes(bytes.try_into().unwrap())
}

/// The bytes of a result: every NaN is the one NaN.
pub(crate) fn stored(value: f32) -> Vec<u8> {
    let bits = if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() };
    bits.to_le_bytes().to_vec()
}

pub(crate) fn integer(dtype: DType, bytes: &[u8]) -> i64 {
    match dtype {
        DType::I32 => i64::from(i32::from_le_bytes(bytes.try_into().unwrap())),
        DType::I16 => i64::from(i16::from_le_bytes(bytes.try_into().unwrap())),
        DType::I64 => i64::from_le_bytes(bytes.try_into().unwrap()),
        DType::I8 => i64::from(bytes[0] as i8),
        DType::U8 => i64::from(bytes[0]),
        DType::Bool => i64::from(bytes[0] != 0),
        DType::F32 => panic!("an f32 is no integer"),
    }
}

/// The low bytes of an integer.
pub(crate) fn wrapped(dtype: DType, value: i64) -> Vec<u8> {
    match dtype {
        DType::Bool => vec![u8::from(value != 0)],
        _ => value.to_le_bytes()[..dtype.bytes() as usize].to_vec(),
    }
}

/// A function whose error is measured elsewhere, by the crate, of one number alone.
pub(crate) fn function(function: UnaryFunction, x: f32) -> f32 {
    let inputs = vec![(DType::F32, vec![1], x.to_le_bytes().to_vec())];
    float(&Case::new(Operator::Unary as u32, inputs, &[function as i32]).run_all())
}

/// Value i is added to lane i mod 16; then lanes 8, 4, 2, 1 apart.
pub(crate) fn lane_sum(values: &[f32]) -> f32 {
    let mut lanes = [0f32; 16];
    for (place, value) in values.iter().enumerate() {
        lanes[place % 16] += value;
    }
    for apart in [8, 4, 2, 1] {
        for lane in 0..apart {
            lanes[lane] += lanes[lane + apart];
        }
    }
    lanes[0]
}
