use std::ops::Range;

use crate::pool;

/// Cuts `0 .. count` into at most `threads` ranges and gives each range with what `work` made of it, in order.
pub(crate) fn share<R: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(Range<usize>) -> R + Sync,
) -> Vec<(Range<usize>, R)> {
    let size = count.div_ceil(threads.max(1)).max(1);
    let ranges = (0..count).step_by(size).map(|first| first..count.min(first + size));
    if size >= count {
        return ranges.map(|range| (range.clone(), work(range))).collect();
    }
    let mut shared: Vec<(Range<usize>, Option<R>)> = ranges.map(|range| (range, None)).collect();
    let work = &work;
    let pieces = shared
        .iter_mut()
        .map(|(range, result)| move || *result = Some(work(range.clone())));
    pool::all(pieces.collect(), threads);
    let done = shared.into_iter();
    done.map(|(range, result)| (range, result.expect("every range is worked on")))
        .collect()
}

/// `threads`, or one for work of so few multiply-adds that waking another thread would cost more.
pub(crate) fn worthwhile(threads: usize, multiply_adds: u64) -> usize {
    if multiply_adds < 1 << 18 { 1 } else { threads }
}

/// Gives ranges of the output, whole elements of any type each, to at most `threads` threads: `work(first byte, range)`.
pub(crate) fn share_output(output: &mut [u8], threads: usize, work: impl Fn(usize, &mut [u8]) + Sync) {
    const ELEMENTS: usize = 64;
    let size = output.len().div_ceil(threads.max(1)).next_multiple_of(ELEMENTS);
    if threads <= 1 || size >= output.len() {
        work(0, output);
        return;
    }
    let work = &work;
    let parts = output.chunks_mut(size).enumerate();
    let pieces = parts.map(|(place, part)| move || work(place * size, part));
    pool::all(pieces.collect(), threads);
}

/// Gives the rows of an output, `row` bytes each, to at most `threads` threads, in multiples of `together` rows:
/// `work(first row, rows)`.
pub(crate) fn share_rows(
    output: &mut [u8],
    row: usize,
    together: usize,
    threads: usize,
    work: impl Fn(usize, &mut [u8]) + Sync,
) {
    let rows = output.len() / row;
    let each = rows.div_ceil(threads.max(1)).next_multiple_of(together);
    if each >= rows {
        work(0, output);
        return;
    }
    let work = &work;
    let parts = output.chunks_mut(each * row).enumerate();
    let pieces = parts.map(|(place, part)| move || work(place * each, part));
    pool::all(pieces.collect(), threads);
}

/// Pieces of windows for each thread from which on windows are shared out, and not planes.
const PIECES_EACH: usize = 4;

/// Gives the planes of one image, `plane` bytes each, to at most `threads` threads: `work(first plane, first element, its part of some planes)`.
/// Elements of all planes are shared out, in multiples of `wide`, where there are enough of them, so that what a window reads is laid out once;
/// else planes, in multiples of `together`.
pub(crate) fn share_planes(
    output: &mut [u8],
    plane: usize,
    [wide, together]: [usize; 2],
    threads: usize,
    work: impl Fn(usize, usize, &mut [&mut [u8]]) + Sync,
) {
    if plane.div_ceil(4 * wide) >= PIECES_EACH * threads {
        share_columns(output, [plane, 4 * wide], threads, |piece, planes| {
            work(0, piece * wide, planes)
        });
    } else {
        share_rows(output, plane, together, threads, |first, output| {
            let mut planes: Vec<&mut [u8]> = output.chunks_exact_mut(plane).collect();
            work(first, 0, &mut planes);
        });
    }
}

/// Pieces that work is cut into for so many threads: several each, so that none waits long for one that came late.
pub(crate) fn pieces_for(threads: usize) -> usize {
    if threads <= 1 { 1 } else { 4 * threads }
}

/// Gives columns of an output, whose rows have `row` bytes, to at most `threads` threads, in multiples of `together` bytes:
/// `work(first column, in multiples of together, its part of every row)`.
pub(crate) fn share_columns(
    output: &mut [u8],
    [row, together]: [usize; 2],
    threads: usize,
    work: impl Fn(usize, &mut [&mut [u8]]) + Sync,
) {
    let each = row.div_ceil(together).div_ceil(pieces_for(threads));
    let mut parts: Vec<Vec<&mut [u8]>> = Vec::new();
    for row in output.chunks_exact_mut(row) {
        for (place, part) in row.chunks_mut(each * together).enumerate() {
            match parts.get_mut(place) {
                Some(rows) => rows.push(part),
                None => parts.push(vec![part]),
            }
        }
    }
    let work = &work;
    let parts = parts.iter_mut().enumerate();
    let pieces = parts.map(|(place, rows)| move || work(place * each, rows));
    pool::all(pieces.collect(), threads);
}
