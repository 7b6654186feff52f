use std::thread;

use crate::tensor::TensorError;

/// Cuts `to` into shares of whole groups of `group` units, `unit` elements each, and fills each on a thread of its own;
/// `fill` is given the first unit of its share.
pub(crate) fn in_shares<T: Send>(
    to: &mut [T],
    unit: usize,
    group: usize,
    threads: usize,
    fill: impl Fn(usize, &mut [T]) -> Result<(), TensorError> + Sync,
) -> Result<(), TensorError> {
    if threads < 2 || to.len() <= unit * group {
        return fill(0, to);
    }
    let units = to.len().div_ceil(unit).div_ceil(threads).next_multiple_of(group);
    thread::scope(|scope| {
        let fill = &fill;
        let shares = to.chunks_mut(units * unit).enumerate();
        let running: Vec<_> = shares
            .map(|(share, to)| scope.spawn(move || fill(share * units, to)))
            .collect();
        running.into_iter().try_for_each(|thread| match thread.join() {
            Ok(filled) => filled,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}
