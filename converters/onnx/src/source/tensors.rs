use tract_onnx::pb::TensorProto;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};

/// The most elements that any tensor may have: more than a slot of the machine holds is of no use.
pub(crate) const MAX_ELEMENTS: u64 = 1 << 28;

/// Whether a tensor's elements lie in a file of their own.
pub(crate) fn is_external(tensor: &TensorProto) -> bool {
    tensor.data_location == Some(DataLocation::External as i32)
}

/// The product of dimensions, when each is at least 0 and the product at most [`MAX_ELEMENTS`].
pub(crate) fn elements(dims: impl IntoIterator<Item = i64>) -> Option<u64> {
    dims.into_iter()
        .try_fold(1u64, |product, dim| product.checked_mul(u64::try_from(dim).ok()?))
        .filter(|product| *product <= MAX_ELEMENTS)
}

/// Checks that a tensor holds as many elements as its dimensions announce, and gives their number.
pub(crate) fn check(tensor: &TensorProto) -> Result<u64, String> {
    let elements = elements(tensor.dims.iter().copied())
        .ok_or_else(|| format!("has the impossible dimensions {:?}", tensor.dims))?;
    if tensor.segment.is_some() {
        return Err("is kept in segments, which are not supported".into());
    }
    let kind = DataType::try_from(tensor.data_type).map_err(|_| format!("has no known type ({})", tensor.data_type))?;
    let (size, typed) = match kind {
        DataType::Float => (4, tensor.float_data.len()),
        DataType::Double => (8, tensor.double_data.len()),
        DataType::Int64 => (8, tensor.int64_data.len()),
        DataType::Int32 => (4, tensor.int32_data.len()),
        DataType::Float16 => (2, tensor.int32_data.len()),
        DataType::Int8 | DataType::Uint8 | DataType::Bool => (1, tensor.int32_data.len()),
        other => {
            return Err(format!(
                "has elements of type {}, which is not supported",
                other.as_str_name()
            ));
        }
    };
    let stored = match (is_external(tensor), tensor.raw_data.len() as u64) {
        (true, _) => return Ok(elements),
        (false, 0) => typed as u64,
        (false, bytes) if bytes % size != 0 => {
            return Err(format!("has {bytes} bytes, not a whole number of elements"));
        }
        (false, bytes) => bytes / size,
    };
    match stored == elements {
        true => Ok(elements),
        false => Err(format!(
            "has {stored} elements, but its dimensions {:?} need {elements}",
            tensor.dims
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(dims: &[i64], raw_data: Vec<u8>) -> TensorProto {
        TensorProto {
            dims: dims.to_vec(),
            data_type: DataType::Float as i32,
            raw_data,
            ..TensorProto::default()
        }
    }

    #[test]
    fn dimensions_and_bytes_must_agree() {
        assert_eq!(check(&tensor(&[2, 3], vec![0; 24])), Ok(6));
        assert_eq!(check(&tensor(&[], vec![0; 4])), Ok(1));
        for (dims, bytes) in [
            (&[2, 3][..], 20),
            (&[2, 3], 23),
            (&[-1], 4),
            (&[i64::MAX, i64::MAX], 4),
            (&[1 << 29], 4),
        ] {
            assert!(check(&tensor(dims, vec![0; bytes])).is_err(), "{dims:?} {bytes}");
        }
    }
}
