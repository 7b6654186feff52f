//! Operators that compute each output element from the input elements at its place.

use opml_ops::{BinaryFunction as Binary, DType, Operator, UnaryFunction as Unary};

use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, dtype};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem, unsupported};
use crate::import::tensor::Tensor;

/// A function without attributes that ONNX knows by one name, and its code here.
pub(super) fn plain_unary(operator: &str) -> Option<Unary> {
    Some(match operator {
        "Abs" => Unary::Abs,
        "Neg" => Unary::Neg,
        "Sign" => Unary::Sign,
        "Reciprocal" => Unary::Reciprocal,
        "Floor" => Unary::Floor,
        "Ceil" => Unary::Ceil,
        "Round" => Unary::Round,
        "Sqrt" => Unary::Sqrt,
        "Exp" => Unary::Exp,
        "Log" => Unary::Log,
        "Sin" => Unary::Sin,
        "Cos" => Unary::Cos,
        "Tan" => Unary::Tan,
        "Asin" => Unary::Asin,
        "Acos" => Unary::Acos,
        "Atan" => Unary::Atan,
        "Sinh" => Unary::Sinh,
        "Cosh" => Unary::Cosh,
        "Tanh" => Unary::Tanh,
        "Asinh" => Unary::Asinh,
        "Acosh" => Unary::Acosh,
        "Atanh" => Unary::Atanh,
        "Erf" => Unary::Erf,
        "Sigmoid" => Unary::Sigmoid,
        "Softplus" => Unary::Softplus,
        "Softsign" => Unary::Softsign,
        "Relu" => Unary::Relu,
        "HardSwish" => Unary::HardSwish,
        "Mish" => Unary::Mish,
        "IsNaN" => Unary::IsNan,
        "Not" => Unary::Not,
        "BitwiseNot" => Unary::BitNot,
        _ => return None,
    })
}

/// A function with parameters: its code, and the attributes that α and β are, with their defaults.
fn parametric_unary(operator: &str) -> Option<(Unary, [(&'static str, f32); 2])> {
    let none = ("", 0.0);
    Some(match operator {
        "LeakyRelu" => (Unary::LeakyRelu, [("alpha", 0.01), none]),
        "Elu" => (Unary::Elu, [("alpha", 1.0), none]),
        "Selu" => (Unary::Selu, [("alpha", 1.673_263_2), ("gamma", 1.050_701)]),
        "Celu" => (Unary::Celu, [("alpha", 1.0), none]),
        "HardSigmoid" => (Unary::HardSigmoid, [("alpha", 0.2), ("beta", 0.5)]),
        "ThresholdedRelu" => (Unary::ThresholdedRelu, [("alpha", 1.0), none]),
        "Shrink" => (Unary::Shrink, [("lambd", 0.5), ("bias", 0.0)]),
        "Swish" => (Unary::Swish, [("alpha", 1.0), none]),
        _ => return None,
    })
}

fn plain_binary(operator: &str) -> Option<Binary> {
    Some(match operator {
        "Add" => Binary::Add,
        "Sub" => Binary::Sub,
        "Mul" => Binary::Mul,
        "Div" => Binary::Div,
        "And" => Binary::And,
        "Or" => Binary::Or,
        "Xor" => Binary::Xor,
        "Equal" => Binary::Equal,
        "Less" => Binary::Less,
        "LessOrEqual" => Binary::LessOrEqual,
        "Greater" => Binary::Greater,
        "GreaterOrEqual" => Binary::GreaterOrEqual,
        "BitwiseAnd" => Binary::BitAnd,
        "BitwiseOr" => Binary::BitOr,
        "BitwiseXor" => Binary::BitXor,
        "PRelu" => Binary::Prelu,
        _ => return None,
    })
}

/// Imports an element-wise operator; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    if let Some(function) = plain_unary(node.operator()) {
        return Ok(Some(vec![unary(graph, function, node.input(0)?)?]));
    }
    if let Some((function, parameters)) = parametric_unary(node.operator()) {
        let mut values = [0.0; 2];
        for (value, (name, default)) in values.iter_mut().zip(parameters) {
            *value = if name.is_empty() {
                default
            } else {
                node.float(name, default)?
            };
        }
        return Ok(Some(vec![graph.unary_with(function, node.input(0)?, values)?]));
    }
    if let Some(function) = plain_binary(node.operator()) {
        return Ok(Some(vec![binary(graph, function, node)?]));
    }
    let output = match node.operator() {
        "Identity" | "Optional" | "OptionalGetElement" => node.input(0)?.clone(),
        "OptionalHasElement" => Tensor::booleans(Vec::new(), [node.optional(0).is_some()]).into(),
        "Binarizer" => {
            let threshold = Tensor::f32s(Vec::new(), [node.float("threshold", 0.0)?]).into();
            let above = graph.binary(Binary::Greater, node.input(0)?, &threshold)?;
            graph.cast(&above, DType::F32)?
        }
        "Gelu" => match node.text("approximate", "none")? {
            "none" => graph.unary(Unary::Gelu, node.input(0)?)?,
            "tanh" => graph.unary(Unary::GeluTanh, node.input(0)?)?,
            other => return Err(unsupported("approximate", other, "none, tanh")),
        },
        "IsInf" => {
            let wanted = |name: &str| Ok(f32::from_bits(u32::from(node.flag(name, true)?)));
            let parameters = [wanted("detect_positive")?, wanted("detect_negative")?];
            graph.unary_with(Unary::IsInf, node.input(0)?, parameters)?
        }
        "Clip" => clip(graph, node)?,
        "Pow" => power(graph, node.input(0)?, node.input(1)?)?,
        "Mod" => {
            let function = if node.flag("fmod", false)? {
                Binary::Remainder
            } else {
                Binary::Modulo
            };
            graph.binary(function, node.input(0)?, node.input(1)?)?
        }
        "BitShift" => {
            let function = match node.text("direction", "")? {
                "LEFT" => Binary::ShiftLeft,
                "RIGHT" => Binary::ShiftRight,
                other => return Err(unsupported("direction", other, "LEFT, RIGHT")),
            };
            graph.binary(function, node.input(0)?, node.input(1)?)?
        }
        "Max" | "Min" | "Sum" | "Mean" => variadic(graph, node)?,
        "Where" => graph.select(node.input(0)?, node.input(1)?, node.input(2)?)?,
        "Cast" => cast(graph, node.input(0)?, dtype(node.int("to", 0)?)?)?,
        "CastLike" => cast(graph, node.input(0)?, node.input(1)?.dtype())?,
        "BitCast" => bit_cast(graph, node.input(0)?, dtype(node.int("to", 0)?)?)?,
        "Dropout" => return dropout(node).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

fn unary(graph: &mut Graph, function: Unary, x: &Operand) -> Outcome<Operand> {
    // ONNX lets integers through functions that leave them as they are.
    match (function, x.dtype()) {
        (Unary::Relu, dtype) if dtype != DType::F32 => {
            let zero = Tensor::scalar(dtype, 0.0).into();
            graph.binary(Binary::Maximum, x, &zero)
        }
        _ => graph.unary(function, x),
    }
}

fn binary(graph: &mut Graph, function: Binary, node: &OnnxNode) -> Outcome<Operand> {
    let (a, b) = (node.input(0)?, node.input(1)?);
    // Before version 7 an attribute said how b lay in a; what reaches here has it laid out by `axis`.
    if a.elements() == 0 || b.elements() == 0 {
        let dims = Graph::joint_dims(&[a.dims(), b.dims()])?;
        return Ok(Tensor {
            dtype: a.dtype(),
            dims,
            bytes: Default::default(),
        }
        .into());
    }
    graph.binary(function, a, b)
}

/// a^b; whole small powers of f32 numbers are products, as every runtime computes them.
fn power(graph: &mut Graph, a: &Operand, b: &Operand) -> Outcome<Operand> {
    let exponent = b
        .constant()
        .filter(|tensor| tensor.elements() == 1)
        .map(|tensor| tensor.to_f32s()[0]);
    if a.dtype() == DType::F32 && b.rank() <= a.rank() {
        match exponent {
            Some(2.0) => return graph.mul(a, a),
            Some(0.5) => return graph.unary(Unary::Sqrt, a),
            Some(1.0) => return Ok(a.clone()),
            _ => {}
        }
    }
    let dtype = a.dtype();
    if dtype != DType::F32 && b.dtype() == DType::F32 {
        let (wide, b) = (graph.cast(a, DType::F32)?, b.clone());
        let result = graph.binary(Binary::Pow, &wide, &b)?;
        return graph.cast(&result, dtype);
    }
    let b = graph.cast(b, dtype)?;
    graph.binary(Binary::Pow, a, &b)
}

fn clip(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    if node.version < 11 {
        let parameters = [node.float("min", f32::MIN)?, node.float("max", f32::MAX)?];
        return graph.unary_with(Unary::Clip, x, parameters);
    }
    let bound = |place: usize| node.optional(place).filter(|bound| bound.elements() == 1);
    let known = |place: usize, default: f32| match bound(place) {
        None => Some(default),
        Some(bound) => bound.constant().map(|tensor| tensor.to_f32s()[0]),
    };
    if x.dtype() == DType::F32
        && let (Some(least), Some(greatest)) = (known(1, f32::NEG_INFINITY), known(2, f32::INFINITY))
    {
        return graph.unary_with(Unary::Clip, x, [least, greatest]);
    }
    let mut result = x.clone();
    if let Some(least) = bound(1) {
        result = graph.binary(Binary::Maximum, &result, least)?;
    }
    if let Some(greatest) = bound(2) {
        result = graph.binary(Binary::Minimum, &result, greatest)?;
    }
    Ok(result)
}

fn variadic(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let inputs = node.all()?;
    let function = match node.operator() {
        "Max" => Binary::Maximum,
        "Min" => Binary::Minimum,
        _ => Binary::Add,
    };
    let (first, rest) = inputs.split_first().ok_or_else(|| Problem::new("it has no inputs"))?;
    let mut result = first.clone();
    for input in rest {
        result = graph.binary(function, &result, input)?;
    }
    if node.operator() == "Mean" {
        let count = Tensor::scalar(DType::F32, inputs.len() as f64).into();
        result = graph.div(&result, &count)?;
    }
    Ok(result)
}

fn cast(graph: &mut Graph, x: &Operand, dtype: DType) -> Outcome<Operand> {
    graph.cast(x, dtype)
}

/// The same bits as another type of the same width.
fn bit_cast(graph: &mut Graph, x: &Operand, dtype: DType) -> Outcome<Operand> {
    match x.dtype() == dtype {
        true => Ok(x.clone()),
        false => graph.apply(Operator::Cast, &[x], &[dtype as u32, 1]),
    }
}

/// Nothing is dropped in inference; training needs random numbers.
fn dropout(node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let x = node.input(0)?;
    let training = node
        .known(2, "whether it is in training")?
        .is_some_and(|given| given.first() != Some(&0));
    let ratio = match node.optional(1) {
        Some(ratio) => ratio.known("the ratio")?.to_f32s().first().copied().unwrap_or(0.5),
        None => node.float("ratio", 0.5)?,
    };
    if training && ratio != 0.0 {
        return Err(
            Problem::new("in training it drops elements at random, which no two parties would do alike")
                .with_help("export the model for inference"),
        );
    }
    let mut outputs = vec![x.clone()];
    if node.wants(1) {
        outputs.push(Tensor::filled(DType::Bool, x.dims().to_vec(), 1.0)?.into());
    }
    Ok(outputs)
}
