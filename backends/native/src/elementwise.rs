//! Nodes whose output can be computed range by range, shared out among threads.

use opml_ops::{Binary, DequantizeLinear, Operator, QuantizeLinear, Record, Unary, work_units};

use crate::share::share_output;
use crate::simd::Kernel;

/// Work units from which on another thread is worth starting.
const WORTHWHILE: u64 = 1 << 22;

/// Threads that a node is worth.
pub(crate) fn threads_for(operator: Operator, record: &Record, threads: usize) -> usize {
    match threads > 1 && operator.divides() && work_units(record) >= WORTHWHILE {
        true => threads,
        false => 1,
    }
}

/// A function of each element.
pub(crate) fn unary(plan: &Unary, kernel: Kernel, x: &[u8], output: &mut [u8], threads: usize) {
    share_output(output, threads, |start, output| {
        let x = &x[start..][..output.len()];
        kernel.unary(plan, x.as_chunks().0, output.as_chunks_mut().0);
    });
}

/// A function of each pair of elements.
pub(crate) fn binary(plan: &Binary, kernel: Kernel, [a, b]: [&[u8]; 2], output: &mut [u8], threads: usize) {
    share_output(output, threads, |start, output| {
        kernel.binary(plan, a, b, output, start / 4)
    });
}

/// Elements quantised.
pub(crate) fn quantize(plan: &QuantizeLinear, kernel: Kernel, inputs: [&[u8]; 3], output: &mut [u8], threads: usize) {
    share_output(output, threads, |start, output| {
        kernel.compiled(
            #[inline(always)]
            || plan.compute(inputs, output, start / plan.to.bytes() as usize),
        );
    });
}

/// Quantised elements as real numbers.
pub(crate) fn dequantize(
    plan: &DequantizeLinear,
    kernel: Kernel,
    inputs: [&[u8]; 3],
    output: &mut [u8],
    threads: usize,
) {
    share_output(output, threads, |start, output| {
        kernel.compiled(
            #[inline(always)]
            || plan.compute(inputs, output, start / 4),
        )
    });
}
