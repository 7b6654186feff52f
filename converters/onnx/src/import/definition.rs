//! One node by its operator's definition, on several threads where that pays.

use opml_ops::{Operator, Record, RunError, work_units};

/// Work units from which on a node is shared out.
const WORTHWHILE: u64 = 1 << 22;

/// Whether elements of the output cost about the same, and nothing is computed for all of them at once.
fn divides(record: &Record) -> bool {
    matches!(
        Operator::from_tag(record.tag()),
        Some(
            Operator::MatMulF32
                | Operator::ConvF32
                | Operator::ConvTransposeF32
                | Operator::MatMulInteger
                | Operator::ConvInteger
        )
    )
}

/// Computes an admitted node into `output`, which holds what the operator goes out from. The result is the same on any number of threads:
/// each of them computes elements that are its own.
pub(crate) fn run(record: &Record, inputs: &[&[u8]], output: &mut [u8], threads: usize) -> Result<(), RunError> {
    let part = |start: usize, output: &mut [u8]| {
        let mut scratch = vec![0; record.scratch_bytes() as usize];
        opml_ops::run(record, inputs, output, start, &mut scratch)
    };
    let size = output.len().div_ceil(threads.max(1)).next_multiple_of(64);
    if size >= output.len() || !divides(record) || work_units(record) < WORTHWHILE {
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
