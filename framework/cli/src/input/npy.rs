use ndarray::{ArrayD, IxDyn};
use ndarray_npy::ReadNpyExt;

use super::Numbers;

/// Reads an NPY array: `u8` as samples, `f32`, `f64`, `i32` and `i64` as real numbers.
pub(crate) fn read(bytes: &[u8]) -> Result<(Numbers, Vec<usize>), String> {
    if let Ok(samples) = ArrayD::<u8>::read_npy(bytes) {
        let dims = samples.shape().to_vec();
        return Ok((Numbers::Samples(samples.into_iter().collect()), dims));
    }
    let first_error = match real::<f32>(bytes) {
        Ok(array) => return Ok(array),
        Err(error) => error,
    };
    real::<f64>(bytes).or_else(|_| real::<i32>(bytes)).or_else(|_| {
        real::<i64>(bytes).map_err(|_| format!("it is not an NPY array of u8, i32, i64, f32 or f64 ({first_error})"))
    })
}

trait Real: ndarray_npy::ReadableElement + Copy {
    fn real(self) -> f64;
}

macro_rules! real {
    ($($element:ty),*) => { $(impl Real for $element {
        fn real(self) -> f64 {
            self as f64
        }
    })* };
}
real!(f32, f64, i32, i64);

fn real<T: Real>(bytes: &[u8]) -> Result<(Numbers, Vec<usize>), String> {
    let array = ndarray::Array::<T, IxDyn>::read_npy(bytes).map_err(|error| error.to_string())?;
    let dims = array.shape().to_vec();
    Ok((Numbers::Real(array.into_iter().map(Real::real).collect()), dims))
}
