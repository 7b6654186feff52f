use std::path::{Path, PathBuf};

use opml_ops::DType;
use prost::Message;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{ModelProto, TensorProto, ValueInfoProto};

/// A tensor of a test.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) dtype: DType,
    pub(crate) dims: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

/// A single-node test over the types that the project has.
pub(crate) struct Case {
    pub(crate) model: PathBuf,
    pub(crate) operator: String,
    pub(crate) inputs: Vec<Tensor>,
    pub(crate) outputs: Vec<Tensor>,
}

fn dtype(code: i32) -> Option<DType> {
    Some(match DataType::try_from(code).ok()? {
        DataType::Float => DType::F32,
        DataType::Int8 => DType::I8,
        DataType::Uint8 => DType::U8,
        DataType::Int32 => DType::I32,
        DataType::Int64 => DType::I64,
        DataType::Bool => DType::Bool,
        _ => return None,
    })
}

fn is_eligible(value: &ValueInfoProto) -> bool {
    match value.r#type.as_ref().and_then(|kind| kind.value.as_ref()) {
        Some(Value::TensorType(tensor)) => dtype(tensor.elem_type).is_some(),
        _ => false,
    }
}

impl Case {
    /// The test in a folder, if it is one of those that are wanted.
    pub(crate) fn read(folder: &Path) -> Option<Case> {
        let model = folder.join("model.onnx");
        let proto = ModelProto::decode(&std::fs::read(&model).ok()?[..]).ok()?;
        let graph = proto.graph?;
        let [node] = &graph.node[..] else {
            return None;
        };
        if !graph.input.iter().chain(&graph.output).all(is_eligible) {
            return None;
        }
        let data = folder.join("test_data_set_0");
        let tensors = |kind: &str, values: &[ValueInfoProto]| {
            let names = values.iter().map(|value| value.name.clone()).enumerate();
            names
                .map(|(place, name)| tensor(&data.join(format!("{kind}_{place}.pb")), name))
                .collect::<Option<Vec<_>>>()
        };
        Some(Case {
            operator: node.op_type.clone(),
            inputs: tensors("input", &graph.input)?,
            outputs: tensors("output", &graph.output)?,
            model,
        })
    }
}

fn tensor(path: &Path, name: String) -> Option<Tensor> {
    let proto = TensorProto::decode(&std::fs::read(path).ok()?[..]).ok()?;
    let dtype = dtype(proto.data_type)?;
    let bytes = match proto.raw_data.is_empty() {
        false => proto.raw_data,
        true => match dtype {
            DType::F32 => proto.float_data.iter().flat_map(|value| value.to_le_bytes()).collect(),
            DType::I64 => proto.int64_data.iter().flat_map(|value| value.to_le_bytes()).collect(),
            DType::I32 => proto.int32_data.iter().flat_map(|value| value.to_le_bytes()).collect(),
            _ => proto.int32_data.iter().map(|value| *value as u8).collect(),
        },
    };
    Some(Tensor {
        name,
        dtype,
        dims: proto.dims.iter().map(|dim| *dim as usize).collect(),
        bytes,
    })
}
