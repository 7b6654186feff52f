//! An image laid out for windows that slide over it: rows padded, and cut so that what one tap meets in neighbouring windows lies
//! side by side.
//!
//! ```text
//! row of the image, padded     p p a b c d e f p p        stride 2
//! phase 0                      p a c e p                  tap 0 of windows 0, 1, 2 …
//! phase 1                      p b d f p                  tap 1 of windows 0, 1, 2 …;  tap 2 is phase 0 from its second value on
//! ```

use opml_ops::{Convolution, Window};

use crate::strided::every;

/// The rows of one image of one group, in phases.
pub(crate) struct Phases<T> {
    values: Vec<T>,
    windows: [Window; 3],
    /// By tap along a row: where in the row's phases it meets window 0.
    starts: Vec<usize>,
    /// Phases of a row that taps meet.
    phases: usize,
    /// Values of one phase.
    length: usize,
}

impl<T: Copy> Phases<T> {
    /// Room for an image; its rows can be read for `lanes` windows at a time, also where the last of them are beyond the row.
    pub(crate) fn new(plan: &Convolution, lanes: usize, padding: T) -> Phases<T> {
        let windows = *plan.windows();
        let [in_z, in_y, in_x] = &windows;
        let furthest = (in_x.kernel as usize - 1) * in_x.dilation as usize;
        let phases = (in_x.stride as usize).min(furthest + 1);
        let length = plan.size[2].next_multiple_of(lanes) + furthest / in_x.stride as usize;
        let rows = plan.channels * in_z.size as usize * in_y.size as usize;
        let start = |tap: usize| {
            let offset = tap * in_x.dilation as usize;
            offset % in_x.stride as usize * length + offset / in_x.stride as usize
        };
        Phases {
            starts: (0..in_x.kernel as usize).map(start).collect(),
            values: vec![padding; rows * phases * length],
            windows,
            phases,
            length,
        }
    }

    /// Lays out an image; the padding stays as it is.
    #[inline(always)]
    pub(crate) fn lay<S: Copy>(&mut self, image: &[S], converted: impl Fn(S) -> T) {
        let along = &self.windows[2];
        let (stride, before) = (along.stride as usize, along.before as usize);
        let rows = self.values.chunks_exact_mut(self.phases * self.length);
        for (phases, row) in rows.zip(image.chunks_exact(along.size as usize)) {
            for (phase, values) in phases.chunks_exact_mut(self.length).enumerate() {
                let first = (phase + stride - before % stride) % stride;
                let places = values.get_mut((first + before) / stride..);
                let (Some(places), Some(row)) = (places, row.get(first..)) else {
                    continue;
                };
                every(row, stride, places, |place, source| *place = converted(source));
            }
        }
    }

    /// Where what tap `tap` along a row meets in windows 0, 1, … begins among [`Self::values`].
    #[inline(always)]
    pub(crate) fn start(&self, channel: usize, [z, y]: [usize; 2], tap: usize) -> usize {
        let [in_z, in_y, _] = &self.windows;
        let row = (channel * in_z.size as usize + z) * in_y.size as usize + y;
        row * self.phases * self.length + self.starts[tap]
    }

    /// All values.
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }
}
