//! The graph's inputs: their types, and their dimensions as the file and the options give them.

use opml_graph::ConvertError;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Dimension;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{GraphProto, ValueInfoProto};

use opml_ops::DType;

use super::forms;
use super::graph::Graph;
use super::node::dtype;
use super::problem::Problem;
use super::scope::Scope;
use super::tensor::{Tensor, elements};
use crate::error::refused;
use crate::options::Shapes;

/// Adds the inputs that are no initialisers.
pub(crate) fn inputs(
    graph: &mut Graph,
    proto: &GraphProto,
    shapes: &Shapes,
    scope: &mut Scope,
) -> Result<(), ConvertError> {
    let names: Vec<&str> = proto.input.iter().map(|input| &input.name[..]).collect();
    if let Some(unknown) = shapes
        .shapes
        .keys()
        .chain(shapes.values.keys())
        .find(|name| !names.contains(&&name[..]))
    {
        return Err(refused(
            unknown,
            format!("the model has no input `{unknown}`; it has `{}`", names.join("`, `")),
            "check `shapes`, `values` and `inputs` under `model`",
        ));
    }
    let mut symbols = Vec::new();
    for input in proto
        .input
        .iter()
        .filter(|input| scope.get(&input.name).is_none())
        .collect::<Vec<_>>()
    {
        let refuse =
            |message: String, help: String| refused(&input.name, format!("input `{}`: {message}", input.name), help);
        let (code, dims) = described(input).ok_or_else(|| refuse("it is no tensor".into(), String::new()))?;
        let dtype = dtype(i64::from(code)).map_err(|problem| refuse(problem.message, problem.help))?;
        symbols.extend(dims.iter().filter_map(|dim| dim.clone().err()));
        let dims = match shapes.shapes.get(&input.name) {
            Some(given) => {
                fixed(&dims, given).map_err(|message| refuse(message, "check `shapes` under `model`".into()))?
            }
            None => resolved(&dims, shapes).map_err(|place| {
                refuse(
                    format!("dimension {place} is left open"),
                    format!(
                        "write `shapes: {{ \"{}\": [{}] }}` under `model`, with your numbers",
                        input.name,
                        written(&dims)
                    ),
                )
            })?,
        };
        let operand = match shapes.values.get(&input.name) {
            Some(values) => constant(dtype, dims, values)
                .map_err(|message| refuse(message, "check `values` under `model`".into()))?,
            None => {
                let given = match shapes.inputs.get(&input.name) {
                    Some(_) if dtype != DType::F32 => {
                        Err(Problem::new(format!("it is {}, not f32, as it stands", dtype.name())))
                    }
                    Some(integers) => forms::input(graph, &input.name, dims, *integers),
                    None => graph.input(&input.name, dtype, dims, None),
                };
                given.map_err(|problem| refuse(problem.message, problem.help))?
            }
        };
        scope.define(&input.name, operand)?;
    }
    match shapes.dimensions.keys().find(|symbol| !symbols.contains(symbol)) {
        Some(unknown) => Err(refused(
            unknown,
            format!("no input has a dimension `{unknown}`"),
            "check `dimensions` under `model`",
        )),
        None => Ok(()),
    }
}

/// A dimension: a number, or the symbol that stands for it.
type Dim = Result<usize, String>;

fn described(input: &ValueInfoProto) -> Option<(i32, Vec<Dim>)> {
    let Some(Value::TensorType(tensor)) = input.r#type.as_ref()?.value.as_ref() else {
        return None;
    };
    let dims = tensor.shape.as_ref().map_or(&[][..], |shape| &shape.dim);
    let dim = |value: &Option<Dimension>| match value {
        Some(Dimension::DimValue(size)) if *size >= 0 => Ok(*size as usize),
        Some(Dimension::DimParam(symbol)) => Err(symbol.clone()),
        _ => Err(String::new()),
    };
    Some((
        tensor.elem_type,
        dims.iter().map(|dimension| dim(&dimension.value)).collect(),
    ))
}

/// The dimensions that the options state, where they do not contradict the file.
fn fixed(dims: &[Dim], given: &[usize]) -> Result<Vec<usize>, String> {
    let contradicts = |(stated, given): (&Dim, &usize)| stated.as_ref().is_ok_and(|stated| stated != given);
    match dims.len() != given.len() || dims.iter().zip(given).any(contradicts) {
        true => Err(format!("the shape {given:?} does not fit [{}]", written(dims))),
        false => Ok(given.to_vec()),
    }
}

/// The dimensions with symbols as the options give them; a first one that is left open is 1.
fn resolved(dims: &[Dim], shapes: &Shapes) -> Result<Vec<usize>, usize> {
    let resolve = |(place, dim): (usize, &Dim)| match dim {
        Ok(size) => Ok(*size),
        Err(symbol) => match shapes.dimensions.get(symbol) {
            Some(size) => Ok(*size),
            None if place == 0 => Ok(1),
            None => Err(place),
        },
    };
    dims.iter().enumerate().map(resolve).collect()
}

fn written(dims: &[Dim]) -> String {
    let words = dims.iter().map(|dim| match dim {
        Ok(size) => size.to_string(),
        Err(symbol) if symbol.is_empty() => "?".into(),
        Err(symbol) => symbol.clone(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// An input that the options give: all its numbers, or one for all.
fn constant(dtype: DType, dims: Vec<usize>, values: &[f64]) -> Result<super::operand::Operand, String> {
    let count = elements(&dims).map_err(|problem| problem.message)?;
    let mut bytes = Vec::new();
    match values.len() {
        1 => {
            return Ok(Tensor::filled(dtype, dims, values[0])
                .map_err(|problem| problem.message)?
                .into());
        }
        given if given != count => return Err(format!("{given} values for {count} elements")),
        _ => values
            .iter()
            .for_each(|value| bytes.extend_from_slice(&Tensor::scalar(dtype, *value).bytes)),
    }
    Ok(Tensor {
        dtype,
        dims,
        bytes: bytes.into(),
    }
    .into())
}
