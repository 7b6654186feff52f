use std::ops::Range;

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
    let work = &work;
    std::thread::scope(|scope| {
        let running: Vec<_> = ranges
            .map(|range| (range.clone(), scope.spawn(move || work(range))))
            .collect();
        running
            .into_iter()
            .map(|(range, thread)| match thread.join() {
                Ok(result) => (range, result),
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

/// `threads`, or one for work of so few multiply-adds that starting another thread would cost more.
pub(crate) fn worthwhile(threads: usize, multiply_adds: u64) -> usize {
    if multiply_adds < 1 << 20 { 1 } else { threads }
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
    std::thread::scope(|scope| {
        for (place, part) in output.chunks_mut(size).enumerate() {
            scope.spawn(move || work(place * size, part));
        }
    });
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
    std::thread::scope(|scope| {
        for (place, part) in output.chunks_mut(each * row).enumerate() {
            scope.spawn(move || work(place * each, part));
        }
    });
}
