//! Folders of safetensors: what is read, what is refused and how.

use opml_llama::{LayerRole, LlamaSource, Pairing, Role, StoredType};

use crate::decoders::{assert_same, decode_row};
use crate::folder_writer::{FolderTensor, FolderWriter, raw_shard};

#[test]
fn weights_are_read_from_one_file_and_from_shards() {
    for stored in [StoredType::F32, StoredType::F16, StoredType::Bf16] {
        for shards in [1, 2] {
            let mut folder = FolderWriter::new(stored);
            folder.shards = shards;
            let source = folder.open().expect("a model");
            assert_eq!(source.architecture().rope.pairing, Pairing::Halves);
            let tensor = source
                .tensor(Role::Layer(1, LayerRole::Key))
                .expect("a tensor")
                .expect("keys");
            let bytes = &folder.tensors["model.layers.1.self_attn.k_proj.weight"].bytes;
            let rows = bytes.chunks_exact(bytes.len() / 128);
            for (row, bytes) in rows.enumerate() {
                assert_same(
                    &tensor.row(row).expect("a row"),
                    &decode_row(stored, bytes),
                    stored.name(),
                );
            }
            let output = source.tensor(Role::Output).expect("a tensor").expect("an output");
            assert_eq!((output.rows(), output.columns()), (80, 256));
            assert!(
                source
                    .tensor(Role::Layer(0, LayerRole::QueryBias))
                    .expect("no error")
                    .is_none()
            );
        }
    }
}

#[test]
fn a_tied_model_has_no_output() {
    let mut folder = FolderWriter::new(StoredType::F16);
    folder.config["tie_word_embeddings"] = true.into();
    folder.tensors.remove("lm_head.weight");
    let source = folder.open().expect("a model");
    assert!(source.architecture().tied);
    assert!(source.tensor(Role::Output).expect("no error").is_none());
}

#[test]
fn biases_are_read_if_they_are_there() {
    let mut folder = FolderWriter::new(StoredType::F32);
    let bias = FolderTensor {
        shape: vec![128],
        dtype: "F32",
        bytes: vec![0; 512],
        shard: 0,
    };
    folder
        .tensors
        .insert("model.layers.0.self_attn.v_proj.bias".into(), bias);
    let source = folder.open().expect("a model");
    let tensor = source
        .tensor(Role::Layer(0, LayerRole::ValueBias))
        .expect("a tensor")
        .expect("a bias");
    assert_eq!((tensor.rows(), tensor.columns()), (1, 128));
}

#[track_caller]
fn assert_refused(opened: Result<LlamaSource, opml_llama::LlamaError>, expected: &str) {
    assert_eq!(opened.expect_err("refused").to_string(), expected);
}

#[test]
fn missing_files() {
    let mut folder = FolderWriter::new(StoredType::F32);
    assert_refused(
        folder.open_without(&["config.json"]),
        "`config.json` is missing in the folder",
    );
    assert_refused(
        folder.open_without(&["model.safetensors"]),
        "`model.safetensors` is missing in the folder",
    );
    folder.shards = 2;
    let shard = "model-2-of-2.safetensors";
    assert_refused(
        folder.open_without(&[shard]),
        "`model-2-of-2.safetensors` is missing in the folder",
    );
    let error = folder.open_without(&[shard]).expect_err("refused");
    assert_eq!(error.help(), "fetch the whole folder of the model again");
}

#[test]
fn wrong_indices() {
    let mut folder = FolderWriter::new(StoredType::F32);
    let mut index = |text: &str, expected: &str| {
        folder.files.insert("model.safetensors.index.json".into(), text.into());
        assert_refused(folder.open(), expected);
    };
    for outside in ["../model.safetensors", "/etc/hostname", "", "a/b.safetensors"] {
        index(
            &format!("{{\"weight_map\": {{\"t\": \"{outside}\"}}}}"),
            &format!("the index puts tensor `t` into `{outside}`, which is not the name of a file of the folder"),
        );
    }
    index(
        "{\"weight_map\": {\"t\": \"model.safetensors\"}}",
        "the index puts tensor `t` into `model.safetensors`, which does not have it",
    );
    index(
        "{}",
        "`model.safetensors.index.json` is not understood: missing field `weight_map` at line 1 column 2",
    );
}

#[test]
fn wrong_tensors() {
    let name = "model.layers.0.mlp.up_proj.weight";
    let mut folder = FolderWriter::new(StoredType::F32);
    folder.tensors.get_mut(name).expect("a tensor").shape = vec![256, 512];
    assert_refused(
        folder.open(),
        "tensor `model.layers.0.mlp.up_proj.weight` has the shape [256, 512], and the model's settings ask for [512, 256]",
    );
    folder.tensors.remove(name);
    assert_refused(folder.open(), "tensor `model.layers.0.mlp.up_proj.weight` is missing");
    let mut folder = FolderWriter::new(StoredType::F32);
    folder.tensors.get_mut(name).expect("a tensor").dtype = "I8";
    assert_refused(
        folder.open(),
        "tensor `model.layers.0.mlp.up_proj.weight` in `model.safetensors` is stored as I8, which is not supported",
    );
}

fn open_shard(bytes: &[u8]) -> Result<LlamaSource, opml_llama::LlamaError> {
    let folder = tempfile::tempdir().expect("a folder");
    let config = FolderWriter::new(StoredType::F32).config.to_string();
    std::fs::write(folder.path().join("config.json"), config).expect("written");
    std::fs::write(folder.path().join("model.safetensors"), bytes).expect("written");
    LlamaSource::open(folder.path())
}

#[test]
fn wrong_shards() {
    let shard = |header: &str, data: usize| open_shard(&raw_shard(header, &vec![0; data]));
    assert_refused(
        open_shard(&[1, 2, 3]),
        "`model.safetensors` is truncated: its header takes 8 bytes, and the file has 3",
    );
    assert_refused(
        open_shard(&[255; 20]),
        "`model.safetensors` is truncated: its header takes 18446744073709551615 bytes, and the file has 20",
    );
    assert_refused(
        shard("[]", 0),
        "`model.safetensors` is not understood: invalid type: sequence, expected an object of tensors at line 1 column 0",
    );
    let tensor =
        |begin: u64, end: u64| format!("{{\"dtype\":\"F16\",\"shape\":[2,3],\"data_offsets\":[{begin},{end}]}}");
    let extent = |begin: u64, end: u64| {
        format!("tensor `t` in `model.safetensors` has the shape [2, 3] in F16 and the bytes {begin} to {end} of 12")
    };
    for (begin, end) in [(0, 13), (0, 11), (12, 0), (1, 13), (u64::MAX, 11)] {
        assert_refused(
            shard(&format!("{{\"t\":{}}}", tensor(begin, end)), 12),
            &extent(begin, end),
        );
    }
    let large = "{\"t\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}";
    assert_refused(
        shard(large, 0),
        "tensor `t` in `model.safetensors` has the shape [4294967296, 4294967296] in F32 and the bytes 0 to 0 of 0",
    );
    assert_refused(
        shard(&format!("{{\"t\":{},\"u\":{}}}", tensor(0, 12), tensor(6, 18)), 18),
        "tensors `t` and `u` in `model.safetensors` overlap",
    );
    assert_refused(
        shard(&format!("{{\"t\":{},\"t\":{}}}", tensor(0, 12), tensor(12, 24)), 24),
        "tensor `t` stands in `model.safetensors` twice",
    );
}
