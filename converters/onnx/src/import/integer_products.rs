//! Products and convolutions by constants in int8, everything else as it is: activations u8 with a range from samples, weights i8 with a
//! scale for each output.

use std::collections::BTreeMap;

use opml_graph::{ConvertError, Host, Model};
use opml_ops::{DType, Operator, Source, Value};

use super::graph::{Graph, Output};
use super::observed::Observed;
use super::operand::Operand;
use super::problem::{Outcome, Problem};
use super::tensor::Tensor;
use crate::error::{failed, refused};
use crate::options::RangeMethod;

/// The model with its products quantised; `samples` are the real numbers of its one input.
pub(crate) fn integer_products(
    model: &Model,
    samples: &[Vec<f32>],
    method: RangeMethod,
    host: &dyn Host,
) -> Result<Model, ConvertError> {
    let targets: Vec<usize> = (0..model.nodes.len())
        .filter(|index| is_target(model, *index))
        .collect();
    if targets.is_empty() {
        return Err(refused(
            "quantize",
            "the model has no product or convolution by constant weights that could be quantised",
            "leave out `quantize`",
        ));
    }
    let observed = Observed::of(model, &targets, samples, method, host)?;
    rewritten(model, &targets, &observed).map_err(|problem| failed(problem.message))
}

fn is_target(model: &Model, index: usize) -> bool {
    let node = &model.nodes[index];
    let constant = |input: usize| {
        node.record
            .input(input)
            .is_some_and(|value| value.source == Some(Source::Constant))
    };
    match Operator::from_tag(node.record.tag()) {
        Some(Operator::ConvF32) => constant(1) && !constant(0) && (node.record.input_count() < 3 || constant(2)),
        Some(Operator::MatMulF32) => {
            let matrix = node.record.input(1).is_some_and(|value| value.shape.rank() == 2);
            constant(1) && matrix && !constant(0)
        }
        _ => false,
    }
}

/// The operand that an input of a node is, in the shape in which the node reads it.
fn operand(
    model: &Model,
    index: usize,
    input: usize,
    locals: &[Option<Operand>],
    feeds: &[Operand],
) -> Outcome<Operand> {
    let node = &model.nodes[index];
    let missing = || Problem::new(format!("node {index} reads what is not there"));
    let value: Value = node.record.input(input).ok_or_else(missing)?;
    let dims: Vec<usize> = value.shape.dims().iter().map(|dim| *dim as usize).collect();
    let place = value.index as usize;
    match value.source {
        Some(Source::Constant) => {
            let constant = node.constants[input]
                .and_then(|constant| model.constants.get(constant))
                .ok_or_else(missing)?;
            Ok(Tensor {
                dtype: value.dtype,
                dims,
                bytes: constant.bytes.clone(),
            }
            .into())
        }
        Some(Source::Feed) => feeds.get(place).ok_or_else(missing)?.reshaped(dims),
        _ => locals
            .get(place)
            .and_then(Option::as_ref)
            .ok_or_else(missing)?
            .reshaped(dims),
    }
}

fn rewritten(model: &Model, targets: &[usize], observed: &Observed) -> Outcome<Model> {
    let mut graph = Graph::new(model.name.clone(), u64::from(opml_ops::MAX_VALUE_BYTES));
    let mut feeds = Vec::new();
    for port in &model.feed {
        let dims = port.shape.dims().iter().map(|dim| *dim as usize).collect();
        feeds.push(graph.input(&port.name, port.dtype, dims, port.quantization)?);
    }
    let mut locals: Vec<Option<Operand>> = Vec::new();
    let mut quantised: BTreeMap<(u32, u32), Operand> = BTreeMap::new();
    for (index, node) in model.nodes.iter().enumerate() {
        if node.record.tag() == opml_ops::GAP {
            locals.push(None);
            continue;
        }
        graph.node_name = node.name.clone();
        let inputs = (0..node.record.input_count()).map(|input| operand(model, index, input, &locals, &feeds));
        let inputs = inputs.collect::<Outcome<Vec<_>>>()?;
        if !targets.contains(&index) {
            locals.push(Some(graph.copied(&node.record, &inputs)));
            continue;
        }
        let read = node
            .record
            .input(0)
            .map(|value| (value.source.map_or(0, |source| source as u32), value.index));
        let [scale, zero_point] = observed.parameters(index);
        let x = match read.and_then(|read| quantised.get(&read)) {
            // Another product reads the same value, perhaps in another shape.
            Some(x) => x.reshaped(inputs[0].dims().to_vec())?,
            None => {
                let parameters = [number(scale), Tensor::scalar(DType::U8, f64::from(zero_point)).into()];
                graph.node_name = format!("{} input", node.name);
                let x = graph.apply(
                    Operator::QuantizeLinear,
                    &[&inputs[0], &parameters[0], &parameters[1]],
                    &[0],
                )?;
                graph.node_name = node.name.clone();
                if let Some(read) = read {
                    quantised.insert(read, x.clone());
                }
                x
            }
        };
        let words: Vec<u32> = (0..opml_ops::ATTRIBUTE_WORDS)
            .map(|place| node.record.attribute(place))
            .collect();
        locals.push(Some(product(
            &mut graph,
            node.record.tag(),
            &x,
            &inputs,
            [scale, zero_point],
            &words,
        )?));
    }
    let first = (model.output_index as usize) << model.output_height;
    let outputs = model.outputs.iter().enumerate().map(|(place, port)| {
        let value = locals.get(first + place).and_then(Clone::clone);
        Ok(Output {
            name: port.name.clone(),
            value: value.ok_or_else(|| Problem::new("an output is not there"))?,
            quantization: port.quantization,
        })
    });
    let outputs = outputs.collect::<Outcome<Vec<_>>>()?;
    graph.finish(outputs)
}

fn number(value: f32) -> Operand {
    Tensor::f32s(Vec::new(), [value]).into()
}

/// The sums of a quantised product as real numbers, plus the bias.
fn product(
    graph: &mut Graph,
    tag: u32,
    x: &Operand,
    inputs: &[Operand],
    [scale, zero_point]: [f32; 2],
    words: &[u32],
) -> Outcome<Operand> {
    let convolves = tag == Operator::ConvF32 as u32;
    let weights = inputs[1].known("the weights")?;
    let values = weights.to_f32s();
    // Outputs are the first axis of a convolution's weights, the last one of a matrix.
    let outputs = if convolves { weights.dims[0] } else { weights.dims[1] };
    let output_of = |place: usize| {
        if convolves {
            place / (values.len() / outputs)
        } else {
            place % outputs
        }
    };
    let mut greatest = vec![0f32; outputs];
    for (place, value) in values.iter().enumerate() {
        let known = &mut greatest[output_of(place)];
        *known = known.max(value.abs());
    }
    let scales: Vec<f32> = greatest
        .iter()
        .map(|greatest| if *greatest > 0.0 { greatest / 127.0 } else { 1.0 })
        .collect();
    let rounded = values
        .iter()
        .enumerate()
        .map(|(place, value)| (value / scales[output_of(place)]).round_ties_even() as i8 as u8);
    let weights: Operand = Tensor {
        dtype: DType::I8,
        dims: weights.dims.clone(),
        bytes: rounded.collect(),
    }
    .into();
    let one = |tensor: Tensor| {
        Tensor {
            dims: vec![1],
            ..tensor
        }
        .into()
    };
    let zero_points: [Operand; 2] = [
        one(Tensor::scalar(DType::U8, f64::from(zero_point))),
        one(Tensor::scalar(DType::I8, 0.0)),
    ];
    let (operator, words) = match convolves {
        true => (Operator::ConvInteger, words),
        false => (Operator::MatMulInteger, &[][..]),
    };
    let scales = scales.iter().map(|weight| weight * scale);
    let mut operands = vec![x, &weights, &zero_points[0], &zero_points[1]];
    // The bias in units of the sums, as far as i32 holds it.
    let bias = match inputs.get(2) {
        None => None,
        Some(bias) => {
            let bias = bias.known("the bias")?.to_f32s();
            let units = bias
                .iter()
                .zip(scales.clone())
                .map(|(bias, scale)| (bias / scale).round_ties_even() as i32);
            Some(Operand::from(Tensor::i32s(vec![outputs], units)))
        }
    };
    operands.extend(&bias);
    let sums = graph.apply(operator, &operands, words)?;
    let mut dims = vec![1; sums.rank()];
    let axis = if convolves { 1 } else { sums.rank() - 1 };
    dims[axis] = outputs;
    let scales: Operand = Tensor::f32s(dims, scales).into();
    let none: Operand = Tensor::scalar(DType::I32, 0.0).into();
    graph.apply(Operator::DequantizeLinear, &[&sums, &scales, &none], &[])
}
