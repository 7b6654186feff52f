//! From an ONNX graph to a model, operator by operator, in the types that the graph has.

mod budget;
mod control;
mod cut;
mod definition;
mod expressions;
mod forms;
mod fusion;
mod fusion_of_parts;
mod graph;
mod integer_chain;
mod integer_products;
mod integer_sums;
mod needed;
mod node;
mod observed;
mod operand;
mod operators;
mod parts;
mod pieces;
mod plan;
mod problem;
mod proto_tensor;
mod reshape;
mod scope;
mod split_gather;
mod tensor;
mod types;

use std::path::Path;

use opml_graph::{ConvertError, Host, Model};
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto};

use crate::error::refused;
use crate::options::{Form, Shapes};
use graph::{Graph, Output};
pub(crate) use integer_products::integer_products;
use node::OnnxNode;
use operand::Operand;
use problem::Problem;
use scope::Scope;

/// Imports a model whose values have at most `value_limit` bytes each.
pub(crate) fn import(
    model: ModelProto,
    folder: Option<&Path>,
    shapes: &Shapes,
    value_limit: u64,
    host: &dyn Host,
) -> Result<Model, ConvertError> {
    let mut graph = model.graph.ok_or_else(|| {
        refused(
            "",
            "the file holds no ONNX graph",
            "check the file with `onnx.checker.check_model`, or export it again",
        )
    })?;
    let standard = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    let versions = model.opset_import.iter().filter(|set| standard(&set.domain));
    let version = versions.map(|set| set.version).max().unwrap_or(1);
    if !model.functions.is_empty() {
        let name = model
            .functions
            .first()
            .and_then(|function| function.name.as_deref())
            .unwrap_or("");
        return Err(refused(
            name,
            format!("the function `{name}` inside the model is not supported"),
            "inline functions when the model is exported, for example with `onnx.inliner.inline_local_functions`",
        ));
    }
    let mut import = Import {
        graph: Graph::new(graph.name.clone(), value_limit),
        version,
        folder,
        host,
        done: 0,
        total: graph.node.len() as u64,
    };
    let mut scope = Scope::default();
    // Weights are the greatest part of a file; they are moved out of it.
    let weights = std::mem::take(&mut graph.initializer);
    import.initializers(&graph, &mut scope)?;
    for proto in weights {
        let name = proto.name.clone();
        let tensor = proto_tensor::owned(proto, folder);
        let tensor = tensor.map_err(|problem| refused(&name, problem.message, problem.help))?;
        import.graph.budget.grant(tensor.bytes.len() as u64);
        scope.define(&name, tensor.into())?;
    }
    types::inputs(&mut import.graph, &graph, shapes, &mut scope)?;
    import.nodes(&graph.node, &mut scope, 0)?;
    let mut outputs = Vec::new();
    let missing = |name: &str| graph.output.iter().all(|output| output.name != name);
    if let Some((unknown, _)) = shapes.outputs.iter().find(|(name, _)| missing(name)) {
        let known: Vec<&str> = graph.output.iter().map(|output| &output.name[..]).collect();
        return Err(refused(
            unknown,
            format!("the model has no output `{unknown}`; it has `{}`", known.join("`, `")),
            "check `outputs` under `model`",
        ));
    }
    for output in &graph.output {
        let form = shapes
            .outputs
            .iter()
            .find(|(name, _)| *name == output.name)
            .map(|(_, form)| *form);
        let Some(form) = form.or(shapes.outputs.is_empty().then_some(Form::Plain)) else {
            continue;
        };
        let value = scope
            .get(&output.name)
            .ok_or_else(|| undefined(&output.name, "the graph's output"))?;
        let formed = forms::output(&mut import.graph, value, form);
        let (value, quantization) = formed.map_err(|problem| {
            refused(
                &output.name,
                format!("output `{}`: {}", output.name, problem.message),
                problem.help,
            )
        })?;
        outputs.push(Output {
            name: output.name.clone(),
            value,
            quantization,
        });
    }
    if outputs.is_empty() {
        return Err(refused(
            "",
            "the graph has no output",
            "check the file with `onnx.checker.check_model`, or export it again",
        ));
    }
    drop(scope);
    import
        .graph
        .finish(outputs)
        .map_err(|problem| refused("", problem.message, problem.help))
}

struct Import<'a> {
    graph: Graph,
    version: i64,
    folder: Option<&'a Path>,
    host: &'a dyn Host,
    done: u64,
    total: u64,
}

impl Import<'_> {
    fn initializers(&mut self, graph: &GraphProto, scope: &mut Scope) -> Result<(), ConvertError> {
        if let Some(sparse) = graph.sparse_initializer.first() {
            let name = sparse.values.as_ref().map_or("", |values| &values.name);
            return Err(refused(
                name,
                format!("the sparse tensor `{name}` is not supported"),
                "export dense weights",
            ));
        }
        for proto in &graph.initializer {
            let tensor = proto_tensor::tensor(proto, self.folder);
            // An inner graph's are read again in every pass of its loop.
            let tensor = tensor.and_then(|tensor| {
                self.graph.budget.work(tensor.bytes.len() as u64)?;
                Ok(tensor)
            });
            let tensor = tensor.map_err(|problem| refused(&proto.name, problem.message, problem.help))?;
            scope.define(&proto.name, tensor.into())?;
        }
        Ok(())
    }

    fn nodes(&mut self, nodes: &[NodeProto], scope: &mut Scope, depth: usize) -> Result<(), ConvertError> {
        for proto in nodes {
            if self.host.cancelled() {
                return Err(crate::error::failed("the conversion was stopped"));
            }
            let outputs = self.node(proto, scope, depth)?;
            for (name, output) in proto.output.iter().zip(outputs).filter(|(name, _)| !name.is_empty()) {
                scope.define(name, output)?;
            }
            if depth == 0 {
                self.done += 1;
                self.host.progress("importing nodes", self.done, self.total);
            }
        }
        Ok(())
    }

    fn node(&mut self, proto: &NodeProto, scope: &Scope, depth: usize) -> Result<Vec<Operand>, ConvertError> {
        let name = name_of(proto);
        let place = format!("node `{name}` ({})", proto.op_type);
        let mut inputs = Vec::new();
        for input in &proto.input {
            inputs.push(match input.is_empty() {
                true => None,
                false => Some(scope.get(input).ok_or_else(|| undefined(input, &place))?.clone()),
            });
        }
        let large = proto.input.iter().zip(&inputs).find_map(|(name, operand)| {
            let operand = operand.as_ref().filter(|operand| self.graph.is_large(operand));
            operand.map(|_| name.clone())
        });
        let problem = |problem: Problem| {
            let message = match &large {
                Some(tensor) if problem.is_uncut => format!("the tensor `{tensor}`: {}", problem.message),
                _ => problem.message,
            };
            refused(&name, format!("{place}: {message}"), problem.help)
        };
        let known = [
            "",
            "ai.onnx",
            "com.microsoft",
            "ai.onnx.ml",
            "ai.onnx.preview.training",
            "ai.onnx.training",
        ];
        if !known.contains(&proto.domain.as_str()) {
            return Err(problem(Problem::new(format!(
                "operators of the domain `{}` are not supported",
                proto.domain
            ))));
        }
        self.graph.budget.visit().map_err(problem)?;
        let node = OnnxNode::new(proto, inputs, self.version);
        self.graph.node_name = name.clone();
        if let Some(outputs) = self.control(&node, scope, depth, &problem)? {
            return Ok(outputs);
        }
        let outputs = operators::import(&mut self.graph, &node).map_err(problem)?;
        // What an importer makes without the graph, such as a constant of some shape, counts too.
        let made = outputs
            .iter()
            .filter_map(Operand::constant)
            .map(|tensor| tensor.bytes.len() as u64);
        self.graph.budget.hold(made.sum()).map_err(problem)?;
        if let Some(missing) = (outputs.len()..node.output_count()).find(|place| node.wants(*place)) {
            return Err(problem(Problem::new(format!("its output {missing} is not supported"))));
        }
        Ok(outputs)
    }
}

/// The name that users know a node by: its own, or its first output's.
fn name_of(proto: &NodeProto) -> String {
    match proto.name.is_empty() {
        true => proto.output.first().cloned().unwrap_or_default(),
        false => proto.name.clone(),
    }
}

fn undefined(name: &str, reader: &str) -> ConvertError {
    refused(
        name,
        format!("{reader} reads `{name}`, which nothing before it defines"),
        "check the file with `onnx.checker.check_model`, or export it again",
    )
}
