use opml_graph::{ConvertError, Host, Model, Port, Quantization, validate};
use opml_ops::{ALIAS, DType, Operator, Panels, Shape, Source, Value, Window};

use super::builder::{Builder, Draft, Operand};
use super::contraction::Channel;
use super::fixed_point::FixedPoint;
use super::ranges::{Range, Ranges};
use super::scale::{activation, clamp, quantized};
use crate::calibration::{Calibration, SampleKind};
use crate::error::refused;
use crate::float::{Bounds, Conv2d, FloatGraph, FloatNode, MatMul, MaxPool2d, Operation, TensorId};
use crate::options::RangeMethod;

/// Pixels 0 … 255 stand for 0 … 1.
const PIXELS: Quantization = Quantization {
    scale: 1.0 / 255.0,
    zero_point: 0,
};

/// Makes an int8 model of a float graph: ranges from the samples, one node a float node.
pub(crate) fn quantize(
    graph: &FloatGraph,
    calibration: &Calibration,
    method: RangeMethod,
    host: &dyn Host,
) -> Result<Model, ConvertError> {
    let ranges = Ranges::measure(graph, calibration, method, host)?;
    let mut emitter = Emitter {
        graph,
        ranges,
        builder: Builder::default(),
        values: graph.tensors().map(|_| None).collect(),
    };
    let mut feed = Vec::with_capacity(graph.inputs.len());
    for tensor in &graph.inputs {
        feed.push(emitter.input(*tensor, feed.len(), calibration.kind)?);
    }
    for node in &graph.nodes {
        emitter.node(node)?;
    }
    let (outputs, output_height, output_index) = emitter.outputs()?;
    let model = Model {
        name: graph.name.clone(),
        nodes: emitter.builder.nodes,
        carry: Vec::new(),
        feed,
        outputs,
        output_height,
        output_index,
        constants: emitter.builder.constants,
    };
    validate(&model).map_err(|error| {
        refused(
            "",
            format!("the model is too large or too deep to be disputed: {error}"),
            "make it smaller",
        )
    })?;
    Ok(model)
}

/// A tensor in integers: where it lies and what its integers mean.
#[derive(Clone, Copy)]
struct Emitted {
    value: Value,
    quantization: Quantization,
}

struct Emitter<'a> {
    graph: &'a FloatGraph,
    ranges: Ranges,
    builder: Builder,
    values: Vec<Option<Emitted>>,
}

impl Emitter<'_> {
    fn get(&self, tensor: TensorId) -> Result<Emitted, ConvertError> {
        self.values[FloatGraph::place(tensor)].ok_or_else(|| {
            let name = &self.graph.tensor(tensor).name;
            refused(
                name,
                format!("tensor `{name}` is read before it is computed"),
                "export the model again",
            )
        })
    }

    fn set(&mut self, tensor: TensorId, value: Value, quantization: Quantization) {
        self.values[FloatGraph::place(tensor)] = Some(Emitted { value, quantization });
    }

    fn shape(&self, tensor: TensorId) -> Result<Shape, ConvertError> {
        let tensor = self.graph.tensor(tensor);
        shape(&tensor.name, &tensor.shape)
    }

    /// Tensor `tensor` as an operand of shape `shape`, which has as many elements.
    fn operand(&self, tensor: TensorId, shape: Shape) -> Result<(Operand, Quantization), ConvertError> {
        let stated = self.graph.tensor(tensor);
        if let Some(constant) = &stated.constant {
            let values: Vec<f32> = constant.iter().copied().collect();
            let quantization = activation(Range::of(&values));
            let bytes = values
                .iter()
                .map(|value| quantized(*value, quantization) as u8)
                .collect();
            let dtype = DType::I8;
            return Ok((Operand::Constant { dtype, shape, bytes }, quantization));
        }
        let Emitted { value, quantization } = self.get(tensor)?;
        Ok((Operand::Value(Value { shape, ..value }), quantization))
    }

    /// A fed value: pixels, which a node of its own makes i8, or i8.
    fn input(&mut self, tensor: TensorId, index: usize, kind: SampleKind) -> Result<Port, ConvertError> {
        let name = &self.graph.tensor(tensor).name;
        let shape = self.shape(tensor)?;
        let (dtype, quantization) = match kind {
            SampleKind::Pixels => (DType::U8, PIXELS),
            SampleKind::Real => (DType::I8, activation(self.ranges.get(tensor))),
        };
        let fed = Value {
            source: Some(Source::Feed),
            index: index as u32,
            dtype,
            shape,
        };
        match kind {
            SampleKind::Real => self.set(tensor, fed, quantization),
            SampleKind::Pixels => {
                let value = self.builder.add(Draft {
                    name: &format!("{name}/quantize"),
                    tag: Operator::QuantizeU8 as u32,
                    inputs: vec![Operand::Value(fed)],
                    attributes: &[],
                    alias: None,
                })?;
                let zero_point = -128;
                self.set(tensor, value, Quantization { zero_point, ..PIXELS });
            }
        }
        Ok(Port {
            name: name.clone(),
            dtype,
            shape,
            quantization: Some(quantization),
        })
    }

    fn node(&mut self, node: &FloatNode) -> Result<(), ConvertError> {
        match &node.operation {
            Operation::MatMul(product) => self.matmul(node, product),
            Operation::Conv2d(convolution) => self.conv2d(node, convolution),
            Operation::MaxPool2d(pool) => self.max_pool2d(node, pool),
            Operation::Clip(bounds) => self.clip(node, *bounds),
            Operation::Add(bounds) => self.add(node, *bounds),
            Operation::Reshape => self.reshape(node),
        }
    }

    fn matmul(&mut self, node: &FloatNode, product: &MatMul) -> Result<(), ConvertError> {
        let (outputs, depth) = product.weights.dim();
        let elements: usize = self.graph.tensor(node.inputs[0]).shape.iter().product();
        let (x, input) = self.operand(node.inputs[0], shape(&node.name, &[elements / depth, depth])?)?;
        let output = activation(self.ranges.get(node.output));
        let weights = product.weights.as_slice().unwrap_or(&[]);
        let channels = channels(node, weights.chunks_exact(depth), &product.bias, input, output)?;
        let biases = channels.iter().map(|channel| channel.folded_bias(input)).collect();
        let mut inputs = vec![x];
        inputs.extend(constants(&node.name, 1, outputs, depth, &channels, biases)?);
        let [minimum, maximum] = clamp(product.bounds, output);
        let value = self.builder.add(Draft {
            name: &node.name,
            tag: Operator::MatMulI8 as u32,
            inputs,
            attributes: &[output.zero_point, minimum, maximum],
            alias: None,
        })?;
        self.set(node.output, value, output);
        Ok(())
    }

    fn conv2d(&mut self, node: &FloatNode, convolution: &Conv2d) -> Result<(), ConvertError> {
        let (outputs, channels_in, high, wide) = convolution.weights.dim();
        let depth = channels_in * high * wide;
        let (x, input) = self.operand(node.inputs[0], self.shape(node.inputs[0])?)?;
        let output = activation(self.ranges.get(node.output));
        let weights = convolution.weights.as_slice().unwrap_or(&[]);
        let channels = channels(node, weights.chunks_exact(depth), &convolution.bias, input, output)?;
        let biases = channels.iter().map(|channel| channel.bias).collect();
        let mut inputs = vec![x];
        inputs.extend(constants(
            &node.name,
            convolution.groups,
            outputs,
            depth,
            &channels,
            biases,
        )?);
        let [minimum, maximum] = clamp(convolution.bounds, output);
        let mut attributes = vec![output.zero_point, minimum, maximum, input.zero_point];
        attributes.extend(window_attributes(&convolution.windows));
        attributes.extend(convolution.windows.map(|window| window.dilation as i32));
        attributes.push(convolution.groups as i32);
        let value = self.builder.add(Draft {
            name: &node.name,
            tag: Operator::Conv2dI8 as u32,
            inputs,
            attributes: &attributes,
            alias: None,
        })?;
        self.set(node.output, value, output);
        Ok(())
    }

    fn max_pool2d(&mut self, node: &FloatNode, pool: &MaxPool2d) -> Result<(), ConvertError> {
        let (x, quantization) = self.operand(node.inputs[0], self.shape(node.inputs[0])?)?;
        let value = self.builder.add(Draft {
            name: &node.name,
            tag: Operator::MaxPool2dI8 as u32,
            inputs: vec![x],
            attributes: &window_attributes(&pool.windows),
            alias: None,
        })?;
        self.set(node.output, value, quantization);
        Ok(())
    }

    fn clip(&mut self, node: &FloatNode, bounds: Bounds) -> Result<(), ConvertError> {
        let (x, quantization) = self.operand(node.inputs[0], self.shape(node.inputs[0])?)?;
        let value = self.builder.add(Draft {
            name: &node.name,
            tag: Operator::ClampI8 as u32,
            inputs: vec![x],
            attributes: &clamp(bounds, quantization),
            alias: None,
        })?;
        self.set(node.output, value, quantization);
        Ok(())
    }

    fn add(&mut self, node: &FloatNode, bounds: Bounds) -> Result<(), ConvertError> {
        let shape = self.shape(node.output)?;
        let output = activation(self.ranges.get(node.output));
        let (a, left) = self.operand(node.inputs[0], shape)?;
        let (b, right) = self.operand(node.inputs[1], shape)?;
        let [minimum, maximum] = clamp(bounds, output);
        let mut attributes = vec![left.zero_point, right.zero_point];
        for operand in [left, right] {
            let factor = FixedPoint::nearest(f64::from(operand.scale) / f64::from(output.scale));
            let factor = factor.ok_or_else(|| scales_apart(&node.name))?;
            attributes.extend([factor.multiplier, factor.shift]);
        }
        attributes.extend([output.zero_point, minimum, maximum]);
        let value = self.builder.add(Draft {
            name: &node.name,
            tag: Operator::AddI8 as u32,
            inputs: vec![a, b],
            attributes: &attributes,
            alias: None,
        })?;
        self.set(node.output, value, output);
        Ok(())
    }

    fn reshape(&mut self, node: &FloatNode) -> Result<(), ConvertError> {
        let (x, quantization) = self.operand(node.inputs[0], self.shape(node.inputs[0])?)?;
        let value = self.alias(&node.name, x, self.shape(node.output)?)?;
        self.set(node.output, value, quantization);
        Ok(())
    }

    fn alias(&mut self, name: &str, x: Operand, shape: Shape) -> Result<Value, ConvertError> {
        self.builder.add(Draft {
            name,
            tag: ALIAS,
            inputs: vec![x],
            attributes: &[],
            alias: Some(shape),
        })
    }

    /// The output ports, and height and index of the aligned block of locals that they are: a single output that a node
    /// computes in its own shape is that node's local, others are aliases at the end.
    fn outputs(&mut self) -> Result<(Vec<Port>, u32, u32), ConvertError> {
        let mut ports = Vec::with_capacity(self.graph.outputs.len());
        for (name, tensor) in &self.graph.outputs {
            ports.push(Port {
                name: name.clone(),
                dtype: DType::I8,
                shape: self.shape(*tensor)?,
                quantization: Some(self.get(*tensor)?.quantization),
            });
        }
        if let [(_, tensor)] = &self.graph.outputs[..] {
            let value = self.get(*tensor)?.value;
            if value.source == Some(Source::Local) && value.shape == self.shape(*tensor)? {
                return Ok((ports, 0, value.index));
            }
        }
        let width = ports.len().next_power_of_two();
        self.builder.align(width);
        let index = self.builder.nodes.len() / width;
        for ((_, tensor), port) in self.graph.outputs.iter().zip(&ports) {
            let (x, _) = self.operand(*tensor, port.shape)?;
            self.alias(&port.name, x, port.shape)?;
        }
        Ok((ports, width.trailing_zeros(), index as u32))
    }
}

fn shape(name: &str, dims: &[usize]) -> Result<Shape, ConvertError> {
    let words: Vec<u32> = dims.iter().map(|dim| u32::try_from(*dim).unwrap_or(u32::MAX)).collect();
    Shape::new(&words).map_err(|error| {
        refused(
            name,
            format!("`{name}` has the shape {dims:?}: {error}"),
            "make it smaller",
        )
    })
}

fn scales_apart(name: &str) -> ConvertError {
    refused(
        name,
        format!("node `{name}` joins values whose sizes differ too much for int8"),
        "check that the calibration samples are what the model was trained on",
    )
}

fn window_attributes(windows: &[Window; 2]) -> Vec<i32> {
    let words = [
        windows.map(|window| window.kernel),
        windows.map(|window| window.stride),
        windows.map(|window| window.before),
        windows.map(|window| window.after),
    ];
    words.into_iter().flatten().map(|word| word as i32).collect()
}

fn channels<'a>(
    node: &FloatNode,
    weights: impl Iterator<Item = &'a [f32]>,
    bias: &[f32],
    input: Quantization,
    output: Quantization,
) -> Result<Vec<Channel>, ConvertError> {
    weights
        .zip(bias)
        .map(|(weights, bias)| Channel::new(weights, *bias, input, output).ok_or_else(|| scales_apart(&node.name)))
        .collect()
}

/// The constants of a contraction: weights in panels, bias, multiplier, shift.
fn constants(
    name: &str,
    groups: usize,
    outputs: usize,
    depth: usize,
    channels: &[Channel],
    biases: Vec<i32>,
) -> Result<Vec<Operand>, ConvertError> {
    let per_group = outputs / groups;
    let panels = Panels {
        groups: groups as u32,
        outputs: per_group as u32,
        depth: depth as u32,
    };
    let too_large = |reason: String| {
        refused(
            name,
            format!("the weights of node `{name}`: {reason}"),
            "make it smaller",
        )
    };
    let panel_shape = panels.shape().map_err(|error| too_large(error.to_string()))?;
    if panel_shape.elements() > opml_ops::MAX_VALUE_BYTES {
        return Err(too_large(format!("{panel_shape} fits no slot")));
    }
    let mut weights = vec![0; panel_shape.elements() as usize];
    panels.pack(&mut weights, |group, output, depth| {
        channels[group * per_group + output].weights[depth]
    });
    let per_output = shape(name, &[outputs])?;
    let words = |words: Vec<i32>| Operand::Constant {
        dtype: DType::I32,
        shape: per_output,
        bytes: words.into_iter().flat_map(i32::to_le_bytes).collect(),
    };
    Ok(vec![
        Operand::Constant {
            dtype: DType::I8,
            shape: panel_shape,
            bytes: weights,
        },
        words(biases),
        words(channels.iter().map(|channel| channel.rescale.multiplier).collect()),
        words(channels.iter().map(|channel| channel.rescale.shift).collect()),
    ])
}
