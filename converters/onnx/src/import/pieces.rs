//! Values that are larger than a slot, as parts along one of their axes.

use opml_ops::DType;

use super::operand::Operand;
use super::tensor::Tensor;

/// `size` elements of an axis, from `start` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) axis: usize,
    pub(crate) start: usize,
    pub(crate) size: usize,
}

/// A value that is nowhere whole: parts one after the other along an axis, each of which lies in a slot or consists of parts itself.
#[derive(Clone, Debug)]
pub(crate) struct Pieces {
    pub(crate) dtype: DType,
    /// The dimensions of all parts together.
    pub(crate) dims: Vec<usize>,
    /// The axis along which they lie.
    pub(crate) axis: usize,
    pub(crate) parts: Vec<Operand>,
}

impl Pieces {
    /// Parts, alike but for their size along the axis; at least one.
    pub(crate) fn of(parts: Vec<Operand>, axis: usize) -> Option<Pieces> {
        let first = parts.first()?;
        let mut dims = first.dims().to_vec();
        *dims.get_mut(axis)? = parts.iter().map(|part| part.dims()[axis]).sum();
        Some(Pieces {
            dtype: first.dtype(),
            dims,
            axis,
            parts,
        })
    }

    /// Whether every part is known.
    pub(crate) fn is_constant(&self) -> bool {
        self.parts.iter().all(|part| match part {
            Operand::Constant(_) => true,
            Operand::Value { .. } => false,
            Operand::Pieces(pieces) => pieces.is_constant(),
        })
    }

    /// The parts with their ranges along the axis.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (Range, &Operand)> {
        let axis = self.axis;
        self.parts.iter().scan(0, move |end, part| {
            let (start, size) = (*end, part.dims()[axis]);
            *end += size;
            Some((Range { axis, start, size }, part))
        })
    }

    /// The same elements in other dimensions of as many, where each part is a part there too.
    pub(crate) fn reshaped(&self, dims: &[usize]) -> Option<Pieces> {
        let before: usize = self.dims[..self.axis].iter().product();
        let inner: usize = self.dims[self.axis + 1..].iter().product();
        // Axes of size 1 leave several places where the cut axis may begin; the last one has the finest steps.
        let axis = (0..dims.len())
            .rev()
            .find(|axis| dims[..*axis].iter().product::<usize>() == before)?;
        let step: usize = dims[axis + 1..].iter().product();
        let part = |part: &Operand| {
            let elements = part.dims()[self.axis] * inner;
            let mut own = dims.to_vec();
            own[axis] = elements.is_multiple_of(step).then_some(elements / step)?;
            part.reshaped(own).ok()
        };
        let parts = self.parts.iter().map(part).collect::<Option<Vec<_>>>()?;
        Pieces::of(parts, axis)
    }

    /// All of it as one tensor, if every part is known.
    pub(crate) fn tensor(&self) -> Option<Tensor> {
        let whole = |part: &Operand| match part {
            Operand::Constant(tensor) => Some(tensor.clone()),
            Operand::Value { .. } => None,
            Operand::Pieces(pieces) => pieces.tensor(),
        };
        let parts = self.parts.iter().map(whole).collect::<Option<Vec<_>>>()?;
        let inner: usize = self.dims[self.axis + 1..].iter().product();
        let outer: usize = self.dims[..self.axis].iter().product();
        let mut bytes = Vec::with_capacity(outer * inner * self.dims[self.axis] * self.dtype.bytes() as usize);
        for place in 0..outer {
            for part in &parts {
                let row = part.dims[self.axis] * inner * self.dtype.bytes() as usize;
                bytes.extend_from_slice(&part.bytes[place * row..(place + 1) * row]);
            }
        }
        Some(Tensor {
            dtype: self.dtype,
            dims: self.dims.clone(),
            bytes: bytes.into(),
        })
    }
}

impl Tensor {
    /// A part; one of the outermost axis shares the tensor's memory.
    pub(crate) fn part(&self, range: Range) -> Tensor {
        let element = self.dtype.bytes() as usize;
        let inner = element * self.dims[range.axis + 1..].iter().product::<usize>();
        let outer: usize = self.dims[..range.axis].iter().product();
        let (row, start, size) = (inner * self.dims[range.axis], inner * range.start, inner * range.size);
        let mut dims = self.dims.clone();
        dims[range.axis] = range.size;
        let bytes = match outer {
            1 => self.bytes.slice(start..start + size),
            _ => {
                let mut bytes = Vec::with_capacity(outer * size);
                for place in 0..outer {
                    bytes.extend_from_slice(&self.bytes[place * row + start..][..size]);
                }
                bytes.into()
            }
        };
        Tensor {
            dtype: self.dtype,
            dims,
            bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(dims: &[usize]) -> Tensor {
        let count: usize = dims.iter().product();
        Tensor::i32s(dims.to_vec(), 0..count as i32)
    }

    fn cut(tensor: &Tensor, axis: usize, sizes: &[usize]) -> Pieces {
        let mut start = 0;
        let parts = sizes.iter().map(|size| {
            let part = tensor.part(Range {
                axis,
                start,
                size: *size,
            });
            start += size;
            part.into()
        });
        Pieces::of(parts.collect(), axis).unwrap()
    }

    #[test]
    fn parts_make_up_the_whole_again() {
        let whole = counted(&[3, 5, 2]);
        for (axis, sizes) in [(0, &[1, 2][..]), (1, &[2, 2, 1]), (2, &[1, 1])] {
            assert_eq!(cut(&whole, axis, sizes).tensor(), Some(whole.clone()), "axis {axis}");
        }
    }

    #[test]
    fn parts_of_the_outermost_axis_share_memory() {
        let whole = counted(&[1, 4, 3]);
        let part = whole.part(Range {
            axis: 1,
            start: 2,
            size: 2,
        });
        assert_eq!(part.bytes.as_ptr(), whole.bytes[24..].as_ptr());
    }

    #[test]
    fn reshaping_keeps_the_parts_where_they_stay_parts() {
        let whole = counted(&[4, 6]);
        let pieces = cut(&whole, 0, &[2, 2]);
        for (dims, axis) in [
            (&[1, 4, 2, 3][..], Some(1)),
            (&[2, 2, 6], Some(0)),
            (&[24], Some(0)),
            (&[3, 8], None),
        ] {
            let reshaped = pieces.reshaped(dims);
            assert_eq!(reshaped.as_ref().map(|pieces| pieces.axis), axis, "{dims:?}");
            if let Some(reshaped) = reshaped {
                assert_eq!(reshaped.dims, dims);
                assert_eq!(reshaped.tensor().unwrap().bytes, whole.bytes);
            }
        }
        let columns = cut(&whole, 1, &[2, 4]);
        assert_eq!(columns.reshaped(&[4, 3, 2]).map(|pieces| pieces.axis), Some(1));
        assert!(columns.reshaped(&[4, 2, 3]).is_none());
        assert!(columns.reshaped(&[24]).is_none());
    }
}
