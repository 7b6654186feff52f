use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension::Value as Size};
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, ValueInfoProto};

use super::{attributes, tensors, words};
use crate::random::Random;

/// Changes one thing in a graph.
pub(super) fn change(graph: &mut GraphProto, random: &mut Random) {
    match random.below(14) {
        0 => input(graph, random),
        1 | 2 => {
            if let Some(place) = random.place(graph.initializer.len()) {
                tensors::change(&mut graph.initializer[place], random);
            }
        }
        3 => add_constant(graph, random),
        4 => freeze(graph, random),
        5 | 6 => add_node(graph, random),
        7 => remove(graph, random),
        8 => hold(graph, random),
        9 => outputs(graph, random),
        _ => {
            if let Some(place) = random.place(graph.node.len()) {
                let names = names(graph);
                node(&mut graph.node[place], &names, random);
            }
        }
    }
}

/// All names that something in the graph defines.
fn names(graph: &GraphProto) -> Vec<String> {
    let outputs = graph.node.iter().flat_map(|node| &node.output);
    let inputs = graph.input.iter().map(|input| &input.name);
    let weights = graph.initializer.iter().map(|weight| &weight.name);
    outputs.chain(inputs).chain(weights).cloned().collect()
}

fn name(names: &[String], random: &mut Random) -> String {
    match (random.place(names.len()), random.below(12)) {
        (_, 0) | (None, _) => random.among(&["", "nowhere"]).into(),
        (Some(place), _) => names[place].clone(),
    }
}

fn node(node: &mut NodeProto, names: &[String], random: &mut Random) {
    match random.below(8) {
        0 => node.op_type = random.among(words::OPERATORS).into(),
        1 => node.input.push(name(names, random)),
        2 => drop(node.input.pop()),
        3 => {
            if let Some(place) = random.place(node.input.len()) {
                node.input[place] = name(names, random);
            }
        }
        _ => attributes::change(node, random),
    }
}

fn add_node(graph: &mut GraphProto, random: &mut Random) {
    let names = names(graph);
    let output = format!("t{}", graph.node.len());
    let mut added = NodeProto {
        op_type: random.among(words::OPERATORS).into(),
        input: (0..random.below(5)).map(|_| name(&names, random)).collect(),
        output: vec![output.clone()],
        ..NodeProto::default()
    };
    for _ in 0..random.below(4) {
        attributes::change(&mut added, random);
    }
    let place = random.below(graph.node.len() + 1);
    if let Some(reader) = graph.node.get_mut(place)
        && let Some(input) = random.place(reader.input.len())
    {
        reader.input[input] = output;
    } else if let Some(last) = random.place(graph.output.len()) {
        graph.output[last].name = output;
    }
    graph.node.insert(place, added);
}

fn remove(graph: &mut GraphProto, random: &mut Random) {
    if let Some(place) = random.place(graph.node.len()) {
        drop(graph.node.remove(place));
    }
}

/// An input becomes a constant, so that what depends on it is computed by the converter.
fn freeze(graph: &mut GraphProto, random: &mut Random) {
    if let Some(place) = random.place(graph.input.len()) {
        let mut weight = tensors::new(graph.input[place].name.clone(), random);
        if let Some(Value::TensorType(tensor)) = graph.input[place].r#type.as_ref().and_then(|kind| kind.value.as_ref())
        {
            weight.data_type = tensor.elem_type;
            let dims = tensor.shape.iter().flat_map(|shape| &shape.dim);
            weight.dims = dims
                .map(|dim| {
                    if let Some(Size::DimValue(size)) = dim.value {
                        size
                    } else {
                        1
                    }
                })
                .collect();
            weight.raw_data.clear();
            tensors::change(&mut weight, random);
        }
        graph.initializer.push(weight);
    }
}

fn add_constant(graph: &mut GraphProto, random: &mut Random) {
    let weight = tensors::new(format!("c{}", graph.initializer.len()), random);
    let place = random.place(graph.node.len());
    if let Some(reader) = place.map(|place| &mut graph.node[place]) {
        match random.place(reader.input.len()) {
            Some(input) if random.below(2) == 0 => reader.input[input] = weight.name.clone(),
            _ => reader.input.push(weight.name.clone()),
        }
    }
    graph.initializer.push(weight);
}

/// A node is put into a graph that another node holds.
fn hold(graph: &mut GraphProto, random: &mut Random) {
    let Some(place) = random.place(graph.node.len()) else {
        return;
    };
    let held = graph.node[place].clone();
    let port = |name: &String| ValueInfoProto {
        name: name.clone(),
        ..ValueInfoProto::default()
    };
    let operator = random.among(&["If", "Loop", "Scan"]);
    let body = GraphProto {
        output: held.output.iter().chain(held.input.first()).map(port).collect(),
        input: held.input.iter().take(random.below(3)).map(port).collect(),
        node: vec![held.clone()],
        ..GraphProto::default()
    };
    let names: &[&str] = match operator {
        "If" => &["then_branch", "else_branch"],
        _ => &["body"],
    };
    let attribute = |name: &&str| AttributeProto {
        name: (*name).into(),
        r#type: AttributeType::Graph as i32,
        g: Some(body.clone()),
        ..AttributeProto::default()
    };
    graph.node[place].attribute = names.iter().map(attribute).collect();
    graph.node[place].op_type = operator.into();
}

fn outputs(graph: &mut GraphProto, random: &mut Random) {
    let names = names(graph);
    match random.place(graph.output.len()) {
        Some(place) if random.below(2) == 0 => graph.output[place].name = name(&names, random),
        _ => graph.output.push(ValueInfoProto {
            name: name(&names, random),
            ..ValueInfoProto::default()
        }),
    }
}

fn input(graph: &mut GraphProto, random: &mut Random) {
    let Some(place) = random.place(graph.input.len()) else {
        return;
    };
    let Some(Value::TensorType(tensor)) = graph.input[place].r#type.as_mut().and_then(|kind| kind.value.as_mut())
    else {
        return;
    };
    let dims = tensor.shape.get_or_insert_default();
    let dim = Dimension {
        value: match random.below(8) {
            0 => Some(Size::DimParam("N".into())),
            1 => None,
            _ => Some(Size::DimValue(random.size())),
        },
        ..Dimension::default()
    };
    match (random.place(dims.dim.len()), random.below(6)) {
        (_, 0) => tensor.elem_type = random.among(tensors::TYPES),
        (Some(place), 1) => drop(dims.dim.remove(place)),
        (Some(place), 2..=4) => dims.dim[place] = dim,
        _ => dims.dim.push(dim),
    }
}
