//! Products and convolutions by constants in int8, everything else as it is: activations u8 with a range from samples, weights i8 with a
//! scale for each output. What only such products read is never written as f32 (`integer_chain.rs`).

use std::collections::BTreeMap;

use opml_graph::{ConvertError, Host, Model};
use opml_ops::{Operator, Record, Shape, Source, Value};

use super::graph::{Graph, Output};
use super::integer_chain::{Chain, chains, is_relu};
use super::integer_sums::{Encoding, IntegerSums, words};
use super::observed::Observed;
use super::operand::Operand;
use super::problem::{Outcome, Problem};
use super::tensor::Tensor;
use crate::error::{failed, refused};
use crate::options::RangeMethod;

/// The model with its products quantised; `samples` are the real numbers of its one input.
pub(crate) fn integer_products(
    model: &Model,
    samples: &[Vec<f32>],
    method: RangeMethod,
    host: &dyn Host,
) -> Result<Model, ConvertError> {
    let targets: Vec<usize> = (0..model.nodes.len())
        .filter(|index| is_target(model, *index))
        .collect();
    if targets.is_empty() {
        return Err(refused(
            "quantize",
            "the model has no product or convolution by constant weights that could be quantised",
            "leave out `quantize`",
        ));
    }
    let chains = chains(model, &targets);
    // A chain's activation is looked up by what it reads, which must have a range too.
    let activations = chains.values().filter_map(|chain| chain.activation);
    let looked_at: Vec<usize> = targets.iter().copied().chain(activations).collect();
    let observed = Observed::of(model, &looked_at, samples, method, host)?;
    let rewriting = Rewriting {
        model,
        chains: &chains,
        observed: &observed,
        graph: Graph::new(model.name.clone(), u64::from(opml_ops::MAX_VALUE_BYTES)),
        feeds: Vec::new(),
        locals: Vec::new(),
        encoded: BTreeMap::new(),
    };
    rewriting.run(&targets).map_err(|problem| failed(problem.message))
}

fn is_target(model: &Model, index: usize) -> bool {
    let node = &model.nodes[index];
    let constant = |input: usize| {
        node.record
            .input(input)
            .is_some_and(|value| value.source == Some(Source::Constant))
    };
    match Operator::from_tag(node.record.tag()) {
        Some(Operator::ConvF32) => constant(1) && !constant(0) && (node.record.input_count() < 3 || constant(2)),
        Some(Operator::MatMulF32) => {
            let matrix = node.record.input(1).is_some_and(|value| value.shape.rank() == 2);
            constant(1) && matrix && !constant(0)
        }
        _ => false,
    }
}

/// The model being written anew, node by node.
struct Rewriting<'a> {
    model: &'a Model,
    chains: &'a BTreeMap<usize, Chain>,
    observed: &'a Observed,
    graph: Graph,
    feeds: Vec<Operand>,
    /// What became of each node; nothing of one whose values exist in integers only.
    locals: Vec<Option<Operand>>,
    /// Values as products read them, by source and place.
    encoded: BTreeMap<(u32, u32), Operand>,
}

impl Rewriting<'_> {
    fn run(mut self, targets: &[usize]) -> Outcome<Model> {
        for port in &self.model.feed {
            let dims = dims_of(&port.shape);
            let feed = self.graph.input(&port.name, port.dtype, dims, port.quantization)?;
            self.feeds.push(feed);
        }
        for (index, node) in self.model.nodes.iter().enumerate() {
            let absorbed = self
                .chains
                .values()
                .any(|chain| chain.nodes().any(|node| node == index));
            let value = if node.record.tag() == opml_ops::GAP || absorbed {
                None
            } else if targets.contains(&index) {
                self.product(index)?
            } else {
                self.graph.node_name = node.name.clone();
                let inputs = (0..node.record.input_count()).map(|input| self.operand(index, input));
                let inputs = inputs.collect::<Outcome<Vec<_>>>()?;
                Some(self.graph.copied(&node.record, &inputs))
            };
            self.locals.push(value);
        }
        let first = (self.model.output_index as usize) << self.model.output_height;
        let outputs = self.model.outputs.iter().enumerate().map(|(place, port)| {
            let value = self.locals.get(first + place).and_then(Clone::clone);
            Ok(Output {
                name: port.name.clone(),
                value: value.ok_or_else(|| Problem::new("an output is not there"))?,
                quantization: port.quantization,
            })
        });
        let outputs = outputs.collect::<Outcome<Vec<_>>>()?;
        self.graph.finish(outputs)
    }

    /// The operand that an input of a node is, in the shape in which the node reads it.
    fn operand(&self, index: usize, input: usize) -> Outcome<Operand> {
        let node = &self.model.nodes[index];
        let value = read_value(&node.record, index, input)?;
        let (dims, place) = (dims_of(&value.shape), value.index as usize);
        let missing = || missing(index);
        match value.source {
            Some(Source::Constant) => {
                let constant = node.constants[input]
                    .and_then(|constant| self.model.constants.get(constant))
                    .ok_or_else(missing)?;
                Ok(Tensor {
                    dtype: value.dtype,
                    dims,
                    bytes: constant.bytes.clone(),
                }
                .into())
            }
            Some(Source::Feed) => self.feeds.get(place).ok_or_else(missing)?.reshaped(dims),
            _ => self
                .locals
                .get(place)
                .and_then(Option::as_ref)
                .ok_or_else(missing)?
                .reshaped(dims),
        }
    }

    /// A product's first input in u8; one that several products read, perhaps in several shapes, is quantised once.
    fn encoded_input(&mut self, index: usize, encoding: Encoding) -> Outcome<Operand> {
        let node = &self.model.nodes[index];
        let value = read_value(&node.record, index, 0)?;
        let key = (value.source.map_or(0, |source| source as u32), value.index);
        if let Some(known) = self.encoded.get(&key) {
            return known.reshaped(dims_of(&value.shape));
        }
        let x = self.operand(index, 0)?;
        self.graph.node_name = format!("{} input", node.name);
        let x = encoding.of_floats(&mut self.graph, &x)?;
        self.encoded.insert(key, x.clone());
        Ok(x)
    }

    /// A product in integers: what it gives as f32, or nothing where only products read it.
    fn product(&mut self, index: usize) -> Outcome<Option<Operand>> {
        let node = &self.model.nodes[index];
        let encoding = self.observed.encoding(index);
        let x = self.encoded_input(index, encoding)?;
        let weights = self.operand(index, 1)?;
        let bias = match node.record.input_count() {
            3 => Some(self.operand(index, 2)?),
            _ => None,
        };
        self.graph.node_name = node.name.clone();
        let sums = IntegerSums::new(&mut self.graph, &node.record, (&x, encoding), &weights, bias.as_ref())?;
        let Some(chain) = self.chains.get(&index) else {
            return Ok(Some(sums.floats(&mut self.graph)?));
        };
        let codes = self.codes(index, *chain, &sums)?;
        let last = chain.nodes().last().unwrap_or(index);
        self.encoded.insert((Source::Local as u32, last as u32), codes);
        Ok(None)
    }

    /// A product's sums as the products at the end of its chain read them.
    fn codes(&mut self, index: usize, chain: Chain, sums: &IntegerSums) -> Outcome<Operand> {
        let model = self.model;
        let to = self.observed.encoding(chain.reader);
        let codes = match chain
            .activation
            .map(|activation| (activation, &model.nodes[activation]))
        {
            None => sums.requantised(&mut self.graph, to)?,
            // What lies below zero is saturated to zero.
            Some((_, node)) if is_relu(&node.record) && to.zero_point == 0 => {
                self.graph.node_name = node.name.clone();
                sums.requantised(&mut self.graph, to)?
            }
            Some((activation, node)) => {
                let from = self.observed.encoding(activation);
                let codes = sums.requantised(&mut self.graph, from)?;
                let codes = codes.reshaped(dims_of(&read_value(&node.record, index, 0)?.shape))?;
                self.graph.node_name = node.name.clone();
                from.looked_up(&mut self.graph, &codes, &node.record, to)?
            }
        };
        let Some(pool) = chain.pool.map(|pool| &model.nodes[pool]) else {
            return Ok(codes);
        };
        let codes = codes.reshaped(dims_of(&read_value(&pool.record, index, 0)?.shape))?;
        self.graph.node_name = pool.name.clone();
        self.graph.apply(Operator::Pool, &[&codes], &words(&pool.record))
    }
}

fn missing(index: usize) -> Problem {
    Problem::new(format!("node {index} reads what is not there"))
}

fn read_value(record: &Record, index: usize, input: usize) -> Outcome<Value> {
    record.input(input).ok_or_else(|| missing(index))
}

fn dims_of(shape: &Shape) -> Vec<usize> {
    shape.dims().iter().map(|dim| *dim as usize).collect()
}
