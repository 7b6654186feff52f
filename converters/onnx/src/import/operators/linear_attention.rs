//! Attention without a softmax: a state that each step writes to and reads from, step after step.

use opml_ops::{DType, UnaryFunction as Unary};

use super::attention::{join_heads, repeat_heads, split_heads};
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem, unsupported};
use crate::import::tensor::Tensor;

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    match node.operator() {
        "LinearAttention" => linear_attention(graph, node).map(Some),
        _ => Ok(None),
    }
}

/// `[batch, steps, heads·n]` as `[batch, heads, steps, n]`; `heads` may be 1 for all.
fn gates(graph: &mut Graph, given: &Operand, heads: usize) -> Outcome<Operand> {
    let width = given.dims().last().copied().unwrap_or(1);
    split_heads(graph, given, if width == 1 { 1 } else { heads })
}

fn linear_attention(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let (heads, key_heads) = (size(node.int("q_num_heads", 0)?)?, size(node.int("kv_num_heads", 0)?)?);
    let (gated, corrected) = match node.text("update_rule", "gated_delta")? {
        "linear" => (false, false),
        "gated" => (true, false),
        "delta" => (false, true),
        "gated_delta" => (true, true),
        other => return Err(unsupported("update_rule", other, "linear, gated, delta, gated_delta")),
    };
    let queries = split_heads(graph, node.input(0)?, heads)?;
    let keys = split_heads(graph, node.input(1)?, key_heads)?;
    let values = split_heads(graph, node.input(2)?, key_heads)?;
    let (&[batch, _, steps, width], &[_, _, _, value_width]) = (queries.dims(), values.dims()) else {
        return Err(Problem::new("it takes inputs of three dimensions"));
    };
    let decay = match gated {
        true => {
            let decay = gates(graph, node.input(4)?, key_heads)?;
            Some(graph.unary(Unary::Exp, &decay)?)
        }
        false => None,
    };
    let beta = match corrected {
        true => Some(gates(graph, node.input(5)?, key_heads)?),
        false => None,
    };
    let scale = match node.float("scale", 0.0)? {
        0.0 => 1.0 / (width as f32).sqrt(),
        scale => scale,
    };
    let queries = graph.scale(&queries, scale)?;
    let mut state = match node.optional(3) {
        Some(state) => state.clone(),
        None => Tensor::filled(DType::F32, vec![batch, key_heads, width, value_width], 0.0)?.into(),
    };
    let mut outputs = Vec::with_capacity(steps);
    for step in 0..steps {
        let key = graph.slice(&keys, 2, step, 1)?;
        let key = graph.transpose_matrices(&key)?;
        let mut value = graph.slice(&values, 2, step, 1)?;
        if let Some(decay) = &decay {
            let decay = graph.slice(decay, 2, step, 1)?;
            let decay = graph.transpose_matrices(&decay)?;
            state = graph.mul(&state, &decay)?;
        }
        if let Some(beta) = &beta {
            let row = graph.transpose_matrices(&key)?;
            let retrieved = graph.matmul(&row, &state)?;
            let missing = graph.sub(&value, &retrieved)?;
            let beta = graph.slice(beta, 2, step, 1)?;
            value = graph.mul(&missing, &beta)?;
        }
        let written = graph.mul(&key, &value)?;
        state = graph.add(&state, &written)?;
        let read = repeat_heads(graph, &state, heads)?;
        let query = graph.slice(&queries, 2, step, 1)?;
        outputs.push(graph.matmul(&query, &read)?);
    }
    let output = graph.concat(&outputs, 2)?;
    Ok(vec![join_heads(graph, &output)?, state])
}
