use crate::share::share_output;
use crate::simd::Kernel;

/// table[byte of x] for each element of an output whose elements have `bytes` bytes; the sizes of inputs and output have been checked.
pub(crate) fn lookup(bytes: usize, kernel: Kernel, [x, table]: [&[u8]; 2], output: &mut [u8], threads: usize) {
    share_output(output, threads, |start, output| {
        let x = &x[start / bytes..];
        kernel.compiled(
            #[inline(always)]
            || match bytes {
                1 => elements::<1>(x, table, output),
                2 => elements::<2>(x, table, output),
                4 => elements::<4>(x, table, output),
                _ => elements::<8>(x, table, output),
            },
        );
    });
}

#[inline(always)]
fn elements<const N: usize>(x: &[u8], table: &[u8], output: &mut [u8]) {
    // A table of 256 elements, so that no byte can miss it.
    let mut elements = [[0; N]; 256];
    elements.copy_from_slice(table.as_chunks().0);
    for (result, byte) in output.as_chunks_mut().0.iter_mut().zip(x) {
        *result = elements[usize::from(*byte)];
    }
}
