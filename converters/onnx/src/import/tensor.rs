use bytes::Bytes;
use opml_ops::DType;

use super::problem::{Outcome, Problem};

/// The most elements that a tensor made by the converter may have: more than a slot holds is of no use.
pub(crate) const MOST_ELEMENTS: usize = 1 << 28;

/// The most elements that the converter works out one by one, or looks at one by one where they decide about shapes.
const MOST_LISTED: usize = 1 << 24;

/// The most bytes of a tensor in which every element is the same.
const MOST_FILLED_BYTES: usize = 1 << 28;

/// The number of elements of these dimensions, if it is at most `most`; where there are none for a dimension of 0, the others are bounded too,
/// so that no product of some of them is too large a number.
fn product(dims: &[usize], most: usize) -> Option<usize> {
    let others = dims
        .iter()
        .try_fold(1usize, |product, dim| product.checked_mul(*dim.max(&1)))?;
    (others <= most).then(|| if dims.contains(&0) { 0 } else { others })
}

fn too_large(dims: &[usize]) -> Problem {
    Problem::new(format!("a tensor of the shape {dims:?} is too large"))
}

/// The number of elements of a tensor that is about to be made.
pub(crate) fn bounded(dims: &[usize]) -> Outcome<usize> {
    product(dims, MOST_ELEMENTS).ok_or_else(|| too_large(dims))
}

/// The number of elements of a tensor whose elements are about to be worked out one by one.
pub(crate) fn listed(dims: &[usize]) -> Outcome<usize> {
    product(dims, MOST_LISTED).ok_or_else(|| {
        Problem::new(format!(
            "the converter would have to work out {dims:?} numbers one by one; it does at most {MOST_LISTED}"
        ))
    })
}

/// Dimensions as products of computed sizes: refused where no tensor has so many elements.
pub(crate) fn elements(dims: &[usize]) -> Outcome<usize> {
    product(dims, 1 << 40).ok_or_else(|| too_large(dims))
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
    pub(crate) fn filled(dtype: DType, dims: Vec<usize>, value: f64) -> Outcome<Tensor> {
        Tensor::repeated(dtype, dims, &element(dtype, value))
    }

    /// A tensor of these dimensions in which every element has these bytes.
    pub(crate) fn repeated(dtype: DType, dims: Vec<usize>, element: &[u8]) -> Outcome<Tensor> {
        let count = product(&dims, MOST_FILLED_BYTES / element.len().max(1)).ok_or_else(|| too_large(&dims))?;
        Ok(Tensor {
            dtype,
            dims,
            bytes: element.repeat(count).into(),
        })
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
