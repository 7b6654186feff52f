use std::collections::BTreeMap;

use bytes::Bytes;
use opml_graph::{Constant, Model, Node, Port, append_outputs, usual_block_log2};
use opml_ops::{
    AdmitError, DType, MAX_INPUTS, Operator, Record, Shape, ShapeError, Source, Value, output_initial_of, output_of,
    scratch_of,
};

use crate::TensorError;

/// A value of a graph under construction, in the shape in which it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    value: Value,
    /// Which constant it is.
    constant: Option<usize>,
}

impl Operand {
    /// The same value read in another shape of its size.
    pub(super) fn read_as(self, dims: &[usize]) -> Result<Operand, BuildError> {
        let value = Value {
            shape: shape(dims)?,
            ..self.value
        };
        Ok(Operand { value, ..self })
    }
}

/// Why a graph cannot be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error("{0}")]
    Shape(#[from] ShapeError),
    #[error("{operator}: {error}")]
    Admit { operator: &'static str, error: AdmitError },
    #[error(transparent)]
    Tensor(#[from] TensorError),
}

fn shape(dims: &[usize]) -> Result<Shape, BuildError> {
    // What does not fit a u32 is no size of a value.
    let dims: Vec<u32> = dims.iter().map(|dim| u32::try_from(*dim).unwrap_or(u32::MAX)).collect();
    Ok(Shape::new(&dims)?)
}

/// Makes a constant's bytes on so many threads.
type Content<'a> = Box<dyn Fn(usize) -> Result<Vec<u8>, TensorError> + 'a>;

/// Constants up to this many bytes are held; larger ones are made again when they are written.
const MOST_HELD: usize = 1 << 16;

/// Constants that graphs share, each content once.
pub(crate) struct Constants<'a> {
    pub(super) all: Vec<Constant>,
    /// By constant: how a deferred one is made again.
    contents: Vec<Option<Content<'a>>>,
    /// By root and size: zeros at the end of a content do not change its root.
    places: BTreeMap<([u8; 32], usize), usize>,
    threads: usize,
}

impl<'a> Constants<'a> {
    /// No constants yet; those to come are made on so many threads.
    pub(super) fn new(threads: usize) -> Constants<'a> {
        Constants {
            all: Vec::new(),
            contents: Vec::new(),
            places: BTreeMap::new(),
            threads,
        }
    }

    /// Bytes of all deferred constants.
    pub(crate) fn deferred_bytes(&self) -> u64 {
        let deferred = self.all.iter().filter(|constant| constant.is_deferred());
        deferred.map(|constant| constant.size() as u64).sum()
    }

    /// Makes the bytes of a deferred constant again.
    pub(crate) fn content(&self, place: usize) -> Result<Vec<u8>, TensorError> {
        let content = self.contents.get(place).and_then(Option::as_ref);
        content.map_or_else(|| Ok(Vec::new()), |content| content(self.threads))
    }

    /// Adds a constant, or finds it.
    pub(super) fn add(&mut self, dtype: DType, dims: &[usize], bytes: Vec<u8>) -> Result<Operand, BuildError> {
        let constant = Constant::new(Bytes::from(bytes));
        self.place(dtype, dims, constant, None)
    }

    /// Adds a constant that is made now, hashed, and made again when the model is written; or finds it.
    pub(super) fn add_weights(
        &mut self,
        dtype: DType,
        dims: &[usize],
        content: impl Fn(usize) -> Result<Vec<u8>, TensorError> + 'a,
    ) -> Result<Operand, BuildError> {
        let bytes = content(self.threads)?;
        if bytes.len() <= MOST_HELD {
            return self.add(dtype, dims, bytes);
        }
        let constant = Constant::deferred(&bytes, self.threads);
        self.place(dtype, dims, constant, Some(Box::new(content)))
    }

    fn place(
        &mut self,
        dtype: DType,
        dims: &[usize],
        constant: Constant,
        content: Option<Content<'a>>,
    ) -> Result<Operand, BuildError> {
        let next = self.all.len();
        let place = *self.places.entry((constant.root.0, constant.size())).or_insert(next);
        if place == next {
            self.all.push(constant);
            self.contents.push(content);
        }
        Ok(Operand {
            value: Value {
                source: Some(Source::Constant),
                index: 0,
                dtype,
                shape: shape(dims)?,
            },
            constant: Some(place),
        })
    }

    /// One 32-bit integer.
    pub(super) fn integer(&mut self, value: i32) -> Result<Operand, BuildError> {
        self.add(DType::I32, &[1], value.to_le_bytes().into())
    }

    /// One f32 number.
    pub(super) fn number(&mut self, value: f32) -> Result<Operand, BuildError> {
        self.add(DType::F32, &[1], value.to_le_bytes().into())
    }
}

/// A graph under construction; its constants are in [`Constants`].
pub(super) struct Graph {
    model: Model,
    /// The name of the part of the model that nodes are added for.
    pub(super) part: String,
}

impl Graph {
    pub(super) fn new(name: &str) -> Graph {
        Graph {
            model: Model::named(name),
            part: String::new(),
        }
    }

    /// Adds a carried value.
    pub(super) fn carry(&mut self, name: &str, dtype: DType, dims: &[usize]) -> Result<Operand, BuildError> {
        let shape = shape(dims)?;
        let index = self.model.carry.len() as u32;
        self.model.carry.push(Port {
            name: name.into(),
            dtype,
            shape,
            quantization: None,
        });
        Ok(Operand {
            value: Value {
                source: Some(Source::Carry),
                index,
                dtype,
                shape,
            },
            constant: None,
        })
    }

    /// Adds a node named for the part of the model and what it is there.
    pub(super) fn node(
        &mut self,
        name: &str,
        operator: Operator,
        inputs: &[Operand],
        attributes: &[u32],
    ) -> Result<Operand, BuildError> {
        let refuse = |error| BuildError::Admit {
            operator: operator.name(),
            error,
        };
        let point = Value {
            source: None,
            index: 0,
            dtype: DType::I8,
            shape: shape(&[])?,
        };
        let mut record = Record::new(operator as u32, point);
        for (place, word) in attributes.iter().enumerate() {
            record.set_attribute(place, *word);
        }
        let mut constants = [None; MAX_INPUTS];
        for (input, constant) in inputs.iter().zip(&mut constants) {
            record.push_input(input.value);
            *constant = input.constant;
        }
        let (dtype, shape) = output_of(&record).map_err(refuse)?;
        let output = Value { dtype, shape, ..point };
        record.set_output(output);
        record.set_scratch_bytes(u32::try_from(scratch_of(&record).map_err(refuse)?).unwrap_or(u32::MAX));
        record.set_output_initial(output_initial_of(operator));
        record.set_block_log2(usual_block_log2(output.bytes()));
        opml_ops::admit(&record).map_err(refuse)?;
        let index = self.model.nodes.len() as u32;
        self.model.nodes.push(Node {
            name: if self.part.is_empty() {
                name.into()
            } else {
                format!("{}.{name}", self.part)
            },
            record,
            constants,
        });
        Ok(Operand {
            value: Value {
                source: Some(Source::Local),
                index,
                ..output
            },
            constant: None,
        })
    }

    /// The finished graph, whose outputs become the carried values, in order.
    pub(super) fn finish(mut self, next: &[Operand], constants: &[Constant]) -> Model {
        let ports = self.model.carry.clone();
        let outputs = next.iter().map(|operand| operand.value).zip(ports).collect();
        append_outputs(&mut self.model, outputs);
        self.model.constants = constants.to_vec();
        self.model
    }
}
