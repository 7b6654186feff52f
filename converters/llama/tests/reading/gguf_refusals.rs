//! GGUF files that are refused, and how.

use std::time::{Duration, Instant};

use opml_llama::gguf::{GgufError, GgufFile, Value};
use opml_llama::{LlamaSource, StoredType};

use crate::gguf_writer::{GgufWriter, Meta};
use crate::tiny_model::tiny_model;

#[track_caller]
fn assert_refused(bytes: Vec<u8>, expected: &str) {
    assert_eq!(GgufFile::from_bytes(bytes).expect_err("refused").to_string(), expected);
}

/// A file with two small tensors.
fn small() -> GgufWriter {
    let mut file = GgufWriter::new();
    file.set("a", Meta::U32(1))
        .tensor("t", &[32, 2], 8, vec![0; 68])
        .tensor("u", &[4], 0, vec![0; 16]);
    file
}

#[track_caller]
fn assert_changed_refused(change: impl FnOnce(&mut GgufWriter), expected: &str) {
    let mut file = small();
    change(&mut file);
    assert_refused(file.bytes(), expected);
}

#[test]
fn what_is_no_gguf_file() {
    assert_refused(
        Vec::new(),
        "the file is truncated: the magic at byte 0 needs 4 bytes, and the file has 0",
    );
    assert_refused(
        b"PK\x03\x04....".to_vec(),
        "this is not a GGUF file: it begins with [50, 4b, 03, 04] instead of `GGUF`",
    );
    assert_changed_refused(
        |file| file.version = 1,
        "GGUF version 1 is not supported; versions 2 and 3 are",
    );
    assert_changed_refused(
        |file| file.version = 4,
        "GGUF version 4 is not supported; versions 2 and 3 are",
    );
    assert_changed_refused(
        |file| file.version = 3u32.swap_bytes(),
        "the GGUF file is big-endian; only little-endian files are read",
    );
}

#[test]
fn counts_that_no_file_holds() {
    assert_changed_refused(
        |file| file.counts.1 = Some(u64::MAX),
        "18446744073709551615 metadata keys cannot stand in a file of 240 bytes",
    );
    assert_changed_refused(
        |file| file.counts.0 = Some(1 << 60),
        "1152921504606846976 tensors cannot stand in a file of 240 bytes",
    );
    let array = [4u32.to_le_bytes().as_slice(), &(1u64 << 62).to_le_bytes()].concat();
    assert_changed_refused(
        |file| {
            file.set("a", Meta::Raw(9, array));
        },
        "4611686018427387904 values of `a` cannot stand in a file of 240 bytes",
    );
    assert_changed_refused(
        |file| {
            file.set("a", Meta::Raw(8, u64::MAX.to_le_bytes().to_vec()));
        },
        "the file is truncated: a at byte 45 needs 18446744073709551615 bytes, and the file has 240",
    );
}

#[test]
fn wrong_metadata() {
    let set = |value, expected| {
        assert_changed_refused(
            |file| {
                file.set("a", value);
            },
            expected,
        )
    };
    set(
        Meta::Raw(13, vec![0; 8]),
        "metadata key `a` has the unknown value type 13",
    );
    set(
        Meta::Raw(7, vec![2]),
        "metadata key `a` has a boolean that is 2, neither 0 nor 1",
    );
    let text = [2u64.to_le_bytes().as_slice(), &[0xc3, 0x28]].concat();
    set(Meta::Raw(8, text), "a is not UTF-8 text");
    let nested = (0..5).fold(Meta::Array(4, vec![Meta::U32(1)]), |inner, _| {
        Meta::Array(9, vec![inner])
    });
    set(nested, "metadata key `a` nests arrays more than 4 deep");
    assert_changed_refused(
        |file| file.metadata.push(("a".into(), Meta::U32(2))),
        "metadata key `a` stands there twice",
    );
    for alignment in [0, 3, 1 << 20] {
        assert_changed_refused(
            |file| {
                file.set("general.alignment", Meta::U32(alignment));
            },
            &format!("`general.alignment` is {alignment}, not a power of two from 1 to 65536"),
        );
    }
}

#[test]
fn wrong_tensors() {
    let changed = |change: &dyn Fn(&mut GgufWriter), expected: &str| assert_changed_refused(change, expected);
    changed(
        &|file| file.tensor_mut("u").name = "t".into(),
        "tensor `t` stands there twice",
    );
    changed(
        &|file| file.tensor_mut("u").number = 16,
        "tensor `u` is stored as IQ2_XXS (type 16), which is not supported",
    );
    changed(
        &|file| file.tensor_mut("u").number = 77,
        "tensor `u` is stored as an unknown type (type 77), which is not supported",
    );
    changed(
        &|file| file.tensor_mut("u").dimensions = vec![1; 5],
        "tensor `u` has 5 dimensions; 1 to 4 are possible",
    );
    changed(
        &|file| file.tensor_mut("u").dimensions.clear(),
        "tensor `u` has 0 dimensions; 1 to 4 are possible",
    );
    changed(
        &|file| file.tensor_mut("u").dimensions = vec![1 << 40, 1 << 40],
        "tensor `u` has the impossible dimensions [1099511627776, 1099511627776]",
    );
    changed(
        &|file| file.tensor_mut("u").dimensions = vec![4, 0],
        "tensor `u` has the impossible dimensions [4, 0]",
    );
    changed(
        &|file| file.tensor_mut("t").dimensions = vec![48, 2],
        "tensor `t` has rows of 48 values, which Q8_0 cannot cut into blocks of 32",
    );
    changed(
        &|file| file.tensor_mut("u").offset = Some(100),
        "tensor `u` begins at offset 100, which is not a multiple of the alignment 32",
    );
    changed(
        &|file| file.tensor_mut("u").offset = Some(1 << 63),
        "tensor `u` takes 16 bytes from byte 9223372036854775936 on, and the file has 240",
    );
    changed(
        &|file| file.tensor_mut("u").offset = Some(32),
        "tensors `t` and `u` overlap",
    );
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = small().bytes();
    GgufFile::from_bytes(whole.clone()).expect("a file");
    for length in 0..whole.len() {
        GgufFile::from_bytes(whole[..length].to_vec()).expect_err("refused");
    }
    let cut = whole[..whole.len() - 1].to_vec();
    let expected = format!(
        "tensor `u` takes 16 bytes from byte {} on, and the file has {}",
        whole.len() - 16,
        cut.len()
    );
    assert_refused(cut, &expected);
    let longer = [whole.as_slice(), &[7; 100]].concat();
    GgufFile::from_bytes(longer).expect("what follows the tensors is nobody's");
}

#[test]
fn metadata_of_all_types_is_read() {
    let mut file = small();
    let all = [
        (0, vec![200], Value::Unsigned(200)),
        (1, vec![200], Value::Signed(-56)),
        (2, vec![1, 2], Value::Unsigned(513)),
        (3, vec![255, 255], Value::Signed(-1)),
        (10, u64::MAX.to_le_bytes().to_vec(), Value::Unsigned(u64::MAX)),
        (11, i64::MIN.to_le_bytes().to_vec(), Value::Signed(i64::MIN)),
        (12, 0.1f64.to_le_bytes().to_vec(), Value::Float(0.1)),
    ];
    for (tag, bytes, _) in &all {
        file.set(&format!("key{tag}"), Meta::Raw(*tag, bytes.clone()));
    }
    file.set(
        "nested",
        Meta::Array(9, vec![Meta::Array(8, vec![Meta::text("x")]), Meta::Array(7, vec![])]),
    );
    let file = GgufFile::from_bytes(file.bytes()).expect("a file");
    for (tag, _, expected) in &all {
        assert_eq!(file.metadata().get(&format!("key{tag}")), Some(expected));
    }
    let nested = Value::Array(vec![
        Value::Array(vec![Value::Text("x".into())]),
        Value::Array(Vec::new()),
    ]);
    assert_eq!(file.metadata().get("nested"), Some(&nested));
    assert_eq!(file.metadata().integer("a").expect("a number"), Some(1));
    assert!(matches!(file.metadata().text("a"), Err(GgufError::KeyType { .. })));
}

#[test]
fn tensors_of_a_model_that_are_missing_or_have_another_shape() {
    let open = |file: &GgufWriter| LlamaSource::from_gguf(GgufFile::from_bytes(file.bytes()).expect("a file"));
    let mut file = tiny_model(StoredType::Q8_0);
    file.tensors.retain(|tensor| tensor.name != "blk.1.ffn_up.weight");
    let error = open(&file).expect_err("refused");
    assert_eq!(error.to_string(), "tensor `blk.1.ffn_up.weight` is missing");
    assert_eq!(
        error.help(),
        "fetch the whole model again; adapters and parts of models are not read"
    );
    let mut file = tiny_model(StoredType::Q8_0);
    file.tensor_mut("blk.1.ffn_up.weight").dimensions = vec![512, 256];
    assert_eq!(
        open(&file).expect_err("refused").to_string(),
        "tensor `blk.1.ffn_up.weight` has the shape [256, 512], and the model's settings ask for [512, 256]"
    );
    let mut file = tiny_model(StoredType::Q8_0);
    file.tensor("rope_freqs.weight", &[16], 0, vec![0; 64]);
    assert_eq!(
        open(&file).expect_err("refused").to_string(),
        "tensor `rope_freqs.weight` has the shape [16], and the model's settings ask for [32]"
    );
}

/// What an error would say of an array is spelled out only then: it names the key, however long that is.
#[test]
fn many_arrays_under_a_long_key_take_no_long_time() {
    let mut file = GgufWriter::new();
    let arrays = vec![Meta::Array(4, Vec::new()); 1 << 18];
    file.set(&"k".repeat(1 << 22), Meta::Array(9, arrays));
    let bytes = file.bytes();
    let start = Instant::now();
    GgufFile::from_bytes(bytes).expect("a file");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
