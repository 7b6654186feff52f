//! Quantised forms, imported exactly: what ONNX says of rounding and saturation is what the operators do.

use opml_ops::{BinaryFunction as Binary, DType, Operator, ReduceFunction as Reduce};

use super::convolutions::convolution_words;
use super::normalisation::per_channel;
use crate::import::expressions::{matrices, without_added_axes};
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, axis, dtype, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};
use crate::import::tensor::{Tensor, elements, listed};

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "QuantizeLinear" => quantize(graph, node)?,
        "DequantizeLinear" => dequantize(graph, node)?,
        "DynamicQuantizeLinear" => return dynamic(graph, node).map(Some),
        "MatMulInteger" => {
            let zero_points = [node.optional(2), node.optional(3)];
            matmul_integer(graph, node.input(0)?, node.input(1)?, zero_points)?
        }
        "ConvInteger" => {
            let zero_points = [node.optional(2), node.optional(3)];
            conv_integer(graph, node, node.input(0)?, node.input(1)?, zero_points)?
        }
        "QLinearMatMul" => qlinear_matmul(graph, node)?,
        "QLinearConv" => qlinear_conv(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

/// A scale or a zero point laid out so that it is stretched over x: a number, one an element of an axis, or one a block of it.
fn spread(graph: &mut Graph, parameter: &Operand, x: &Operand, along: i64, block: usize) -> Outcome<Operand> {
    if parameter.elements() == 1 {
        return parameter.reshaped(Vec::new());
    }
    let along = axis(along, x.rank())?;
    if block == 0 {
        let mut dims = vec![1; x.rank()];
        dims[along] = parameter.elements();
        return parameter.reshaped(dims);
    }
    listed(&[x.dims()[along]])?;
    let places: Vec<i64> = (0..x.dims()[along]).map(|place| (place / block) as i64).collect();
    graph.gather(parameter, &Tensor::i64s(&places).into(), along)
}

fn quantize(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let (x, scale) = (node.input(0)?, node.input(1)?);
    let (along, block) = (node.int("axis", 1)?, size(node.int("block_size", 0)?)?);
    let target = match (node.optional(2), node.int("output_dtype", 0)?) {
        (Some(zero_point), _) => zero_point.dtype(),
        (None, 0) => DType::U8,
        (None, code) => dtype(code)?,
    };
    let zero_point = match node.optional(2) {
        Some(zero_point) => spread(graph, zero_point, x, along, block)?,
        None => Tensor::scalar(target, 0.0).into(),
    };
    let scale = spread(graph, scale, x, along, block)?;
    graph.apply(Operator::QuantizeLinear, &[x, &scale, &zero_point], &[0])
}

fn dequantize(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let (x, scale) = (node.input(0)?, node.input(1)?);
    let (along, block) = (node.int("axis", 1)?, size(node.int("block_size", 0)?)?);
    let zero_point = match node.optional(2) {
        Some(zero_point) => spread(graph, zero_point, x, along, block)?,
        None => Tensor::scalar(x.dtype(), 0.0).into(),
    };
    let scale = spread(graph, scale, x, along, block)?;
    graph.apply(Operator::DequantizeLinear, &[x, &scale, &zero_point], &[])
}

/// Scale and zero point from the range of x, which is made to hold 0; then x with them.
fn dynamic(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let x = node.input(0)?;
    let every: Vec<usize> = (0..x.rank()).collect();
    let zero: Operand = Tensor::scalar(DType::F32, 0.0).into();
    let extreme = |graph: &mut Graph, function, bound| -> Outcome<Operand> {
        let extreme = graph.reduce(function, x, &every)?.reshaped(Vec::new())?;
        graph.binary(bound, &extreme, &zero)
    };
    let least = extreme(graph, Reduce::Min, Binary::Minimum)?;
    let greatest = extreme(graph, Reduce::Max, Binary::Maximum)?;
    let range = graph.sub(&greatest, &least)?;
    let scale = graph.div(&range, &Tensor::scalar(DType::F32, 255.0).into())?;
    let negative = graph.sub(&zero, &least)?;
    let none = Tensor::scalar(DType::U8, 0.0).into();
    let zero_point = graph.apply(Operator::QuantizeLinear, &[&negative, &scale, &none], &[0])?;
    let y = graph.apply(Operator::QuantizeLinear, &[x, &scale, &zero_point], &[0])?;
    Ok(vec![y, scale, zero_point])
}

/// A zero point as the integer operators take it: one number, or one each.
fn flat_zero_point(given: Option<&Operand>, dtype: DType) -> Outcome<Operand> {
    match given {
        Some(given) => given.reshaped(vec![given.elements()]),
        None => Ok(Tensor::filled(dtype, vec![1], 0.0)?.into()),
    }
}

/// The product of bytes less their zero points, in i32.
pub(super) fn matmul_integer(
    graph: &mut Graph,
    a: &Operand,
    b: &Operand,
    zero_points: [Option<&Operand>; 2],
) -> Outcome<Operand> {
    let (left, right) = matrices(a, b)?;
    let [left_zero, right_zero] = zero_points;
    let zeros = [
        flat_zero_point(left_zero, a.dtype())?,
        flat_zero_point(right_zero, b.dtype())?,
    ];
    // One matrix for all of b's products, and one zero point for all of a: a's outer dimensions are more rows.
    if right.rank() == 2 && left.rank() > 2 && zeros[0].elements() == 1 {
        let (depth, outer) = (left.dims()[left.rank() - 1], left.dims()[..left.rank() - 1].to_vec());
        let rows = graph.reshape(&left, vec![elements(&outer)?, depth])?;
        let product = graph.apply(Operator::MatMulInteger, &[&rows, &right, &zeros[0], &zeros[1]], &[])?;
        let product = graph.reshape(&product, [&outer[..], &right.dims()[1..]].concat())?;
        return without_added_axes(product, a, b);
    }
    let product = graph.apply(Operator::MatMulInteger, &[&left, &right, &zeros[0], &zeros[1]], &[])?;
    without_added_axes(product, a, b)
}

fn conv_integer(
    graph: &mut Graph,
    node: &OnnxNode,
    x: &Operand,
    weights: &Operand,
    [x_zero, weight_zero]: [Option<&Operand>; 2],
) -> Outcome<Operand> {
    let words = convolution_words(node, x, weights)?;
    let zeros = [
        flat_zero_point(x_zero, x.dtype())?,
        flat_zero_point(weight_zero, weights.dtype())?,
    ];
    graph.apply(Operator::ConvInteger, &[x, weights, &zeros[0], &zeros[1]], &words)
}

/// The product of two scales over a third, for sums that are to be quantised anew.
fn joint_scale(graph: &mut Graph, a: &Operand, b: &Operand, output: &Operand) -> Outcome<Operand> {
    let product = graph.mul(a, b)?;
    graph.div(&product, output)
}

fn scalar(operand: &Operand) -> Outcome<Operand> {
    match operand.elements() {
        1 => operand.reshaped(Vec::new()),
        other => Err(Problem::new(format!(
            "a scale or a zero point of {other} elements where one is taken"
        ))),
    }
}

fn qlinear_matmul(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let input = |place: usize| node.input(place);
    let (a, b) = (input(0)?, input(3)?);
    let sums = matmul_integer(graph, a, b, [Some(input(2)?), Some(input(5)?)])?;
    let column = |operand: &Operand| match operand.rank() {
        // A scale for each row of a.
        1 if operand.elements() != 1 => operand.reshaped(vec![operand.elements(), 1]),
        _ => Ok(operand.clone()),
    };
    let a_scale = column(input(1)?)?;
    let scale = joint_scale(graph, &a_scale, input(4)?, input(6)?)?;
    let zero_point = input(7)?.clone();
    graph.apply(Operator::QuantizeLinear, &[&sums, &scale, &zero_point], &[1])
}

fn qlinear_conv(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let input = |place: usize| node.input(place);
    let (x, weights) = (input(0)?, input(3)?);
    let mut sums = conv_integer(graph, node, x, weights, [Some(input(2)?), Some(input(5)?)])?;
    if let Some(bias) = node.optional(8) {
        sums = graph.add(&sums, &per_channel(bias, x.rank())?)?;
    }
    let weight_scale = match input(4)?.elements() {
        1 => scalar(input(4)?)?,
        _ => per_channel(input(4)?, x.rank())?,
    };
    let scale = joint_scale(graph, &scalar(input(1)?)?, &weight_scale, &scalar(input(6)?)?)?;
    let zero_point = scalar(input(7)?)?;
    graph.apply(Operator::QuantizeLinear, &[&sums, &scale, &zero_point], &[1])
}
