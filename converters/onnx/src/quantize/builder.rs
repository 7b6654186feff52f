use std::collections::BTreeMap;

use bytes::Bytes;
use opml_graph::{Constant, ConvertError, Node, usual_block_log2};
use opml_ops::{DType, MAX_INPUTS, MAX_VALUE_BYTES, Record, Shape, Source, Value, output_of, scratch_of};

use crate::error::refused;

/// An input of a node under construction.
pub(super) enum Operand {
    /// A fed value or a local.
    Value(Value),
    /// A constant.
    Constant { dtype: DType, shape: Shape, bytes: Vec<u8> },
}

/// Nodes and constants of a model as they grow.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) nodes: Vec<Node>,
    pub(super) constants: Vec<Constant>,
    places: BTreeMap<Bytes, usize>,
}

/// A node as it is described before its record is made.
pub(super) struct Draft<'a> {
    pub(super) name: &'a str,
    pub(super) tag: u32,
    pub(super) inputs: Vec<Operand>,
    pub(super) attributes: &'a [i32],
    /// The output's shape, for `alias` only; other operators' follows from inputs and attributes.
    pub(super) alias: Option<Shape>,
}

impl Builder {
    /// Adds a node; gives its output as later nodes read it.
    pub(super) fn add(&mut self, draft: Draft) -> Result<Value, ConvertError> {
        let refuse = |reason: String| {
            refused(
                draft.name,
                format!("node `{}` cannot be expressed: {reason}", draft.name),
                "make the tensor smaller",
            )
        };
        // The output is described twice: first provisionally, because it follows from the rest of the record.
        let provisional = Value {
            source: None,
            index: 0,
            dtype: DType::I8,
            shape: draft
                .alias
                .unwrap_or(Shape::new(&[]).map_err(|error| refuse(error.to_string()))?),
        };
        let mut record = Record::new(draft.tag, provisional);
        let mut constants = [None; MAX_INPUTS];
        for (operand, slot) in draft.inputs.into_iter().zip(&mut constants) {
            let value = match operand {
                Operand::Value(value) => value,
                Operand::Constant { dtype, shape, bytes } => {
                    if bytes.len() as u64 > u64::from(MAX_VALUE_BYTES) {
                        return Err(refuse(format!("a constant of {} bytes fits no slot", bytes.len())));
                    }
                    *slot = Some(self.constant(Bytes::from(bytes)));
                    Value {
                        source: Some(Source::Constant),
                        index: 0,
                        dtype,
                        shape,
                    }
                }
            };
            record.push_input(value);
        }
        for (place, attribute) in draft.attributes.iter().enumerate() {
            record.set_attribute(place, *attribute as u32);
        }
        let (dtype, shape) = output_of(&record).map_err(|error| refuse(error.to_string()))?;
        let output = Value {
            source: None,
            index: 0,
            dtype,
            shape,
        };
        record.set_output(output);
        let scratch = scratch_of(&record).map_err(|error| refuse(error.to_string()))?;
        record.set_scratch_bytes(u32::try_from(scratch).unwrap_or(u32::MAX));
        record.set_block_log2(usual_block_log2(output.bytes()));
        opml_ops::admit(&record).map_err(|error| refuse(error.to_string()))?;
        let index = self.nodes.len() as u32;
        self.nodes.push(Node {
            name: draft.name.to_owned(),
            record,
            constants,
        });
        Ok(Value {
            source: Some(Source::Local),
            index,
            ..output
        })
    }

    /// Adds absent nodes until the next one's index is a multiple of `multiple`.
    pub(super) fn align(&mut self, multiple: usize) {
        while !self.nodes.len().is_multiple_of(multiple) {
            self.nodes.push(Node {
                name: String::new(),
                record: Record::gap(),
                constants: [None; MAX_INPUTS],
            });
        }
    }

    fn constant(&mut self, bytes: Bytes) -> usize {
        let next = self.constants.len();
        let place = *self.places.entry(bytes.clone()).or_insert(next);
        if place == next {
            self.constants.push(Constant::new(bytes));
        }
        place
    }
}
