use std::collections::BTreeMap;

use bytes::Bytes;
use opml_graph::{Constant, Model, Node, Port, Quantization, append_outputs, usual_block_log2};
use opml_ops::{
    ALIAS, ATTRIBUTE_WORDS, AdmitError, DType, MAX_INPUTS, MAX_VALUE_BYTES, Operator, Record, Shape, Source, Value,
    output_initial_of, output_of, scratch_of,
};

use super::budget::Budget;
use super::needed::remove_unneeded;
use super::operand::Operand;
use super::problem::{Outcome, Problem};
use super::tensor::Tensor;

/// The most bytes that a slot holds of a value.
const LARGEST: u64 = MAX_VALUE_BYTES as u64;

/// A graph's output.
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) value: Operand,
    /// What its integers stand for.
    pub(crate) quantization: Option<Quantization>,
}

/// A graph under construction. What depends on constants only is computed at once, by the operators themselves.
pub(crate) struct Graph {
    pub(super) model: Model,
    places: BTreeMap<Bytes, usize>,
    /// The name that the next nodes get.
    pub(crate) node_name: String,
    /// What may still be computed.
    pub(super) budget: Budget,
    /// The most bytes that a value may have: a slot's, or fewer.
    pub(super) value_limit: u64,
}

impl Graph {
    /// A graph without nodes, in which a value has at most `value_limit` bytes.
    pub(crate) fn new(name: String, value_limit: u64) -> Graph {
        Graph {
            model: Model::named(name),
            places: BTreeMap::new(),
            node_name: String::new(),
            budget: Budget::default(),
            value_limit: value_limit.min(LARGEST),
        }
    }

    /// Adds an input.
    pub(crate) fn input(
        &mut self,
        name: &str,
        dtype: DType,
        dims: Vec<usize>,
        quantization: Option<Quantization>,
    ) -> Outcome<Operand> {
        let shape = shape(&dims)?;
        let index = self.model.feed.len() as u32;
        self.model.feed.push(Port {
            name: name.into(),
            dtype,
            shape,
            quantization,
        });
        let value = Value {
            source: Some(Source::Feed),
            index,
            dtype,
            shape,
        };
        // Requests give inputs whole; however small other values must be, one may be as large as a slot.
        match bytes_of(&value) {
            0..=LARGEST => Ok(Operand::Value { value, dims }),
            bytes => Err(
                Problem::new(format!("it has {bytes} bytes; a value has at most {LARGEST}"))
                    .with_help("give smaller dimensions"),
            ),
        }
    }

    /// The output of an operator over these inputs: a constant when they all are, else a new node's; in parts where a value is larger than a
    /// slot.
    pub(crate) fn apply(&mut self, operator: Operator, inputs: &[&Operand], attributes: &[u32]) -> Outcome<Operand> {
        let mut record = Record::new(operator as u32, undescribed()?);
        if attributes.len() > ATTRIBUTE_WORDS {
            return Err(Problem::new(format!(
                "`{}` would have {} words of attributes; there are {ATTRIBUTE_WORDS}",
                operator.name(),
                attributes.len()
            )));
        }
        for (place, word) in attributes.iter().enumerate() {
            record.set_attribute(place, *word);
        }
        if inputs.len() > MAX_INPUTS {
            return Err(Problem::new(format!(
                "it has {} inputs; a node has at most {MAX_INPUTS}",
                inputs.len()
            )));
        }
        for input in inputs {
            let (source, index) = match input {
                Operand::Constant(_) | Operand::Pieces(_) => (Some(Source::Constant), 0),
                Operand::Value { value, .. } => (value.source, value.index),
            };
            record.push_input(Value {
                source,
                index,
                dtype: input.dtype(),
                shape: shape(input.dims())?,
            });
        }
        let refuse = |error: AdmitError| Problem::new(format!("`{}`: {error}", operator.name()));
        let (dtype, shape) = output_of(&record).map_err(refuse)?;
        let output = Value {
            source: None,
            index: 0,
            dtype,
            shape,
        };
        if inputs.iter().any(|input| self.is_large(input)) || bytes_of(&output) > self.value_limit {
            return self.apply_in_parts(operator, inputs, attributes, (dtype, &dims(&shape)));
        }
        record.set_output(output);
        let scratch = scratch_of(&record).map_err(refuse)?;
        record.set_scratch_bytes(u32::try_from(scratch).unwrap_or(u32::MAX));
        record.set_output_initial(output_initial_of(operator));
        record.set_block_log2(usual_block_log2(output.bytes()));
        opml_ops::admit(&record).map_err(refuse)?;
        let constants: Option<Vec<&Tensor>> = inputs.iter().map(|input| input.constant()).collect();
        match constants {
            Some(constants) => self.fold(&record, &constants, output),
            None => {
                Budget::check_nodes(self.model.nodes.len())?;
                Ok(self.push(record, inputs, output))
            }
        }
    }

    fn fold(&mut self, record: &Record, inputs: &[&Tensor], output: Value) -> Outcome<Operand> {
        self.budget.hold(u64::from(output.bytes()))?;
        self.budget.work(opml_ops::work_units(record))?;
        let bytes: Vec<&[u8]> = inputs.iter().map(|input| &input.bytes[..]).collect();
        let mut result = match record.output_initial().and_then(|initial| bytes.get(initial)) {
            Some(initial) => initial.to_vec(),
            None => vec![0; output.bytes() as usize],
        };
        let mut scratch = vec![0; record.scratch_bytes() as usize];
        opml_ops::run(record, &bytes, &mut result, 0, &mut scratch).map_err(|error| Problem::new(error.to_string()))?;
        Ok(Operand::Constant(Tensor {
            dtype: output.dtype,
            dims: dims(&output.shape),
            bytes: Bytes::from(result),
        }))
    }

    /// A node like another one, over these inputs.
    pub(crate) fn copied(&mut self, like: &Record, inputs: &[Operand]) -> Operand {
        let mut record = like.clone();
        for (place, input) in inputs.iter().enumerate() {
            if let Operand::Value { value, .. } = input
                && let Some(source) = value.source
            {
                record.set_input_place(place, source, value.index);
            }
        }
        match record.output() {
            Some(output) => self.push(record, &inputs.iter().collect::<Vec<_>>(), output),
            None => Operand::Constant(Tensor::i64s(&[])),
        }
    }

    fn push(&mut self, record: Record, inputs: &[&Operand], output: Value) -> Operand {
        let mut constants = [None; MAX_INPUTS];
        for (constant, input) in constants.iter_mut().zip(inputs) {
            *constant = input.constant().map(|tensor| self.constant(&tensor.bytes));
        }
        let index = self.model.nodes.len() as u32;
        self.model.nodes.push(Node {
            name: self.node_name.clone(),
            record,
            constants,
        });
        Operand::Value {
            value: Value {
                source: Some(Source::Local),
                index,
                ..output
            },
            dims: dims(&output.shape),
        }
    }

    /// The place of a constant among the model's, each content once.
    pub(super) fn constant(&mut self, bytes: &Bytes) -> usize {
        let next = self.model.constants.len();
        let place = *self.places.entry(bytes.clone()).or_insert(next);
        if place == next {
            self.model.constants.push(Constant::new(bytes.clone()));
        }
        place
    }

    /// The model with these outputs; nodes that none of them needs are left out.
    pub(crate) fn finish(mut self, outputs: Vec<Output>) -> Outcome<Model> {
        let mut ports = Vec::new();
        for output in outputs {
            let (shape, name) = (shape(output.value.dims())?, output.name);
            self.node_name = format!("output {name}");
            let whole = self.whole_output(&name, output.value)?;
            let value = match &whole {
                Operand::Value { value, .. } if value.source == Some(Source::Local) && value.shape == shape => *value,
                // What is no node's output as it stands becomes one.
                _ => self.alias(&whole, shape),
            };
            let port = Port {
                name,
                dtype: value.dtype,
                shape,
                quantization: output.quantization,
            };
            ports.push((value, port));
        }
        let roots = ports.iter().map(|(value, _)| value.index).collect::<Vec<_>>();
        self.fuse(&roots);
        let places = remove_unneeded(&mut self.model, &roots);
        for (value, _) in &mut ports {
            value.index = places[value.index as usize];
        }
        append_outputs(&mut self.model, ports);
        Ok(self.model)
    }

    fn alias(&mut self, operand: &Operand, shape: Shape) -> Value {
        let mut output = Value {
            source: None,
            index: 0,
            dtype: operand.dtype(),
            shape,
        };
        let mut record = Record::new(ALIAS, output);
        let input = match operand {
            Operand::Value { value, .. } => *value,
            _ => Value {
                source: Some(Source::Constant),
                ..output
            },
        };
        record.push_input(input);
        record.set_block_log2(usual_block_log2(output.bytes()));
        if let Operand::Value { value, .. } = self.push(record, &[operand], output) {
            output = value;
        }
        output
    }
}

/// Dimensions as a model has them: at most six, none zero.
pub(crate) fn shape(dims: &[usize]) -> Outcome<Shape> {
    let words: Vec<u32> = dims.iter().map(|dim| u32::try_from(*dim).unwrap_or(u32::MAX)).collect();
    Shape::new(&words).map_err(|error| Problem::new(format!("one of its tensors has the shape {dims:?}: {error}")))
}

/// A value's size; its own number of bytes is bounded to 32 bits.
fn bytes_of(value: &Value) -> u64 {
    u64::from(value.shape.elements()) * u64::from(value.dtype.bytes())
}

fn dims(shape: &Shape) -> Vec<usize> {
    shape.dims().iter().map(|dim| *dim as usize).collect()
}

/// An output before the operator has said what it is.
fn undescribed() -> Outcome<Value> {
    Ok(Value {
        source: None,
        index: 0,
        dtype: DType::I8,
        shape: shape(&[])?,
    })
}
