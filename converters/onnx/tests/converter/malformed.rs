//! Damaged ONNX files never panic: they are refused as the user's mistake, or, where the damage hits a number that may be
//! any, converted.

use std::path::Path;

use opml_graph::{ConvertError, Converter, SilentHost};
use opml_onnx::OnnxConverter;

fn convert(folder: &Path, file: &[u8]) -> Result<Vec<u8>, ConvertError> {
    let path = folder.join("damaged.onnx");
    std::fs::write(&path, file).unwrap();
    let samples = folder.join("samples.npy");
    if !samples.exists() {
        let zeros = ndarray::ArrayD::<u8>::zeros(vec![1, 1, 28, 28]);
        ndarray_npy::write_npy(&samples, &zeros).unwrap();
    }
    let options = format!(
        r#"{{"quantize": {{"scheme": "int8", "calibration": "{}"}}}}"#,
        samples.display()
    );
    let mut bytes = Vec::new();
    OnnxConverter::new().convert(&path, &options, &mut bytes, &SilentHost)?;
    Ok(bytes)
}

fn whole() -> Vec<u8> {
    std::fs::read(crate::digits::file("mlp.onnx")).unwrap()
}

#[test]
fn truncated_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = whole();
    assert!(convert(folder.path(), &whole).is_ok());
    // Every offset near the ends, where the structure is, and some in the weights.
    let offsets = (0..whole.len()).filter(|at| *at < 64 || *at + 250 > whole.len() || at % 4001 == 0);
    for end in offsets {
        match convert(folder.path(), &whole[..end]) {
            Ok(_) => panic!("the first {end} bytes were converted"),
            Err(error) => assert_eq!(error.code, 2, "{end} bytes: {error}"),
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let whole = whole();
    let (mut refused, mut converted) = (0, 0);
    let places = (0..whole.len()).filter(|at| *at < 300 || *at + 250 > whole.len() || at % 4001 == 0);
    for at in places {
        for flip in [0x01, 0xC0] {
            let mut damaged = whole.clone();
            damaged[at] ^= flip;
            match convert(folder.path(), &damaged) {
                Ok(_) => converted += 1,
                Err(error) => {
                    assert_eq!(error.code, 2, "byte {at} ^ {flip:#x}: {error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(
        refused > 200 && converted > 10,
        "{refused} refused, {converted} converted"
    );
}

#[test]
fn what_is_no_onnx_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in [&b""[..], b"\0", b"hello", &[0xFF; 100], &[0x0A; 5000]] {
        assert_eq!(convert(folder.path(), bytes).unwrap_err().code, 2);
    }
}

#[test]
fn damaged_samples_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = crate::digits::file("mlp.onnx");
    let whole = std::fs::read(crate::digits::file("calibration.npy")).unwrap();
    let path = folder.path().join("samples.npy");
    let options = format!(r#"{{"quantize": {{"calibration": "{}"}}}}"#, path.display());
    let huge = String::from_utf8_lossy(&whole[..128]).replace("(200, 1,", "(200000000000000, 1,");
    let mut cases: Vec<Vec<u8>> = [0, 5, 9, 64, 127, 128, 5000].map(|end| whole[..end].to_vec()).to_vec();
    cases.push([huge.as_bytes(), &whole[128..]].concat());
    for case in cases {
        std::fs::write(&path, &case).unwrap();
        let error = OnnxConverter::new()
            .convert(&source, &options, &mut Vec::new(), &SilentHost)
            .unwrap_err();
        assert_eq!((error.code, error.place), (2, path.display().to_string()));
    }
}
