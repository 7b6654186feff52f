//! What models are, from both kinds of settings; what is refused and how.

use opml_llama::gguf::GgufFile;
use opml_llama::{Architecture, LlamaError, LlamaSource, Pairing, Role, Rope, RopeScaling, StoredType};
use serde_json::json;

use crate::folder_writer::FolderWriter;
use crate::gguf_writer::{GgufWriter, Meta};
use crate::tiny_model::tiny_model;

fn open(file: &GgufWriter) -> Result<LlamaSource, LlamaError> {
    LlamaSource::from_gguf(GgufFile::from_bytes(file.bytes())?)
}

fn tiny() -> Architecture {
    Architecture {
        layers: 2,
        width: 256,
        heads: 4,
        kv_heads: 2,
        head_size: 64,
        feed_width: 512,
        vocabulary: 80,
        context: 128,
        rms_epsilon: 1e-5,
        rope: Rope {
            base: 10_000.0,
            dimensions: 64,
            pairing: Pairing::Interleaved,
            scaling: RopeScaling::None,
        },
        tied: true,
        bos: Some(1),
        eos: vec![2],
        add_bos: None,
    }
}

#[test]
fn a_gguf_file_says_what_the_model_is() {
    for stored in StoredType::ALL {
        assert_eq!(open(&tiny_model(stored)).expect("a model").architecture(), &tiny());
    }
    let mut file = tiny_model(StoredType::Q4_0);
    file.version = 2;
    file.set("llama.rope.freq_base", Meta::F32(500_000.0))
        .set("tokenizer.ggml.eot_token_id", Meta::U32(7))
        .set("tokenizer.ggml.add_bos_token", Meta::Bool(true))
        .tensor("rope_freqs.weight", &[32], 0, [2f32.to_le_bytes(); 32].concat())
        .tensor("output.weight", &[256, 80], 1, vec![0; 2 * 256 * 80]);
    let source = open(&file).expect("a model");
    let mut expected = tiny();
    expected.rope.base = 500_000.0;
    expected.rope.scaling = RopeScaling::Factors(vec![2.0; 32]);
    (expected.tied, expected.eos, expected.add_bos) = (false, vec![2, 7], Some(true));
    assert_eq!(source.architecture(), &expected);
    assert!(source.tensor(Role::Output).expect("a tensor").is_some());
}

#[test]
fn a_folder_says_the_same() {
    let mut expected = Architecture { tied: false, ..tiny() };
    expected.rope.pairing = Pairing::Halves;
    let mut folder = FolderWriter::new(StoredType::F32);
    assert_eq!(folder.open().expect("a model").architecture(), &expected);
    folder.config["rope_theta"] = json!(500_000.0);
    folder.config["eos_token_id"] = json!([2, 5]);
    folder.config["model_type"] = json!("mistral");
    folder.config["sliding_window"] = json!(null);
    folder.config["rope_scaling"] = json!({
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192
    });
    expected.rope.base = 500_000.0;
    expected.eos = vec![2, 5];
    expected.rope.scaling = RopeScaling::Llama3 {
        factor: 8.0,
        low: 1.0,
        high: 4.0,
        original_context: 8192.0,
    };
    assert_eq!(folder.open().expect("a model").architecture(), &expected);
    folder.config["rope_scaling"] = json!(null);
    folder.config["rope_theta"] = json!(null);
    folder.config["rope_parameters"] = json!({"rope_type": "linear", "factor": 4, "rope_theta": 20_000});
    expected.rope.base = 20_000.0;
    expected.rope.scaling = RopeScaling::Linear(4.0);
    assert_eq!(folder.open().expect("a model").architecture(), &expected);
}

#[test]
fn angles_turn_as_the_scaling_says() {
    let mut rope = tiny().rope;
    rope.dimensions = 8;
    let close = |rope: &Rope, expected: [f64; 4]| {
        let found = rope.frequencies();
        assert_eq!(found.len(), 4);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 1e-12, "{found} is not {expected}");
        }
    };
    close(&rope, [1.0, 0.1, 0.01, 0.001]);
    rope.scaling = RopeScaling::Linear(4.0);
    close(&rope, [0.25, 0.025, 0.0025, 0.00025]);
    rope.scaling = RopeScaling::Factors(vec![1.0, 2.0, 4.0, 8.0]);
    close(&rope, [1.0, 0.05, 0.0025, 0.000125]);
    // Turns over the original context: 1000, 100, 10, 1. The first two are fast, the last is slow.
    rope.scaling = RopeScaling::Llama3 {
        factor: 8.0,
        low: 1.5,
        high: 19.5,
        original_context: 1000.0 * 2.0 * std::f64::consts::PI,
    };
    let fast: f64 = (10.0 - 1.5) / 18.0;
    close(&rope, [1.0, 0.1, 0.01 * ((1.0 - fast) / 8.0 + fast), 0.001 / 8.0]);
}

#[track_caller]
fn assert_key_refused(key: &str, value: Option<Meta>, expected: &str) {
    let mut file = tiny_model(StoredType::Q8_0);
    match value {
        Some(value) => file.set(key, value),
        None => file.remove(key),
    };
    assert_eq!(open(&file).expect_err("refused").to_string(), expected);
}

#[test]
fn gguf_settings_that_are_refused() {
    let text = |text| Some(Meta::text(text));
    let number = |number| Some(Meta::U32(number));
    assert_key_refused(
        "general.architecture",
        text("qwen2"),
        "the architecture `qwen2` is not supported; `llama` and models of its layout are",
    );
    assert_key_refused(
        "general.architecture",
        None,
        "metadata key `general.architecture` is missing",
    );
    assert_key_refused("llama.block_count", None, "metadata key `llama.block_count` is missing");
    assert_key_refused(
        "llama.expert_count",
        number(8),
        "`llama.expert_count` is 8, which is not supported",
    );
    assert_key_refused("split.count", number(2), "`split.count` is 2, which is not supported");
    assert_key_refused(
        "llama.attention.sliding_window",
        number(4096),
        "`llama.attention.sliding_window` is 4096, which is not supported",
    );
    assert_key_refused(
        "llama.rope.scaling.type",
        text("yarn"),
        "`llama.rope.scaling.type` is `yarn`, which is not supported",
    );
    assert_key_refused(
        "llama.rope.scaling.type",
        text("linear"),
        "metadata key `llama.rope.scaling.factor` is missing",
    );
    assert_key_refused(
        "llama.block_count",
        number(0),
        "`llama.block_count` is 0; from 1 to 4096 is possible",
    );
    assert_key_refused(
        "llama.embedding_length",
        number(u32::MAX),
        "`llama.embedding_length` is 4294967295; from 1 to 262144 is possible",
    );
    assert_key_refused(
        "llama.attention.head_count",
        number(0),
        "`llama.attention.head_count` is 0; from 1 to 4096 is possible",
    );
    assert_key_refused(
        "llama.attention.head_count_kv",
        number(3),
        "`llama.attention.head_count` is 4, which is not a multiple of `llama.attention.head_count_kv`, 3",
    );
    assert_key_refused(
        "llama.rope.dimension_count",
        number(63),
        "`llama.rope.dimension_count` is 63, which is not a multiple of `2`, 2",
    );
    assert_key_refused(
        "llama.attention.layer_norm_rms_epsilon",
        Some(Meta::F32(-1.0)),
        "metadata key `llama.attention.layer_norm_rms_epsilon` is -1, not a number above 0",
    );
    assert_key_refused(
        "llama.rope.freq_base",
        Some(Meta::F32(f32::NAN)),
        "metadata key `llama.rope.freq_base` is NaN, not a finite number",
    );
    assert_key_refused(
        "llama.attention.head_count_kv",
        Some(Meta::Array(4, vec![Meta::U32(2), Meta::U32(2)])),
        "metadata key `llama.attention.head_count_kv` is an array of 2, not a number from 0 to 4294967295",
    );
    assert_key_refused(
        "llama.attention.value_length",
        number(32),
        "`llama.attention.value_length` is 32, with keys of 64, which is not supported",
    );
}

#[track_caller]
fn assert_config_refused(key: &str, value: serde_json::Value, expected: &str) {
    let mut folder = FolderWriter::new(StoredType::F32);
    folder.config[key] = value;
    assert_eq!(folder.open().expect_err("refused").to_string(), expected);
}

#[test]
fn folder_settings_that_are_refused() {
    assert_config_refused(
        "model_type",
        json!("gemma"),
        "the architecture `gemma` is not supported; `llama` and models of its layout are",
    );
    assert_config_refused(
        "hidden_size",
        json!(null),
        "key `hidden_size` is missing in config.json",
    );
    assert_config_refused(
        "hidden_size",
        json!("big"),
        "key `hidden_size` in config.json is \"big\", not a number from 0 to 4294967295",
    );
    assert_config_refused(
        "rms_norm_eps",
        json!(0),
        "key `rms_norm_eps` in config.json is 0, not a number above 0",
    );
    assert_config_refused(
        "hidden_act",
        json!("gelu"),
        "`hidden_act` is `gelu`, which is not supported",
    );
    assert_config_refused("mlp_bias", json!(true), "`mlp_bias` is true, which is not supported");
    assert_config_refused(
        "sliding_window",
        json!(4096),
        "`sliding_window` is 4096, which is not supported",
    );
    assert_config_refused(
        "quantization_config",
        json!({"bits": 4}),
        "`quantization_config` is set, which is not supported",
    );
    assert_config_refused(
        "rope_scaling",
        json!({"type": "yarn", "factor": 2}),
        "`rope_scaling.rope_type` is `yarn`, which is not supported",
    );
    assert_config_refused(
        "rope_scaling",
        json!({"rope_type": "llama3", "factor": 2}),
        "key `rope_scaling.low_freq_factor` is missing in config.json",
    );
    assert_config_refused(
        "num_attention_heads",
        json!(5000),
        "`num_attention_heads` is 5000; from 1 to 4096 is possible",
    );
    assert_config_refused(
        "eos_token_id",
        json!("</s>"),
        "key `eos_token_id` in config.json is \"</s>\", not a token or a list of tokens",
    );
}

#[test]
fn rotations_by_no_angle_are_refused() {
    let mut file = tiny_model(StoredType::Q8_0);
    let mut factors = vec![1f32; 32];
    factors[3] = 0.0;
    let bytes = factors.into_iter().flat_map(f32::to_le_bytes).collect();
    file.tensor("rope_freqs.weight", &[32], 0, bytes);
    assert_eq!(
        open(&file).expect_err("refused").to_string(),
        "pair 3 of a head turns by inf a position, which is no angle"
    );
    let mut folder = FolderWriter::new(StoredType::F32);
    folder.config["rope_scaling"] = json!({"rope_type": "linear", "factor": 1e-308});
    // The first angle is a number; that of the last position is none.
    assert_eq!(
        folder.open().expect_err("refused").to_string(),
        "pair 0 of a head turns by 1e308 a position, which is no angle"
    );
}

/// A model may be drawn, so that its sizes are bounded by nothing but what is refused.
#[test]
fn queries_wider_than_any_model_has_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = json!({
        "model_type": "llama", "hidden_size": 2, "intermediate_size": 2, "num_hidden_layers": 1, "num_attention_heads": 4096,
        "num_key_value_heads": 1, "head_dim": 16_384, "vocab_size": 300, "max_position_embeddings": 64,
        "rms_norm_eps": 1e-5, "generated_weights": {"seed": 1}
    });
    std::fs::write(folder.path().join("config.json"), config.to_string()).expect("written");
    assert_eq!(
        LlamaSource::open(folder.path()).expect_err("refused").to_string(),
        "`num_attention_heads` · `head_dim` is 67108864; from 1 to 1048576 is possible"
    );
}
