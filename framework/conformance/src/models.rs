use bytes::Bytes;
use opml_graph::{Constant, Model, Node, Port};
use opml_ops::{ALIAS, DType, GAP, MAX_INPUTS, Operator, Panels, Record, Shape, Source, Value};

use crate::Noise;

/// A model and a request's values for it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// A valid model.
    pub model: Model,
    /// The carried values.
    pub carry: Vec<Bytes>,
    /// The fed values.
    pub feed: Vec<Bytes>,
}

/// What a node reads.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// Carried value.
    Carry(usize),
    /// Fed value.
    Feed(usize),
    /// An earlier node.
    Node(usize),
}

/// Puts small int8 models together. Blocks are of 128 bytes. It panics on what makes no valid model.
pub struct ModelBuilder {
    model: Model,
    noise: Noise,
}

fn shape(dims: &[u32]) -> Shape {
    Shape::new(dims).expect("a shape")
}

impl ModelBuilder {
    /// An empty model; constants come from the seed.
    pub fn new(name: &str, seed: u64) -> ModelBuilder {
        ModelBuilder {
            model: Model::named(name),
            noise: Noise::new(seed),
        }
    }

    fn port(name: String, dtype: DType, dims: &[u32]) -> Port {
        Port {
            name,
            dtype,
            shape: shape(dims),
            quantization: None,
        }
    }

    /// A carried value.
    pub fn carry(&mut self, dtype: DType, dims: &[u32]) -> Input {
        let place = self.model.carry.len();
        self.model.carry.push(Self::port(format!("carry {place}"), dtype, dims));
        Input::Carry(place)
    }

    /// A fed value.
    pub fn feed(&mut self, dtype: DType, dims: &[u32]) -> Input {
        let place = self.model.feed.len();
        self.model.feed.push(Self::port(format!("feed {place}"), dtype, dims));
        Input::Feed(place)
    }

    fn value(&self, from: Input) -> Value {
        let (source, index, dtype, shape) = match from {
            Input::Carry(place) => (
                Source::Carry,
                place,
                self.model.carry[place].dtype,
                self.model.carry[place].shape,
            ),
            Input::Feed(place) => (
                Source::Feed,
                place,
                self.model.feed[place].dtype,
                self.model.feed[place].shape,
            ),
            Input::Node(place) => {
                let output = self.model.nodes[place].record.output().expect("a node with an output");
                (Source::Local, place, output.dtype, output.shape)
            }
        };
        Value {
            source: Some(source),
            index: index as u32,
            dtype,
            shape,
        }
    }

    fn finish(&mut self, name: &str, mut record: Record, constants: Vec<Vec<u8>>, first: usize) -> Input {
        if record.tag() != ALIAS {
            let (dtype, shape) = opml_ops::output_of(&record).expect("inputs and attributes fit");
            record.set_output(Value {
                source: None,
                index: 0,
                dtype,
                shape,
            });
            record.set_scratch_bytes(opml_ops::scratch_of(&record).expect("as above") as u32);
        }
        record.set_block_log2(7);
        let mut node = Node {
            name: name.into(),
            record,
            constants: [None; MAX_INPUTS],
        };
        for (input, bytes) in (first..).zip(constants) {
            node.constants[input] = Some(self.model.constants.len());
            self.model.constants.push(Constant::new(Bytes::from(bytes)));
        }
        self.model.nodes.push(node);
        Input::Node(self.model.nodes.len() - 1)
    }

    fn record(&self, tag: u32, inputs: &[Input]) -> Record {
        let first = self.value(inputs[0]);
        let mut record = Record::new(
            tag,
            Value {
                source: None,
                index: 0,
                ..first
            },
        );
        inputs.iter().for_each(|input| record.push_input(self.value(*input)));
        record
    }

    /// x [1, depth] by random weights to [1, outputs].
    pub fn matmul(&mut self, x: Input, outputs: u32) -> Input {
        let depth = self.value(x).shape.dims()[1];
        let panels = Panels {
            groups: 1,
            outputs,
            depth,
        };
        let weights_shape = panels.shape().expect("a shape");
        let mut weights = vec![0; weights_shape.elements() as usize];
        panels.pack(&mut weights, |_, _, _| self.noise.number() as i8);
        let words = |noise: &mut Noise, low: i32, span: u64| -> Vec<u8> {
            let word = |_| low.wrapping_add(noise.below(span) as i32).to_le_bytes();
            (0..outputs).flat_map(word).collect()
        };
        let bias = words(&mut self.noise, -1000, 2000);
        let multiplier = words(&mut self.noise, 1 << 20, 1 << 20);
        let shift = words(&mut self.noise, 27, 3);
        let mut record = self.record(Operator::MatMulI8 as u32, &[x]);
        let constant = |dtype, shape| Value {
            source: Some(Source::Constant),
            index: 0,
            dtype,
            shape,
        };
        record.push_input(constant(DType::I8, weights_shape));
        (0..3).for_each(|_| record.push_input(constant(DType::I32, shape(&[outputs]))));
        for (place, word) in [0, -128, 127].into_iter().enumerate() {
            record.set_attribute(place, word as u32);
        }
        self.finish("matmul", record, vec![weights, bias, multiplier, shift], 1)
    }

    /// x bounded to −100 … 100.
    pub fn clamp(&mut self, x: Input) -> Input {
        let mut record = self.record(Operator::ClampI8 as u32, &[x]);
        record.set_attribute(0, -100i32 as u32);
        record.set_attribute(1, 100);
        self.finish("clamp", record, Vec::new(), 1)
    }

    /// a + b, saturating.
    pub fn add(&mut self, a: Input, b: Input) -> Input {
        let mut record = self.record(Operator::AddI8 as u32, &[a, b]);
        for (place, word) in [0, 0, 1, 0, 1, 0, 0, -128, 127].into_iter().enumerate() {
            record.set_attribute(place, word as u32);
        }
        self.finish("add", record, Vec::new(), 2)
    }

    /// u8 to i8.
    pub fn quantize(&mut self, x: Input) -> Input {
        let record = self.record(Operator::QuantizeU8 as u32, &[x]);
        self.finish("quantize", record, Vec::new(), 1)
    }

    /// x under other dimensions.
    pub fn alias(&mut self, x: Input, dims: &[u32]) -> Input {
        let mut record = self.record(ALIAS, &[x]);
        let output = Value {
            source: None,
            index: 0,
            dtype: self.value(x).dtype,
            shape: shape(dims),
        };
        record.set_output(output);
        self.finish("alias", record, Vec::new(), 1)
    }

    /// Nodes so far.
    pub fn nodes(&self) -> usize {
        self.model.nodes.len()
    }

    /// An absent node.
    pub fn gap(&mut self) {
        self.model.nodes.push(Node {
            name: "gap".into(),
            record: Record::gap(),
            constants: [None; MAX_INPUTS],
        });
        debug_assert_eq!(self.model.nodes.last().map(|node| node.record.tag()), Some(GAP));
    }

    /// The model whose output is the block `(height, index)` of locals, with random values for it.
    pub fn build(mut self, height: u32, index: u32) -> Sample {
        let model = &mut self.model;
        (model.output_height, model.output_index) = (height, index);
        let first = (index as usize) << height;
        let outputs = model.nodes.iter().skip(first).take(1 << height);
        model.outputs = outputs
            .filter_map(|node| node.record.output().map(|output| (node.name.clone(), output)))
            .map(|(name, output)| Port {
                name,
                dtype: output.dtype,
                shape: output.shape,
                quantization: None,
            })
            .collect();
        opml_graph::validate(model).expect("the builder makes valid models");
        let noise = &mut self.noise;
        let mut values = |ports: &[Port]| -> Vec<Bytes> {
            ports
                .iter()
                .map(|port| Bytes::from(noise.bytes(port.bytes() as usize)))
                .collect()
        };
        Sample {
            carry: values(&self.model.carry),
            feed: values(&self.model.feed),
            model: self.model,
        }
    }
}

/// Five nodes in a row, of which three are padding in the tree: quantize, matmul, clamp, add, alias. Three blocks, the last of
/// them short.
pub fn layered(seed: u64) -> Sample {
    let mut model = ModelBuilder::new("layered", seed);
    let x = model.feed(DType::U8, &[1, 24]);
    let x = model.quantize(x);
    let product = model.matmul(x, 300);
    let clamped = model.clamp(product);
    let sum = model.add(product, clamped);
    model.alias(sum, &[300]);
    model.build(0, 4)
}

/// Four nodes that fill the tree: inputs used twice, a gap, several fed values of which one is all zero.
pub fn shared_inputs(seed: u64) -> Sample {
    let mut model = ModelBuilder::new("shared inputs", seed);
    let feeds = [0; 3].map(|_| model.feed(DType::I8, &[256]));
    let sum = model.add(feeds[0], feeds[2]);
    model.gap();
    let doubled = model.add(sum, sum);
    model.add(doubled, feeds[1]);
    let mut sample = model.build(0, 3);
    sample.feed[1] = Bytes::from(vec![0; 256]);
    sample
}

/// One node with one block.
pub fn one_clamp(seed: u64) -> Sample {
    let mut model = ModelBuilder::new("one clamp", seed);
    let x = model.feed(DType::I8, &[100]);
    model.clamp(x);
    model.build(0, 0)
}

/// Two outputs, one of them a carried value passed on: not a task by itself.
pub fn several_outputs(seed: u64) -> Sample {
    let mut model = ModelBuilder::new("several outputs", seed);
    let carried = model.carry(DType::I8, &[200]);
    let feeds = [0; 2].map(|_| model.feed(DType::I8, &[200]));
    let sum = model.add(feeds[0], feeds[1]);
    model.add(sum, carried);
    model.clamp(sum);
    model.alias(carried, &[2, 100]);
    model.build(1, 1)
}
