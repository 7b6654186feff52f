//! Tensors as an ONNX file holds them.

use std::path::{Component, Path};

use bytes::Bytes;
use tract_onnx::pb::TensorProto;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};

use super::node::dtype;
use super::problem::{Outcome, Problem};
use super::tensor::{Tensor, elements};

/// The most bytes that a tensor may have.
const MOST_BYTES: u64 = 1 << 32;

/// A tensor; what is kept outside the file is looked for in `folder`.
pub(crate) fn tensor(proto: &TensorProto, folder: Option<&Path>) -> Outcome<Tensor> {
    owned(proto.clone(), folder)
}

/// A tensor, whose bytes are not copied if that can be.
pub(crate) fn owned(mut proto: TensorProto, folder: Option<&Path>) -> Outcome<Tensor> {
    let raw = std::mem::take(&mut proto.raw_data);
    let named = |problem: Problem| Problem {
        message: format!("the tensor `{}`: {}", proto.name, problem.message),
        ..problem
    };
    read(&proto, raw, folder).map_err(named)
}

fn read(proto: &TensorProto, raw: Vec<u8>, folder: Option<&Path>) -> Outcome<Tensor> {
    let dtype = dtype(i64::from(proto.data_type))?;
    let kind = DataType::try_from(proto.data_type).unwrap_or(DataType::Undefined);
    let dims = proto
        .dims
        .iter()
        .map(|dim| super::node::size(*dim))
        .collect::<Outcome<Vec<_>>>()?;
    let stored = stored_bytes(kind);
    let bytes = elements(&dims).ok().map(|elements| elements as u64 * stored as u64);
    let bytes = bytes.filter(|bytes| *bytes <= MOST_BYTES);
    let bytes = bytes.ok_or_else(|| Problem::new(format!("the dimensions {dims:?} are too large")))? as usize;
    if proto.segment.is_some() {
        return Err(Problem::new("it is kept in segments, which are not supported"));
    }
    let raw = if proto.data_location == Some(DataLocation::External as i32) {
        external(proto, folder, bytes)?
    } else if !raw.is_empty() || bytes == 0 {
        raw
    } else {
        typed_bytes(proto, kind)
    };
    if raw.len() != bytes {
        return Err(Problem::new(format!(
            "it has {} bytes, its dimensions {dims:?} need {bytes}",
            raw.len()
        )));
    }
    let bytes = match kind {
        DataType::Double => {
            let values = raw
                .as_chunks::<8>()
                .0
                .iter()
                .map(|chunk| f64::from_le_bytes(*chunk) as f32);
            values.flat_map(f32::to_le_bytes).collect()
        }
        DataType::Float16 => {
            let values = raw
                .as_chunks::<2>()
                .0
                .iter()
                .map(|chunk| half(u16::from_le_bytes(*chunk)));
            values.flat_map(f32::to_le_bytes).collect()
        }
        DataType::Bool => raw.iter().map(|byte| u8::from(*byte != 0)).collect(),
        _ => Bytes::from(raw),
    };
    Ok(Tensor { dtype, dims, bytes })
}

fn stored_bytes(kind: DataType) -> usize {
    match kind {
        DataType::Double | DataType::Int64 => 8,
        DataType::Float | DataType::Int32 => 4,
        DataType::Float16 | DataType::Int16 => 2,
        _ => 1,
    }
}

/// The elements of a tensor that keeps them in a field of their type.
fn typed_bytes(proto: &TensorProto, kind: DataType) -> Vec<u8> {
    match kind {
        DataType::Float => proto.float_data.iter().flat_map(|value| value.to_le_bytes()).collect(),
        DataType::Double => proto.double_data.iter().flat_map(|value| value.to_le_bytes()).collect(),
        DataType::Int64 => proto.int64_data.iter().flat_map(|value| value.to_le_bytes()).collect(),
        DataType::Int32 => proto.int32_data.iter().flat_map(|value| value.to_le_bytes()).collect(),
        DataType::Float16 | DataType::Int16 => proto
            .int32_data
            .iter()
            .flat_map(|value| (*value as i16).to_le_bytes())
            .collect(),
        _ => proto.int32_data.iter().map(|value| *value as u8).collect(),
    }
}

/// Bytes that are kept in a file of their own.
fn external(proto: &TensorProto, folder: Option<&Path>, expected: usize) -> Outcome<Vec<u8>> {
    let entry = |key: &str| {
        proto
            .external_data
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value[..])
    };
    let location = entry("location").ok_or_else(|| Problem::new("it is kept outside the file, but not said where"))?;
    let path = Path::new(location);
    let inside = path
        .components()
        .all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
    if !inside {
        return Err(Problem::new(format!(
            "it is kept in `{location}`, outside the model's folder"
        )));
    }
    let number = |key: &str, default: u64| match entry(key) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| Problem::new(format!("its `{key}` is `{text}`, no number"))),
    };
    let (offset, length) = (number("offset", 0)?, number("length", expected as u64)?);
    if length != expected as u64 {
        return Err(Problem::new(format!(
            "it has {length} bytes in `{location}`, its dimensions need {expected}"
        )));
    }
    let path = folder.unwrap_or(Path::new(".")).join(path);
    let cannot = |error: std::io::Error| {
        Problem::new(format!(
            "it is kept in {}, which cannot be read: {error}",
            path.display()
        ))
        .with_help("put the model's data files beside it")
    };
    let mut file = std::fs::File::open(&path).map_err(cannot)?;
    let end = offset.saturating_add(length);
    let size = file.metadata().map_err(cannot)?.len();
    if size < end {
        return Err(Problem::new(format!(
            "it ends at byte {end} of {}, which has {size}",
            path.display()
        )));
    }
    let mut bytes = vec![0; expected];
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(offset)).map_err(cannot)?;
    std::io::Read::read_exact(&mut file, &mut bytes).map_err(cannot)?;
    Ok(bytes)
}

/// The binary32 number that a half-precision one is.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 0x3ff));
    match exponent {
        0 => sign * fraction * (-24f32).exp2(),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1024.0 + fraction) * ((exponent - 25) as f32).exp2(),
    }
}
