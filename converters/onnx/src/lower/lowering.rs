use std::collections::BTreeMap;

use ndarray::ArrayD;
use opml_graph::ConvertError;

use super::node::OnnxNode;
use crate::error::refused;
use crate::float::{FloatGraph, FloatNode, FloatTensor, Operation, TensorId};
use crate::inference::Facts;
use crate::source::Source;

/// The float graph as it grows.
pub(super) struct Lowering<'a> {
    facts: &'a Facts,
    graph: FloatGraph,
    by_name: BTreeMap<&'a str, TensorId>,
}

impl<'a> Lowering<'a> {
    /// An empty graph with the inputs of `source`.
    pub(super) fn new(source: &'a Source, facts: &'a Facts) -> Result<Lowering<'a>, ConvertError> {
        let mut lowering = Lowering {
            facts,
            graph: FloatGraph::new(source.graph().name.clone()),
            by_name: BTreeMap::new(),
        };
        let inputs = source.graph().input.iter().map(|input| input.name.as_str());
        for name in inputs.filter(|name| !facts.is_constant(name)) {
            let tensor = lowering.tensor(name)?;
            lowering.graph.inputs.push(tensor);
        }
        Ok(lowering)
    }

    fn tensor(&mut self, name: &'a str) -> Result<TensorId, ConvertError> {
        let shape = self.facts.shape(name)?.to_vec();
        let tensor = self.graph.add_tensor(FloatTensor {
            name: name.to_owned(),
            shape,
            constant: None,
        });
        self.by_name.insert(name, tensor);
        Ok(tensor)
    }

    /// Input `place` of a node, which depends on the graph's inputs.
    pub(super) fn computed(&self, node: &OnnxNode, place: usize) -> Result<TensorId, ConvertError> {
        let name = node.input(place)?;
        self.by_name.get(name).copied().ok_or_else(|| {
            node.refuse(
                &format!("takes the constant `{name}` where only a computed tensor is supported"),
                "fold constants when exporting",
            )
        })
    }

    /// Input `place` of a node, which must be a constant if it is given, with finite values.
    pub(super) fn optional_constant(&self, node: &OnnxNode, place: usize) -> Result<Option<ArrayD<f32>>, ConvertError> {
        let Some(name) = node.optional_input(place) else {
            return Ok(None);
        };
        let Some(constant) = self.facts.constant(name)? else {
            return Err(node.refuse(
                &format!("takes the computed tensor `{name}` where only a constant is supported"),
                "write an operator: see ARCHITECTURE",
            ));
        };
        match constant.iter().all(|value| value.is_finite()) {
            true => Ok(Some(constant)),
            false => Err(node.refuse(
                &format!("has the infinite constant `{name}`"),
                "train or export the model again",
            )),
        }
    }

    /// Input `place` of a node, a constant with finite values.
    pub(super) fn constant(&self, node: &OnnxNode, place: usize) -> Result<ArrayD<f32>, ConvertError> {
        node.input(place)?;
        let constant = self.optional_constant(node, place)?;
        constant.ok_or_else(|| node.refuse(&format!("lacks its input {place}"), "export the model again"))
    }

    /// Input `place` of a node as a scalar that may be infinite; `None` when it is left out.
    pub(super) fn scalar(&self, node: &OnnxNode, place: usize) -> Result<Option<f32>, ConvertError> {
        let Some(name) = node.optional_input(place) else {
            return Ok(None);
        };
        let constant = self.facts.constant(name)?;
        let scalar = constant.filter(|constant| constant.len() == 1);
        match scalar.and_then(|constant| constant.first().copied()) {
            Some(value) => Ok(Some(value)),
            None => Err(node.refuse(
                &format!("takes `{name}`, which is not one constant number"),
                "export the model with fixed bounds",
            )),
        }
    }

    /// Adds a constant operand of an element-wise operation, laid out as `shape`.
    pub(super) fn add_constant(
        &mut self,
        node: &OnnxNode,
        place: usize,
        shape: &[usize],
    ) -> Result<TensorId, ConvertError> {
        let constant = self.constant(node, place)?;
        let Some(constant) = constant.broadcast(shape) else {
            let reason = format!("cannot lay out a constant of shape {:?} as {shape:?}", constant.shape());
            return Err(node.refuse(&reason, "check the model"));
        };
        Ok(self.graph.add_tensor(FloatTensor {
            name: node.input(place)?.to_owned(),
            shape: shape.to_vec(),
            constant: Some(constant.as_standard_layout().into_owned()),
        }))
    }

    /// Whether input `place` of a node is a constant.
    pub(super) fn is_constant(&self, node: &OnnxNode, place: usize) -> bool {
        node.optional_input(place)
            .is_some_and(|name| self.facts.is_constant(name))
    }

    /// The shape of a tensor.
    pub(super) fn shape(&self, tensor: TensorId) -> &[usize] {
        &self.graph.tensor(tensor).shape
    }

    /// The shape of a node's output.
    pub(super) fn output_shape(&self, node: &OnnxNode<'a>) -> Result<&'a [usize], ConvertError> {
        self.facts.shape(node.output()?)
    }

    /// Adds a float node whose output must have `shape`, the shape that was inferred.
    pub(super) fn add(
        &mut self,
        node: &OnnxNode<'a>,
        operation: Operation,
        inputs: Vec<TensorId>,
        shape: &[usize],
    ) -> Result<(), ConvertError> {
        let inferred = self.output_shape(node)?;
        if inferred != shape {
            return Err(node.refuse(
                &format!("gives the shape {shape:?} here, but {inferred:?} by the model"),
                "export the model without rounding up sizes (ceil_mode)",
            ));
        }
        let output = self.tensor(node.output()?)?;
        self.graph.nodes.push(FloatNode {
            name: node.name.clone(),
            operation,
            inputs,
            output,
        });
        Ok(())
    }

    /// Makes a node's output another name of a tensor.
    pub(super) fn rename(&mut self, node: &OnnxNode<'a>, tensor: TensorId) -> Result<(), ConvertError> {
        self.by_name.insert(node.output()?, tensor);
        Ok(())
    }

    /// The graph, with the outputs of `source`, and without nodes that no output needs.
    pub(super) fn finish(mut self, source: &Source) -> Result<FloatGraph, ConvertError> {
        for output in &source.graph().output {
            let name = output.name.as_str();
            let Some(tensor) = self.by_name.get(name).copied() else {
                return Err(refused(
                    name,
                    format!("the output `{name}` does not depend on the input"),
                    "remove it from the model's outputs",
                ));
            };
            self.graph.outputs.push((name.to_owned(), tensor));
        }
        self.graph.remove_unneeded();
        Ok(self.graph)
    }
}
