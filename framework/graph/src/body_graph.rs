//! A graph made into the body of a loop: which of its values passes hand on.

use bytes::Bytes;
use opml_ops::{DType, MAX_INPUTS, Operator, Record, Shape, Source, Value};
use thiserror::Error;

use crate::{Constant, Model, Node, Port, append_outputs, usual_block_log2};

/// A graph's input that is to be carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried<'a> {
    /// The input's name.
    pub input: &'a str,
    /// The output that becomes it in the next pass; `None`: the only output.
    pub from: Option<&'a str>,
}

/// Why a graph cannot be the body of such a loop.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BodyGraphError {
    /// No input of that name.
    #[error("the graph has no input `{name}`; it has {known}")]
    Input {
        /// The name asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// No output of that name.
    #[error("the graph has no output `{name}`; it has {known}")]
    Output {
        /// The name asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// An input is carried twice.
    #[error("the input `{0}` is carried already")]
    Twice(String),
    /// The output is none of several.
    #[error("the graph has {outputs} outputs: say which one becomes `{input}`")]
    From {
        /// The carried input.
        input: String,
        /// Outputs that there are.
        outputs: usize,
    },
    /// What comes out is no value of the kind that goes in.
    #[error("the output `{output}` is {given}, the input `{input}` that it becomes is {expected}")]
    Mismatch {
        /// The carried input.
        input: String,
        /// What becomes it.
        output: String,
        /// The input's type and shape.
        expected: String,
        /// The output's.
        given: String,
    },
    /// The graph hands its outputs on itself.
    #[error(
        "the graph carries {carried} values itself, so its outputs are their next values: `{name}` is none of its own"
    )]
    Own {
        /// How many it carries.
        carried: usize,
        /// What was to be carried or collected besides.
        name: String,
    },
    /// The collected rows are more than a value holds.
    #[error("{passes} passes collect {bytes} bytes, more than a value holds")]
    Collected {
        /// The passes.
        passes: u64,
        /// What they would collect.
        bytes: u64,
    },
}

/// A body, and which carried value collects what passes give.
#[derive(Clone, Debug)]
pub struct BodyGraph {
    /// The graph; its outputs are its carried values' next ones, in order.
    pub model: Model,
    /// The carried value whose rows are the passes' outputs.
    pub collected: Option<usize>,
}

/// Makes a graph without loops the body of one: the `carried` inputs become carried values, in the order given, all other inputs stay fed.
/// With `collect`, that output of each pass is written to the next rows of a carried value, so that after `passes` passes it holds
/// all of them; a counter is carried with it. A graph that carries values by itself stays as it is.
pub fn body_graph(
    model: &Model,
    carried: &[Carried<'_>],
    collect: Option<&str>,
    passes: u64,
) -> Result<BodyGraph, BodyGraphError> {
    if !model.carry.is_empty() {
        let own = |name: &str| model.carry.iter().any(|port| port.name == name);
        let foreign = carried
            .iter()
            .find(|carried| carried.from.is_some() || !own(carried.input));
        return match foreign.map(|carried| carried.input).or(collect) {
            Some(name) => Err(BodyGraphError::Own {
                carried: model.carry.len(),
                name: name.into(),
            }),
            None => Ok(BodyGraph {
                model: model.clone(),
                collected: None,
            }),
        };
    }
    let mut body = Body::new(model);
    for carried in carried {
        body.carry(model, carried)?;
    }
    let collected = collect.map(|name| body.collect(model, name, passes)).transpose()?;
    Ok(BodyGraph {
        model: body.finish(),
        collected,
    })
}

struct Body {
    model: Model,
    /// By input of the original graph: the carried value that it became.
    places: Vec<Option<u32>>,
    /// What each carried value is next.
    next: Vec<Value>,
}

impl Body {
    fn new(model: &Model) -> Body {
        Body {
            model: Model {
                outputs: Vec::new(),
                ..model.clone()
            },
            places: vec![None; model.feed.len()],
            next: Vec::new(),
        }
    }

    fn carry(&mut self, model: &Model, carried: &Carried<'_>) -> Result<(), BodyGraphError> {
        let place = position(&model.feed, carried.input).ok_or_else(|| BodyGraphError::Input {
            name: carried.input.into(),
            known: names(&model.feed),
        })?;
        if self.places[place].is_some() {
            return Err(BodyGraphError::Twice(carried.input.into()));
        }
        let output = match (carried.from, &model.outputs[..]) {
            (Some(name), _) => output(model, name)?,
            (None, [_]) => 0,
            (None, outputs) => {
                return Err(BodyGraphError::From {
                    input: carried.input.into(),
                    outputs: outputs.len(),
                });
            }
        };
        let (port, from) = (&model.feed[place], &model.outputs[output]);
        if (port.dtype, port.shape) != (from.dtype, from.shape) {
            return Err(BodyGraphError::Mismatch {
                input: port.name.clone(),
                output: from.name.clone(),
                expected: described(port),
                given: described(from),
            });
        }
        self.places[place] = Some(self.hand_on(port.clone(), local(model, output)) as u32);
        Ok(())
    }

    /// Carries the rows written so far, and how many they are.
    fn collect(&mut self, model: &Model, name: &str, passes: u64) -> Result<usize, BodyGraphError> {
        let output = output(model, name)?;
        let port = &model.outputs[output];
        let (rows, rest) = port
            .shape
            .dims()
            .split_first()
            .map_or((1, &[][..]), |(rows, rest)| (*rows, rest));
        let too_large = || BodyGraphError::Collected {
            passes,
            bytes: passes.saturating_mul(u64::from(port.bytes())),
        };
        let all_rows = u64::from(rows)
            .checked_mul(passes)
            .and_then(|rows| u32::try_from(rows).ok());
        let dims = [&[all_rows.ok_or_else(too_large)?], rest].concat();
        let shape = Shape::new(&dims).map_err(|_| too_large())?;
        let collected = Port {
            name: format!("collected {name}"),
            shape,
            ..port.clone()
        };
        if u64::from(collected.bytes()) > opml_commit::MAX_VALUE_BYTES {
            return Err(too_large());
        }
        let counter = Port {
            name: "rows collected".into(),
            dtype: DType::I32,
            shape: Shape::new(&[1]).unwrap_or(port.shape),
            quantization: None,
        };
        let places = [self.next.len(), self.next.len() + 1];
        let [all, count] = [(places[0], &collected), (places[1], &counter)].map(|(place, port)| Value {
            source: Some(Source::Carry),
            index: place as u32,
            dtype: port.dtype,
            shape: port.shape,
        });
        let mut update = Record::new(Operator::UpdateRows as u32, described_output(all));
        for value in [all, count, local(model, output)] {
            update.push_input(value);
        }
        update.set_output_initial(Some(0));
        let updated = self.push(format!("collect {name}"), update, None);
        let mut advance = Record::new(Operator::AddI32 as u32, described_output(count));
        advance.push_input(count);
        advance.push_input(Value {
            source: Some(Source::Constant),
            index: 0,
            ..count
        });
        let step = self.constant(Bytes::copy_from_slice(&rows.to_le_bytes()));
        let advanced = self.push("count rows".into(), advance, Some((1, step)));
        self.hand_on(collected, updated);
        self.hand_on(counter, advanced);
        Ok(places[0])
    }

    fn hand_on(&mut self, port: Port, next: Value) -> usize {
        self.model.carry.push(port);
        self.next.push(next);
        self.next.len() - 1
    }

    fn push(&mut self, name: String, mut record: Record, constant: Option<(usize, usize)>) -> Value {
        record.set_block_log2(usual_block_log2(record.output_bytes()));
        let index = self.model.nodes.len() as u32;
        let output = record.output().unwrap_or_else(|| described_output(self.next[0]));
        let mut constants = [None; MAX_INPUTS];
        if let Some((input, place)) = constant {
            constants[input] = Some(place);
        }
        self.model.nodes.push(Node {
            name,
            record,
            constants,
        });
        Value {
            source: Some(Source::Local),
            index,
            ..output
        }
    }

    /// The place of a constant of these bytes among the model's, each content once.
    fn constant(&mut self, bytes: Bytes) -> usize {
        let constant = Constant::new(bytes);
        let known = self
            .model
            .constants
            .iter()
            .position(|known| known.root == constant.root);
        known.unwrap_or_else(|| {
            self.model.constants.push(constant);
            self.model.constants.len() - 1
        })
    }

    /// The graph with its inputs where they are now, and its outputs in the carried values' order.
    fn finish(mut self) -> Model {
        let mut fed = 0;
        let now: Vec<(Source, u32)> = self
            .places
            .iter()
            .map(|place| match place {
                Some(carried) => (Source::Carry, *carried),
                None => {
                    fed += 1;
                    (Source::Feed, fed - 1)
                }
            })
            .collect();
        for node in &mut self.model.nodes {
            for input in 0..node.record.input_count() {
                let value = node
                    .record
                    .input(input)
                    .filter(|value| value.source == Some(Source::Feed));
                if let Some((source, index)) = value.and_then(|value| now.get(value.index as usize)) {
                    node.record.set_input_place(input, *source, *index);
                }
            }
        }
        let mut places = self.places.iter();
        self.model.feed.retain(|_| places.next().is_some_and(Option::is_none));
        let outputs = self.next.into_iter().zip(self.model.carry.clone()).collect();
        append_outputs(&mut self.model, outputs);
        self.model
    }
}

fn position(ports: &[Port], name: &str) -> Option<usize> {
    ports.iter().position(|port| port.name == name)
}

fn output(model: &Model, name: &str) -> Result<usize, BodyGraphError> {
    position(&model.outputs, name).ok_or_else(|| BodyGraphError::Output {
        name: name.into(),
        known: names(&model.outputs),
    })
}

/// Output `output` of the graph, as a node reads it.
fn local(model: &Model, output: usize) -> Value {
    let first = model.output_index << model.output_height;
    Value {
        source: Some(Source::Local),
        index: first + output as u32,
        dtype: model.outputs[output].dtype,
        shape: model.outputs[output].shape,
    }
}

fn described_output(value: Value) -> Value {
    Value {
        source: None,
        index: 0,
        ..value
    }
}

fn described(port: &Port) -> String {
    format!("{} {}", port.dtype.name(), port.shape)
}

fn names(ports: &[Port]) -> String {
    let names: Vec<String> = ports.iter().map(|port| format!("`{}`", port.name)).collect();
    names.join(", ")
}
