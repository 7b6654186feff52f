use crate::kernel::{BASE_UNITS, Kernel};
use crate::order::Order;
use crate::signature::{any, expect_inputs, flag};
use crate::sliding::{AXES, AXIS_WORDS, Sliding, output_shape, split};
use crate::{AdmitError, DType, Record, RunError, Shape};

/// Where in the whole tensor the greatest tap of each window lies, the first of equal ones: i64; −1 when no tap lies in the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoolPlace {
    dtype: DType,
    /// Whether the last two axes are counted the other way round, columns first.
    columns_first: bool,
    sliding: Sliding,
    size: [usize; AXES],
    output: Shape,
}

impl Kernel for PoolPlace {
    const ATTRIBUTES: usize = 1 + AXIS_WORDS * AXES;

    fn plan(record: &Record) -> Result<Self, AdmitError> {
        expect_inputs(record, 1)?;
        let x = any(record, 0)?;
        let sliding = Sliding::of(record, &x.shape, 1)?;
        let size = sliding.windows()?;
        let channels = x.shape.dims().get(1).copied().unwrap_or(1);
        Ok(PoolPlace {
            dtype: x.dtype,
            columns_first: flag(record, 0, "columns first")?,
            sliding,
            size,
            output: output_shape(&x.shape, channels, size)?,
        })
    }

    fn output(&self) -> (DType, Shape) {
        (DType::I64, self.output)
    }

    fn work_units(&self) -> u64 {
        let taps: usize = self.sliding.kernel().iter().product();
        BASE_UNITS + u64::from(self.output.elements()) * (256 + 48 * taps as u64)
    }

    fn run(&self, inputs: &[&[u8]], output: &mut [u8], start: usize, _scratch: &mut [u8]) -> Result<(), RunError> {
        let order = Order {
            bytes: inputs.first().copied().unwrap_or(&[]),
            dtype: self.dtype,
            largest: true,
        };
        let [depth, height, width] = self.sliding.image();
        let plane = depth * height * width;
        for (result, element) in output.as_chunks_mut::<8>().0.iter_mut().zip(start / 8..) {
            let (channel, window) = split(element, self.size);
            let mut best: Option<(i64, usize)> = None;
            self.sliding.taps(window, |place, _| {
                let key = order.key(channel * plane + place);
                if best.is_none_or(|(best, _)| key > best) {
                    best = Some((key, place));
                }
            });
            let place = best.map_or(-1, |(_, place)| {
                let (z, [_, y, x]) = split(place, [1, height, width]);
                let place = if self.columns_first {
                    (z * width + x) * height + y
                } else {
                    place
                };
                (channel * plane + place) as i64
            });
            *result = place.to_le_bytes();
        }
        Ok(())
    }
}
