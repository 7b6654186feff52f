//! The model file: what was written is read, canonical, and nothing else is.

mod samples;

use bytes::Bytes;
use opml_graph::{
    Model, ModelFileError, ModelSet, open_model_file, read_model, read_model_set, verify_constants, write_model,
    write_model_set_to, write_model_to,
};
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
    verify_constants(&again, 1, |_, _| {}).expect("true constants");
    assert_eq!(write_model(&again).expect("again"), bytes, "one model, one file");
}

/// Graphs that share their constants, with notes.
fn pair() -> ModelSet {
    let mut second = small_model();
    second.nodes[0].name = "other".into();
    ModelSet {
        graphs: vec![small_model(), second],
        notes: [("loop", "{}"), ("tokenizer", "…")]
            .map(|(name, text)| (name.into(), text.into()))
            .into(),
    }
}

fn file_of(set: &ModelSet) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_model_set_to(set, &mut bytes).expect("valid graphs");
    bytes
}

#[test]
fn several_graphs_and_notes_survive_their_file() {
    let (set, bytes) = (pair(), file_of(&pair()));
    let again = read_model_set(Bytes::copy_from_slice(&bytes)).expect("its file");
    assert_eq!(again.notes, set.notes);
    for (was, is) in set.graphs.iter().zip(&again.graphs) {
        assert_eq!(
            (was.program(), &was.feed, &was.name),
            (is.program(), &is.feed, &is.name)
        );
        assert_eq!(was.nodes[0].name, is.nodes[0].name);
    }
    assert_eq!(again.graphs.len(), 2);
    assert_eq!(file_of(&again), bytes, "one set, one file");
    assert_eq!(
        read(&bytes).expect_err("two graphs").to_string(),
        "the model file is malformed: it holds 2 graphs where one is asked for"
    );
    // One graph without notes is the file that it was.
    assert_eq!(
        file_of(&small_model().into()),
        write_model(&small_model()).expect("a file")
    );
    for length in (0..bytes.len()).step_by(61) {
        read_model_set(Bytes::copy_from_slice(&bytes[..length])).expect_err("a truncated file");
    }
}

#[test]
fn graphs_that_share_nothing_or_are_too_many_are_not_written() {
    let refusal = |set: ModelSet| {
        let refused = write_model_set_to(&set, &mut Vec::new()).expect_err("a refusal");
        refused.to_string()
    };
    let mut set = pair();
    set.graphs[1].constants.pop();
    assert_eq!(
        refusal(set),
        "the model file is malformed: its graphs do not share their constants"
    );
    let mut set = pair();
    set.graphs = vec![small_model(); 5];
    assert_eq!(
        refusal(set),
        "the model file is malformed: it has more graphs than a loop has bodies"
    );
    let mut set = pair();
    set.graphs.clear();
    assert_eq!(refusal(set), "the model file is malformed: it has no graph");
}

#[test]
fn a_head_that_announces_what_cannot_be_is_refused() {
    let refusal = |at: usize, byte: u8| {
        let mut bytes = file_of(&pair());
        bytes[at] = byte;
        let refused = read_model_set(Bytes::from(bytes)).expect_err("a refusal");
        refused.to_string()
    };
    assert_eq!(
        refusal(120, 4),
        "the model file is malformed: it announces 5 graphs; there are at most 4"
    );
    for at in [124, 128 + 24, 128 + 31] {
        let mut bytes = file_of(&pair());
        bytes[at] = 1;
        // Two constants, of 5,000 and 300 bytes, follow the head.
        seal(&mut bytes, 8192);
        assert_eq!(
            read_model_set(Bytes::from(bytes)).expect_err("a refusal").to_string(),
            "the model file is malformed: bytes of its head that must be zero are not"
        );
    }
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
        let error = verify_constants(&model, 1, |_, _| {})
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

/// The file with a change, its digest put right.
fn resealed(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = write_model(&small_model()).expect("a valid model");
    change(&mut bytes);
    // Three nodes, two constants and the names end before the first page does.
    let constants = bytes.len().saturating_sub(4096);
    seal(&mut bytes, constants);
    bytes
}

/// Puts the digest of a file right whose constants take so many bytes.
fn seal(bytes: &mut [u8], constants: usize) {
    let head = bytes.len() - constants;
    let digest = opml_commit::Keccak256::default()
        .chain(&bytes[..72])
        .chain(&bytes[104..head])
        .finish();
    bytes[72..104].copy_from_slice(&digest.0);
}

#[test]
fn another_form_of_the_same_model_is_refused() {
    let refusal = |change: &dyn Fn(&mut Vec<u8>)| read(&resealed(change)).expect_err("another form").to_string();
    let directory = 128 + 3 * (1024 + 4 * 12);
    assert_eq!(
        refusal(&|bytes| bytes[125] = 1),
        "the model file is malformed: bytes of its head that must be zero are not"
    );
    assert_eq!(
        refusal(&|bytes| bytes[4095] = 1),
        "the model file is malformed: bytes of its head that must be zero are not"
    );
    assert_eq!(
        refusal(&|bytes| bytes[directory..directory + 96].rotate_left(48)),
        "the model file is malformed: its constants do not lie in order"
    );
    // The first constant, of 5,000 bytes, lies at the second page; the next one follows at a multiple of 512.
    assert_eq!(
        refusal(&|bytes| bytes[directory + 48 + 32] = 128),
        "the model file is malformed: constant 1 lies at byte 9344, not at 9216"
    );
    assert_eq!(
        refusal(&|bytes| bytes[4096 + 5000] = 1),
        "the model file is malformed: bytes before constant 1 are not zero"
    );
    assert_eq!(
        refusal(&|bytes| *bytes.last_mut().expect("a byte") = 1),
        "the model file is malformed: bytes after its last constant are not zero"
    );
    assert_eq!(
        refusal(&|bytes| {
            bytes.extend_from_slice(&[0; 4096]);
            let length = bytes.len() as u64;
            bytes[112..120].copy_from_slice(&length.to_le_bytes());
        }),
        "the model file is malformed: its constants end at byte 9516, but it has 16384 bytes"
    );
}

#[test]
fn constants_that_share_bytes_are_refused() {
    // However often a directory named the same bytes, verifying them would take as many times as long.
    let directory = 128 + 3 * (1024 + 4 * 12);
    let shared = resealed(|bytes| {
        let first = bytes[directory + 32..directory + 48].to_vec();
        bytes[directory + 48 + 32..directory + 96].copy_from_slice(&first);
    });
    let error = read(&shared).expect_err("shared bytes").to_string();
    assert!(
        error == "the model file is malformed: its constants do not lie in order"
            || error == "the model file is malformed: constant 1 lies at byte 4096, not at 12288",
        "{error}"
    );
}
