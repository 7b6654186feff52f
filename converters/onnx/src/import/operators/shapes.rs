//! Operators that move elements without computing them.

use opml_ops::MAX_RANK;

use crate::import::expressions::ViewAxis;
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, axes, axis, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem, unsupported};
use crate::import::tensor::{Tensor, bounded, elements, listed};

/// The most repeats along one axis of a tile: each is an input of a node.
const MOST_REPEATS: usize = 1 << 16;

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let x = || node.input(0);
    let output = match node.operator() {
        "Reshape" => reshape(graph, node)?,
        "Flatten" => flatten(graph, node)?,
        "Squeeze" => squeeze(graph, node)?,
        "Unsqueeze" => unsqueeze(graph, node)?,
        "Transpose" => {
            let x = x()?;
            let order = match node.ints("perm")? {
                Some(order) => axes(order, x.rank())?,
                None => (0..x.rank()).rev().collect(),
            };
            graph.transpose(x, &order)?
        }
        "Expand" => {
            let wanted = sizes(node, 1, "the shape to expand to")?;
            let dims = Graph::joint_dims(&[x()?.dims(), &wanted])?;
            graph.broadcast(x()?, &dims)?
        }
        "Tile" => tile(graph, node)?,
        "Concat" => {
            let parts = node.all()?;
            let rank = parts.first().map_or(0, Operand::rank);
            graph.concat(&parts, node.axis("axis", 1, rank)?)?
        }
        "Split" => return split(graph, node).map(Some),
        "Slice" => slice(graph, node)?,
        "Pad" => pad(graph, node)?,
        "CenterCropPad" => center_crop_pad(graph, node)?,
        "DepthToSpace" => depth_to_space(graph, node)?,
        "SpaceToDepth" => space_to_depth(graph, node)?,
        "Trilu" => trilu(graph, node)?,
        "ReverseSequence" => reverse_sequence(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

/// Input `place` as dimensions that are known beforehand.
pub(super) fn sizes(node: &OnnxNode, place: usize, what: &str) -> Outcome<Vec<usize>> {
    let given = node.input(place)?.known(what)?.to_i64s();
    given.into_iter().map(size).collect()
}

fn reshape(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let wanted = match node.ints("shape")? {
        Some(shape) => shape.to_vec(),
        None => node.input(1)?.known("the shape")?.to_i64s(),
    };
    let keeps_zero = node.flag("allowzero", false)?;
    let mut dims = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (place, wanted) in wanted.iter().enumerate() {
        dims.push(match wanted {
            0 if !keeps_zero => {
                let same = x.dims().get(place);
                *same.ok_or_else(|| Problem::new(format!("dimension {place} is to stay, but there is none")))?
            }
            -1 if open.is_none() => {
                open = Some(place);
                1
            }
            -1 => return Err(Problem::new("two dimensions are left open")),
            wanted => size(*wanted)?,
        });
    }
    if let Some(open) = open {
        let rest = elements(&dims)?;
        dims[open] = match rest {
            0 => 0,
            rest => x.elements() / rest,
        };
    }
    graph.reshape(x, dims)
}

fn flatten(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let given = node.int("axis", 1)?;
    let at = if given == x.rank() as i64 {
        x.rank()
    } else {
        axis(given, x.rank())?
    };
    let (rows, columns) = (elements(&x.dims()[..at])?, elements(&x.dims()[at..])?);
    graph.reshape(x, vec![rows, columns])
}

/// The axes of an attribute, or from version 13 on of input `place`.
pub(super) fn axes_of(node: &OnnxNode, place: usize) -> Outcome<Option<Vec<i64>>> {
    match node.ints("axes")? {
        Some(axes) => Ok(Some(axes.to_vec())),
        None => node.known(place, "the axes"),
    }
}

fn squeeze(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let dropped = match axes_of(node, 1)? {
        Some(given) => axes(&given, x.rank())?,
        None => (0..x.rank()).filter(|axis| x.dims()[*axis] == 1).collect(),
    };
    if let Some(axis) = dropped.iter().find(|axis| x.dims()[**axis] != 1) {
        return Err(Problem::new(format!(
            "axis {axis} has {} elements and cannot be dropped",
            x.dims()[*axis]
        )));
    }
    let kept = (0..x.rank()).filter(|axis| !dropped.contains(axis));
    graph.reshape(x, kept.map(|axis| x.dims()[axis]).collect())
}

fn unsqueeze(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let given = axes_of(node, 1)?.ok_or_else(|| Problem::new("it says no axes"))?;
    let rank = x.rank() + given.len();
    let added = axes(&given, rank)?;
    let mut rest = x.dims().iter().copied();
    let dims = (0..rank).map(|axis| {
        if added.contains(&axis) {
            1
        } else {
            rest.next().unwrap_or(1)
        }
    });
    graph.reshape(x, dims.collect())
}

fn tile(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let repeats = sizes(node, 1, "the repeats")?;
    if repeats.len() != x.rank() {
        return Err(Problem::new(format!(
            "{} repeats for {} dimensions",
            repeats.len(),
            x.rank()
        )));
    }
    let tiled: Vec<usize> = x
        .dims()
        .iter()
        .zip(&repeats)
        .map(|(dim, repeat)| dim.saturating_mul(*repeat))
        .collect();
    if bounded(&tiled)? == 0 {
        return Ok(Tensor::filled(x.dtype(), tiled, 0.0)?.into());
    }
    let mut result = x.clone();
    for (axis, repeat) in repeats.into_iter().enumerate().filter(|(_, repeat)| *repeat != 1) {
        if repeat > MOST_REPEATS {
            return Err(Problem::new(format!(
                "{repeat} repeats; there are at most {MOST_REPEATS}"
            )));
        }
        result = graph.concat(&vec![result.clone(); repeat], axis)?;
    }
    Ok(result)
}

/// `dims` with another size along an axis.
pub(super) fn with(dims: &[usize], axis: usize, size: usize) -> Vec<usize> {
    let mut dims = dims.to_vec();
    dims[axis] = size;
    dims
}

fn split(graph: &mut Graph, node: &OnnxNode) -> Outcome<Vec<Operand>> {
    let x = node.input(0)?;
    let axis = node.axis("axis", 0, x.rank())?;
    let length = x.dims()[axis];
    let given = match node.ints("split")? {
        Some(split) => Some(split.to_vec()),
        None => node.known(1, "the sizes of the parts")?,
    };
    let parts: Vec<usize> = match given {
        Some(given) => given.into_iter().map(size).collect::<Outcome<_>>()?,
        None => {
            let count = size(node.int("num_outputs", node.output_count() as i64)?)?.max(1);
            listed(&[count])?;
            let each = length.div_ceil(count);
            (0..count)
                .map(|part| each.min(length.saturating_sub(part * each)))
                .collect()
        }
    };
    if parts.len() != node.output_count() {
        return Err(Problem::new(format!(
            "it has {} outputs for {} parts",
            node.output_count(),
            parts.len()
        )));
    }
    if parts.iter().sum::<usize>() != length {
        return Err(Problem::new(format!(
            "parts of {parts:?} elements do not make up the axis of {length}"
        )));
    }
    let mut start = 0;
    let mut outputs = Vec::new();
    for part in parts {
        outputs.push(graph.slice(x, axis, start, part)?);
        start += part;
    }
    Ok(outputs)
}

fn slice(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let list = |name: &str, place: usize| match node.ints(name)? {
        Some(list) => Ok(Some(list.to_vec())),
        None => node.known(place, &format!("the {name} of the slice")),
    };
    let missing = || Problem::new("starts and ends of the slice are missing");
    let starts = list("starts", 1)?.ok_or_else(missing)?;
    let ends = list("ends", 2)?.ok_or_else(missing)?;
    let given = list("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = node
        .known(4, "the steps of the slice")?
        .unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), given.len(), steps.len()] != [starts.len(); 3] {
        return Err(Problem::new("starts, ends, axes and steps differ in number"));
    }
    let mut view = Graph::whole(x);
    for (place, axis) in axes(&given, x.rank())?.into_iter().enumerate() {
        let length = x.dims()[axis] as i64;
        let step = steps[place];
        if step == 0 {
            return Err(Problem::new("a step of 0"));
        }
        let from_end = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
        let (least, greatest) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let start = from_end(starts[place]).clamp(least.max(0), greatest.max(0));
        let end = from_end(ends[place]).clamp(least, greatest);
        let count = match step > 0 {
            true => (end - start).max(0) as u64,
            false => (start - end).max(0) as u64,
        };
        view[axis] = ViewAxis {
            size: count.div_ceil(step.unsigned_abs()) as usize,
            source: Some(axis),
            start,
            step,
        };
    }
    graph.view(x, &view, 0)
}

fn pad(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let pads = match node.ints("pads")? {
        Some(pads) => pads.to_vec(),
        None => node
            .known(1, "the pads")?
            .ok_or_else(|| Problem::new("the pads are missing"))?,
    };
    let padded = match node.known(3, "the axes")? {
        Some(given) => axes(&given, x.rank())?,
        None => (0..x.rank()).collect(),
    };
    // Sums of a size and two pads stay small numbers.
    pads.iter().try_for_each(|pad| size(pad.saturating_abs()).map(|_| ()))?;
    if pads.len() != 2 * padded.len() {
        return Err(Problem::new(format!("{} pads for {} axes", pads.len(), padded.len())));
    }
    let mode = node.text("mode", "constant")?;
    if mode == "constant" {
        let fill = match node.optional(2).filter(|value| value.elements() == 1) {
            Some(value) => value.known("the value to pad with")?.clone(),
            None => Tensor::scalar(x.dtype(), f64::from(node.float("value", 0.0)?)),
        };
        let mut bytes = [0; 8];
        bytes[..fill.bytes.len().min(8)].copy_from_slice(&fill.bytes[..fill.bytes.len().min(8)]);
        let mut view = Graph::whole(x);
        for (place, axis) in padded.iter().enumerate() {
            let (before, after) = (pads[place], pads[place + padded.len()]);
            view[*axis].start = -before;
            view[*axis].size = size(x.dims()[*axis] as i64 + before + after)?;
        }
        return graph.view(x, &view, u64::from_le_bytes(bytes));
    }
    let mut result = x.clone();
    for (place, axis) in padded.iter().enumerate() {
        let (before, after) = (pads[place], pads[place + padded.len()]);
        if (before, after) == (0, 0) {
            continue;
        }
        let length = x.dims()[*axis] as i64;
        if length == 0 {
            return Err(Problem::new("an axis without elements cannot be padded with its own"));
        }
        listed(&[size(length + before.max(0) + after.max(0))?])?;
        let source = |at: i64| match mode {
            "edge" => Ok(at.clamp(0, length - 1)),
            "wrap" => Ok(at.rem_euclid(length)),
            "reflect" if length == 1 => Ok(0),
            "reflect" => {
                let period = 2 * (length - 1);
                let at = at.rem_euclid(period);
                Ok(at.min(period - at))
            }
            other => Err(unsupported("mode", other, "constant, edge, reflect, wrap")),
        };
        let places = (-before..length + after).map(source).collect::<Outcome<Vec<_>>>()?;
        result = graph.gather(&result, &Tensor::i64s(&places).into(), *axis)?;
    }
    Ok(result)
}

fn center_crop_pad(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let wanted = sizes(node, 1, "the shape")?;
    let chosen = match node.ints("axes")? {
        Some(given) => axes(given, x.rank())?,
        None => (0..x.rank()).collect(),
    };
    let mut view = Graph::whole(x);
    for (axis, wanted) in chosen.into_iter().zip(wanted) {
        let length = x.dims()[axis];
        view[axis].size = wanted;
        view[axis].start = match wanted <= length {
            true => ((length - wanted) / 2) as i64,
            false => -(((wanted - length) / 2) as i64),
        };
    }
    graph.view(x, &view, 0)
}

fn depth_to_space(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let block = size(node.int("blocksize", 0)?)?;
    let &[batch, channels, height, width] = x.dims() else {
        return Err(Problem::new("it takes four dimensions"));
    };
    if block == 0 || channels % (block * block) != 0 {
        return Err(Problem::new(format!(
            "{channels} channels do not make blocks of {block} by {block}"
        )));
    }
    let rest = channels / block / block;
    let (dims, order) = match node.text("mode", "DCR")? {
        "DCR" => (vec![batch, block, block, rest, height, width], [0, 3, 4, 1, 5, 2]),
        "CRD" => (vec![batch, rest, block, block, height, width], [0, 1, 4, 2, 5, 3]),
        other => return Err(unsupported("mode", other, "DCR, CRD")),
    };
    let moved = graph.transpose(&x.reshaped(dims)?, &order)?;
    moved.reshaped(vec![batch, rest, height * block, width * block])
}

fn space_to_depth(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let block = size(node.int("blocksize", 0)?)?;
    let &[batch, channels, height, width] = x.dims() else {
        return Err(Problem::new("it takes four dimensions"));
    };
    if block == 0 || height % block != 0 || width % block != 0 {
        return Err(Problem::new(format!(
            "{height} by {width} elements do not make blocks of {block} by {block}"
        )));
    }
    let dims = vec![batch, channels, height / block, block, width / block, block];
    let moved = graph.transpose(&x.reshaped(dims)?, &[0, 3, 5, 1, 2, 4])?;
    moved.reshaped(vec![batch, channels * block * block, height / block, width / block])
}

/// The part of matrices on one side of a diagonal.
fn trilu(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let upper = node.flag("upper", true)?;
    let diagonal = node
        .known(1, "the diagonal")?
        .and_then(|given| given.first().copied())
        .unwrap_or(0);
    if x.elements() == 0 {
        return Ok(x.clone());
    }
    let &[.., rows, columns] = x.dims() else {
        return Err(Problem::new("it takes matrices"));
    };
    bounded(&[rows, columns])?;
    let kept = (0..rows as i64).flat_map(|row| {
        (0..columns as i64).map(move |column| match upper {
            true => column.saturating_sub(row) >= diagonal,
            false => column.saturating_sub(row) <= diagonal,
        })
    });
    let kept = Tensor::booleans(vec![rows, columns], kept).into();
    graph.select(&kept, x, &Tensor::scalar(x.dtype(), 0.0).into())
}

/// The first elements of each sequence backwards.
fn reverse_sequence(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let lengths = sizes(node, 1, "the lengths")?;
    let (batch, time) = (
        node.axis("batch_axis", 1, x.rank())?,
        node.axis("time_axis", 0, x.rank())?,
    );
    if batch.max(time) != 1 || lengths.len() != x.dims()[batch] || x.rank() > MAX_RANK {
        return Err(Problem::new(
            "batch and time must be the first two axes, with one length for each sequence",
        ));
    }
    let whole = x.dims()[time];
    listed(&[lengths.len(), whole])?;
    let mut places = Vec::with_capacity(lengths.len() * whole);
    let (rows, columns) = (x.dims()[0], x.dims()[1]);
    for row in 0..rows {
        for column in 0..columns {
            let (at, sequence) = if time == 0 { (row, column) } else { (column, row) };
            let length = lengths[sequence];
            let source = if at < length { length - 1 - at } else { at };
            places.push(if time == 0 {
                source * columns + column
            } else {
                row * columns + source
            } as i64);
        }
    }
    let flat = x.reshaped([&[rows * columns], &x.dims()[2..]].concat())?;
    graph
        .gather(&flat, &Tensor::i64s(&places).into(), 0)?
        .reshaped(x.dims().to_vec())
}
