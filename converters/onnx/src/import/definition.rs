//! One node by its operator's definition, on several threads where that pays.

use opml_ops::{Operator, Record, RunError, work_units};

/// Work units from which on a node is shared out.
const WORTHWHILE: u64 = 1 << 22;

/// Computes an admitted node into `output`, which holds what the operator goes out from. The result is the same on any number of threads:
/// each of them computes elements that are its own.
pub(crate) fn run(record: &Record, inputs: &[&[u8]], output: &mut [u8], threads: usize) -> Result<(), RunError> {
    let part = |start: usize, output: &mut [u8]| {
        let mut scratch = vec![0; record.scratch_bytes() as usize];
        opml_ops::run(record, inputs, output, start, &mut scratch)
    };
    let divides = Operator::from_tag(record.tag()).is_some_and(Operator::divides);
    let size = output.len().div_ceil(threads.max(1)).next_multiple_of(64);
    if size >= output.len() || !divides || work_units(record) < WORTHWHILE {
        return part(0, output);
    }
    let part = &part;
    std::thread::scope(|scope| {
        let parts = output.chunks_mut(size).enumerate();
        let running: Vec<_> = parts
            .map(|(place, output)| scope.spawn(move || part(place * size, output)))
            .collect();
        let done = running.into_iter().map(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.collect()
    })
}
