use opml_ops::{View, ViewAxis};

use crate::share::share_output;
use crate::simd::Kernel;

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn view(plan: &View, kernel: Kernel, source: &[u8], output: &mut [u8], threads: usize) {
    let lines = Lines::of(plan);
    share_output(output, threads, |start, output| {
        kernel.compiled(
            #[inline(always)]
            || match plan.element() {
                1 => lines.copy::<1>(plan, source, output, start),
                2 => lines.copy::<2>(plan, source, output, start),
                4 => lines.copy::<4>(plan, source, output, start),
                _ => lines.copy::<8>(plan, source, output, start),
            },
        );
    });
}

/// A view without the axes along which it has one element: these only say where the others begin.
struct Lines {
    outer: Vec<ViewAxis>,
    inner: ViewAxis,
    /// Where the axes of one element begin; `None` when one of them lies outside the source.
    base: Option<i64>,
}

/// Whether a coordinate lies in the source.
#[inline(always)]
fn inside(axis: &ViewAxis, coordinate: i64) -> bool {
    axis.size == 0 || (0..axis.size).contains(&coordinate)
}

impl Lines {
    fn of(plan: &View) -> Lines {
        let (points, mut outer): (Vec<ViewAxis>, Vec<ViewAxis>) = plan.axes().iter().partition(|axis| axis.dim == 1);
        let inner = outer.pop().unwrap_or(ViewAxis {
            dim: 1,
            ..ViewAxis::default()
        });
        let begun = points
            .iter()
            .map(|axis| inside(axis, axis.start).then_some(axis.start * axis.stride));
        Lines {
            outer,
            inner,
            base: begun.sum(),
        }
    }

    /// The output from byte `start` on.
    #[inline(always)]
    fn copy<const N: usize>(&self, plan: &View, source: &[u8], output: &mut [u8], start: usize) {
        let source = source.as_chunks::<N>().0;
        let fill: [u8; N] = plan.fill().first_chunk().copied().unwrap_or([0; N]);
        let mut rest = output.as_chunks_mut::<N>().0;
        let mut element = start / N;
        while !rest.is_empty() {
            let (mut line, from) = (element / self.inner.dim, element % self.inner.dim);
            let (results, after) = rest.split_at_mut((self.inner.dim - from).min(rest.len()));
            element += results.len();
            rest = after;
            let mut base = self.base;
            for axis in self.outer.iter().rev() {
                let coordinate = axis.start + axis.step * (line % axis.dim) as i64;
                line /= axis.dim;
                base = base
                    .filter(|_| inside(axis, coordinate))
                    .map(|base| base + coordinate * axis.stride);
            }
            match base {
                Some(base) => along(&self.inner, source, results, base, from as i64, fill),
                None => results.fill(fill),
            }
        }
    }
}

/// The elements from `from` on along the innermost axis.
#[inline(always)]
fn along<const N: usize>(
    axis: &ViewAxis,
    source: &[[u8; N]],
    results: &mut [[u8; N]],
    base: i64,
    from: i64,
    fill: [u8; N],
) {
    // Results whose coordinate lies in the source are neighbours.
    let coordinate = |result: usize| axis.start + axis.step * (from + result as i64);
    let is_inside = |result: &usize| inside(axis, coordinate(*result));
    let (first, last) = match [0, results.len() - 1].iter().all(is_inside) {
        true => (0, results.len()),
        false => {
            let first = (0..results.len()).find(is_inside).unwrap_or(results.len());
            let count = (first..results.len()).take_while(is_inside).count();
            (first, first + count)
        }
    };
    results[..first].fill(fill);
    results[last..].fill(fill);
    let results = &mut results[first..last];
    if results.is_empty() {
        return;
    }
    let jump = axis.step * axis.stride;
    let place = (base + coordinate(first) * axis.stride) as usize;
    match usize::try_from(jump) {
        Ok(0) => results.fill(source[place]),
        Ok(1) => results.copy_from_slice(&source[place..][..results.len()]),
        Ok(jump) => {
            let taken = source[place..].iter().step_by(jump);
            results
                .iter_mut()
                .zip(taken)
                .for_each(|(result, value)| *result = *value);
        }
        Err(_) => {
            let taken = source[..=place].iter().rev().step_by(jump.unsigned_abs() as usize);
            results
                .iter_mut()
                .zip(taken)
                .for_each(|(result, value)| *result = *value);
        }
    }
}
