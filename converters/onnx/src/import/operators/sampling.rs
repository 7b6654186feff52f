//! Sampling images at places that are computed.

use opml_ops::{BinaryFunction as Binary, DType, UnaryFunction as Unary};

use super::indexing::gather_elements;
use super::shapes::sizes;
use crate::import::graph::Graph;
use crate::import::node::OnnxNode;
use crate::import::operand::Operand;
use crate::import::problem::{Outcome, Problem, unsupported};
use crate::import::tensor::{Tensor, elements, listed};

/// Imports an operator of this family; `None` when it is none.
pub(super) fn import(graph: &mut Graph, node: &OnnxNode) -> Outcome<Option<Vec<Operand>>> {
    let output = match node.operator() {
        "GridSample" => grid_sample(graph, node)?,
        "AffineGrid" => affine_grid(graph, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![output]))
}

fn number(value: f32) -> Operand {
    Tensor::f32s(Vec::new(), [value]).into()
}

/// The grid that a linear map of each batch element takes the regular one to.
fn affine_grid(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let theta = node.input(0)?;
    let dims = sizes(node, 1, "the size")?;
    let aligned = node.flag("align_corners", false)?;
    let spatial = dims.get(2..).unwrap_or(&[]);
    let rank = spatial.len();
    if !(2..=3).contains(&rank) || theta.dims() != [dims[0], rank, rank + 1] {
        return Err(Problem::new(
            "it takes a linear map for each batch element and a size of four or five numbers",
        ));
    }
    let along = |size: usize, place: usize| match aligned {
        true if size == 1 => 0.0,
        true => 2.0 * place as f32 / (size as f32 - 1.0) - 1.0,
        false => (2.0 * place as f32 + 1.0) / size as f32 - 1.0,
    };
    // Rows of [x, y, (z,) 1]: the last axis of the image comes first.
    let count = elements(spatial)?;
    listed(&[count, rank + 1])?;
    let mut rows = Vec::with_capacity(count * (rank + 1));
    for place in 0..count {
        let mut rest = place;
        for axis in (0..rank).rev() {
            rows.push(along(spatial[axis], rest % spatial[axis]));
            rest /= spatial[axis];
        }
        rows.push(1.0);
    }
    let turned = graph.transpose(theta, &[0, 2, 1])?;
    let grid = graph.matmul(&Tensor::f32s(vec![count, rank + 1], rows).into(), &turned)?;
    grid.reshaped([&dims[..1], spatial, &[rank]].concat())
}

/// How samples are taken.
struct Sampler {
    padding: Padding,
    aligned: bool,
    /// Elements of the image along each axis.
    sizes: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Padding {
    Zeros,
    Border,
    Reflection,
}

/// The taps of one axis: places, and the weights of the elements there.
type Taps = Vec<(Operand, Operand)>;

impl Sampler {
    /// A coordinate in elements, from one in −1 … 1.
    fn denormalised(&self, graph: &mut Graph, x: &Operand, axis: usize) -> Outcome<Operand> {
        let size = self.sizes[axis] as f32;
        let parameters = match self.aligned {
            true => [(size - 1.0) / 2.0, (size - 1.0) / 2.0],
            false => [size / 2.0, (size - 1.0) / 2.0],
        };
        graph.unary_with(Unary::Affine, x, parameters)
    }

    /// A coordinate brought into the image, if the padding says so.
    fn padded(&self, graph: &mut Graph, x: &Operand, axis: usize) -> Outcome<Operand> {
        let last = self.sizes[axis] as f32 - 1.0;
        match self.padding {
            Padding::Zeros => Ok(x.clone()),
            Padding::Border => graph.unary_with(Unary::Clip, x, [0.0, last]),
            Padding::Reflection => {
                let (low, high) = if self.aligned { (0.0, last) } else { (-0.5, last + 0.5) };
                let length = high - low;
                if length <= 0.0 {
                    return graph.unary_with(Unary::Clip, x, [0.0, 0.0]);
                }
                // |((x − low) mod 2·length)| folded at the length.
                let from = graph.unary_with(Unary::Affine, x, [1.0, -low])?;
                let period = graph.binary(Binary::Modulo, &from, &number(2.0 * length))?;
                let mirrored = graph.unary_with(Unary::Affine, &period, [-1.0, 2.0 * length])?;
                let folded = graph.binary(Binary::Minimum, &period, &mirrored)?;
                graph.unary_with(Unary::Affine, &folded, [1.0, low])
            }
        }
    }

    /// Places as indices along an axis, and what their elements count: all, or nothing in zero padding.
    fn tap(&self, graph: &mut Graph, place: &Operand, weight: &Operand, axis: usize) -> Outcome<(Operand, Operand)> {
        let last = self.sizes[axis] as f32 - 1.0;
        let place = self.padded(graph, place, axis)?;
        let bounded = graph.unary_with(Unary::Clip, &place, [0.0, last])?;
        let mut weight = weight.clone();
        if self.padding == Padding::Zeros {
            let inside = graph.binary(Binary::Equal, &place, &bounded)?;
            weight = graph.select(&inside, &weight, &number(0.0))?;
        }
        Ok((graph.cast(&bounded, DType::I64)?, weight))
    }

    fn nearest(&self, graph: &mut Graph, x: &Operand, axis: usize) -> Outcome<Taps> {
        let place = graph.unary(Unary::Round, x)?;
        Ok(vec![self.tap(graph, &place, &number(1.0), axis)?])
    }

    fn linear(&self, graph: &mut Graph, x: &Operand, axis: usize) -> Outcome<Taps> {
        let left = graph.unary(Unary::Floor, x)?;
        let right = graph.unary_with(Unary::Affine, &left, [1.0, 1.0])?;
        let share = graph.sub(x, &left)?;
        let rest = graph.unary_with(Unary::Affine, &share, [-1.0, 1.0])?;
        Ok(vec![
            self.tap(graph, &left, &rest, axis)?,
            self.tap(graph, &right, &share, axis)?,
        ])
    }

    fn cubic(&self, graph: &mut Graph, x: &Operand, axis: usize) -> Outcome<Taps> {
        let a = -0.75f32;
        let left = graph.unary(Unary::Floor, x)?;
        let share = graph.sub(x, &left)?;
        let mut taps = Vec::new();
        for step in -1..=2i32 {
            let place = graph.unary_with(Unary::Affine, &left, [1.0, step as f32])?;
            // The distance to this tap, between 0 and 2.
            let sign = if step > 0 { -1.0 } else { 1.0 };
            let distance = graph.unary_with(Unary::Affine, &share, [sign, step.unsigned_abs() as f32])?;
            let coefficients = match step {
                0 | 1 => [a + 2.0, -(a + 3.0), 0.0, 1.0],
                _ => [a, -5.0 * a, 8.0 * a, -4.0 * a],
            };
            let mut weight = graph.unary_with(Unary::Affine, &distance, [coefficients[0], coefficients[1]])?;
            for coefficient in &coefficients[2..] {
                weight = graph.mul(&weight, &distance)?;
                weight = graph.unary_with(Unary::Affine, &weight, [1.0, *coefficient])?;
            }
            taps.push(self.tap(graph, &place, &weight, axis)?);
        }
        Ok(taps)
    }
}

fn grid_sample(graph: &mut Graph, node: &OnnxNode) -> Outcome<Operand> {
    let (x, grid) = (node.full(0)?, node.full(1)?);
    let rank = x.rank().saturating_sub(2);
    if rank == 0 || grid.rank() != rank + 2 || grid.dims()[rank + 1] != rank {
        return Err(Problem::new("image and grid do not fit together"));
    }
    let padding = match node.text("padding_mode", "zeros")? {
        "zeros" => Padding::Zeros,
        "border" => Padding::Border,
        "reflection" => Padding::Reflection,
        other => return Err(unsupported("padding_mode", other, "zeros, border, reflection")),
    };
    let sampler = Sampler {
        padding,
        aligned: node.flag("align_corners", false)?,
        sizes: x.dims()[2..].to_vec(),
    };
    let (batch, channels) = (x.dims()[0], x.dims()[1]);
    let targets = grid.dims()[1..=rank].to_vec();
    let count: usize = targets.iter().product();
    let mode = node.text("mode", "linear")?;
    let mut axes = Vec::new();
    for axis in 0..rank {
        // The grid's last axis names the image's axes from the last one on.
        let coordinate = graph
            .slice(grid, rank + 1, rank - 1 - axis, 1)?
            .reshaped(vec![batch, count])?;
        let place = sampler.denormalised(graph, &coordinate, axis)?;
        axes.push(match mode {
            "nearest" => {
                let place = sampler.padded(graph, &place, axis)?;
                sampler.nearest(graph, &place, axis)?
            }
            "linear" | "bilinear" => {
                let place = sampler.padded(graph, &place, axis)?;
                sampler.linear(graph, &place, axis)?
            }
            "cubic" | "bicubic" => sampler.cubic(graph, &place, axis)?,
            other => return Err(unsupported("mode", other, "nearest, linear, cubic")),
        });
    }
    let flat = x.reshaped(vec![batch, channels, x.elements() / batch / channels])?;
    let mut result: Option<Operand> = None;
    // Every combination of one tap along each axis.
    let combinations: usize = axes.iter().map(Vec::len).product();
    for combination in 0..combinations {
        let mut rest = combination;
        let mut place: Option<Operand> = None;
        let mut weight = number(1.0);
        for (axis, taps) in axes.iter().enumerate() {
            let (at, share) = &taps[rest % taps.len()];
            rest /= taps.len();
            weight = graph.mul(&weight, share)?;
            place = Some(match place {
                None => at.clone(),
                Some(before) => {
                    let size = Tensor::i64s(&[sampler.sizes[axis] as i64]).into();
                    let row = graph.mul(&before, &size)?;
                    graph.add(&row, at)?
                }
            });
        }
        let place = place.ok_or_else(|| Problem::new("an image without axes"))?;
        let place = place.reshaped(vec![batch, 1, count])?;
        let place = graph.broadcast(&place, &[batch, channels, count])?;
        let taken = gather_elements(graph, &flat, &place, 2)?;
        let weight = match weight.elements() {
            1 => weight.reshaped(Vec::new())?,
            _ => weight.reshaped(vec![batch, 1, count])?,
        };
        let part = graph.mul(&taken, &weight)?;
        result = Some(match result {
            None => part,
            Some(before) => graph.add(&before, &part)?,
        });
    }
    let result = result.ok_or_else(|| Problem::new("an image without axes"))?;
    result.reshaped([&[batch, channels], &targets[..]].concat())
}
