//! Inputs and outputs in other forms than the file has them: small integers, which are cheap to post, or places of greatest elements.

use opml_graph::Quantization;
use opml_ops::{DType, Operator};

use super::graph::Graph;
use super::node::axis;
use super::operand::Operand;
use super::problem::{Outcome, Problem};
use super::tensor::Tensor;
use crate::options::{Form, Integers};

fn parameters(integers: Integers) -> [Operand; 2] {
    let Quantization { scale, zero_point } = integers.quantization;
    [
        Tensor::f32s(Vec::new(), [scale]).into(),
        Tensor::scalar(integers.dtype, f64::from(zero_point)).into(),
    ]
}

/// The real numbers of an input that is given as integers.
pub(super) fn input(graph: &mut Graph, name: &str, dims: Vec<usize>, integers: Integers) -> Outcome<Operand> {
    let given = graph.input(name, integers.dtype, dims, Some(integers.quantization))?;
    let [scale, zero_point] = parameters(integers);
    graph.node_name = format!("input {name}");
    graph.apply(Operator::DequantizeLinear, &[&given, &scale, &zero_point], &[])
}

/// An output in its form, with what its integers stand for.
pub(super) fn output(graph: &mut Graph, value: &Operand, form: Form) -> Outcome<(Operand, Option<Quantization>)> {
    match form {
        Form::Plain => Ok((value.clone(), None)),
        Form::ArgMax(along) => {
            let along = axis(along, value.rank())?;
            let places = graph.apply(Operator::ArgExtreme, &[value], &[along as u32, 0, 0])?;
            let mut dims = places.dims().to_vec();
            dims.remove(along);
            Ok((places.reshaped(dims)?, None))
        }
        Form::Integers(_) if value.dtype() != DType::F32 => Err(Problem::new(format!(
            "it is {}, not f32, and cannot be given as other integers",
            value.dtype().name()
        ))),
        Form::Integers(integers) => {
            let [scale, zero_point] = parameters(integers);
            let quantised = graph.apply(Operator::QuantizeLinear, &[value, &scale, &zero_point], &[0])?;
            Ok((quantised, Some(integers.quantization)))
        }
    }
}
