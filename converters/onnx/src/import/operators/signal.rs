//! Fourier transforms: products with matrices of cosines and sines.

use opml_ops::DType;

use super::generators::{cosine, sine};
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, axis, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};
use crate::import::tensor::{Tensor, bounded, listed};

/// The longest transform.
const LONGEST: usize = 1 << 13;

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "DFT" => dft(graph, node)?,
        "STFT" => stft(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

/// Which transform.
#[derive(Clone, Copy)]
struct Transform {
    length: usize,
    inverse: bool,
    /// Whether only frequencies up to half the length are given, or taken.
    one_sided: bool,
}

impl Transform {
    /// `[inputs, outputs]` matrices from the real and the imaginary part of the input to those of the output.
    fn matrices(&self, inputs: usize) -> Outcome<[[Tensor; 2]; 2]> {
        if self.length == 0 || self.length > LONGEST {
            return Err(Problem::new(format!(
                "a transform of length {}; it has 1 to {LONGEST}",
                self.length
            )));
        }
        let length = self.length;
        let half = length / 2 + 1;
        let outputs = if self.one_sided && !self.inverse { half } else { length };
        listed(&[inputs, outputs])?;
        let used = inputs.min(if self.one_sided && self.inverse { half } else { length });
        let sign = if self.inverse { 1.0 } else { -1.0 };
        let factor = if self.inverse { 1.0 / length as f64 } else { 1.0 };
        // In the inverse of a one-sided transform a frequency stands for its mirror image too.
        let weight = |at: usize| match self.one_sided && self.inverse {
            true if at != 0 && 2 * at != length => 2.0,
            _ => 1.0,
        };
        let angle = |at: usize, out: usize| 2.0 * std::f64::consts::PI * ((at * out) % length) as f64 / length as f64;
        let matrix = |part: &dyn Fn(f64) -> f64| {
            let value = |at: usize, out: usize| match at < used {
                true => (factor * weight(at) * part(angle(at, out))) as f32,
                false => 0.0,
            };
            let values = (0..inputs).flat_map(|at| (0..outputs).map(move |out| (at, out)));
            Tensor::f32s(vec![inputs, outputs], values.map(|(at, out)| value(at, out)))
        };
        let (real, imaginary) = (matrix(&cosine), matrix(&|angle| sign * sine(angle)));
        let negative = matrix(&|angle| -sign * sine(angle));
        Ok([[real.clone(), imaginary], [negative, real]])
    }

    /// Transforms along the last axis: real and imaginary part of the result.
    fn apply(&self, graph: &mut Graph, real: &Operand, imaginary: Option<&Operand>) -> Outcome<[Operand; 2]> {
        let inputs = real.dims().last().copied().unwrap_or(1);
        let [[rr, ri], [ir, ii]] = self.matrices(inputs)?;
        let mut part = |from_real: Tensor, from_imaginary: Tensor| -> Outcome<Operand> {
            let sum = graph.matmul(real, &from_real.into())?;
            match imaginary {
                Some(imaginary) => {
                    let more = graph.matmul(imaginary, &from_imaginary.into())?;
                    graph.add(&sum, &more)
                }
                None => Ok(sum),
            }
        };
        Ok([part(rr, ir)?, part(ri, ii)?])
    }
}

/// The real and imaginary parts of x, whose last axis holds them.
fn parts(graph: &mut Graph, x: &Operand) -> Outcome<(Operand, Option<Operand>)> {
    let last = x.rank() - 1;
    let dims = x.dims()[..last].to_vec();
    let real = graph.slice(x, last, 0, 1)?.reshaped(dims.clone())?;
    match x.dims()[last] {
        1 => Ok((real, None)),
        2 => Ok((real, Some(graph.slice(x, last, 1, 1)?.reshaped(dims)?))),
        other => Err(Problem::new(format!(
            "the last axis has {other} elements; it holds a real or a complex number"
        ))),
    }
}

/// Two tensors side by side along a new last axis.
fn joined(graph: &mut Graph, parts: &[Operand]) -> Outcome<Operand> {
    let wide = parts.iter().map(|part| part.reshaped([part.dims(), &[1]].concat()));
    let wide = wide.collect::<Outcome<Vec<_>>>()?;
    let last = wide[0].rank() - 1;
    graph.concat(&wide, last)
}

fn dft(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let rank = x.rank();
    let along = match node.version < 20 {
        true => node.axis("axis", 1, rank)?,
        false => axis(
            node.known(2, "the axis")?
                .and_then(|axis| axis.first().copied())
                .unwrap_or(-2),
            rank,
        )?,
    };
    if rank < 2 || along + 1 == rank {
        return Err(Problem::new(
            "the last axis holds the parts of numbers and is not transformed",
        ));
    }
    let inverse = node.flag("inverse", false)?;
    let one_sided = node.flag("onesided", false)?;
    let natural = match inverse && one_sided {
        true => 2 * (x.dims()[along].saturating_sub(1)),
        false => x.dims()[along],
    };
    let length = match node.known(1, "the length")?.and_then(|length| length.first().copied()) {
        Some(length) => size(length)?,
        None => natural,
    };
    let (real, imaginary) = parts(graph, x)?;
    let mut order: Vec<usize> = (0..rank - 1).collect();
    order.swap(along, rank - 2);
    let real = graph.transpose(&real, &order)?;
    let imaginary = imaginary
        .map(|imaginary| graph.transpose(&imaginary, &order))
        .transpose()?;
    let transform = Transform {
        length,
        inverse,
        one_sided,
    };
    let result = transform.apply(graph, &real, imaginary.as_ref())?;
    let mut turned = Vec::new();
    // The inverse of a one-sided transform is real.
    let kept = if inverse && one_sided { 1 } else { 2 };
    for part in &result[..kept] {
        turned.push(graph.transpose(part, &order)?);
    }
    joined(graph, &turned)
}

/// Transforms of windows along a signal.
fn stft(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let signal = node.input(0)?;
    let step = node
        .known(1, "the step between frames")?
        .and_then(|step| step.first().copied())
        .unwrap_or(0);
    let step = size(step)?;
    let window = node.optional(2);
    let length = match node
        .known(3, "the frames' length")?
        .and_then(|length| length.first().copied())
    {
        Some(length) => size(length)?,
        None => window.map_or(0, Operand::elements),
    };
    let &[batch, samples, _] = signal.dims() else {
        return Err(Problem::new("it takes a signal of three dimensions"));
    };
    if step == 0 || length == 0 || length > samples || signal.dtype() != DType::F32 {
        return Err(Problem::new(format!(
            "frames of {length} elements every {step} of a signal of {samples}"
        )));
    }
    let frames = (samples - length) / step + 1;
    listed(&[frames, length])?;
    bounded(&[batch, frames, length])?;
    let places = (0..frames).flat_map(|frame| (0..length).map(move |place| (frame * step + place) as i64));
    let places = Operand::from(Tensor::i64s(&places.collect::<Vec<_>>())).reshaped(vec![frames, length])?;
    let (real, imaginary) = parts(graph, signal)?;
    let framed = |graph: &mut Graph, part: &Operand| -> Outcome<Operand> {
        let frames = graph.gather(part, &places, 1)?;
        match window {
            Some(window) => graph.mul(&frames, window),
            None => Ok(frames),
        }
    };
    let real = framed(graph, &real)?;
    let imaginary = imaginary.map(|imaginary| framed(graph, &imaginary)).transpose()?;
    let transform = Transform {
        length,
        inverse: false,
        one_sided: node.flag("onesided", true)?,
    };
    if real.dims() != [batch, frames, length] {
        return Err(Problem::new(format!(
            "the window does not fit frames of {length} elements"
        )));
    }
    let result = transform.apply(graph, &real, imaginary.as_ref())?;
    joined(graph, &result)
}
