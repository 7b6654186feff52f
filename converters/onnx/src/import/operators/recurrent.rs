//! Recurrent layers: each direction is one product for all inputs, and a cell that runs through time.

use opml_ops::{ActivationFunction, DType, Operator};

use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};
use crate::import::tensor::Tensor;

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let kind = match node.operator() {
        "LSTM" => Kind::Lstm,
        "GRU" => Kind::Gru,
        "RNN" => Kind::Plain,
        _ => return Ok(None),
    };
    layer(graph, node, kind).map(Some)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lstm,
    Gru,
    Plain,
}

impl Kind {
    fn gates(self) -> usize {
        match self {
            Kind::Lstm => 4,
            Kind::Gru => 3,
            Kind::Plain => 1,
        }
    }

    /// Activations when none are given.
    fn activations(self) -> &'static [&'static str] {
        match self {
            Kind::Lstm => &["Sigmoid", "Tanh", "Tanh"],
            Kind::Gru => &["Sigmoid", "Tanh"],
            Kind::Plain => &["Tanh"],
        }
    }
}

fn activation(name: &str) -> Outcome<ActivationFunction> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "sigmoid" => ActivationFunction::Sigmoid,
        "tanh" => ActivationFunction::Tanh,
        "relu" => ActivationFunction::Relu,
        "affine" => ActivationFunction::Identity,
        _ => {
            return Err(Problem::new(format!("the activation `{name}` is not supported"))
                .with_help("supported: Sigmoid, Tanh, Relu"));
        }
    })
}

fn layer(graph: &mut Graph, node: &OnnxNode, kind: Kind) -> Outcome<Vec<Operand>> {
    let batch_first = node.flag("layout", false)?;
    let x = match batch_first {
        true => graph.transpose(node.full(0)?, &[1, 0, 2])?,
        false => node.full(0)?.clone(),
    };
    let &[steps, batch, _] = x.dims() else {
        return Err(Problem::new("it takes input of three dimensions"));
    };
    if let Some(lengths) = node.known(4, "the lengths of the sequences")?
        && lengths.iter().any(|length| *length != steps as i64)
    {
        return Err(
            Problem::new("sequences of different lengths are not supported").with_help("pad them to one length")
        );
    }
    let hidden = size(node.int("hidden_size", 0)?)?;
    let directions: &[bool] = match node.text("direction", "forward")? {
        "forward" => &[false],
        "reverse" => &[true],
        "bidirectional" => &[false, true],
        other => {
            return Err(crate::import::problem::unsupported(
                "direction",
                other,
                "forward, reverse, bidirectional",
            ));
        }
    };
    let mut named = node.texts("activations")?;
    if named.is_empty() {
        named = directions
            .iter()
            .flat_map(|_| kind.activations().iter().map(|name| name.to_string()))
            .collect();
    }
    let (mut sequences, mut lasts, mut last_cells) = (Vec::new(), Vec::new(), Vec::new());
    for (direction, reverse) in directions.iter().enumerate() {
        let each = kind.activations().len();
        let names = named.get(direction * each..(direction + 1) * each);
        let names = names.ok_or_else(|| Problem::new("too few activations"))?;
        let activations = names.iter().map(|name| activation(name)).collect::<Outcome<Vec<_>>>()?;
        let one = Direction {
            kind,
            hidden,
            index: direction,
            steps,
            batch,
        };
        let ordered = if *reverse { graph.reverse(&x, 0)? } else { x.clone() };
        let output = one.run(graph, node, &ordered, &activations, batch_first)?;
        let width = output.dims()[2];
        let states = graph.slice(&output, 2, 0, hidden)?;
        let last = graph.slice(&output, 0, steps - 1, 1)?;
        lasts.push(graph.slice(&last, 2, 0, hidden)?);
        if width > hidden {
            last_cells.push(graph.slice(&last, 2, hidden, hidden)?);
        }
        let states = if *reverse { graph.reverse(&states, 0)? } else { states };
        sequences.push(states.reshaped(vec![steps, 1, batch, hidden])?);
    }
    let all = graph.concat(&sequences, 1)?;
    let mut outputs = vec![all, graph.concat(&lasts, 0)?];
    if kind == Kind::Lstm {
        outputs.push(graph.concat(&last_cells, 0)?);
    }
    if batch_first {
        outputs[0] = graph.transpose(&outputs[0], &[2, 0, 1, 3])?;
        for output in &mut outputs[1..] {
            *output = graph.transpose(output, &[1, 0, 2])?;
        }
    }
    Ok(outputs)
}

/// One direction of a layer.
struct Direction {
    kind: Kind,
    hidden: usize,
    index: usize,
    steps: usize,
    batch: usize,
}

impl Direction {
    /// This direction's part of a parameter, without the axis of directions.
    fn part(&self, graph: &mut Graph, parameter: &Operand) -> Outcome<Operand> {
        let part = graph.slice(parameter, 0, self.index, 1)?;
        part.reshaped(part.dims()[1..].to_vec())
    }

    fn state(&self, graph: &mut Graph, given: Option<&Operand>, batch_first: bool) -> Outcome<Operand> {
        match given {
            None => Ok(Tensor::filled(DType::F32, vec![self.batch, self.hidden], 0.0)?.into()),
            Some(given) if batch_first => {
                let given = graph.transpose(given, &[1, 0, 2])?;
                self.part(graph, &given)
            }
            Some(given) => self.part(graph, given),
        }
    }

    fn run(
        &self,
        graph: &mut Graph,
        node: &OnnxNode,
        x: &Operand,
        activations: &[ActivationFunction],
        batch_first: bool,
    ) -> Outcome<Operand> {
        let gates = self.kind.gates() * self.hidden;
        let weights = self.part(graph, node.input(1)?)?;
        let weights = graph.transpose(&weights, &[1, 0])?;
        let recurrence = self.part(graph, node.input(2)?)?;
        let recurrence = graph.transpose(&recurrence, &[1, 0])?;
        let mut given = graph.matmul(x, &weights)?;
        let mut hidden_bias = Tensor::filled(DType::F32, vec![self.hidden], 0.0)?.into();
        if let Some(bias) = node.optional(3) {
            let bias = self.part(graph, bias)?;
            let (input, recurrent) = (graph.slice(&bias, 0, 0, gates)?, graph.slice(&bias, 0, gates, gates)?);
            given = match self.kind {
                // The candidate's recurrent bias belongs to its product.
                Kind::Gru => {
                    let first = graph.slice(&recurrent, 0, 0, 2 * self.hidden)?;
                    hidden_bias = graph.slice(&recurrent, 0, 2 * self.hidden, self.hidden)?;
                    let none = Tensor::filled(DType::F32, vec![self.hidden], 0.0)?.into();
                    let recurrent = graph.concat(&[first, none], 0)?;
                    let bias = graph.add(&input, &recurrent)?;
                    graph.add(&given, &bias)?
                }
                _ => {
                    let bias = graph.add(&input, &recurrent)?;
                    graph.add(&given, &bias)?
                }
            };
        }
        let state = self.state(graph, node.optional(5), batch_first)?;
        let words: Vec<u32> = activations.iter().map(|activation| *activation as u32).collect();
        if given.dims() != [self.steps, self.batch, gates] {
            return Err(Problem::new(format!(
                "the products of input and weights have the shape {:?}, not {:?}",
                given.dims(),
                [self.steps, self.batch, gates]
            )));
        }
        match self.kind {
            Kind::Plain => {
                no_clip(node)?;
                graph.apply(Operator::RnnF32, &[&given, &recurrence, &state], &words)
            }
            Kind::Gru => {
                no_clip(node)?;
                let after = u32::from(node.flag("linear_before_reset", false)?);
                let inputs = [&given, &recurrence, &state, &hidden_bias];
                graph.apply(Operator::GruF32, &inputs, &[words[0], words[1], after])
            }
            Kind::Lstm => {
                let cell = self.state(graph, node.optional(6), batch_first)?;
                let peepholes = node
                    .optional(7)
                    .map(|peepholes| self.part(graph, peepholes))
                    .transpose()?;
                let coupled = u32::from(node.flag("input_forget", false)?);
                let clip = node.float("clip", 0.0)?.to_bits();
                let inputs: Vec<&Operand> = [&given, &recurrence, &state, &cell]
                    .into_iter()
                    .chain(&peepholes)
                    .collect();
                graph.apply(
                    Operator::LstmF32,
                    &inputs,
                    &[words[0], words[1], words[2], coupled, clip],
                )
            }
        }
    }
}

fn no_clip(node: &OnnxNode) -> Outcome<()> {
    match node.has("clip") {
        true => Err(Problem::new("the attribute `clip` is supported for LSTM only")),
        false => Ok(()),
    }
}
