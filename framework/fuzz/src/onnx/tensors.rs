use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::{StringStringEntryProto, TensorProto};

use crate::random::Random;

/// The types of elements, those that nothing supports among them.
pub(super) const TYPES: &[i32] = &[1, 1, 1, 7, 7, 6, 2, 3, 9, 11, 10, 5, 4, 8, 12, 13, 14, 16, 17, 0, 99];
/// The most bytes that a tensor is given so that it is whole.
const MOST: usize = 1 << 12;

/// A small tensor.
pub(super) fn new(name: String, random: &mut Random) -> TensorProto {
    let mut tensor = TensorProto {
        name,
        dims: (0..random.below(5)).map(|_| 1 + random.below(4) as i64).collect(),
        data_type: random.among(TYPES),
        ..TensorProto::default()
    };
    fill(&mut tensor, random);
    tensor
}

/// Changes dimensions, type, elements, or where they are kept.
pub(super) fn change(tensor: &mut TensorProto, random: &mut Random) {
    match random.below(10) {
        0 => tensor.dims = (0..random.below(7)).map(|_| random.size()).collect(),
        1 => {
            if let Some(place) = random.place(tensor.dims.len()) {
                tensor.dims[place] = random.size();
            }
        }
        2 => tensor.data_type = random.among(TYPES),
        3 => external(tensor, random),
        4 => {
            tensor.dims = (0..random.below(4)).map(|_| 1 + random.below(5) as i64).collect();
            fill(tensor, random);
        }
        _ => element(tensor, random),
    }
    if random.below(3) > 0 {
        fit(tensor);
    }
}

fn element(tensor: &mut TensorProto, random: &mut Random) {
    if let Some(place) = random.place(tensor.int64_data.len()) {
        tensor.int64_data[place] = random.integer();
    } else if let Some(place) = random.place(tensor.float_data.len()) {
        tensor.float_data[place] = random.float();
    } else if let Some(place) = random.place(tensor.int32_data.len()) {
        tensor.int32_data[place] = random.integer() as i32;
    } else if let Some(place) = random.place(tensor.raw_data.len()) {
        let bytes = match bytes_of(tensor.data_type) {
            8 => random.integer().to_le_bytes().to_vec(),
            4 if tensor.data_type == DataType::Float as i32 => random.float().to_le_bytes().to_vec(),
            size => random.integer().to_le_bytes()[..size].to_vec(),
        };
        let first = place / bytes.len() * bytes.len();
        let target = tensor.raw_data[first..].iter_mut();
        target.zip(bytes).for_each(|(target, byte)| *target = byte);
    }
}

fn bytes_of(data_type: i32) -> usize {
    match DataType::try_from(data_type) {
        Ok(DataType::Int64 | DataType::Double | DataType::Uint64) => 8,
        Ok(DataType::Float | DataType::Int32 | DataType::Uint32) => 4,
        Ok(DataType::Int16 | DataType::Uint16 | DataType::Float16 | DataType::Bfloat16) => 2,
        _ => 1,
    }
}

fn size(tensor: &TensorProto) -> Option<usize> {
    let first = bytes_of(tensor.data_type);
    let sizes = tensor.dims.iter().map(|dim| usize::try_from(*dim).ok());
    sizes
        .into_iter()
        .try_fold(first, |product, size| product.checked_mul(size?))
        .filter(|size| *size <= MOST)
}

/// Gives a small tensor as many bytes as its dimensions announce.
fn fit(tensor: &mut TensorProto) {
    let typed = [
        tensor.float_data.len(),
        tensor.int64_data.len(),
        tensor.int32_data.len(),
    ];
    if let Some(size) = size(tensor).filter(|_| typed == [0; 3]) {
        tensor.raw_data.resize(size, 1);
    }
}

fn fill(tensor: &mut TensorProto, random: &mut Random) {
    tensor.float_data.clear();
    tensor.int64_data.clear();
    tensor.int32_data.clear();
    tensor.raw_data.clear();
    fit(tensor);
    for _ in 0..random.below(8) {
        element(tensor, random);
    }
}

fn external(tensor: &mut TensorProto, random: &mut Random) {
    tensor.data_location = Some(DataLocation::External as i32);
    tensor.raw_data.clear();
    let location = random.among(&["weights", "nowhere", "../weights", "/dev/zero", "model.onnx", "", "."]);
    let numbers =
        [("offset", random.integer()), ("length", random.integer())].map(|(key, number)| (key, number.to_string()));
    let entries = [("location", location.to_string())].into_iter().chain(numbers);
    let kept = random.below(8);
    tensor.external_data = entries
        .enumerate()
        .filter(|(place, _)| kept >> place & 1 == 0)
        .map(|(_, (key, value))| StringStringEntryProto { key: key.into(), value })
        .collect();
}
