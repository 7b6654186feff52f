use opml_commit::{Root, VectorTree};
use opml_ops::{Conv2dI8, DType, MAX_INPUTS, MatMulBlocks, MatMulI8, Operator, Record, Shape, Source};

use crate::{Constant, GraphHeader, NodeLeaf};

/// A node: its record, and for every input that is a constant, which of the model's.
#[derive(Clone, Debug)]
pub struct Node {
    /// The name a user knows it by; not committed.
    pub name: String,
    /// Its record.
    pub record: Record,
    /// By input: the index into [`Model::constants`] of a constant input.
    pub constants: [Option<usize>; MAX_INPUTS],
}

/// How integers stand for real numbers: real = scale · (integer − zero_point).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantization {
    /// The real number of one unit.
    pub scale: f32,
    /// The integer that stands for 0.
    pub zero_point: i32,
}

/// A value that enters or leaves the graph; its name and quantisation are for people and not committed.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// The name a user knows it by.
    pub name: String,
    /// Its element type.
    pub dtype: DType,
    /// Its dimensions.
    pub shape: Shape,
    /// What its integers mean, if they stand for real numbers.
    pub quantization: Option<Quantization>,
}

impl Port {
    /// Its size in bytes; saturates.
    pub fn bytes(&self) -> u32 {
        self.shape.elements().saturating_mul(self.dtype.bytes())
    }
}

/// A graph with its constants: what a model file holds.
#[derive(Clone, Debug)]
pub struct Model {
    /// A name for people.
    pub name: String,
    /// The nodes, in order of execution; node i's output is local i.
    pub nodes: Vec<Node>,
    /// The carried values.
    pub carry: Vec<Port>,
    /// The fed values: a request's inputs, in a pipeline without a loop.
    pub feed: Vec<Port>,
    /// The output values, in the order of the aligned block of locals.
    pub outputs: Vec<Port>,
    /// Height of the aligned block of locals that is the output; 0 means one value.
    pub output_height: u32,
    /// Its index at that height.
    pub output_index: u32,
    /// The constants, each content once.
    pub constants: Vec<Constant>,
}

impl Model {
    /// A model without nodes and values, to be filled.
    pub fn named(name: impl Into<String>) -> Model {
        Model {
            name: name.into(),
            nodes: Vec::new(),
            carry: Vec::new(),
            feed: Vec::new(),
            outputs: Vec::new(),
            output_height: 0,
            output_index: 0,
            constants: Vec::new(),
        }
    }

    /// By input of node `node`: the root of a constant input, else the zero word.
    pub fn constant_roots(&self, node: usize) -> [Root; MAX_INPUTS] {
        let mut roots = [Root::ZERO; MAX_INPUTS];
        let constants = self.nodes.get(node).map(|node| node.constants).unwrap_or_default();
        for (root, constant) in roots.iter_mut().zip(constants) {
            if let Some(constant) = constant.and_then(|constant| self.constants.get(constant)) {
                *root = constant.root;
            }
        }
        roots
    }

    /// Node `node`'s leaf in the node table; the zero word for a gap or a node that does not exist.
    pub fn node_leaf(&self, node: usize) -> NodeLeaf {
        match self.nodes.get(node) {
            Some(found) => NodeLeaf::new(&found.record, self.constant_roots(node)),
            None => NodeLeaf::gap(),
        }
    }

    /// The node table: the vector of node leaves.
    pub fn node_table(&self) -> VectorTree {
        VectorTree::new((0..self.nodes.len()).map(|node| self.node_leaf(node).root).collect())
    }

    /// The header whose hash is the graph program.
    pub fn header(&self) -> GraphHeader {
        GraphHeader {
            node_table_root: self.node_table().root(),
            node_count: self.nodes.len() as u32,
            carry_count: self.carry.len() as u32,
            feed_count: self.feed.len() as u32,
            output_height: self.output_height,
            output_index: self.output_index,
        }
    }

    /// The graph program's root.
    pub fn program(&self) -> Root {
        self.header().program()
    }

    /// The model's parameters: elements of all constants, a matrix in panels counting without its padding.
    pub fn parameters(&self) -> u64 {
        let mut seen = vec![false; self.constants.len()];
        let mut parameters = 0;
        for node in &self.nodes {
            for (input, constant) in node.constants.iter().enumerate() {
                let value = node
                    .record
                    .input(input)
                    .filter(|value| value.source == Some(Source::Constant));
                if let (Some(value), Some(constant)) = (value, constant)
                    && let Some(first) = seen.get_mut(*constant).filter(|seen| !**seen)
                {
                    *first = true;
                    parameters += parameters_of(&node.record, input).unwrap_or(value.shape.elements().into());
                }
            }
        }
        parameters
    }
}

/// The weights in a panelled matrix, without the zeros that fill the panels; `None` for any other input.
fn parameters_of(record: &Record, input: usize) -> Option<u64> {
    let weights = match (Operator::from_tag(record.tag())?, input) {
        (Operator::MatMulBlocks, 1) => {
            let weights = MatMulBlocks::plan(record).ok()?.weights;
            return Some(u64::from(weights.outputs) * u64::from(weights.depth));
        }
        (Operator::MatMulI8, 1) => MatMulI8::plan(record).ok()?.weights,
        (Operator::Conv2dI8, 1) => Conv2dI8::plan(record).ok()?.weights,
        _ => return None,
    };
    Some(u64::from(weights.groups) * u64::from(weights.outputs) * u64::from(weights.depth))
}
