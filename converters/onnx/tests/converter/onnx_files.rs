//! Small ONNX files, made node by node.

use std::path::{Path, PathBuf};

use prost::Message;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
use tract_onnx::pb::type_proto::{Tensor, Value};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto,
};

/// A node with attributes.
pub(crate) fn node(
    operator: &str,
    name: &str,
    inputs: &[&str],
    output: &str,
    attributes: Vec<AttributeProto>,
) -> NodeProto {
    NodeProto {
        op_type: operator.into(),
        name: name.into(),
        input: inputs.iter().map(|input| (*input).into()).collect(),
        output: vec![output.into()],
        attribute: attributes,
        ..NodeProto::default()
    }
}

/// A list of integers as an attribute.
pub(crate) fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        r#type: AttributeType::Ints as i32,
        ints: ints.to_vec(),
        ..AttributeProto::default()
    }
}

/// An integer as an attribute.
pub(crate) fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        r#type: AttributeType::Int as i32,
        i,
        ..AttributeProto::default()
    }
}

/// A float as an attribute.
pub(crate) fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        r#type: AttributeType::Float as i32,
        f,
        ..AttributeProto::default()
    }
}

/// A text as an attribute.
pub(crate) fn text(name: &str, text: &str) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        r#type: AttributeType::String as i32,
        s: text.as_bytes().to_vec(),
        ..AttributeProto::default()
    }
}

/// A graph as an attribute.
pub(crate) fn graph_attribute(name: &str, graph: GraphProto) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        r#type: AttributeType::Graph as i32,
        g: Some(graph),
        ..AttributeProto::default()
    }
}

/// Constant floats.
pub(crate) fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        name: name.into(),
        dims: dims.to_vec(),
        data_type: DataType::Float as i32,
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        ..TensorProto::default()
    }
}

/// Constant integers.
pub(crate) fn integers(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        name: name.into(),
        dims: vec![values.len() as i64],
        data_type: DataType::Int64 as i32,
        int64_data: values.to_vec(),
        ..TensorProto::default()
    }
}

fn port(name: &str, dims: Option<&[i64]>) -> ValueInfoProto {
    let dim = |size: &i64| Dimension {
        value: match size {
            0.. => Some(dimension::Value::DimValue(*size)),
            _ => Some(dimension::Value::DimParam("N".into())),
        },
        ..Dimension::default()
    };
    let tensor = Tensor {
        elem_type: DataType::Float as i32,
        shape: dims.map(|dims| TensorShapeProto {
            dim: dims.iter().map(dim).collect(),
        }),
    };
    ValueInfoProto {
        name: name.into(),
        r#type: Some(TypeProto {
            value: Some(Value::TensorType(tensor)),
            ..TypeProto::default()
        }),
        ..ValueInfoProto::default()
    }
}

/// A model with the input `x` of shape `input`, where a negative size is an open one.
pub(crate) fn model(
    input: &[i64],
    nodes: Vec<NodeProto>,
    initializer: Vec<TensorProto>,
    outputs: &[&str],
) -> ModelProto {
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: 13,
        }],
        graph: Some(GraphProto {
            name: "small".into(),
            node: nodes,
            initializer,
            input: vec![port("x", Some(input))],
            output: outputs.iter().map(|output| port(output, None)).collect(),
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    }
}

/// Writes a model into `folder`.
pub(crate) fn write(folder: &Path, model: &ModelProto) -> PathBuf {
    let path = folder.join("small.onnx");
    std::fs::write(&path, model.encode_to_vec()).unwrap();
    path
}

/// Writes calibration samples into `folder` and gives the options that name them.
pub(crate) fn calibrated(folder: &Path, samples: &ndarray::ArrayD<f32>) -> String {
    let path = folder.join("samples.npy");
    ndarray_npy::write_npy(&path, samples).unwrap();
    format!(
        r#"{{"quantize": {{"scheme": "int8", "calibration": "{}"}}}}"#,
        path.display()
    )
}
