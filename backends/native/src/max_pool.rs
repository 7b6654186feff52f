//! Pools of greatest elements, a row of windows at a time.

use opml_ops::{DType, PoolFunction, Record, Window};

use crate::share::{share_rows, worthwhile};
use crate::simd::Kernel;

/// The first word of the windows in a pool's attributes, and how many each axis has (`specs/operators.md`).
const WINDOWS: usize = 2;
const AXIS_WORDS: usize = 6;

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

/// The windows along depth, height and width, and how many there are; axes that a tensor lacks have one point.
fn windows(record: &Record) -> Option<[(Window, usize); 3]> {
    let (x, output) = (record.input(0)?.shape, record.output()?.shape);
    let spatial = x.rank().checked_sub(2).filter(|rank| (1..=3).contains(rank))?;
    let mut windows = [(
        Window {
            size: 1,
            kernel: 1,
            stride: 1,
            dilation: 1,
            before: 0,
            after: 0,
        },
        1,
    ); 3];
    for (axis, window) in windows[3 - spatial..].iter_mut().enumerate() {
        let word = |place: usize| record.attribute(WINDOWS + AXIS_WORDS * axis + place);
        *window = (
            Window {
                size: x.dims()[2 + axis],
                kernel: word(0),
                stride: word(1),
                dilation: word(2),
                before: word(3),
                after: word(4),
            },
            output.dims()[2 + axis] as usize,
        );
    }
    Some(windows)
}

/// Computes an admitted pool of greatest elements; false, and nothing is written, when it is another pool.
pub(crate) fn max_pool(record: &Record, kernel: Kernel, x: &[u8], output: &mut [u8], threads: usize) -> bool {
    if record.attribute(0) != PoolFunction::Max as u32 {
        return false;
    }
    let (Some(windows), Some(value)) = (windows(record), record.input(0)) else {
        return false;
    };
    let taps = windows
        .iter()
        .map(|(window, _)| u64::from(window.kernel))
        .product::<u64>();
    let threads = worthwhile(threads, taps * output.len() as u64);
    match value.dtype {
        DType::F32 => planes::<f32, 4>(&windows, kernel, x, output, threads),
        DType::U8 => planes::<u8, 1>(&windows, kernel, x, output, threads),
        DType::I8 => planes::<i8, 1>(&windows, kernel, x, output, threads),
        _ => return false,
    }
    true
}

fn planes<E: Element<N>, const N: usize>(
    windows: &[(Window, usize); 3],
    kernel: Kernel,
    x: &[u8],
    output: &mut [u8],
    threads: usize,
) {
    let image: usize = windows.iter().map(|(window, _)| window.size as usize).product();
    let results: usize = windows.iter().map(|(_, count)| count).product();
    share_rows(output, results * N, 1, threads, |first, output| {
        let x = &x.as_chunks::<N>().0[first * image..];
        kernel.compiled(
            #[inline(always)]
            || {
                let planes = output.as_chunks_mut::<N>().0.chunks_exact_mut(results);
                for (x, plane) in x.chunks_exact(image).zip(planes) {
                    pooled::<E, N>(windows, x, plane);
                }
            },
        );
    });
}

/// One plane; each result meets its taps in row-major order.
#[inline(always)]
fn pooled<E: Element<N>, const N: usize>(windows: &[(Window, usize); 3], x: &[[u8; N]], plane: &mut [[u8; N]]) {
    let [(in_z, _), (in_y, high), (in_x, wide)] = windows;
    let mut greatest = vec![E::LEAST; *wide];
    for (row, results) in plane.chunks_exact_mut(*wide).enumerate() {
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
                    let first = before.saturating_sub(offset).div_ceil(stride).min(*wide);
                    let from = line.get(first * stride + offset - before.min(first * stride + offset)..);
                    let taken = from.unwrap_or_default().iter().step_by(stride);
                    for (greatest, x) in greatest[first..].iter_mut().zip(taken) {
                        *greatest = greatest.or(E::read(*x));
                    }
                }
            }
        }
        for (result, greatest) in results.iter_mut().zip(&greatest) {
            *result = greatest.write();
        }
    }
}
