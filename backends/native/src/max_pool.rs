//! Pools of greatest elements, a row of windows at a time.

use opml_ops::{DType, Pool, PoolFunction};

use crate::share::{share_rows, worthwhile};
use crate::simd::Kernel;
use crate::strided::every;

/// What is compared.
trait Element<const N: usize>: Copy {
    /// The result without taps.
    const LEAST: Self;

    fn read(bytes: [u8; N]) -> Self;
    fn write(self) -> [u8; N];
    /// The greater one of `self`, which came first, and `next`.
    fn or(self, next: Self) -> Self;
}

impl Element<4> for f32 {
    const LEAST: Self = f32::NEG_INFINITY;

    #[inline(always)]
    fn read(bytes: [u8; 4]) -> Self {
        f32::from_le_bytes(bytes)
    }

    #[inline(always)]
    fn write(self) -> [u8; 4] {
        let bits = if self.is_nan() { 0x7fc0_0000 } else { self.to_bits() };
        bits.to_le_bytes()
    }

    #[inline(always)]
    fn or(self, next: Self) -> Self {
        if self > next || self.is_nan() { self } else { next }
    }
}

macro_rules! byte_element {
    ($type:ident) => {
        impl Element<1> for $type {
            const LEAST: Self = $type::MIN;

            #[inline(always)]
            fn read(bytes: [u8; 1]) -> Self {
                $type::from_le_bytes(bytes)
            }

            #[inline(always)]
            fn write(self) -> [u8; 1] {
                self.to_le_bytes()
            }

            #[inline(always)]
            fn or(self, next: Self) -> Self {
                Ord::max(self, next)
            }
        }
    };
}

byte_element!(u8);
byte_element!(i8);

/// Computes a pool of greatest elements; false, and nothing is written, when it is another pool.
pub(crate) fn max_pool(plan: &Pool, kernel: Kernel, x: &[u8], output: &mut [u8], threads: usize) -> bool {
    if plan.function != PoolFunction::Max {
        return false;
    }
    let taps: u64 = plan.windows().iter().map(|window| u64::from(window.kernel)).product();
    let threads = worthwhile(threads, taps * output.len() as u64);
    match plan.dtype {
        DType::F32 => planes::<f32, 4>(plan, kernel, x, output, threads),
        DType::U8 => planes::<u8, 1>(plan, kernel, x, output, threads),
        DType::I8 => planes::<i8, 1>(plan, kernel, x, output, threads),
        _ => return false,
    }
    true
}

fn planes<E: Element<N>, const N: usize>(plan: &Pool, kernel: Kernel, x: &[u8], output: &mut [u8], threads: usize) {
    let image: usize = plan.windows().iter().map(|window| window.size as usize).product();
    let results: usize = plan.size.iter().product();
    share_rows(output, results * N, 1, threads, |first, output| {
        let x = &x.as_chunks::<N>().0[first * image..];
        kernel.compiled(
            #[inline(always)]
            || {
                let planes = output.as_chunks_mut::<N>().0.chunks_exact_mut(results);
                for (x, plane) in x.chunks_exact(image).zip(planes) {
                    pooled::<E, N>(plan, x, plane);
                }
            },
        );
    });
}

/// One plane; each result meets its taps in row-major order.
#[inline(always)]
fn pooled<E: Element<N>, const N: usize>(plan: &Pool, x: &[[u8; N]], plane: &mut [[u8; N]]) {
    let [in_z, in_y, in_x] = plan.windows();
    let [_, high, wide] = plan.size;
    let mut greatest = vec![E::LEAST; wide];
    for (row, results) in plane.chunks_exact_mut(wide).enumerate() {
        let (z, y) = (row / high, row % high);
        greatest.fill(E::LEAST);
        for tap_z in in_z.taps(z) {
            for tap_y in in_y.taps(y) {
                let line = in_z.place(z, tap_z) * in_y.size as usize + in_y.place(y, tap_y);
                let line = &x[line * in_x.size as usize..][..in_x.size as usize];
                for tap in 0..in_x.kernel as usize {
                    // The windows whose tap lies in the line.
                    let (offset, before) = (tap * in_x.dilation as usize, in_x.before as usize);
                    let stride = in_x.stride as usize;
                    let first = before.saturating_sub(offset).div_ceil(stride).min(wide);
                    let from = line.get(first * stride + offset - before.min(first * stride + offset)..);
                    let meet = |greatest: &mut E, x| *greatest = greatest.or(E::read(x));
                    every(from.unwrap_or_default(), stride, &mut greatest[first..], meet);
                }
            }
        }
        for (result, greatest) in results.iter_mut().zip(&greatest) {
            *result = greatest.write();
        }
    }
}
