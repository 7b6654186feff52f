use opml_ops::Gather;

use crate::share::share_output;
use crate::simd::Kernel;

/// Computes the node; the sizes of inputs and output have been checked.
pub(crate) fn gather(plan: &Gather, kernel: Kernel, [source, indices]: [&[u8]; 2], output: &mut [u8], threads: usize) {
    let chosen: Vec<usize> = (0..plan.indices).map(|place| plan.chosen(indices, place)).collect();
    share_output(output, threads, |start, output| {
        kernel.compiled(
            #[inline(always)]
            || match plan.piece {
                1 => elements::<1>(plan, source, &chosen, output, start),
                2 => elements::<2>(plan, source, &chosen, output, start),
                4 => elements::<4>(plan, source, &chosen, output, start),
                8 => elements::<8>(plan, source, &chosen, output, start),
                piece => slices(plan, source, &chosen, output, [start, piece]),
            },
        );
    });
}

/// Output from byte `start` on, of slices that are one element of `N` bytes.
#[inline(always)]
fn elements<const N: usize>(plan: &Gather, source: &[u8], chosen: &[usize], output: &mut [u8], start: usize) {
    let source = source.as_chunks::<N>().0;
    let mut rest = output.as_chunks_mut::<N>().0;
    let mut slice = start / N;
    while !rest.is_empty() {
        // The slices that are chosen before the axes outside step on.
        let (outer, first) = (slice / chosen.len(), slice % chosen.len());
        let count = rest.len().min(chosen.len() - first);
        let (results, after) = rest.split_at_mut(count);
        let row = &source[outer * plan.size as usize..][..plan.size as usize];
        for (result, place) in results.iter_mut().zip(&chosen[first..]) {
            *result = row[*place];
        }
        rest = after;
        slice += count;
    }
}

/// Output from byte `start` on, of slices of `piece` bytes.
#[inline(always)]
fn slices(plan: &Gather, source: &[u8], chosen: &[usize], output: &mut [u8], [start, piece]: [usize; 2]) {
    let (mut slice, mut from) = (start / piece, start % piece);
    let mut rest = output;
    while !rest.is_empty() {
        let count = rest.len().min(piece - from);
        let (results, after) = rest.split_at_mut(count);
        let place = slice / chosen.len() * plan.size as usize + chosen[slice % chosen.len()];
        results.copy_from_slice(&source[place * piece + from..][..count]);
        rest = after;
        (slice, from) = (slice + 1, 0);
    }
}
