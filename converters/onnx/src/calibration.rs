//! Sample inputs, from which the ranges of activations are taken.

use std::path::Path;

use ndarray::ArrayViewD;
use ndarray_npy::{ViewNpyError, ViewNpyExt};
use opml_graph::ConvertError;

use crate::error::refused;

/// What the elements of the samples stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SampleKind {
    /// Pixels 0 … 255; the real input is the pixel divided by 255.
    Pixels,
    /// The real input.
    Real,
}

/// Sample inputs of a model with one input.
#[derive(Clone, Debug)]
pub(crate) struct Calibration {
    pub(crate) kind: SampleKind,
    /// The real inputs, one vector a sample.
    pub(crate) samples: Vec<Vec<f32>>,
}

const HELP: &str = "write the samples with numpy.save as uint8 pixels or float32 numbers, one sample a row";

impl Calibration {
    /// Reads an `.npy` array of uint8 or float32 whose first dimension counts samples of the shape `input`; dimensions of 1
    /// do not matter.
    pub(crate) fn read(path: &Path, input: &[usize]) -> Result<Calibration, ConvertError> {
        let place = path.display().to_string();
        let bad = |reason: String| refused(&place, format!("calibration samples {place}: {reason}"), HELP);
        let bytes = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
        let (kind, values) = match ArrayViewD::<u8>::view_npy(&bytes) {
            Ok(pixels) => (SampleKind::Pixels, pixels.mapv(|pixel| f32::from(pixel) / 255.0)),
            Err(ViewNpyError::WrongDescriptor(_)) => {
                let real = ArrayViewD::<f32>::view_npy(&bytes).map_err(|error| bad(error.to_string()))?;
                (SampleKind::Real, real.into_owned())
            }
            Err(error) => return Err(bad(error.to_string())),
        };
        let sizes = |shape: &[usize]| -> Vec<usize> { shape.iter().copied().filter(|size| *size != 1).collect() };
        let of_samples = values.shape().get(1..).unwrap_or(&[]);
        if values.is_empty() || values.ndim() == 0 || sizes(of_samples) != sizes(input) {
            return Err(bad(format!(
                "the array has shape {:?}, but the model's input is {input:?}",
                values.shape()
            )));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(bad("a value is not a finite number".into()));
        }
        let elements = input.iter().product::<usize>();
        let values: Vec<f32> = values.iter().copied().collect();
        let samples = values.chunks_exact(elements).map(<[f32]>::to_vec).collect();
        Ok(Calibration { kind, samples })
    }
}
