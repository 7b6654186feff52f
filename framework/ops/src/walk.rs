//! Going through a tensor's elements in order, with the places of other tensors' elements that belong to them.

use crate::{AdmitError, MAX_RANK, Shape};

/// The elements of an output in row-major order, and for each of `N` operands where its element lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Walk<const N: usize> {
    rank: usize,
    dims: [usize; MAX_RANK],
    /// By axis, then operand: elements from one to the next.
    strides: [[usize; N]; MAX_RANK],
}

/// Where a walk stands: at the beginning of a stretch.
struct Cursor<const N: usize> {
    /// By outer axis.
    outer: [usize; MAX_RANK],
    /// Along the innermost axis; not 0 only in the first stretch.
    inner: usize,
    places: [usize; N],
}

impl<const N: usize> Walk<N> {
    /// A walk over `dims` with these strides; neighbouring axes that all operands go through without a jump become one.
    pub(crate) fn new(dims: &[u32], strides: &[[usize; N]]) -> Walk<N> {
        let mut walk = Walk {
            rank: 0,
            dims: [1; MAX_RANK],
            strides: [[0; N]; MAX_RANK],
        };
        for (&dim, &stride) in dims.iter().zip(strides) {
            let dim = dim as usize;
            if dim == 1 {
                continue;
            }
            let last = walk.rank.wrapping_sub(1);
            if let (Some(outer), Some(outer_stride)) = (walk.dims.get_mut(last), walk.strides.get_mut(last))
                && outer_stride
                    .iter()
                    .zip(stride)
                    .all(|(outer, inner)| *outer == inner.wrapping_mul(dim))
            {
                *outer *= dim;
                *outer_stride = stride;
            } else if let (Some(place), Some(place_stride)) =
                (walk.dims.get_mut(walk.rank), walk.strides.get_mut(walk.rank))
            {
                *place = dim;
                *place_stride = stride;
                walk.rank += 1;
            }
        }
        walk
    }

    /// A walk over operands of these shapes, stretched to one output by ONNX's multidirectional broadcasting; the output's shape.
    pub(crate) fn broadcast(operands: [Shape; N]) -> Result<(Walk<N>, Shape), AdmitError> {
        let mut rank = 0;
        for shape in &operands {
            rank = if shape.rank() > rank { shape.rank() } else { rank };
        }
        let mut dims = [1u32; MAX_RANK];
        let mut strides = [[0; N]; MAX_RANK];
        for (operand, shape) in operands.iter().enumerate() {
            let mut stride = 1usize;
            for (axis, &dim) in shape.dims().iter().enumerate().rev() {
                let place = axis + rank - shape.rank();
                let (Some(joint), Some(place)) = (dims.get_mut(place), strides.get_mut(place)) else {
                    continue;
                };
                if dim != 1 {
                    if *joint != 1 && *joint != dim {
                        let expected = *operands.first().unwrap_or(shape);
                        return Err(AdmitError::InputShape {
                            input: operand,
                            expected,
                            given: *shape,
                        });
                    }
                    *joint = dim;
                    if let Some(place) = place.get_mut(operand) {
                        *place = stride;
                    }
                }
                stride = stride.wrapping_mul(dim as usize);
            }
        }
        let dims = dims.get(..rank).unwrap_or(&[]);
        let output = crate::signature::shape(dims)?;
        Ok((Walk::new(dims, &strides), output))
    }

    /// Calls `each(done, length, places, steps)` for consecutive stretches of the elements `start .. start + count`: `done` elements came
    /// before, `places` are where the operands' first elements lie, `steps` how far on the next ones. Inlined, so that `each` is compiled
    /// for the caller's instruction set.
    #[inline(always)]
    pub(crate) fn stretches(
        &self,
        start: usize,
        count: usize,
        mut each: impl FnMut(usize, usize, [usize; N], [usize; N]),
    ) {
        let (width, steps) = self.innermost();
        let mut cursor = self.cursor(start);
        let mut done = 0;
        while done < count {
            let left = if width - cursor.inner < count - done {
                width - cursor.inner
            } else {
                count - done
            };
            each(done, left, cursor.places, steps);
            done += left;
            self.advance(&mut cursor);
        }
    }

    /// Size and steps of the innermost axis.
    fn innermost(&self) -> (usize, [usize; N]) {
        let inner = self.rank.saturating_sub(1);
        let axis = self.dims.get(inner).zip(self.strides.get(inner));
        axis.map_or((1, [0; N]), |(width, steps)| (*width, *steps))
    }

    fn cursor(&self, start: usize) -> Cursor<N> {
        let mut cursor = Cursor {
            outer: [0; MAX_RANK],
            inner: 0,
            places: [0; N],
        };
        let mut rest = start;
        for (axis, (dim, strides)) in self.dims.iter().zip(&self.strides).enumerate().take(self.rank).rev() {
            let here = rest % dim;
            rest /= dim;
            if axis + 1 == self.rank {
                cursor.inner = here;
            } else if let Some(position) = cursor.outer.get_mut(axis) {
                *position = here;
            }
            for (place, stride) in cursor.places.iter_mut().zip(strides) {
                *place += here * stride;
            }
        }
        cursor
    }

    /// To the beginning of the next stretch: the innermost axis starts anew, outer ones count on.
    fn advance(&self, cursor: &mut Cursor<N>) {
        let (_, steps) = self.innermost();
        for (place, step) in cursor.places.iter_mut().zip(steps) {
            *place -= cursor.inner * step;
        }
        cursor.inner = 0;
        let outer = self.rank.saturating_sub(1);
        let axes = cursor.outer.iter_mut().zip(&self.dims).zip(&self.strides);
        for ((at, dim), strides) in axes.take(outer).rev() {
            *at += 1;
            if *at < *dim {
                for (place, stride) in cursor.places.iter_mut().zip(strides) {
                    *place += stride;
                }
                return;
            }
            *at = 0;
            for (place, stride) in cursor.places.iter_mut().zip(strides) {
                *place -= (dim - 1) * stride;
            }
        }
    }

    /// The number of elements that the walk goes through.
    pub(crate) fn elements(&self) -> usize {
        self.dims.iter().product()
    }

    /// The length of its stretches.
    pub(crate) fn width(&self) -> usize {
        self.innermost().0
    }
}

/// Row-major strides of a shape, in elements.
pub(crate) fn row_major(shape: &Shape) -> [usize; MAX_RANK] {
    let mut strides = [0; MAX_RANK];
    let mut stride = 1usize;
    for (axis, &dim) in shape.dims().iter().enumerate().rev() {
        if let Some(place) = strides.get_mut(axis) {
            *place = stride;
        }
        stride = stride.wrapping_mul(dim as usize);
    }
    strides
}
