//! A product's integer sums, and the ways out of them.

use opml_ops::{ATTRIBUTE_WORDS, DType, Operator, Record};

use super::graph::Graph;
use super::operand::Operand;
use super::problem::Outcome;
use super::tensor::Tensor;

/// How real numbers are written in u8: number = scale · (code − zero point).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Encoding {
    pub(crate) scale: f32,
    pub(crate) zero_point: u8,
}

impl Encoding {
    fn zero(self) -> Operand {
        Tensor::scalar(DType::U8, f64::from(self.zero_point)).into()
    }

    /// f32 numbers in u8.
    pub(crate) fn of_floats(self, graph: &mut Graph, x: &Operand) -> Outcome<Operand> {
        let scale = Tensor::f32s(Vec::new(), [self.scale]).into();
        graph.apply(Operator::QuantizeLinear, &[x, &scale, &self.zero()], &[0])
    }

    /// `function` of what codes stand for, in another encoding: a table of 256 results.
    pub(crate) fn looked_up(
        self,
        graph: &mut Graph,
        codes: &Operand,
        function: &Record,
        to: Encoding,
    ) -> Outcome<Operand> {
        let every = Tensor {
            dtype: DType::U8,
            dims: vec![256],
            bytes: (0..=255u8).collect(),
        };
        let scale = Tensor::f32s(Vec::new(), [self.scale]).into();
        let numbers = graph.apply(Operator::DequantizeLinear, &[&every.into(), &scale, &self.zero()], &[])?;
        let results = graph.apply(Operator::Unary, &[&numbers], &words(function))?;
        let table = to.of_floats(graph, &results)?;
        graph.apply(Operator::Lookup, &[codes, &table], &[])
    }
}

/// The attributes of a record.
pub(crate) fn words(record: &Record) -> Vec<u32> {
    (0..ATTRIBUTE_WORDS).map(|place| record.attribute(place)).collect()
}

/// A number as a list of one.
fn single(number: Tensor) -> Operand {
    Tensor {
        dims: vec![1],
        ..number
    }
    .into()
}

/// Sums of products of u8 by i8, the bias among them, and what one unit of each output's sums is.
pub(crate) struct IntegerSums {
    sums: Operand,
    /// By output.
    scales: Vec<f32>,
    /// The axis of the sums that outputs are counted on.
    axis: usize,
}

impl IntegerSums {
    /// The product of `record` (a convolution or a matrix product of f32) in integers; weights are quantised by output.
    pub(crate) fn new(
        graph: &mut Graph,
        record: &Record,
        (x, encoding): (&Operand, Encoding),
        weights: &Operand,
        bias: Option<&Operand>,
    ) -> Outcome<IntegerSums> {
        let convolves = record.tag() == Operator::ConvF32 as u32;
        let weights = weights.known("the weights")?;
        let values = weights.to_f32s();
        // Outputs are the first axis of a convolution's weights, the last one of a matrix.
        let outputs = if convolves { weights.dims[0] } else { weights.dims[1] };
        let output_of = |place: usize| {
            if convolves {
                place / (values.len() / outputs)
            } else {
                place % outputs
            }
        };
        let mut greatest = vec![0f32; outputs];
        for (place, value) in values.iter().enumerate() {
            let known = &mut greatest[output_of(place)];
            *known = known.max(value.abs());
        }
        let scales: Vec<f32> = greatest
            .iter()
            .map(|greatest| if *greatest > 0.0 { greatest / 127.0 } else { 1.0 })
            .collect();
        let rounded = values
            .iter()
            .enumerate()
            .map(|(place, value)| (value / scales[output_of(place)]).round_ties_even() as i8 as u8);
        let weights: Operand = Tensor {
            dtype: DType::I8,
            dims: weights.dims.clone(),
            bytes: rounded.collect(),
        }
        .into();
        let zero_points: [Operand; 2] = [
            single(Tensor::scalar(DType::U8, f64::from(encoding.zero_point))),
            single(Tensor::scalar(DType::I8, 0.0)),
        ];
        let (operator, words) = match convolves {
            true => (Operator::ConvInteger, words(record)),
            false => (Operator::MatMulInteger, Vec::new()),
        };
        let scales: Vec<f32> = scales.iter().map(|weight| weight * encoding.scale).collect();
        let mut operands = vec![x, &weights, &zero_points[0], &zero_points[1]];
        // The bias in units of the sums, as far as i32 holds it.
        let bias = match bias {
            None => None,
            Some(bias) => {
                let bias = bias.known("the bias")?.to_f32s();
                let units = bias
                    .iter()
                    .zip(&scales)
                    .map(|(bias, scale)| (bias / scale).round_ties_even() as i32);
                Some(Operand::from(Tensor::i32s(vec![outputs], units)))
            }
        };
        operands.extend(&bias);
        let sums = graph.apply(operator, &operands, &words)?;
        let axis = if convolves { 1 } else { sums.rank() - 1 };
        Ok(IntegerSums { sums, scales, axis })
    }

    /// The outputs' scales over `unit`, as an operand that stretches along the other axes.
    fn scales(&self, unit: f32) -> Operand {
        let mut dims = vec![1; self.sums.rank()];
        dims[self.axis] = self.scales.len();
        Tensor::f32s(dims, self.scales.iter().map(|scale| scale / unit)).into()
    }

    /// The sums as real numbers.
    pub(crate) fn floats(&self, graph: &mut Graph) -> Outcome<Operand> {
        let none = Tensor::scalar(DType::I32, 0.0).into();
        graph.apply(Operator::DequantizeLinear, &[&self.sums, &self.scales(1.0), &none], &[])
    }

    /// The sums in u8, without a way through f32 values.
    pub(crate) fn requantised(&self, graph: &mut Graph, to: Encoding) -> Outcome<Operand> {
        graph.apply(
            Operator::QuantizeLinear,
            &[&self.sums, &self.scales(to.scale), &to.zero()],
            &[1],
        )
    }
}
