//! The digit models of `examples/mnist` with their images.

use std::path::PathBuf;

use ndarray::ArrayD;
use ndarray_npy::{ReadableElement, read_npy};

/// A file of the lesson.
pub(crate) fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/mnist")
        .join(name)
}

/// An array of `golden/`.
pub(crate) fn golden<T: ReadableElement>(name: &str) -> ArrayD<T> {
    read_npy(file("golden").join(name)).unwrap()
}

/// The converter's options, with the lesson's calibration images.
pub(crate) fn options(method: &str) -> String {
    let calibration = file("calibration.npy");
    format!(
        r#"{{"quantize": {{"scheme": "int8", "calibration": "{}", "method": "{method}"}}}}"#,
        calibration.display()
    )
}

/// Pixels as the real input of the float model, little-endian.
pub(crate) fn real(pixels: &[u8]) -> Vec<u8> {
    pixels
        .iter()
        .flat_map(|pixel| (f32::from(*pixel) / 255.0).to_le_bytes())
        .collect()
}

/// Little-endian floats.
pub(crate) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|word| f32::from_le_bytes(*word))
        .collect()
}

/// The place of the greatest value, the first of equals.
pub(crate) fn greatest(values: &[f32]) -> usize {
    (1..values.len()).fold(0, |best, place| if values[place] > values[best] { place } else { best })
}
