//! ONNX nodes become nodes of the float graph: one file an operator family, one line of the table an operator.

mod add;
mod attributes;
mod clip;
mod conv;
mod gemm;
mod lowering;
mod matmul;
mod max_pool;
mod node;
mod reshape;
mod window;

use opml_graph::ConvertError;
use tract_onnx::pb::NodeProto;

use crate::error::refused;
use crate::float::FloatGraph;
use crate::inference::Facts;
use crate::source::Source;

use lowering::Lowering;
use node::OnnxNode;

pub(crate) use node::node_name;

type Lower = for<'a> fn(&mut Lowering<'a>, &OnnxNode<'a>) -> Result<(), ConvertError>;

/// How large the result of an operator over constants can be, which the ONNX runtime computes when it reads the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// As all inputs together.
    Sum,
    /// As the product of its inputs.
    Product,
    /// A few elements, whatever the input, which need not be a constant.
    Shape,
    /// Without bound.
    Unbounded,
}

/// An ONNX operator that is understood.
pub(crate) struct Supported {
    name: &'static str,
    pub(crate) growth: Growth,
    lower: Option<Lower>,
}

impl Supported {
    /// Whether it may work on values that depend on the input.
    pub(crate) fn is_computed(&self) -> bool {
        self.lower.is_some()
    }
}

const fn computed(name: &'static str, growth: Growth, lower: Lower) -> Supported {
    Supported {
        name,
        growth,
        lower: Some(lower),
    }
}

const fn constant(name: &'static str, growth: Growth) -> Supported {
    Supported {
        name,
        growth,
        lower: None,
    }
}

const OPERATORS: &[Supported] = &[
    computed("Add", Growth::Product, add::lower),
    constant("Cast", Growth::Sum),
    computed("Clip", Growth::Sum, clip::lower_clip),
    constant("Concat", Growth::Sum),
    constant("Constant", Growth::Sum),
    computed("Conv", Growth::Unbounded, conv::lower),
    computed("Dropout", Growth::Sum, reshape::lower_identity),
    computed("Flatten", Growth::Sum, reshape::lower),
    constant("Gather", Growth::Product),
    computed("Gemm", Growth::Product, gemm::lower),
    computed("Identity", Growth::Sum, reshape::lower_identity),
    computed("MatMul", Growth::Product, matmul::lower),
    computed("MaxPool", Growth::Unbounded, max_pool::lower),
    computed("Relu", Growth::Sum, clip::lower_relu),
    computed("Reshape", Growth::Sum, reshape::lower),
    constant("Shape", Growth::Shape),
    constant("Slice", Growth::Sum),
    computed("Squeeze", Growth::Sum, reshape::lower),
    constant("Transpose", Growth::Sum),
    computed("Unsqueeze", Growth::Sum, reshape::lower),
];

/// What is known of a node's operator.
pub(crate) fn supported(node: &NodeProto) -> Option<&'static Supported> {
    let standard = matches!(node.domain.as_str(), "" | "ai.onnx");
    OPERATORS
        .iter()
        .find(|operator| standard && operator.name == node.op_type)
}

/// The refusal of a node whose operator is not understood, or not over values that depend on the input.
pub(crate) fn unsupported(node: &NodeProto) -> ConvertError {
    let name = node_name(node);
    let domain = match node.domain.as_str() {
        "" | "ai.onnx" => String::new(),
        domain => format!("{domain}."),
    };
    refused(
        &name,
        format!("operator `{domain}{}` of node `{name}` is not supported", node.op_type),
        "remove it, or write an operator: see ARCHITECTURE",
    )
}

/// Makes the float graph of a model.
pub(crate) fn lower(source: &Source, facts: &Facts) -> Result<FloatGraph, ConvertError> {
    let mut lowering = Lowering::new(source, facts)?;
    for proto in &source.graph().node {
        let outputs = proto.output.iter().filter(|output| !output.is_empty());
        if outputs.clone().all(|output| facts.is_constant(output)) {
            continue;
        }
        let node = OnnxNode::new(proto);
        let lower = supported(proto)
            .and_then(|operator| operator.lower)
            .ok_or_else(|| unsupported(proto))?;
        if outputs.count() > 1 {
            return Err(node.refuse("has more than one output", "use its first output only"));
        }
        lower(&mut lowering, &node)?;
    }
    lowering.finish(source)
}
