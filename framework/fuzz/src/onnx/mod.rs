//! ONNX files: changes that keep their structure, and what a target reads of them beside the model.

mod attributes;
mod graphs;
mod tensors;
mod words;

use prost::Message;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{GraphProto, ModelProto};

use crate::random::Random;

/// Options of the converter: a target takes them out of the model's own description.
pub fn options_of(model: &ModelProto) -> &str {
    match model.doc_string.starts_with('{') {
        true => &model.doc_string,
        false => "{}",
    }
}

/// Two calibration samples, as an `.npy` file of floats, that fit the model's first input; `None` where they would be large.
pub fn samples_of(model: &ModelProto) -> Option<Vec<u8>> {
    const MOST: usize = 1 << 14;
    use tract_onnx::pb::tensor_shape_proto::dimension::Value as Size;
    let graph = model.graph.as_ref()?;
    let is_weight = |name: &str| graph.initializer.iter().any(|weight| weight.name == name);
    let input = graph.input.iter().find(|input| !is_weight(&input.name))?;
    let Value::TensorType(tensor) = input.r#type.as_ref()?.value.as_ref()?;
    let mut dims = Vec::new();
    for dim in &tensor.shape.as_ref()?.dim {
        dims.push(match dim.value {
            Some(Size::DimValue(size)) => usize::try_from(size).ok()?,
            _ => 1,
        });
    }
    let first = dims.first_mut()?;
    *first = 2;
    let elements = dims.iter().try_fold(1usize, |product, dim| product.checked_mul(*dim))?;
    if elements > MOST {
        return None;
    }
    let sizes = dims.iter().map(|dim| format!("{dim},")).collect::<String>();
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({sizes}), }}");
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend_from_slice(&(header.len() as u16).to_le_bytes());
    file.extend_from_slice(header.as_bytes());
    let element = |place: usize| ((place * 7 % 23) as f32 - 11.0) / 8.0;
    (0..elements).for_each(|place| file.extend_from_slice(&element(place).to_le_bytes()));
    Some(file)
}

/// The model changed in a few places, as bytes; `None` when `file` is no model.
pub fn mutate(file: &[u8], seed: u32) -> Option<Vec<u8>> {
    let mut model = ModelProto::decode(file).ok()?;
    let mut random = Random::new(seed);
    let graph = model.graph.as_mut()?;
    for _ in 0..1 + random.below(4) {
        match random.below(16) {
            0 => {
                let version = random.among(&[1, 6, 7, 9, 11, 13, 17, 18, 21, 22, 24, 25]);
                model.opset_import.iter_mut().for_each(|set| set.version = version);
            }
            1 => model.doc_string = options(graph, &mut random),
            _ => graphs::change(inner(graph, &mut random, 0), &mut random),
        }
    }
    Some(model.encode_to_vec())
}

/// The graph or one that an attribute of it holds.
fn inner<'a>(graph: &'a mut GraphProto, random: &mut Random, depth: usize) -> &'a mut GraphProto {
    let place = graph
        .node
        .iter()
        .position(|node| node.attribute.iter().any(|attribute| attribute.g.is_some()));
    match place {
        Some(place) if depth < 8 && random.below(3) > 0 => {
            let attributes = graph.node[place].attribute.iter_mut();
            let inside = attributes.filter_map(|attribute| attribute.g.as_mut()).next();
            inner(inside.expect("a graph was found there"), random, depth + 1)
        }
        _ => graph,
    }
}

/// Options that name what the graph has.
fn options(graph: &GraphProto, random: &mut Random) -> String {
    let name = |names: Vec<&String>, random: &mut Random| match names.is_empty() {
        true => String::from("x"),
        false => names[random.below(names.len())].replace(['"', '\\'], ""),
    };
    let input = name(graph.input.iter().map(|input| &input.name).collect(), random);
    let output = name(graph.output.iter().map(|output| &output.name).collect(), random);
    let sizes: Vec<String> = (0..random.below(5)).map(|_| random.size().to_string()).collect();
    let sizes = sizes.join(",");
    match random.below(9) {
        0 => String::new(),
        1 => format!(r#"{{"shapes":{{"{input}":[{sizes}]}}}}"#),
        2 => format!(r#"{{"dimensions":{{"N":{}}}}}"#, random.size()),
        3 => format!(r#"{{"values":{{"{input}":[{sizes}]}}}}"#),
        4 => format!(r#"{{"inputs":{{"{input}":{{"type":"u8","scale":0.5,"zero_point":3}}}}}}"#),
        5 => format!(r#"{{"outputs":{{"{output}":{{"argmax":{}}}}}}}"#, random.integer()),
        6 => format!(r#"{{"outputs":{{"{output}":{{"type":"i8","scale":0.25}}}}}}"#),
        7 => r#"{"quantize":{"scheme":"int8","calibration":"SAMPLES"}}"#.into(),
        _ => r#"{"quantize":{"scheme":"int8-products","calibration":"SAMPLES","method":"mse"}}"#.into(),
    }
}
