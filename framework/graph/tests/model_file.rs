//! The model file: what was written is read, canonical, and nothing else is.

mod samples;

use bytes::Bytes;
use opml_graph::{Model, ModelFileError, open_model_file, read_model, verify_constants, write_model, write_model_to};
use samples::small_model;

fn read(bytes: &[u8]) -> Result<Model, ModelFileError> {
    read_model(Bytes::copy_from_slice(bytes))
}

#[test]
fn a_model_survives_its_file() {
    let model = small_model();
    let bytes = write_model(&model).expect("a valid model");
    assert_eq!(bytes.len() % 4096, 0);
    let again = read(&bytes).expect("its file");
    assert_eq!(again.program(), model.program());
    assert_eq!(
        (again.name.as_str(), &again.feed, &again.outputs),
        ("small", &model.feed, &model.outputs)
    );
    assert_eq!(
        again.nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>(),
        ["clamp", "reshape", "add"]
    );
    assert_eq!(again.constants[0].bytes.len(), 5000, "the largest constant comes first");
    assert_eq!(
        again.constants[again.nodes[2].constants[1].expect("a constant")].bytes,
        model.constants[0].bytes
    );
    verify_constants(&again, |_, _| {}).expect("true constants");
    assert_eq!(write_model(&again).expect("again"), bytes, "one model, one file");
}

#[test]
fn every_truncation_is_refused() {
    let bytes = write_model(&small_model()).expect("a valid model");
    for length in (0..bytes.len()).step_by(37).chain(bytes.len() - 3..bytes.len()) {
        let error = read(&bytes[..length]).expect_err("a truncated file").to_string();
        let expected = format!(
            "the model file is truncated: it has {length} bytes, fewer than it announces; convert the model again"
        );
        assert_eq!(error, expected);
    }
    let surplus = read(&[&bytes[..], &[0]].concat())
        .expect_err("a longer file")
        .to_string();
    assert_eq!(surplus, "the model file is malformed: bytes follow its end");
}

#[test]
fn every_flipped_bit_is_refused_at_load_or_by_verification() {
    let model = small_model();
    let bytes = write_model(&model).expect("a valid model");
    let constants = bytes
        .windows(5000)
        .position(|window| window.iter().all(|byte| *byte == 7))
        .expect("the constant");
    for place in (0..constants).step_by(5).chain(0..130) {
        let mut altered = bytes.clone();
        altered[place] ^= 1 << (place % 8);
        assert!(read(&altered).is_err(), "byte {place}");
    }
    for place in [constants, constants + 4999, constants + 5120, constants + 5120 + 299] {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        let model = read(&altered).expect("constants are not read at load");
        let error = verify_constants(&model, |_, _| {})
            .expect_err("a false constant")
            .to_string();
        assert!(
            error.starts_with("the model file is damaged: constant ") && error.ends_with("convert the model again"),
            "{error}"
        );
    }
    assert_eq!(
        read(b"\x89PNG\r\n\x1a\n................")
            .expect_err("a picture")
            .to_string(),
        "this is not a model file (its first bytes are not `OPMLMDL`)"
    );
}

#[test]
fn a_mapped_file_is_read_and_an_empty_or_missing_one_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.opml");
    std::fs::write(&path, write_model(&small_model()).expect("a valid model")).expect("a writable folder");
    assert_eq!(
        open_model_file(&path).expect("the file").program(),
        small_model().program()
    );
    let mut invalid = small_model();
    invalid.nodes.clear();
    assert_eq!(
        write_model(&invalid).expect_err("invalid").to_string(),
        "the model has no nodes"
    );
    std::fs::write(&path, []).expect("an empty file");
    assert!(matches!(
        open_model_file(&path),
        Err(ModelFileError::Truncated { bytes: 0 })
    ));
    let missing = folder.path().join("missing.opml");
    assert!(matches!(open_model_file(&missing), Err(ModelFileError::Io { .. })));
}

#[test]
fn what_takes_no_bytes_is_an_error() {
    let mut full = [0; 200];
    assert_eq!(
        write_model_to(&small_model(), &mut &mut full[..])
            .expect_err("no room")
            .to_string(),
        "the model file cannot be written: failed to write whole buffer"
    );
}
