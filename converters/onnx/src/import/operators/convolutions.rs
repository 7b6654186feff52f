//! Convolutions and what undoes them.

use opml_ops::{DType, Operator, ScatterFunction as Scatter};

use super::shapes::sizes;
use super::windows::{Window, windows, words};
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem, unsupported};
use crate::import::tensor::{Tensor, elements, listed};

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "Conv" => {
            let words = convolution_words(node, node.input(0)?, node.input(1)?)?;
            convolve(graph, node.input(0)?, node.input(1)?, node.optional(2), &words)?
        }
        "ConvTranspose" => conv_transpose(graph, node)?,
        "Col2Im" => col2im(graph, node)?,
        "CausalConvWithState" => return causal_conv(graph, node).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

/// A convolution with these attribute words.
fn convolve(
    graph: &mut Graph,
    x: &Operand,
    weights: &Operand,
    bias: Option<&Operand>,
    words: &[u32],
) -> Outcome<Operand> {
    let inputs: Vec<&Operand> = [x, weights].into_iter().chain(bias).collect();
    graph.apply(Operator::ConvF32, &inputs, words)
}

/// The attribute words of a convolution: groups, then its windows.
pub(super) fn convolution_words(node: &OnnxNode, x: &Operand, weights: &Operand) -> Outcome<Vec<u32>> {
    let spatial = x.dims().get(2..).unwrap_or(&[]);
    let kernel = weights.dims().get(2..).unwrap_or(&[]);
    if spatial.is_empty() || spatial.len() > 3 || kernel.len() != spatial.len() {
        return Err(Problem::new(format!(
            "a convolution of {} and {} dimensions; it takes 3 to 5",
            x.rank(),
            weights.rank()
        )));
    }
    let groups = size(node.int("group", 1)?)? as u32;
    Ok([groups]
        .into_iter()
        .chain(words(&windows(node, spatial, Some(kernel))?))
        .collect())
}

fn conv_transpose(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let (x, weights) = (node.full(0)?, node.full(1)?);
    let spatial = x.dims().get(2..).unwrap_or(&[]);
    let kernel = weights.dims().get(2..).unwrap_or(&[]);
    if kernel.len() != spatial.len() || spatial.is_empty() {
        return Err(Problem::new("input and weights differ in their dimensions"));
    }
    let rank = spatial.len();
    let mut plan = transposed_windows(node, spatial, kernel)?;
    let list = |name: &str| -> Outcome<Option<Vec<usize>>> {
        let given = node.ints(name)?.filter(|given| given.len() == rank);
        given
            .map(|given| given.iter().map(|given| size(*given)).collect())
            .transpose()
    };
    let added = list("output_padding")?.unwrap_or_else(|| vec![0; rank]);
    let wanted = list("output_shape")?;
    let mode = node.text("auto_pad", "NOTSET")?;
    for (axis, window) in plan.iter_mut().enumerate() {
        window.beyond = added[axis];
        let full = (window.size - 1) * window.stride + window.extent() + added[axis];
        let total = match (&wanted, mode) {
            (Some(wanted), _) => full.saturating_sub(wanted[axis]),
            (None, "SAME_UPPER" | "SAME_LOWER") => full.saturating_sub(window.size * window.stride),
            (None, "VALID") => 0,
            (None, "NOTSET" | "") => continue,
            (None, other) => return Err(unsupported("auto_pad", other, "NOTSET, VALID, SAME_UPPER, SAME_LOWER")),
        };
        let (less, more) = (total / 2, total - total / 2);
        (window.before, window.after) = if mode == "SAME_UPPER" {
            (less, more)
        } else {
            (more, less)
        };
        if let Some(wanted) = &wanted
            && wanted[axis] > full
        {
            window.beyond += wanted[axis] - full;
        }
    }
    let groups = size(node.int("group", 1)?)? as u32;
    let words: Vec<u32> = [groups].into_iter().chain(words(&plan)).collect();
    let inputs: Vec<&Operand> = [x, weights].into_iter().chain(node.optional(2)).collect();
    graph.apply(Operator::ConvTransposeF32, &inputs, &words)
}

/// The windows as the attributes say, whatever `auto_pad` says.
fn transposed_windows(node: &OnnxNode, sizes: &[usize], kernel: &[usize]) -> Outcome<Vec<Window>> {
    let rank = sizes.len();
    let list = |name: &str, length: usize, default: usize| -> Outcome<Vec<usize>> {
        match node.ints(name)? {
            None => Ok(vec![default; length]),
            Some(given) if given.len() == length => given.iter().map(|given| size(*given)).collect(),
            Some(given) => Err(Problem::new(format!(
                "the attribute `{name}` has {} numbers",
                given.len()
            ))),
        }
    };
    let (strides, dilations) = (list("strides", rank, 1)?, list("dilations", rank, 1)?);
    let pads = list("pads", 2 * rank, 0)?;
    let window = |axis: usize| Window {
        size: sizes[axis],
        kernel: kernel[axis],
        stride: strides[axis],
        dilation: dilations[axis],
        before: pads[axis],
        after: pads[axis + rank],
        beyond: 0,
    };
    Ok((0..rank).map(window).collect())
}

/// Columns of patches added up to images: a scatter whose places are known.
fn col2im(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let (image, block) = (
        sizes(node, 1, "the image's shape")?,
        sizes(node, 2, "the block's shape")?,
    );
    if image.len() != block.len() {
        return Err(Problem::new(format!(
            "an image of {} axes and a block of {}",
            image.len(),
            block.len()
        )));
    }
    let plan = windows(node, &image, Some(&block))?;
    let &[batch, columns, patches] = x.dims() else {
        return Err(Problem::new("it takes three dimensions"));
    };
    let taps = elements(&block)?;
    let channels = columns / taps.max(1);
    let along: Vec<usize> = plan
        .iter()
        .map(|window| {
            let padded = window.size + window.before + window.after;
            padded
                .checked_sub(window.extent())
                .map_or(0, |left| left / window.stride + 1)
        })
        .collect();
    if elements(&along)? != patches || channels * taps != columns {
        return Err(Problem::new("the columns do not fit image and block"));
    }
    // One place more, for what falls into the padding.
    let plane = elements(&image)?;
    listed(&[taps, patches])?;
    let mut places = Vec::with_capacity(taps * patches);
    for tap in 0..taps {
        for patch in 0..patches {
            let (mut tap, mut patch, mut place, mut scale, mut inside) = (tap, patch, 0usize, 1usize, true);
            for axis in (0..image.len()).rev() {
                let window = &plan[axis];
                let at = (patch % along[axis]) * window.stride + (tap % block[axis]) * window.dilation;
                (patch, tap) = (patch / along[axis], tap / block[axis]);
                match at.checked_sub(window.before).filter(|at| *at < image[axis]) {
                    Some(at) => place += at * scale,
                    None => inside = false,
                }
                scale *= image[axis];
            }
            places.push(if inside { place as i64 } else { plane as i64 });
        }
    }
    let dims = vec![batch * channels, taps * patches];
    let empty = Tensor::filled(x.dtype(), vec![batch * channels, plane + 1], 0.0)?.into();
    let places = graph.broadcast(&Tensor::i64s(&places).into(), &dims)?;
    let summed = graph.apply(
        Operator::ScatterElements,
        &[&empty, &places, &x.reshaped(dims)?],
        &[1, Scatter::Add as u32],
    )?;
    let kept = graph.slice(&summed, 1, 0, plane)?;
    kept.reshaped([&[batch, channels], &image[..]].concat())
}

/// A depthwise convolution over the past and the present of sequences.
fn causal_conv(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let (x, weights) = (node.full(0)?, node.full(1)?);
    let (&[batch, channels, _], &[_, _, kernel]) = (x.dims(), weights.dims()) else {
        return Err(Problem::new("it takes input and weights of three dimensions"));
    };
    let past = match node.optional(3) {
        Some(past) => past.clone(),
        None => Tensor::filled(DType::F32, vec![batch, channels, kernel - 1], 0.0)?.into(),
    };
    let padded = graph.concat(&[past, x.clone()], 2)?;
    let words = [channels as u32, kernel as u32, 1, 1, 0, 0, 0];
    let output = convolve(graph, &padded, weights, node.optional(2), &words)?;
    let output = match node.text("activation", "none")? {
        "none" => output,
        "silu" | "swish" => graph.unary_with(opml_ops::UnaryFunction::Swish, &output, [1.0, 0.0])?,
        other => return Err(unsupported("activation", other, "none, silu, swish")),
    };
    let length = padded.dims()[2];
    let start = length.checked_sub(kernel - 1);
    let start = start.ok_or_else(|| {
        Problem::new(format!(
            "the past and the input have {length} elements for a kernel of {kernel}"
        ))
    })?;
    let state = graph.slice(&padded, 2, start, kernel - 1)?;
    Ok(vec![output, state])
}
