//! Nodes that become one: a convolution takes over what its outputs are scaled by and moved by, and activations that a file spells out are the
//! operators that they are. Results change by roundings only, before anything is committed.

use bytes::Bytes;
use opml_graph::Node;
use opml_ops::{
    BinaryFunction as Binary, DType, MAX_INPUTS, Operator, Record, Shape, Source, UnaryFunction as Unary, Value,
};

use super::graph::Graph;

/// An input of a node that is no constant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    source: Option<Source>,
    index: u32,
}

impl Graph {
    /// Fuses what can be fused; `outputs` are the nodes that stay whatever happens.
    pub(super) fn fuse(&mut self, outputs: &[u32]) {
        let mut uses = vec![0usize; self.model.nodes.len()];
        outputs.iter().for_each(|output| uses[*output as usize] += 1);
        for node in &self.model.nodes {
            let inputs = (0..node.record.input_count()).filter_map(|input| node.record.input(input));
            inputs
                .filter(|value| value.source == Some(Source::Local))
                .for_each(|value| uses[value.index as usize] += 1);
        }
        for index in 0..self.model.nodes.len() {
            let fused = self
                .scaled_convolution(index, &uses)
                .or_else(|| self.activation(index, &uses));
            if let Some(fused) = fused {
                self.model.nodes[index] = fused;
            }
        }
    }

    pub(super) fn operator(&self, index: usize) -> Option<Operator> {
        Operator::from_tag(self.model.nodes[index].record.tag())
    }

    fn is_binary(&self, index: usize, function: Binary) -> bool {
        let record = &self.model.nodes[index].record;
        self.operator(index) == Some(Operator::Binary)
            && record.attribute(0) == function as u32
            && record.input(0).is_some_and(|value| value.dtype == DType::F32)
    }

    fn is_unary(&self, index: usize, function: Unary) -> bool {
        self.operator(index) == Some(Operator::Unary) && self.model.nodes[index].record.attribute(0) == function as u32
    }

    pub(super) fn read(&self, index: usize, input: usize) -> Option<Read> {
        let value = self.model.nodes[index].record.input(input)?;
        (value.source != Some(Source::Constant)).then_some(Read {
            source: value.source,
            index: value.index,
        })
    }

    /// The node that computes an input, if only this node reads it.
    pub(super) fn own(&self, read: Read, uses: &[usize]) -> Option<usize> {
        let index = read.index as usize;
        (read.source == Some(Source::Local) && uses[index] == 1).then_some(index)
    }

    fn constant_floats(&self, index: usize, input: usize) -> Option<Vec<f32>> {
        let node = &self.model.nodes[index];
        let bytes = &self.model.constants[node.constants[input]?].bytes;
        Some(
            bytes
                .as_chunks()
                .0
                .iter()
                .map(|word| f32::from_le_bytes(*word))
                .collect(),
        )
    }

    /// The other operand of a binary node, where one is a constant of a single number.
    fn with_number(&self, index: usize, function: Binary, number: f32) -> Option<Read> {
        if !self.is_binary(index, function) {
            return None;
        }
        let sides: &[[usize; 2]] = if matches!(function, Binary::Div | Binary::Sub) {
            &[[0, 1]]
        } else {
            &[[0, 1], [1, 0]]
        };
        let side = sides
            .iter()
            .find(|[_, constant]| self.constant_floats(index, *constant).as_deref() == Some(&[number]));
        self.read(index, side?[0])
    }

    /// A product or sum of a convolution with one number a channel, as that convolution.
    fn scaled_convolution(&mut self, index: usize, uses: &[usize]) -> Option<Node> {
        let scales = self.is_binary(index, Binary::Mul);
        if !scales && !self.is_binary(index, Binary::Add) {
            return None;
        }
        let record = &self.model.nodes[index].record;
        let (read, constant, parts) = [(0, 1), (1, 0)].into_iter().find_map(|(read, constant)| {
            let read = self.own(self.read(index, read)?, uses)?;
            Some((read, constant, self.parts_of_convolution(read, uses)?))
        })?;
        let shape = self.model.nodes[read].record.output()?.shape;
        if record.output()?.shape != shape || record.input(1 - constant)?.shape != shape {
            return None;
        }
        let factors = per_channel(
            &record.input(constant)?.shape,
            &shape,
            self.constant_floats(index, constant)?,
        )?;
        let scaled = parts
            .iter()
            .map(|part| self.scaled(part.node, scales, &factors[part.channels.clone()]));
        let mut scaled = scaled.collect::<Option<Vec<_>>>()?;
        if parts.iter().all(|part| part.node == read) {
            return scaled.pop();
        }
        for (part, node) in parts.iter().zip(scaled) {
            self.model.nodes[part.node] = node;
        }
        Some(self.model.nodes[read].clone())
    }

    /// A convolution of constants with a factor for each of its output channels, or with a number added to it.
    fn scaled(&mut self, conv: usize, scales: bool, factors: &[f32]) -> Option<Node> {
        let weights = self.constant_floats(conv, 1)?;
        let bias = match self.model.nodes[conv].record.input_count() {
            3 => self.constant_floats(conv, 2)?,
            _ => vec![0.0; factors.len()],
        };
        let each = weights.len() / factors.len();
        let weights: Vec<f32> = match scales {
            true => weights
                .iter()
                .enumerate()
                .map(|(place, weight)| weight * factors[place / each])
                .collect(),
            false => weights,
        };
        let join = |(bias, factor): (&f32, &f32)| if scales { bias * factor } else { bias + factor };
        let bias: Vec<f32> = bias.iter().zip(factors).map(join).collect();
        Some(self.convolution(conv, weights, bias))
    }

    /// A convolution with other weights and a bias.
    fn convolution(&mut self, like: usize, weights: Vec<f32>, bias: Vec<f32>) -> Node {
        let old = self.model.nodes[like].clone();
        let bytes = |values: Vec<f32>| -> Bytes { values.into_iter().flat_map(f32::to_le_bytes).collect() };
        let outputs = bias.len() as u32;
        let mut node = Node {
            name: old.name.clone(),
            record: rebuilt(&old.record),
            constants: [None; MAX_INPUTS],
        };
        for input in 0..2 {
            node.constants[input] = old.constants[input];
            if let Some(value) = old.record.input(input) {
                node.record.push_input(value);
            }
        }
        if let Ok(shape) = Shape::new(&[outputs]) {
            node.record.push_input(Value {
                source: Some(Source::Constant),
                index: 0,
                dtype: DType::F32,
                shape,
            });
        }
        node.constants[1] = Some(self.constant(&bytes(weights)));
        node.constants[2] = Some(self.constant(&bytes(bias)));
        node
    }

    /// x·clip(x + 3, 0, 6)/6 as hard swish, x·sigmoid(x) as swish.
    fn activation(&self, index: usize, uses: &[usize]) -> Option<Node> {
        if let Some(x) = self.hard_swish(index, uses) {
            return self.replaced(index, x, Unary::HardSwish, [0, 0]);
        }
        if !self.is_binary(index, Binary::Mul) {
            return None;
        }
        [(0, 1), (1, 0)].into_iter().find_map(|(x, gate)| {
            let x = self.read(index, x)?;
            let gate = self.own(self.read(index, gate)?, uses)?;
            let same = self.is_unary(gate, Unary::Sigmoid) && self.read(gate, 0) == Some(x);
            same.then(|| self.replaced(index, x, Unary::Swish, [1f32.to_bits(), 0]))?
        })
    }

    fn hard_swish(&self, index: usize, uses: &[usize]) -> Option<Read> {
        let product = self.own(self.with_number(index, Binary::Div, 6.0)?, uses)?;
        if !self.is_binary(product, Binary::Mul) {
            return None;
        }
        [(0, 1), (1, 0)].into_iter().find_map(|(x, clip)| {
            let x = self.read(product, x)?;
            let clip = self.own(self.read(product, clip)?, uses)?;
            let record = &self.model.nodes[clip].record;
            let bounds = [record.attribute(1), record.attribute(2)].map(f32::from_bits);
            if !self.is_unary(clip, Unary::Clip) || bounds != [0.0, 6.0] {
                return None;
            }
            let sum = self.own(self.read(clip, 0)?, uses)?;
            (self.with_number(sum, Binary::Add, 3.0)? == x).then_some(x)
        })
    }

    /// A node whose output is a function of one value, in the shape that the node has.
    fn replaced(&self, index: usize, x: Read, function: Unary, parameters: [u32; 2]) -> Option<Node> {
        let old = &self.model.nodes[index];
        let output = old.record.output()?;
        let mut record = Record::new(Operator::Unary as u32, output);
        record.push_input(Value {
            source: x.source,
            index: x.index,
            ..output
        });
        record.set_attribute(0, function as u32);
        record.set_attribute(1, parameters[0]);
        record.set_attribute(2, parameters[1]);
        record.set_block_log2(old.record.block_log2());
        // What is read must have the output's size.
        let bytes = match x.source {
            Some(Source::Local) => self.model.nodes[x.index as usize].record.output_bytes(),
            _ => self.model.feed.get(x.index as usize)?.bytes(),
        };
        (bytes == output.bytes()).then(|| Node {
            name: old.name.clone(),
            record,
            constants: [None; MAX_INPUTS],
        })
    }
}

/// A record without its inputs.
fn rebuilt(old: &Record) -> Record {
    let mut record = match old.output() {
        Some(output) => Record::new(old.tag(), output),
        None => old.clone(),
    };
    for place in 0..opml_ops::ATTRIBUTE_WORDS {
        record.set_attribute(place, old.attribute(place));
    }
    record.set_scratch_bytes(old.scratch_bytes());
    record.set_block_log2(old.block_log2());
    record
}

/// The numbers of a constant by channel, when it has one for all or one for each channel of `shape`.
fn per_channel(constant: &Shape, shape: &Shape, values: Vec<f32>) -> Option<Vec<f32>> {
    let channels = *shape.dims().get(1)? as usize;
    if values.len() == 1 {
        return Some(vec![values[0]; channels]);
    }
    let axis = (constant.rank() + 1).checked_sub(shape.rank())?;
    let apart = constant
        .dims()
        .iter()
        .enumerate()
        .all(|(place, dim)| *dim == 1 || place == axis);
    (apart && values.len() == channels).then_some(values)
}
