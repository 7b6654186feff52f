//! What importers of nodes write graphs with.

use opml_ops::{BinaryFunction, DType, MAX_INPUTS, Operator, ReduceFunction, UnaryFunction};

use super::graph::Graph;
use super::operand::Operand;
use super::problem::{Outcome, Problem};
use super::tensor::{Tensor, bounded, elements};

/// One axis of a view: its size, which axis of the source it reads, from where, in which steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ViewAxis {
    pub(crate) size: usize,
    pub(crate) source: Option<usize>,
    pub(crate) start: i64,
    pub(crate) step: i64,
}

impl Graph {
    /// A function of each element.
    pub(crate) fn unary(&mut self, function: UnaryFunction, x: &Operand) -> Outcome<Operand> {
        self.unary_with(function, x, [0.0; 2])
    }

    /// A function of each f32 element, with its parameters.
    pub(crate) fn unary_with(
        &mut self,
        function: UnaryFunction,
        x: &Operand,
        parameters: [f32; 2],
    ) -> Outcome<Operand> {
        let [a, b] = parameters.map(f32::to_bits);
        if x.elements() == 0 {
            return Ok(x.clone());
        }
        self.apply(Operator::Unary, &[x], &[function as u32, a, b])
    }

    /// A function of each pair of elements, with broadcasting.
    pub(crate) fn binary(&mut self, function: BinaryFunction, a: &Operand, b: &Operand) -> Outcome<Operand> {
        self.apply(Operator::Binary, &[a, b], &[function as u32])
    }

    pub(crate) fn add(&mut self, a: &Operand, b: &Operand) -> Outcome<Operand> {
        self.binary(BinaryFunction::Add, a, b)
    }

    pub(crate) fn sub(&mut self, a: &Operand, b: &Operand) -> Outcome<Operand> {
        self.binary(BinaryFunction::Sub, a, b)
    }

    pub(crate) fn mul(&mut self, a: &Operand, b: &Operand) -> Outcome<Operand> {
        self.binary(BinaryFunction::Mul, a, b)
    }

    pub(crate) fn div(&mut self, a: &Operand, b: &Operand) -> Outcome<Operand> {
        self.binary(BinaryFunction::Div, a, b)
    }

    /// x times a number.
    pub(crate) fn scale(&mut self, x: &Operand, factor: f32) -> Outcome<Operand> {
        self.unary_with(UnaryFunction::Affine, x, [factor, 0.0])
    }

    /// x as another type.
    pub(crate) fn cast(&mut self, x: &Operand, dtype: DType) -> Outcome<Operand> {
        match x {
            _ if x.dtype() == dtype => Ok(x.clone()),
            Operand::Constant(tensor) if tensor.elements() == 0 => Ok(Operand::Constant(Tensor {
                dtype,
                ..tensor.clone()
            })),
            _ => self.apply(Operator::Cast, &[x], &[dtype as u32]),
        }
    }

    /// A view of x; `fill` is what lies outside.
    pub(crate) fn view(&mut self, x: &Operand, axes: &[ViewAxis], fill: u64) -> Outcome<Operand> {
        let size = bounded(&axes.iter().map(|axis| axis.size).collect::<Vec<_>>())?;
        if size == 0 || x.elements() == 0 {
            let dims: Vec<usize> = axes.iter().map(|axis| axis.size).collect();
            return Ok(Operand::Constant(match size {
                0 => Tensor {
                    dtype: x.dtype(),
                    dims,
                    bytes: Default::default(),
                },
                _ => Tensor {
                    dtype: x.dtype(),
                    dims,
                    bytes: fill.to_le_bytes()[..x.dtype().bytes() as usize].repeat(size).into(),
                },
            }));
        }
        let mut words = vec![axes.len() as u32, fill as u32, (fill >> 32) as u32];
        for axis in axes {
            let number = |value: i64| {
                i32::try_from(value)
                    .map_err(|_| Problem::new(format!("a start or a step of {value} elements is too far")))
            };
            words.push(axis.size as u32);
            words.push(axis.source.map_or(0, |source| source as u32 + 1));
            words.push(number(axis.start)? as u32);
            words.push(number(axis.step)? as u32);
        }
        self.apply(Operator::View, &[x], &words)
    }

    /// The whole of x, axis by axis, as a view would read it.
    pub(crate) fn whole(x: &Operand) -> Vec<ViewAxis> {
        let axis = |(source, size): (usize, &usize)| ViewAxis {
            size: *size,
            source: Some(source),
            start: 0,
            step: 1,
        };
        x.dims().iter().enumerate().map(axis).collect()
    }

    /// x with its axes in another order: output axis i is input axis `order[i]`.
    pub(crate) fn transpose(&mut self, x: &Operand, order: &[usize]) -> Outcome<Operand> {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..x.rank()) {
            return Err(Problem::new(format!("{order:?} is no order of {} axes", x.rank())));
        }
        let dims: Vec<usize> = order.iter().map(|axis| x.dims()[*axis]).collect();
        // When only axes of size 1 move, the elements stay where they are.
        let moved = order.iter().filter(|axis| x.dims()[**axis] != 1);
        if moved.is_sorted() {
            return self.reshape(x, dims);
        }
        let whole = Graph::whole(x);
        let axes: Vec<ViewAxis> = order.iter().map(|axis| whole[*axis]).collect();
        self.view(x, &axes, 0)
    }

    /// x with its last two axes exchanged.
    pub(crate) fn transpose_matrices(&mut self, x: &Operand) -> Outcome<Operand> {
        let rank = x.rank();
        if rank < 2 {
            return Err(Problem::new("it takes matrices"));
        }
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(rank - 1, rank - 2);
        self.transpose(x, &order)
    }

    /// `size` elements of x along an axis, from `start` on.
    pub(crate) fn slice(&mut self, x: &Operand, axis: usize, start: usize, size: usize) -> Outcome<Operand> {
        let length = x.dims().get(axis).copied();
        if length.is_none_or(|length| start.saturating_add(size) > length) {
            return Err(Problem::new(format!(
                "a tensor of the shape {:?} has no {size} elements from {start} on along axis {axis}",
                x.dims()
            )));
        }
        let mut axes = Graph::whole(x);
        axes[axis].size = size;
        axes[axis].start = start as i64;
        if start == 0 && size == x.dims()[axis] {
            return Ok(x.clone());
        }
        self.view(x, &axes, 0)
    }

    /// x backwards along an axis.
    pub(crate) fn reverse(&mut self, x: &Operand, axis: usize) -> Outcome<Operand> {
        let mut axes = Graph::whole(x);
        axes[axis].start = x.dims()[axis] as i64 - 1;
        axes[axis].step = -1;
        self.view(x, &axes, 0)
    }

    /// x stretched to `dims`, its axes being the last ones; an axis of size 1 is repeated.
    pub(crate) fn broadcast(&mut self, x: &Operand, dims: &[usize]) -> Outcome<Operand> {
        if x.dims() == dims {
            return Ok(x.clone());
        }
        let before = dims.len().checked_sub(x.rank());
        let fits = before.is_some_and(|before| {
            x.dims()
                .iter()
                .zip(&dims[before..])
                .all(|(given, wanted)| given == wanted || *given == 1)
        });
        let Some(before) = before.filter(|_| fits) else {
            return Err(Problem::new(format!(
                "a tensor of the shape {:?} cannot be stretched to {dims:?}",
                x.dims()
            )));
        };
        let axis = |(axis, size): (usize, &usize)| {
            let source = axis.checked_sub(before).filter(|source| x.dims()[*source] == *size);
            ViewAxis {
                size: *size,
                source,
                start: 0,
                step: i64::from(source.is_some()),
            }
        };
        let axes: Vec<ViewAxis> = dims.iter().enumerate().map(axis).collect();
        self.view(x, &axes, 0)
    }

    /// The shape that operands are broadcast to together.
    pub(crate) fn joint_dims(shapes: &[&[usize]]) -> Outcome<Vec<usize>> {
        let rank = shapes.iter().map(|dims| dims.len()).max().unwrap_or(0);
        let mut joint = vec![1; rank];
        for dims in shapes {
            for (place, dim) in joint[rank - dims.len()..].iter_mut().zip(dims.iter()) {
                match (*place, *dim) {
                    (place, dim) if place == dim || dim == 1 => {}
                    (1, dim) => *place = dim,
                    _ => {
                        return Err(Problem::new(format!(
                            "tensors of the shapes {shapes:?} do not fit together"
                        )));
                    }
                }
            }
        }
        Ok(joint)
    }

    /// Tensors one after the other along an axis.
    pub(crate) fn concat(&mut self, parts: &[Operand], axis: usize) -> Outcome<Operand> {
        let full: Vec<Operand> = parts.iter().filter(|part| part.elements() != 0).cloned().collect();
        match &full[..] {
            [] => parts.first().cloned().ok_or_else(|| Problem::new("it has no inputs")),
            [one] => Ok(one.clone()),
            many if many.len() <= MAX_INPUTS => {
                self.apply(Operator::Concat, &many.iter().collect::<Vec<_>>(), &[axis as u32])
            }
            many => {
                let groups = many.chunks(MAX_INPUTS).map(|group| self.concat(group, axis));
                let groups = groups.collect::<Outcome<Vec<_>>>()?;
                self.concat(&groups, axis)
            }
        }
    }

    /// Slices of x along an axis, chosen by indices.
    pub(crate) fn gather(&mut self, x: &Operand, indices: &Operand, axis: usize) -> Outcome<Operand> {
        if indices.elements() == 0 && axis < x.rank() {
            let dims = [&x.dims()[..axis], indices.dims(), &x.dims()[axis + 1..]].concat();
            return Ok(Operand::Constant(Tensor {
                dtype: x.dtype(),
                dims,
                bytes: Default::default(),
            }));
        }
        self.apply(Operator::Gather, &[x, indices], &[axis as u32])
    }

    /// One number for all elements along `axes`, which stay as axes of size 1.
    pub(crate) fn reduce(&mut self, function: ReduceFunction, x: &Operand, axes: &[usize]) -> Outcome<Operand> {
        // A tensor of more dimensions than a mask has bits is refused for that.
        let bit = |axis: &usize| 1u32.checked_shl(*axis as u32).unwrap_or(0);
        let mask = axes.iter().fold(0, |mask, axis| mask | bit(axis));
        self.apply(Operator::Reduce, &[x], &[function as u32, mask])
    }

    /// An element of `a` where the condition holds, else of `b`.
    pub(crate) fn select(&mut self, condition: &Operand, a: &Operand, b: &Operand) -> Outcome<Operand> {
        self.apply(Operator::Select, &[condition, a, b], &[])
    }

    /// Products of matrices; tensors of one dimension are taken as NumPy's `matmul` takes them.
    pub(crate) fn matmul(&mut self, a: &Operand, b: &Operand) -> Outcome<Operand> {
        let (left, right) = matrices(a, b)?;
        // One matrix for all of b's products: a's outer dimensions are more rows.
        if right.rank() == 2 && left.rank() > 2 {
            let (depth, outer) = (left.dims()[left.rank() - 1], &left.dims()[..left.rank() - 1]);
            let outer = outer.to_vec();
            let rows = self.reshape(&left, vec![elements(&outer)?, depth])?;
            let product = self.apply(Operator::MatMulF32, &[&rows, &right], &[])?;
            let product = self.reshape(&product, [&outer[..], &right.dims()[1..]].concat())?;
            return without_added_axes(product, a, b);
        }
        let product = self.apply(Operator::MatMulF32, &[&left, &right], &[])?;
        without_added_axes(product, a, b)
    }

    /// e^x over its sum along an axis, or the logarithm of that.
    pub(crate) fn softmax(&mut self, x: &Operand, axis: usize, logarithm: bool) -> Outcome<Operand> {
        self.apply(Operator::Softmax, &[x], &[axis as u32, u32::from(logarithm)])
    }
}

/// Both operands of a product with at least two dimensions.
pub(crate) fn matrices(a: &Operand, b: &Operand) -> Outcome<(Operand, Operand)> {
    let left = match a.dims() {
        [] => return Err(Problem::new("a product of a scalar")),
        [depth] => a.reshaped(vec![1, *depth])?,
        _ => a.clone(),
    };
    let right = match b.dims() {
        [] => return Err(Problem::new("a product of a scalar")),
        [depth] => b.reshaped(vec![*depth, 1])?,
        _ => b.clone(),
    };
    Ok((left, right))
}

/// A product without the axes that [`matrices`] added.
pub(crate) fn without_added_axes(product: Operand, a: &Operand, b: &Operand) -> Outcome<Operand> {
    let mut dims = product.dims().to_vec();
    if b.rank() == 1 {
        dims.pop();
    }
    if a.rank() == 1 {
        let place = dims.len() - if b.rank() == 1 { 1 } else { 2 };
        dims.remove(place);
    }
    product.reshaped(dims)
}
