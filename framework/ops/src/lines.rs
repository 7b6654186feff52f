//! A tensor as lines along one axis.

use crate::Shape;

/// `[outer, size, inner]`: the lines are `outer · inner` sequences of `size` elements, `inner` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) outer: usize,
    pub(crate) size: usize,
    pub(crate) inner: usize,
}

impl Lines {
    /// The lines of `shape` along `axis`.
    pub(crate) fn along(shape: &Shape, axis: usize) -> Lines {
        let dims = shape.dims();
        let product = |dims: &[u32]| dims.iter().product::<u32>() as usize;
        Lines {
            outer: product(dims.get(..axis).unwrap_or(&[])),
            size: dims.get(axis).copied().unwrap_or(1) as usize,
            inner: product(dims.get(axis + 1..).unwrap_or(&[])),
        }
    }

    /// The same lines with another number of elements.
    pub(crate) fn with_size(self, size: usize) -> Lines {
        Lines { size, ..self }
    }

    /// The first element of a line.
    #[inline]
    pub(crate) fn first(&self, line: usize) -> usize {
        line / self.inner * self.size * self.inner + line % self.inner
    }

    /// The number of lines.
    pub(crate) fn count(&self) -> usize {
        self.outer * self.inner
    }

    /// The lines that have elements among `start .. start + count`: whole blocks of `inner` of them.
    pub(crate) fn touched(&self, start: usize, count: usize) -> core::ops::Range<usize> {
        let block = self.size * self.inner;
        let first = start / block * self.inner;
        first..(start + count).div_ceil(block) * self.inner
    }
}
