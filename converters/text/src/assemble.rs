//! From the document to a model.

use std::collections::BTreeMap;

use bytes::Bytes;
use opml_graph::{Constant, ConvertError, Model, Node, Port, Quantization, append_outputs, usual_block_log2};
use opml_ops::{MAX_INPUTS, Operator, Record, Source, Value, output_initial_of, output_of, scratch_of};

use crate::attributes;
use crate::constants::{Tensor, dtype, panelled, shape, tensor};
use crate::document::{Document, NodeText, PortText};
use crate::refusal::{listed, nearest, refused};

/// The most bytes of all constants together: a few words of text stand for many.
const MOST_CONSTANT_BYTES: usize = 1 << 27;

/// Makes the model that the document describes.
pub(crate) fn assemble(document: &Document) -> Result<Model, ConvertError> {
    let mut assembly = Assembly {
        model: Model {
            carry: ports("carry", &document.carry)?,
            feed: ports("inputs", &document.inputs)?,
            ..Model::named(&document.name)
        },
        values: BTreeMap::new(),
        constants: BTreeMap::new(),
    };
    let mut left = MOST_CONSTANT_BYTES;
    for (name, text) in &document.constants {
        let place = format!("constants.{name}");
        let constant = tensor(text, left, &place)?;
        left -= constant.bytes.len();
        assembly.constants.insert(name.clone(), constant);
    }
    for (key, source) in [("carry", Source::Carry), ("inputs", Source::Feed)] {
        let ports = match source {
            Source::Carry => &assembly.model.carry,
            _ => &assembly.model.feed,
        };
        let values = ports.iter().enumerate().map(|(index, port)| {
            let value = Value {
                source: Some(source),
                index: index as u32,
                dtype: port.dtype,
                shape: port.shape,
            };
            (port.name.clone(), value)
        });
        for (index, (name, value)) in values.collect::<Vec<_>>().into_iter().enumerate() {
            assembly.name(name, value, &format!("{key}[{index}]"))?;
        }
    }
    for (index, node) in document.nodes.iter().enumerate() {
        assembly.node(node, &format!("nodes[{index}] `{}`", node.name))?;
    }
    assembly.outputs(document)
}

fn ports(key: &str, texts: &[PortText]) -> Result<Vec<Port>, ConvertError> {
    let port = |(index, text): (usize, &PortText)| {
        let place = format!("{key}[{index}] `{}`", text.name);
        Ok(Port {
            name: text.name.clone(),
            dtype: dtype(&text.dtype, &place)?,
            shape: shape(&text.shape, &place)?,
            quantization: text.scale.map(|scale| Quantization {
                scale,
                zero_point: text.zero_point,
            }),
        })
    };
    texts.iter().enumerate().map(port).collect()
}

struct Assembly {
    model: Model,
    /// What a name stands for, as a node reads it.
    values: BTreeMap<String, Value>,
    constants: BTreeMap<String, Tensor>,
}

impl Assembly {
    fn name(&mut self, name: String, value: Value, place: &str) -> Result<(), ConvertError> {
        if self.values.contains_key(&name) || self.constants.contains_key(&name) {
            return Err(refused(
                place,
                format!("the name `{name}` is taken"),
                "give it another one",
            ));
        }
        self.values.insert(name, value);
        Ok(())
    }

    fn node(&mut self, text: &NodeText, place: &str) -> Result<(), ConvertError> {
        let operators = Operator::ALL
            .iter()
            .filter(|operator| **operator != Operator::WholeGraph);
        let found = operators.clone().find(|operator| operator.name() == text.operator);
        let operator = *found.ok_or_else(|| {
            let names = || operators.clone().map(|operator| operator.name());
            refused(
                place,
                format!("`{}` is no operator; there are {}", text.operator, listed(names())),
                nearest(&text.operator, names()),
            )
        })?;
        let wrong = |error: opml_ops::AdmitError| refused(place, format!("`{}`: {error}", operator.name()), "");
        if text.inputs.len() > MAX_INPUTS {
            return Err(refused(place, format!("a node has at most {MAX_INPUTS} inputs"), ""));
        }
        let mut record = Record::new(
            operator as u32,
            Value {
                source: None,
                index: 0,
                dtype: opml_ops::DType::I8,
                shape: shape(&[], place)?,
            },
        );
        attributes::write(&mut record, operator, &text.attributes, place)?;
        let mut constants = [None; MAX_INPUTS];
        for (input, name) in text.inputs.iter().enumerate() {
            let (value, constant) = self.input(operator, &record, input, name, place)?;
            record.push_input(value);
            constants[input] = constant;
        }
        self.output_shape(&mut record, operator, text, place)?;
        let (dtype, shape) = output_of(&record).map_err(wrong)?;
        let output = Value {
            source: None,
            index: 0,
            dtype,
            shape,
        };
        record.set_output(output);
        record.set_scratch_bytes(scratch_of(&record).map_err(wrong)? as u32);
        record.set_output_initial(output_initial_of(operator));
        record.set_block_log2(usual_block_log2(output.bytes()));
        opml_ops::admit(&record).map_err(wrong)?;
        let index = self.model.nodes.len() as u32;
        self.model.nodes.push(Node {
            name: text.name.clone(),
            record,
            constants,
        });
        let local = Value {
            source: Some(Source::Local),
            index,
            ..output
        };
        self.name(text.name.clone(), local, place)
    }

    /// An alias takes its output's dimensions from the text, no other operator does.
    fn output_shape(
        &self,
        record: &mut Record,
        operator: Operator,
        text: &NodeText,
        place: &str,
    ) -> Result<(), ConvertError> {
        match (operator, &text.shape, record.input(0)) {
            (Operator::Alias, Some(dims), Some(input)) => {
                let shape = shape(dims, place)?;
                record.set_output(Value {
                    source: None,
                    index: 0,
                    shape,
                    ..input
                });
                Ok(())
            }
            (Operator::Alias, None, _) => Err(refused(place, "an alias needs the `shape` that it gives", "")),
            (_, Some(_), _) => Err(refused(
                place,
                format!("the shape of `{}` follows from its inputs", operator.name()),
                "leave out `shape`",
            )),
            (_, None, _) => Ok(()),
        }
    }

    /// What an input's name stands for; a constant is put among the model's, each content once.
    fn input(
        &mut self,
        operator: Operator,
        record: &Record,
        input: usize,
        name: &str,
        place: &str,
    ) -> Result<(Value, Option<usize>), ConvertError> {
        if let Some(value) = self.values.get(name) {
            return Ok((*value, None));
        }
        let place = format!("{place}.inputs[{input}]");
        let Some(tensor) = self.constants.get(name) else {
            let known = || self.values.keys().chain(self.constants.keys()).map(String::as_str);
            return Err(refused(
                place,
                format!("nothing before this node is named `{name}`"),
                nearest(name, known()),
            ));
        };
        let takes_panels = input == 1 && matches!(operator, Operator::MatMulI8 | Operator::Conv2dI8);
        let tensor = match takes_panels {
            // Attribute word 14 is a convolution's number of groups.
            true => panelled(operator, tensor, record.attribute(14), &place)?,
            false => tensor.clone(),
        };
        let constant = Constant::new(Bytes::from(tensor.bytes));
        let constants = &mut self.model.constants;
        let known = constants
            .iter()
            .position(|known| known.root == constant.root && known.bytes == constant.bytes);
        let index = known.unwrap_or_else(|| {
            constants.push(constant);
            constants.len() - 1
        });
        let value = Value {
            source: Some(Source::Constant),
            index: 0,
            dtype: tensor.dtype,
            shape: tensor.shape,
        };
        Ok((value, Some(index)))
    }

    fn outputs(mut self, document: &Document) -> Result<Model, ConvertError> {
        let carried = document.carry.len();
        if carried > 0 && document.outputs.len() != carried {
            return Err(refused(
                "outputs",
                format!(
                    "there are {} outputs and {carried} carried values; each carried value has its next one",
                    document.outputs.len()
                ),
                "",
            ));
        }
        if document.outputs.is_empty() {
            return Err(refused("outputs", "a graph has an output", ""));
        }
        let mut outputs = Vec::new();
        for (index, name) in document.outputs.iter().enumerate() {
            let place = format!("outputs[{index}]");
            let value = *self.values.get(name).ok_or_else(|| {
                let known = self.values.keys().map(String::as_str);
                refused(&place, format!("nothing is named `{name}`"), nearest(name, known))
            })?;
            if let Some(port) = self.model.carry.get(index)
                && (port.dtype, port.shape) != (value.dtype, value.shape)
            {
                return Err(refused(
                    place,
                    format!(
                        "`{name}` is {} {}, the carried value `{}` that it becomes is {} {}",
                        value.dtype.name(),
                        value.shape,
                        port.name,
                        port.dtype.name(),
                        port.shape
                    ),
                    "",
                ));
            }
            let quantization = self.model.carry.get(index).and_then(|port| port.quantization);
            let port = Port {
                name: name.clone(),
                dtype: value.dtype,
                shape: value.shape,
                quantization,
            };
            outputs.push((value, port));
        }
        append_outputs(&mut self.model, outputs);
        Ok(self.model)
    }
}
