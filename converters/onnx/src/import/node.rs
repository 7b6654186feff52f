use opml_ops::DType;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

use super::operand::Operand;
use super::problem::{Outcome, Problem};
use super::tensor::Tensor;

/// A node of an ONNX graph with its inputs as they are known so far.
pub(crate) struct OnnxNode<'a> {
    proto: &'a NodeProto,
    inputs: Vec<Option<Operand>>,
    /// The version of the standard operator set.
    pub(crate) version: i64,
}

impl<'a> OnnxNode<'a> {
    /// A node; absent optional inputs are `None`.
    pub(crate) fn new(proto: &'a NodeProto, inputs: Vec<Option<Operand>>, version: i64) -> OnnxNode<'a> {
        OnnxNode { proto, inputs, version }
    }

    /// The operator's name.
    pub(crate) fn operator(&self) -> &'a str {
        &self.proto.op_type
    }

    /// How many inputs are named.
    pub(crate) fn input_count(&self) -> usize {
        self.inputs.len()
    }

    /// How many outputs are named.
    pub(crate) fn output_count(&self) -> usize {
        self.proto.output.len()
    }

    /// Whether output `place` is wanted.
    pub(crate) fn wants(&self, place: usize) -> bool {
        self.proto.output.get(place).is_some_and(|name| !name.is_empty())
    }

    /// Input `place`.
    pub(crate) fn input(&self, place: usize) -> Outcome<&Operand> {
        self.optional(place)
            .ok_or_else(|| Problem::new(format!("input {place} is missing")))
    }

    /// Input `place`, if it is there.
    pub(crate) fn optional(&self, place: usize) -> Option<&Operand> {
        self.inputs.get(place).and_then(Option::as_ref)
    }

    /// Input `place`, which has elements.
    pub(crate) fn full(&self, place: usize) -> Outcome<&Operand> {
        let input = self.input(place)?;
        match input.elements() {
            0 => Err(Problem::new(format!("input {place} has no elements"))),
            _ => Ok(input),
        }
    }

    /// All inputs, of which none may be missing.
    pub(crate) fn all(&self) -> Outcome<Vec<Operand>> {
        self.all_after(0)
    }

    /// All inputs from `first` on, of which none may be missing.
    pub(crate) fn all_after(&self, first: usize) -> Outcome<Vec<Operand>> {
        (first..self.inputs.len())
            .map(|place| self.input(place).cloned())
            .collect()
    }

    /// Input `place` as numbers that are known beforehand.
    pub(crate) fn known(&self, place: usize, what: &str) -> Outcome<Option<Vec<i64>>> {
        let known = self.optional(place).map(|operand| operand.known(what));
        Ok(known.transpose()?.map(Tensor::to_i64s))
    }

    fn attribute(&self, name: &str) -> Option<&'a AttributeProto> {
        self.proto.attribute.iter().find(|attribute| attribute.name == name)
    }

    /// Whether an attribute is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// The names of its attributes.
    pub(crate) fn attribute_names(&self) -> impl Iterator<Item = &'a str> {
        self.proto.attribute.iter().map(|attribute| &attribute.name[..])
    }

    fn typed(&self, name: &str, kind: AttributeType, what: &str) -> Outcome<Option<&'a AttributeProto>> {
        match self.attribute(name) {
            Some(attribute) if attribute.r#type != kind as i32 => {
                Err(Problem::new(format!("the attribute `{name}` must be {what}")))
            }
            attribute => Ok(attribute),
        }
    }

    /// An integer attribute.
    pub(crate) fn int(&self, name: &str, default: i64) -> Outcome<i64> {
        let attribute = self.typed(name, AttributeType::Int, "an integer")?;
        Ok(attribute.map_or(default, |attribute| attribute.i))
    }

    /// An integer attribute that means yes or no.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Outcome<bool> {
        Ok(self.int(name, i64::from(default))? != 0)
    }

    /// A number attribute.
    pub(crate) fn float(&self, name: &str, default: f32) -> Outcome<f32> {
        let attribute = self.typed(name, AttributeType::Float, "a number")?;
        Ok(attribute.map_or(default, |attribute| attribute.f))
    }

    /// A list of integers.
    pub(crate) fn ints(&self, name: &str) -> Outcome<Option<&'a [i64]>> {
        let attribute = self.typed(name, AttributeType::Ints, "a list of integers")?;
        Ok(attribute.map(|attribute| &attribute.ints[..]))
    }

    /// A list of numbers.
    pub(crate) fn floats(&self, name: &str) -> Outcome<Option<&'a [f32]>> {
        let attribute = self.typed(name, AttributeType::Floats, "a list of numbers")?;
        Ok(attribute.map(|attribute| &attribute.floats[..]))
    }

    /// A text.
    pub(crate) fn text(&self, name: &str, default: &'static str) -> Outcome<&'a str>
    where
        'static: 'a,
    {
        match self.typed(name, AttributeType::String, "a text")? {
            None => Ok(default),
            Some(attribute) => std::str::from_utf8(&attribute.s)
                .map_err(|_| Problem::new(format!("the attribute `{name}` is no text"))),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &str) -> Outcome<Vec<String>> {
        let attribute = self.typed(name, AttributeType::Strings, "a list of texts")?;
        let texts = attribute.map_or(&[][..], |attribute| &attribute.strings);
        Ok(texts
            .iter()
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .collect())
    }

    /// A tensor.
    pub(crate) fn tensor(&self, name: &str) -> Option<&'a TensorProto> {
        self.attribute(name).and_then(|attribute| attribute.t.as_ref())
    }

    /// A graph.
    pub(crate) fn graph(&self, name: &str) -> Outcome<&'a GraphProto> {
        let graph = self.attribute(name).and_then(|attribute| attribute.g.as_ref());
        graph.ok_or_else(|| Problem::new(format!("the attribute `{name}` must be a graph")))
    }

    /// The axis of an attribute, counted from the end when it is negative.
    pub(crate) fn axis(&self, name: &str, default: i64, rank: usize) -> Outcome<usize> {
        axis(self.int(name, default)?, rank)
    }
}

/// An axis, counted from the end when it is negative.
pub(crate) fn axis(axis: i64, rank: usize) -> Outcome<usize> {
    let counted = if axis < 0 {
        axis.checked_add(rank as i64)
    } else {
        Some(axis)
    };
    match counted.and_then(|axis| usize::try_from(axis).ok()) {
        Some(counted) if counted < rank => Ok(counted),
        _ => Err(Problem::new(format!(
            "the axis {axis} does not exist in a tensor of {rank} dimensions"
        ))),
    }
}

/// Axes, each once.
pub(crate) fn axes(given: &[i64], rank: usize) -> Outcome<Vec<usize>> {
    let axes = given
        .iter()
        .map(|given| axis(*given, rank))
        .collect::<Outcome<Vec<_>>>()?;
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    match sorted.len() == axes.len() {
        true => Ok(axes),
        false => Err(Problem::new(format!("the axes {given:?} name one twice"))),
    }
}

/// The greatest size that anything may have: no tensor has more elements along an axis.
const LARGEST_SIZE: i64 = 1 << 31;

/// A dimension, or another small number that is not negative.
pub(crate) fn size(given: i64) -> Outcome<usize> {
    let size = usize::try_from(given).ok().filter(|_| given <= LARGEST_SIZE);
    size.ok_or_else(|| Problem::new(format!("{given} is no size")))
}

/// The type that an ONNX type code stands for; double and half precision are computed in binary32.
pub(crate) fn dtype(code: i64) -> Outcome<DType> {
    use tract_onnx::pb::tensor_proto::DataType;
    let kind = i32::try_from(code).ok().and_then(|code| DataType::try_from(code).ok());
    Ok(match kind {
        Some(DataType::Float | DataType::Double | DataType::Float16) => DType::F32,
        Some(DataType::Int8) => DType::I8,
        Some(DataType::Uint8) => DType::U8,
        Some(DataType::Int16) => DType::I16,
        Some(DataType::Int32) => DType::I32,
        Some(DataType::Int64) => DType::I64,
        Some(DataType::Bool) => DType::Bool,
        Some(other) => {
            return Err(Problem::new(format!(
                "elements of the type {} are not supported",
                other.as_str_name()
            ))
            .with_help(
                "supported: float, double and float16 (computed as float), int8, uint8, int16, int32, int64, bool",
            ));
        }
        None => return Err(Problem::new(format!("{code} is no type that is supported"))),
    })
}
