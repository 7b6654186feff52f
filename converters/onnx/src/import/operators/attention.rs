//! Attention and rotary positions, as ONNX composes them.

use opml_ops::{BinaryFunction as Binary, DType, UnaryFunction as Unary};

use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};
use crate::import::tensor::{Tensor, listed};

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    match node.operator() {
        "Attention" => attention(graph, node).map(Some),
        "RotaryEmbedding" => Ok(Some(vec![rotary(graph, node)?])),
        _ => Ok(None),
    }
}

/// `[batch, sequence, heads · size]` as `[batch, heads, sequence, size]`.
pub(super) fn split_heads(graph: &mut Graph, x: &Operand, heads: usize) -> Outcome<Operand> {
    let &[batch, sequence, width] = x.dims() else {
        return Ok(x.clone());
    };
    if heads == 0 || !width.is_multiple_of(heads) {
        return Err(Problem::new(format!("{width} elements do not make {heads} heads")));
    }
    let split = x.reshaped(vec![batch, sequence, heads, width / heads])?;
    graph.transpose(&split, &[0, 2, 1, 3])
}

/// The inverse of [`split_heads`].
pub(super) fn join_heads(graph: &mut Graph, x: &Operand) -> Outcome<Operand> {
    let moved = graph.transpose(x, &[0, 2, 1, 3])?;
    let dims = moved.dims();
    moved.reshaped(vec![dims[0], dims[1], dims[2] * dims[3]])
}

/// Every head repeated so that there are `heads` of them, in the order h0, h0, h1, h1, …
pub(super) fn repeat_heads(graph: &mut Graph, x: &Operand, heads: usize) -> Outcome<Operand> {
    let &[batch, given, sequence, width] = x.dims() else {
        return Err(Problem::new("heads of four dimensions are taken"));
    };
    if given == heads {
        return Ok(x.clone());
    }
    if given == 0 || !heads.is_multiple_of(given) {
        return Err(Problem::new(format!("{heads} heads of queries for {given} of keys")));
    }
    let split = x.reshaped(vec![batch, given, 1, sequence, width])?;
    let repeated = graph.broadcast(&split, &[batch, given, heads / given, sequence, width])?;
    repeated.reshaped(vec![batch, heads, sequence, width])
}

fn negative_infinity() -> Operand {
    Tensor::scalar(DType::F32, f64::NEG_INFINITY).into()
}

fn zero() -> Operand {
    Tensor::scalar(DType::F32, 0.0).into()
}

/// What is added to the scores: the mask, causality, and keys that are only padding.
fn bias(graph: &mut Graph, node: &OnnxNode, queries: usize, keys: usize, past: usize) -> Outcome<Option<Operand>> {
    let mut bias = None;
    if let Some(mask) = node.optional(3) {
        let mut mask = match mask.dtype() {
            DType::Bool => graph.select(mask, &zero(), &negative_infinity())?,
            _ => graph.cast(mask, DType::F32)?,
        };
        let width = mask.dims().last().copied().unwrap_or(0);
        if width < keys && width != 0 {
            let mut view = Graph::whole(&mask);
            if let Some(last) = view.last_mut() {
                last.size = keys;
            }
            mask = graph.view(&mask, &view, u64::from(f32::NEG_INFINITY.to_bits()))?;
        }
        bias = Some(mask);
    }
    let mut add = |graph: &mut Graph, more: Operand| -> Outcome<()> {
        bias = Some(match bias.take() {
            Some(bias) => graph.add(&bias, &more)?,
            None => more,
        });
        Ok(())
    };
    if node.flag("is_causal", false)? {
        listed(&[queries, keys])?;
        let hidden = (0..queries).flat_map(|query| (0..keys).map(move |key| key > query + past));
        let values = hidden.map(|hidden| if hidden { f32::NEG_INFINITY } else { 0.0 });
        add(graph, Tensor::f32s(vec![queries, keys], values).into())?;
    }
    if let Some(lengths) = node.optional(6) {
        let lengths = graph.cast(&lengths.reshaped(vec![lengths.elements(), 1, 1, 1])?, DType::I64)?;
        listed(&[keys])?;
        let places = Tensor::i64s(&(0..keys as i64).collect::<Vec<_>>()).into();
        let used = graph.binary(Binary::Less, &places, &lengths)?;
        let padding = graph.select(&used, &zero(), &negative_infinity())?;
        add(graph, padding)?;
    }
    Ok(bias)
}

fn attention(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let flat = node.input(0)?.rank() == 3;
    let heads = |name: &str, place: usize| -> Outcome<usize> {
        let natural = node.input(place)?.dims().get(1).copied().unwrap_or(1);
        size(node.int(name, if flat { 0 } else { natural as i64 })?)
    };
    let (query_heads, key_heads) = (heads("q_num_heads", 0)?, heads("kv_num_heads", 1)?);
    let queries = split_heads(graph, node.input(0)?, query_heads)?;
    let mut keys = split_heads(graph, node.input(1)?, key_heads)?;
    let mut values = split_heads(graph, node.input(2)?, key_heads)?;
    let mut past = 0;
    if let (Some(past_keys), Some(past_values)) = (node.optional(4), node.optional(5)) {
        past = past_keys.dims().get(2).copied().unwrap_or(0);
        keys = graph.concat(&[past_keys.clone(), keys], 2)?;
        values = graph.concat(&[past_values.clone(), values], 2)?;
    }
    let (present_keys, present_values) = (keys.clone(), values.clone());
    let (&[_, count, rows, width], &[_, _, columns, _]) = (queries.dims(), keys.dims()) else {
        return Err(Problem::new("queries and keys have three or four dimensions"));
    };
    let scale = match node.has("scale") {
        true => node.float("scale", 1.0)?,
        false => 1.0 / (width as f32).sqrt(),
    };
    // Both factors get the root of the scale, as ONNX says, so that neither grows too large.
    let root = scale.sqrt();
    let keys = repeat_heads(graph, &keys, count)?;
    let values = repeat_heads(graph, &values, count)?;
    let scaled = graph.scale(&queries, root)?;
    let turned = graph.transpose_matrices(&keys)?;
    let turned = graph.scale(&turned, root)?;
    let mut scores = graph.matmul(&scaled, &turned)?;
    let softcap = node.float("softcap", 0.0)?;
    let mode = node.int("qk_matmul_output_mode", 0)?;
    let mut shown = scores.clone();
    if softcap > 0.0 {
        let cap = Tensor::scalar(DType::F32, f64::from(softcap)).into();
        let share = graph.div(&scores, &cap)?;
        let bounded = graph.unary(Unary::Tanh, &share)?;
        scores = graph.mul(&bounded, &cap)?;
        shown = scores.clone();
    }
    if let Some(bias) = bias(graph, node, rows, columns, past)? {
        scores = graph.add(&scores, &bias)?;
    }
    if mode == 2 {
        shown = scores.clone();
    }
    let weights = graph.softmax(&scores, 3, false)?;
    if mode == 3 {
        shown = weights.clone();
    }
    let mut output = graph.matmul(&weights, &values)?;
    if flat {
        output = join_heads(graph, &output)?;
    }
    Ok(vec![output, present_keys, present_values, shown])
}

fn rotary(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let given = node.input(0)?;
    // As [batch, sequence, heads, size].
    let x = match given.dims() {
        &[batch, sequence, width] => {
            let heads = size(node.int("num_heads", 0)?)?.max(1);
            given.reshaped(vec![batch, sequence, heads, width / heads])?
        }
        [_, _, _, _] => graph.transpose(given, &[0, 2, 1, 3])?,
        _ => return Err(Problem::new("it takes three or four dimensions")),
    };
    let width = x.dims()[3];
    let rotated = match size(node.int("rotary_embedding_dim", 0)?)? {
        0 => width,
        rotated => rotated,
    };
    let half = rotated / 2;
    let mut cache = |place: usize| -> Outcome<Operand> {
        let cache = match node.optional(3) {
            Some(places) => graph.gather(node.input(place)?, places, 0)?,
            None => node.input(place)?.clone(),
        };
        let mut dims = cache.dims().to_vec();
        let last = dims.len().checked_sub(1);
        dims.insert(
            last.ok_or_else(|| Problem::new("sines and cosines are no numbers alone"))?,
            1,
        );
        cache.reshaped(dims)
    };
    let (cosine, sine) = (cache(1)?, cache(2)?);
    if half == 0 || rotated % 2 != 0 {
        return Err(Problem::new(format!(
            "{rotated} elements do not make pairs that are turned"
        )));
    }
    let turning = graph.slice(&x, 3, 0, rotated)?;
    let interleaved = node.flag("interleaved", false)?;
    let mut part = |second: bool| {
        if !interleaved {
            return graph.slice(&turning, 3, if second { half } else { 0 }, half);
        }
        let mut view = Graph::whole(&turning);
        (view[3].size, view[3].start, view[3].step) = (half, i64::from(second), 2);
        graph.view(&turning, &view, 0)
    };
    let (first, second) = (part(false)?, part(true)?);
    let (a, b) = (graph.mul(&cosine, &first)?, graph.mul(&sine, &second)?);
    let real = graph.sub(&a, &b)?;
    let (a, b) = (graph.mul(&sine, &first)?, graph.mul(&cosine, &second)?);
    let imaginary = graph.add(&a, &b)?;
    let turned = match interleaved {
        true => {
            let wide = |part: &Operand| part.reshaped([part.dims(), &[1]].concat());
            let pairs = graph.concat(&[wide(&real)?, wide(&imaginary)?], 4)?;
            pairs.reshaped(turning.dims().to_vec())?
        }
        false => graph.concat(&[real, imaginary], 3)?,
    };
    let whole = match rotated == width {
        true => turned,
        false => {
            let rest = graph.slice(&x, 3, rotated, width - rotated)?;
            graph.concat(&[turned, rest], 3)?
        }
    };
    match given.rank() {
        3 => whole.reshaped(given.dims().to_vec()),
        _ => graph.transpose(&whole, &[0, 2, 1, 3]),
    }
}
