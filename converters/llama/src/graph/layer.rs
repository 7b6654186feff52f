use opml_ops::{BinaryFunction, DType, Operator, UnaryFunction};

use super::builder::{BuildError, Constants, Graph, Operand};
use super::weights::Matrix;
use crate::{Architecture, LayerRole, LlamaError, LlamaSource, Pairing, Role, Scheme};

/// The weights of one layer.
pub(super) struct Layer {
    attention_norm: Operand,
    query: Projection,
    key: Projection,
    value: Projection,
    attention_output: Projection,
    feed_norm: Operand,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

/// A matrix, and what is added to its products.
struct Projection {
    matrix: Matrix,
    bias: Option<Operand>,
}

/// Where a pass stands: its rows, the place of the first one, and the angles of all of them.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) count: usize,
    pub(super) place: Operand,
    pub(super) angles: [Operand; 2],
}

/// The weights of a norm: f32 `[D]`.
pub(super) fn norm(source: &LlamaSource, role: Role, constants: &mut Constants<'_>) -> Result<Operand, LlamaError> {
    let row = source.required(role)?.row(0)?;
    let bytes = row.iter().flat_map(|weight| weight.to_le_bytes()).collect();
    Ok(constants.add(DType::F32, &[row.len()], bytes)?)
}

/// x `[rows, D]` by its root mean square, times weights.
pub(super) fn normalised(
    graph: &mut Graph,
    name: &str,
    x: Operand,
    weights: Operand,
    architecture: &Architecture,
) -> Result<Operand, BuildError> {
    let words = [1, architecture.rms_epsilon.to_bits(), 1];
    graph.node(name, Operator::Normalize, &[x, weights], &words)
}

fn sum(graph: &mut Graph, name: &str, a: Operand, b: Operand) -> Result<Operand, BuildError> {
    graph.node(name, Operator::Binary, &[a, b], &[BinaryFunction::Add as u32])
}

impl Projection {
    fn product(&self, graph: &mut Graph, name: &str, x: Operand, rows: usize) -> Result<Operand, BuildError> {
        let product = self.matrix.product(graph, name, x, rows)?;
        match self.bias {
            None => Ok(product),
            Some(bias) => sum(graph, &format!("{name}.bias"), product, bias),
        }
    }
}

impl Layer {
    /// Lays a layer's tensors out.
    pub(super) fn new<'a>(
        source: &'a LlamaSource,
        layer: usize,
        scheme: Option<Scheme>,
        constants: &mut Constants<'a>,
    ) -> Result<Layer, LlamaError> {
        let role = |role| Role::Layer(layer, role);
        let mut matrix = |of: LayerRole, bias: Option<LayerRole>| -> Result<Projection, LlamaError> {
            let bias = match bias.map(|bias| source.tensor(role(bias))).transpose()?.flatten() {
                None => None,
                Some(tensor) => {
                    let row = tensor.row(0)?;
                    let bytes = row.iter().flat_map(|bias| bias.to_le_bytes()).collect();
                    Some(constants.add(DType::F32, &[row.len()], bytes)?)
                }
            };
            Ok(Projection {
                matrix: Matrix::new(source.required(role(of))?, scheme, constants)?,
                bias,
            })
        };
        use LayerRole::{
            AttentionNorm, AttentionOutput, AttentionOutputBias, Down, FeedNorm, Gate, Key, KeyBias, Query, QueryBias,
            Up, Value, ValueBias,
        };
        Ok(Layer {
            query: matrix(Query, Some(QueryBias))?,
            key: matrix(Key, Some(KeyBias))?,
            value: matrix(Value, Some(ValueBias))?,
            attention_output: matrix(AttentionOutput, Some(AttentionOutputBias))?,
            gate: matrix(Gate, None)?.matrix,
            up: matrix(Up, None)?.matrix,
            down: matrix(Down, None)?.matrix,
            attention_norm: norm(source, role(AttentionNorm), constants)?,
            feed_norm: norm(source, role(FeedNorm), constants)?,
        })
    }

    /// The cache with the keys and values of x's rows.
    pub(super) fn remember(
        &self,
        graph: &mut Graph,
        architecture: &Architecture,
        rows: Rows,
        (x, cache): (Operand, [Operand; 2]),
    ) -> Result<(Operand, [Operand; 2]), BuildError> {
        let heads = [rows.count, architecture.kv_heads, architecture.head_size];
        let x = normalised(graph, "attention_norm", x, self.attention_norm, architecture)?;
        let key = self.key.product(graph, "key", x, rows.count)?;
        let key = turned(graph, "key.turned", key.read_as(&heads)?, rows, architecture)?;
        let value = self.value.product(graph, "value", x, rows.count)?.read_as(&heads)?;
        let keys = graph.node("keys", Operator::UpdateRows, &[cache[0], rows.place, key], &[])?;
        let values = graph.node("values", Operator::UpdateRows, &[cache[1], rows.place, value], &[])?;
        Ok((x, [keys, values]))
    }

    /// What the layer makes of x `[rows, D]`, and the cache after it.
    pub(super) fn pass(
        &self,
        graph: &mut Graph,
        architecture: &Architecture,
        rows: Rows,
        (x, cache): (Operand, [Operand; 2]),
    ) -> Result<(Operand, [Operand; 2]), BuildError> {
        let (normal, [keys, values]) = self.remember(graph, architecture, rows, (x, cache))?;
        let heads = [rows.count, architecture.heads, architecture.head_size];
        let query = self.query.product(graph, "query", normal, rows.count)?;
        let query = turned(graph, "query.turned", query.read_as(&heads)?, rows, architecture)?;
        let scale = 1.0 / (architecture.head_size as f32).sqrt();
        let seen = graph.node(
            "attention",
            Operator::Attend,
            &[query, keys, values, rows.place],
            &[scale.to_bits()],
        )?;
        let back = self
            .attention_output
            .product(graph, "attention_output", seen, rows.count)?;
        let x = sum(graph, "after_attention", x, back)?;
        let normal = normalised(graph, "feed_norm", x, self.feed_norm, architecture)?;
        let gate = self.gate.product(graph, "gate", normal, rows.count)?;
        let up = self.up.product(graph, "up", normal, rows.count)?;
        let swish = [UnaryFunction::Swish as u32, 1f32.to_bits()];
        let gate = graph.node("gate.swish", Operator::Unary, &[gate], &swish)?;
        let gated = graph.node("gated", Operator::Binary, &[gate, up], &[BinaryFunction::Mul as u32])?;
        let down = self.down.product(graph, "down", gated, rows.count)?;
        Ok((sum(graph, "after_feed", x, down)?, [keys, values]))
    }
}

fn turned(
    graph: &mut Graph,
    name: &str,
    x: Operand,
    rows: Rows,
    architecture: &Architecture,
) -> Result<Operand, BuildError> {
    let interleaved = u32::from(architecture.rope.pairing == Pairing::Interleaved);
    let [cos, sin] = rows.angles;
    graph.node(name, Operator::Rotary, &[x, cos, sin], &[interleaved])
}
