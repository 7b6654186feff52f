//! Operators whose result follows from attributes, shapes and constants.

use opml_ops::{BinaryFunction as Binary, DType};

use super::shapes::sizes;
use crate::import::graph::Graph;
use crate::import::node::{OnnxNode, axis, dtype, size};
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem};
use crate::import::proto_tensor::tensor;
use crate::import::tensor::{Tensor, listed};

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "Constant" => constant(node)?,
        "ConstantOfShape" => constant_of_shape(node)?,
        "Shape" => shape(node)?,
        "Size" => Tensor {
            dims: Vec::new(),
            ..Tensor::i64s(&[node.input(0)?.elements() as i64])
        }
        .into(),
        "Range" => range(node)?,
        "EyeLike" => eye_like(node)?,
        "OneHot" => one_hot(graph, node)?,
        "HannWindow" => window(node, [0.5, -0.5, 0.0])?,
        "HammingWindow" => window(node, [25.0 / 46.0, -21.0 / 46.0, 0.0])?,
        "BlackmanWindow" => window(node, [0.42, -0.5, 0.08])?,
        "MelWeightMatrix" => mel_weight_matrix(node)?,
        "NonZero" => non_zero(node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

fn constant(node: &OnnxNode) -> Outcome<Operand> {
    if let Some(proto) = node.tensor("value") {
        return Ok(tensor(proto, None)?.into());
    }
    let Some(name) = node.attribute_names().next() else {
        return Err(Problem::new("it has no value"));
    };
    Ok(match name {
        "value_float" => Tensor::scalar(DType::F32, f64::from(node.float(name, 0.0)?)),
        "value_int" => Tensor {
            dims: Vec::new(),
            ..Tensor::i64s(&[node.int(name, 0)?])
        },
        "value_floats" => {
            let values = node.floats(name)?.unwrap_or(&[]);
            Tensor::f32s(vec![values.len()], values.iter().copied())
        }
        "value_ints" => Tensor::i64s(node.ints(name)?.unwrap_or(&[])),
        other => return Err(Problem::new(format!("a constant given as `{other}` is not supported"))),
    }
    .into())
}

fn constant_of_shape(node: &OnnxNode) -> Outcome<Operand> {
    let dims = sizes(node, 0, "the shape")?;
    let value = match node.tensor("value") {
        Some(proto) => tensor(proto, None)?,
        None => Tensor::f32s(vec![1], [0.0]),
    };
    match value.elements() {
        1 => Ok(Tensor::repeated(value.dtype, dims, &value.bytes)?.into()),
        count => Err(Problem::new(format!("its value has {count} elements, not one"))),
    }
}

fn shape(node: &OnnxNode) -> Outcome<Operand> {
    let dims: Vec<i64> = node.input(0)?.dims().iter().map(|dim| *dim as i64).collect();
    let rank = dims.len() as i64;
    let bound = |at: i64| (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize;
    let (start, end) = (bound(node.int("start", 0)?), bound(node.int("end", rank)?));
    Ok(Tensor::i64s(dims.get(start..end).unwrap_or(&[])).into())
}

fn range(node: &OnnxNode) -> Outcome<Operand> {
    let number = |place: usize| node.input(place)?.known("a bound of the range").cloned();
    let (start, limit, delta) = (number(0)?, number(1)?, number(2)?);
    let first = |tensor: &Tensor| tensor.to_f32s().first().copied().unwrap_or(0.0);
    if start.dtype == DType::F32 {
        let (start, limit, delta) = (first(&start), first(&limit), first(&delta));
        let count = ((limit - start) / delta).ceil().max(0.0) as usize;
        listed(&[count])?;
        return Ok(Tensor::f32s(vec![count], (0..count).map(|place| start + place as f32 * delta)).into());
    }
    let whole = |tensor: &Tensor| tensor.to_i64s().first().copied().unwrap_or(0);
    let (from, limit, delta) = (whole(&start), whole(&limit), whole(&delta));
    if delta == 0 {
        return Err(Problem::new("a step of 0"));
    }
    let distance = i128::from(limit) - i128::from(from);
    let steps = distance / i128::from(delta) + i128::from(distance % i128::from(delta) != 0);
    let count = usize::try_from(steps.max(0)).unwrap_or(usize::MAX);
    listed(&[count])?;
    let values: Vec<i64> = (0..count as i64)
        .map(|place| from.wrapping_add(place.wrapping_mul(delta)))
        .collect();
    Ok(narrowed(&values, start.dtype).into())
}

/// i64 numbers as another integer type.
fn narrowed(values: &[i64], dtype: DType) -> Tensor {
    let bytes = dtype.bytes() as usize;
    Tensor {
        dtype,
        dims: vec![values.len()],
        bytes: values
            .iter()
            .flat_map(|value| value.to_le_bytes().into_iter().take(bytes))
            .collect(),
    }
}

fn eye_like(node: &OnnxNode) -> Outcome<Operand> {
    let x = node.input(0)?;
    let &[rows, columns] = x.dims() else {
        return Err(Problem::new("it takes a matrix"));
    };
    let dtype = if node.has("dtype") {
        dtype(node.int("dtype", 1)?)?
    } else {
        x.dtype()
    };
    let diagonal = node.int("k", 0)?;
    listed(&[rows, columns])?;
    let element = |on: bool| Tensor::scalar(dtype, f64::from(u8::from(on))).bytes;
    let (one, zero) = (element(true), element(false));
    let mut bytes = zero.repeat(rows * columns);
    for row in 0..rows as i64 {
        let column = row
            .checked_add(diagonal)
            .and_then(|column| usize::try_from(column).ok());
        if let Some(column) = column.filter(|column| *column < columns) {
            let place = (row as usize * columns + column) * one.len();
            bytes[place..place + one.len()].copy_from_slice(&one);
        }
    }
    Ok(Tensor {
        dtype,
        dims: vec![rows, columns],
        bytes: bytes.into(),
    }
    .into())
}

fn one_hot(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let indices = graph.cast(node.input(0)?, DType::I64)?;
    let depth = node.input(1)?.known("the depth")?.to_i64s();
    let depth = size(depth.first().copied().unwrap_or(0))?;
    let values = node.input(2)?;
    let rank = indices.rank() + 1;
    let at = axis(node.int("axis", -1)?, rank)?;
    listed(&[depth])?;
    // Negative indices count from the end.
    let classes = Tensor::i64s(&(0..depth as i64).collect::<Vec<_>>());
    let mut dims = vec![1; rank];
    dims[at] = depth;
    let classes = Operand::from(classes).reshaped(dims)?;
    let size = Tensor::i64s(&[depth as i64]).into();
    let wrapped = {
        let below = graph.binary(Binary::Less, &indices, &Tensor::i64s(&[0]).into())?;
        let lifted = graph.add(&indices, &size)?;
        let lifted = lifted.reshaped(indices.dims().to_vec())?;
        graph.select(&below.reshaped(indices.dims().to_vec())?, &lifted, &indices)?
    };
    let mut dims = indices.dims().to_vec();
    dims.insert(at, 1);
    let hot = graph.binary(Binary::Equal, &wrapped.reshaped(dims)?, &classes)?;
    let off = graph.slice(values, 0, 0, 1)?;
    let on = graph.slice(values, 0, 1, 1)?;
    graph.select(&hot, &on, &off)
}

/// a₀ + a₁·cos(2πn/N) + a₂·cos(4πn/N).
fn window(node: &OnnxNode, [constant, first, second]: [f64; 3]) -> Outcome<Operand> {
    let length = node.input(0)?.known("the length")?.to_i64s();
    let length = size(length.first().copied().unwrap_or(0))?;
    listed(&[length])?;
    let period = match node.flag("periodic", true)? {
        true => length as f64,
        false => length as f64 - 1.0,
    };
    let value = |place: usize| {
        let angle = 2.0 * std::f64::consts::PI * place as f64 / period;
        (constant + first * cosine(angle) + second * cosine(2.0 * angle)) as f32
    };
    let values = Tensor::f32s(vec![length], (0..length).map(value));
    match dtype(node.int("output_datatype", 1)?)? {
        DType::F32 => Ok(values.into()),
        other => Err(Problem::new(format!("a window of {} numbers", other.name()))),
    }
}

/// cos x in binary64 without the platform's mathematics, so that a converted model is the same everywhere: 1 − 2·sin²(x/2) by
/// a series, for |x| up to some thousand.
pub(super) fn cosine(x: f64) -> f64 {
    let turn = 2.0 * std::f64::consts::PI;
    let reduced = x - (x / turn).round_ties_even() * turn;
    let square = reduced * reduced;
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..16 {
        term *= -square / f64::from((2 * n - 1) * (2 * n));
        sum += term;
    }
    sum
}

/// sin x, as [`cosine`].
pub(super) fn sine(x: f64) -> f64 {
    cosine(x - std::f64::consts::FRAC_PI_2)
}

fn mel_weight_matrix(node: &OnnxNode) -> Outcome<Operand> {
    let number = |place: usize| {
        let value = node.input(place)?.known("a parameter of the filters")?.to_f32s();
        Ok(f64::from(value.first().copied().unwrap_or(0.0)))
    };
    let (bins, length, rate) = (number(0)? as usize, number(1)? as usize, number(2)?);
    let (lowest, highest) = (number(3)?, number(4)?);
    let spectrum = length / 2 + 1;
    listed(&[spectrum, bins.saturating_add(2)])?;
    let mel = |hertz: f64| 2595.0 * (1.0 + hertz / 700.0).log10();
    let (low, high) = (mel(lowest), mel(highest));
    let step = (high - low) / (bins + 2) as f64;
    let place = |bin: usize| {
        let hertz = 700.0 * (10f64.powf((bin as f64 * step + low) / 2595.0) - 1.0);
        let place = ((length + 1) as f64 * hertz / rate).floor();
        match (0.0..=spectrum as f64).contains(&place) {
            true => Ok(place as usize),
            false => Err(Problem::new(format!(
                "a filter lies at {hertz} Hz of {rate} samples a second, outside a spectrum of {spectrum}"
            ))),
        }
    };
    let mut values = vec![0f32; spectrum * bins];
    for bin in 0..bins {
        let (lower, centre, upper) = (place(bin)?, place(bin + 1)?, place(bin + 2)?);
        let mut set = |row: usize, value: f32| {
            if let Some(value_place) = values.get_mut(row * bins + bin) {
                *value_place = value;
            }
        };
        if centre == lower {
            set(centre, 1.0);
        } else {
            for row in lower..=centre {
                set(row, (row - lower) as f32 / (centre - lower) as f32);
            }
        }
        if upper > centre {
            for row in centre..upper {
                set(row, (upper - row) as f32 / (upper - centre) as f32);
            }
        }
    }
    Ok(Tensor::f32s(vec![spectrum, bins], values).into())
}

/// Where a known tensor is not zero.
fn non_zero(node: &OnnxNode) -> Outcome<Operand> {
    let x = node
        .input(0)?
        .known("the tensor whose shape of non-zeros decides about shapes")?;
    let values = x.to_f32s();
    let places: Vec<usize> = (0..values.len()).filter(|place| values[*place] != 0.0).collect();
    let rank = x.dims.len();
    let mut coordinates = Vec::with_capacity(rank * places.len());
    for axis in 0..rank {
        let inner: usize = x.dims[axis + 1..].iter().product();
        listed(&[coordinates.len() + places.len()])?;
        coordinates.extend(places.iter().map(|place| (place / inner % x.dims[axis]) as i64));
    }
    Ok(Tensor {
        dims: vec![rank, places.len()],
        ..Tensor::i64s(&coordinates)
    }
    .into())
}
