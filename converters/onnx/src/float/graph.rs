use ndarray::ArrayD;

use super::{Bounds, Conv2d, MatMul, MaxPool2d};

/// A tensor of a [`FloatGraph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TensorId(usize);

/// What is known of a tensor.
#[derive(Clone, Debug)]
pub(crate) struct FloatTensor {
    /// Its ONNX name.
    pub(crate) name: String,
    /// Its dimensions, none of them 0.
    pub(crate) shape: Vec<usize>,
    /// Its values, in standard layout, when they are the same for every input.
    pub(crate) constant: Option<ArrayD<f32>>,
}

/// What a node computes.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Rows times constant weights, plus bias.
    MatMul(MatMul),
    /// A two-dimensional convolution with constant weights, plus bias.
    Conv2d(Conv2d),
    /// The greatest value under a window.
    MaxPool2d(MaxPool2d),
    /// Values within bounds.
    Clip(Bounds),
    /// The sum of two tensors of one shape, within bounds.
    Add(Bounds),
    /// The same elements in another shape.
    Reshape,
}

/// A node: its inputs come before it, its output is no other's.
#[derive(Clone, Debug)]
pub(crate) struct FloatNode {
    pub(crate) name: String,
    pub(crate) operation: Operation,
    pub(crate) inputs: Vec<TensorId>,
    pub(crate) output: TensorId,
}

/// A graph in order of execution.
#[derive(Clone, Debug)]
pub(crate) struct FloatGraph {
    pub(crate) name: String,
    pub(crate) inputs: Vec<TensorId>,
    /// Output names and the tensors that they are.
    pub(crate) outputs: Vec<(String, TensorId)>,
    pub(crate) nodes: Vec<FloatNode>,
    tensors: Vec<FloatTensor>,
}

impl FloatGraph {
    /// A graph with nothing in it.
    pub(crate) fn new(name: String) -> FloatGraph {
        FloatGraph {
            name,
            inputs: Vec::new(),
            outputs: Vec::new(),
            nodes: Vec::new(),
            tensors: Vec::new(),
        }
    }

    /// Adds a tensor that nothing computes yet.
    pub(crate) fn add_tensor(&mut self, tensor: FloatTensor) -> TensorId {
        self.tensors.push(tensor);
        TensorId(self.tensors.len() - 1)
    }

    /// What is known of `tensor`.
    pub(crate) fn tensor(&self, tensor: TensorId) -> &FloatTensor {
        &self.tensors[tensor.0]
    }

    /// Every tensor.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = TensorId> + use<> {
        (0..self.tensors.len()).map(TensorId)
    }

    /// The place of `tensor` in lists of all tensors.
    pub(crate) fn place(tensor: TensorId) -> usize {
        tensor.0
    }

    /// How many nodes and outputs read `tensor`.
    pub(crate) fn readers(&self, tensor: TensorId) -> usize {
        let inputs = self.nodes.iter().flat_map(|node| &node.inputs);
        let outputs = self.outputs.iter().map(|(_, output)| output);
        inputs.chain(outputs).filter(|read| **read == tensor).count()
    }

    /// The index of the node that computes `tensor`.
    pub(crate) fn producer(&self, tensor: TensorId) -> Option<usize> {
        self.nodes.iter().position(|node| node.output == tensor)
    }

    /// Drops nodes whose results no output needs.
    pub(crate) fn remove_unneeded(&mut self) {
        let mut needed = vec![false; self.tensors.len()];
        self.outputs.iter().for_each(|(_, output)| needed[output.0] = true);
        for node in self.nodes.iter().rev() {
            if needed[node.output.0] {
                node.inputs.iter().for_each(|input| needed[input.0] = true);
            }
        }
        self.nodes.retain(|node| needed[node.output.0]);
    }
}
