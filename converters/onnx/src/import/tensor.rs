use bytes::Bytes;
use opml_ops::DType;

use super::problem::{Outcome, Problem};

/// The most elements that a tensor made by the converter may have: more than a slot holds is of no use.
pub(crate) const MOST_ELEMENTS: usize = 1 << 28;

/// The number of elements of a tensor that is about to be made.
pub(crate) fn bounded(dims: &[usize]) -> Outcome<usize> {
    let elements = dims.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim));
    let elements = elements.filter(|elements| *elements <= MOST_ELEMENTS);
    elements.ok_or_else(|| Problem::new(format!("a tensor of the shape {dims:?} is too large")))
}

/// A constant tensor; unlike a model's, it may be empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) dtype: DType,
    pub(crate) dims: Vec<usize>,
    pub(crate) bytes: Bytes,
}

impl Tensor {
    /// A tensor of i64 numbers along one axis.
    pub(crate) fn i64s(values: &[i64]) -> Tensor {
        Tensor {
            dtype: DType::I64,
            dims: vec![values.len()],
            bytes: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    /// A tensor of i32 numbers.
    pub(crate) fn i32s(dims: Vec<usize>, values: impl IntoIterator<Item = i32>) -> Tensor {
        Tensor {
            dtype: DType::I32,
            dims,
            bytes: values.into_iter().flat_map(i32::to_le_bytes).collect(),
        }
    }

    /// A tensor of f32 numbers.
    pub(crate) fn f32s(dims: Vec<usize>, values: impl IntoIterator<Item = f32>) -> Tensor {
        Tensor {
            dtype: DType::F32,
            dims,
            bytes: values.into_iter().flat_map(f32::to_le_bytes).collect(),
        }
    }

    /// A tensor of booleans.
    pub(crate) fn booleans(dims: Vec<usize>, values: impl IntoIterator<Item = bool>) -> Tensor {
        Tensor {
            dtype: DType::Bool,
            dims,
            bytes: values.into_iter().map(u8::from).collect(),
        }
    }

    /// A tensor without dimensions: a number of a type, integers towards zero.
    pub(crate) fn scalar(dtype: DType, value: f64) -> Tensor {
        Tensor {
            dtype,
            dims: Vec::new(),
            bytes: element(dtype, value),
        }
    }

    /// A tensor of these dimensions in which every element is one number.
    pub(crate) fn filled(dtype: DType, dims: Vec<usize>, value: f64) -> Tensor {
        let element = element(dtype, value);
        let count = dims.iter().product();
        Tensor {
            dtype,
            dims,
            bytes: element.repeat(count).into(),
        }
    }

    /// The number of elements.
    pub(crate) fn elements(&self) -> usize {
        self.dims.iter().product()
    }

    /// Its elements as integers; f32 ones towards zero.
    pub(crate) fn to_i64s(&self) -> Vec<i64> {
        let chunks = self.bytes.chunks_exact(self.dtype.bytes() as usize);
        chunks.map(|chunk| integer(self.dtype, chunk)).collect()
    }

    /// Its elements as binary32 numbers.
    pub(crate) fn to_f32s(&self) -> Vec<f32> {
        let chunks = self.bytes.chunks_exact(self.dtype.bytes() as usize);
        let number = |chunk: &[u8]| match self.dtype {
            DType::F32 => f32::from_le_bytes(chunk.try_into().unwrap_or_default()),
            dtype => integer(dtype, chunk) as f32,
        };
        chunks.map(number).collect()
    }
}

/// The bytes of a number of a type.
fn element(dtype: DType, value: f64) -> Bytes {
    let bytes = match dtype {
        DType::F32 => (value as f32).to_le_bytes().to_vec(),
        DType::I32 => (value as i32).to_le_bytes().to_vec(),
        DType::I8 => (value as i8).to_le_bytes().to_vec(),
        DType::U8 => (value as u8).to_le_bytes().to_vec(),
        DType::I16 => (value as i16).to_le_bytes().to_vec(),
        DType::I64 => (value as i64).to_le_bytes().to_vec(),
        DType::Bool => vec![u8::from(value != 0.0)],
    };
    Bytes::from(bytes)
}

fn integer(dtype: DType, chunk: &[u8]) -> i64 {
    match dtype {
        DType::F32 => f32::from_le_bytes(chunk.try_into().unwrap_or_default()) as i64,
        DType::I32 => i64::from(i32::from_le_bytes(chunk.try_into().unwrap_or_default())),
        DType::I16 => i64::from(i16::from_le_bytes(chunk.try_into().unwrap_or_default())),
        DType::I64 => i64::from_le_bytes(chunk.try_into().unwrap_or_default()),
        DType::I8 => i64::from(chunk.first().copied().unwrap_or(0) as i8),
        DType::U8 => i64::from(chunk.first().copied().unwrap_or(0)),
        DType::Bool => i64::from(chunk.first().copied().unwrap_or(0) != 0),
    }
}
