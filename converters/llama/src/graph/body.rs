use opml_graph::{Host, Model};
use opml_ops::{DType, Operator};

use super::builder::{BuildError, Constants, Graph, Operand};
use super::embedding::Table;
use super::layer::{Layer, Rows, norm};
use super::logits::Head;
use super::rotation::tables;
use super::sampler::Sampler;
use super::weights::Matrix;
use crate::{Architecture, Generation, LlamaError, LlamaSource, Role, Scheme};

/// Everything that a model's graphs share.
struct Parts {
    architecture: Architecture,
    generation: Generation,
    table: Table,
    angles: [Operand; 2],
    layers: Vec<Layer>,
    head: Head,
    one: Operand,
    batch: Operand,
}

/// What passes hand on.
struct Carry {
    /// i32 `[positions]`: the prompt, then what is written.
    tokens: Operand,
    /// i32 `[1]`: the place of the last token that is there.
    position: Operand,
    /// i32 `[1]`: how much of the prompt has been worked through.
    read: Operand,
    /// i32 `[1]`: what tokens are drawn from, if they are.
    seed: Option<Operand>,
    /// By layer: keys and values, f32 `[positions, heads, size]`.
    caches: Vec<[Operand; 2]>,
}

impl Carry {
    fn new(graph: &mut Graph, parts: &Parts) -> Result<Carry, BuildError> {
        let positions = parts.generation.positions();
        let dims = [positions, parts.architecture.kv_heads, parts.architecture.head_size];
        Ok(Carry {
            tokens: graph.carry("tokens", DType::I32, &[positions])?,
            position: graph.carry("position", DType::I32, &[1])?,
            read: graph.carry("read", DType::I32, &[1])?,
            seed: match parts.head.sampler {
                Some(_) => Some(graph.carry("seed", DType::I32, &[1])?),
                None => None,
            },
            caches: (0..parts.layers.len())
                .map(|layer| {
                    Ok([
                        graph.carry(&format!("keys.{layer}"), DType::F32, &dims)?,
                        graph.carry(&format!("values.{layer}"), DType::F32, &dims)?,
                    ])
                })
                .collect::<Result<_, BuildError>>()?,
        })
    }

    fn operands(&self) -> Vec<Operand> {
        let caches = self.caches.iter().flatten().copied();
        [self.tokens, self.position, self.read]
            .into_iter()
            .chain(self.seed)
            .chain(caches)
            .collect()
    }
}

impl Parts {
    /// Rows `count` from `place` on: their embeddings and where they stand.
    fn enter(
        &self,
        graph: &mut Graph,
        tokens: Operand,
        place: Operand,
        count: usize,
    ) -> Result<(Operand, Rows), BuildError> {
        graph.part = "enter".into();
        let mut rows = |name: &str, of: Operand| graph.node(name, Operator::SelectRows, &[of, place], &[count as u32]);
        let tokens = rows("tokens", tokens)?;
        let angles = [rows("cosines", self.angles[0])?, rows("sines", self.angles[1])?];
        let x = self.table.rows(graph, tokens, count)?;
        Ok((x, Rows { count, place, angles }))
    }

    /// A pass over a batch of the prompt: only keys and values are kept of it, so the last layer ends with them.
    fn read(&self, name: &str, constants: &Constants<'_>) -> Result<Model, BuildError> {
        let mut graph = Graph::new(name);
        let mut carry = Carry::new(&mut graph, self)?;
        let (mut x, rows) = self.enter(&mut graph, carry.tokens, carry.read, self.generation.batch)?;
        for (number, layer) in self.layers.iter().enumerate() {
            graph.part = format!("layer.{number}");
            let last = number + 1 == self.layers.len();
            let pass = if last { Layer::remember } else { Layer::pass };
            (x, carry.caches[number]) = pass(layer, &mut graph, &self.architecture, rows, (x, carry.caches[number]))?;
        }
        graph.part = "next".into();
        carry.read = graph.node("read", Operator::AddI32, &[carry.read, self.batch], &[])?;
        Ok(graph.finish(&carry.operands(), &constants.all))
    }

    /// A pass that writes one token after the last one.
    fn write(&self, name: &str, constants: &Constants<'_>) -> Result<Model, BuildError> {
        let mut graph = Graph::new(name);
        let mut carry = Carry::new(&mut graph, self)?;
        let (mut x, rows) = self.enter(&mut graph, carry.tokens, carry.position, 1)?;
        for (number, layer) in self.layers.iter().enumerate() {
            graph.part = format!("layer.{number}");
            (x, carry.caches[number]) = layer.pass(&mut graph, &self.architecture, rows, (x, carry.caches[number]))?;
        }
        graph.part = "next".into();
        let logits = self.head.logits(&mut graph, &self.architecture, x)?;
        let next = |graph: &mut Graph| graph.node("position", Operator::AddI32, &[carry.position, self.one], &[]);
        let token;
        (carry.position, token) = match (&self.head.sampler, carry.seed) {
            (Some(sampler), Some(seed)) => {
                let place = next(&mut graph)?;
                (place, sampler.token(&mut graph, logits, seed, place)?)
            }
            _ => {
                let token = self.head.greedy(&mut graph, logits)?;
                (next(&mut graph)?, token)
            }
        };
        let written = [carry.tokens, carry.position, token];
        carry.tokens = graph.node("tokens", Operator::UpdateRows, &written, &[])?;
        Ok(graph.finish(&carry.operands(), &constants.all))
    }
}

/// The graphs of a model: first the pass over a batch of the prompt, then the one that writes a token. Their large constants
/// are deferred.
pub(crate) fn graphs<'a>(
    source: &'a LlamaSource,
    name: &str,
    generation: Generation,
    scheme: Option<Scheme>,
    host: &dyn Host,
) -> Result<(Vec<Model>, Constants<'a>), LlamaError> {
    let architecture = source.architecture().clone();
    let mut constants = Constants::new(host.threads());
    let embedding = || source.required(Role::Embedding);
    let table = Table::new(embedding()?, scheme, &mut constants)?;
    let mut layers = Vec::new();
    for layer in 0..architecture.layers {
        if host.cancelled() {
            return Err(LlamaError::Cancelled);
        }
        layers.push(Layer::new(source, layer, scheme, &mut constants)?);
        host.progress("laying out layers", layer as u64 + 1, architecture.layers as u64);
    }
    let output = if architecture.tied {
        embedding()?
    } else {
        source.required(Role::Output)?
    };
    let parts = Parts {
        table,
        layers,
        head: Head {
            sampler: match &generation.sampling {
                Some(sampling) => Some(Sampler::new(sampling, &mut constants)?),
                None => None,
            },
            norm: norm(source, Role::OutputNorm, &mut constants)?,
            output: Matrix::new(output, scheme, &mut constants)?,
        },
        angles: tables(&architecture, generation.positions(), &mut constants)?,
        one: constants.integer(1)?,
        batch: constants.integer(generation.batch as i32)?,
        architecture,
        generation,
    };
    let graphs = vec![parts.read(name, &constants)?, parts.write(name, &constants)?];
    Ok((graphs, constants))
}
