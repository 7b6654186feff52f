//! Small whole folders, packed.

use serde_json::{Map, Value, json};

use super::packed::Packed;
use super::shard::Shard;
use super::{noise, tokens};

const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// A folder of one layer: types of weights by turns, each with several tokenizers; or weights drawn from a seed. Some have an index,
/// some settings of the tokenizer.
pub(super) fn sample(number: u32) -> Vec<u8> {
    let mut packed = Packed::default();
    let kind = number as usize % 4;
    let (number, dtype) = (number / 4, ["F32", "F16", "BF16", "generated"][kind]);
    if dtype == "generated" {
        *packed.file(0) = generated().to_string().into();
        return packed.written();
    }
    // Rows of floats that can be quantised are as wide as a block.
    let [vocabulary, width, heads, key_heads, head, feed] = match dtype {
        "F32" => [16, 16, 4, 2, 4, 16],
        _ => [16, 32, 16, 1, 2, 32],
    };
    let stretched = [Value::Null, scaling()][number as usize % 2].clone();
    let config = json!({
        "model_type": "llama", "hidden_act": "silu", "hidden_size": width, "intermediate_size": feed, "num_hidden_layers": 1,
        "num_attention_heads": heads, "num_key_value_heads": key_heads, "head_dim": head, "vocab_size": vocabulary,
        "max_position_embeddings": 1 << 26, "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "bos_token_id": 1,
        "eos_token_id": [2], "rope_theta": 10000.0,
        "rope_scaling": stretched,
    });
    *packed.file(0) = config.to_string().into();
    *packed.file(1) = tokenizer(number as usize).to_string().into();
    if number % 3 == 1 {
        let settings = json!({"bos_token": "<s>", "eos_token": {"content": "</s>"}, "add_bos_token": true, "chat_template": tokens::TEMPLATE});
        *packed.file(2) = settings.to_string().into();
    }
    let mut shard = Shard {
        header: Map::new(),
        data: Vec::new(),
    };
    let mut push = |name: &str, shape: &[u64]| {
        let stored = [0, 1, 30][kind];
        let count = shape.iter().product::<u64>() as usize;
        shard.push(name, dtype, shape, &noise::values(stored, count, name.len()));
    };
    let (queries, keys) = (heads * head, key_heads * head);
    push("model.embed_tokens.weight", &[vocabulary, width]);
    push("model.norm.weight", &[width]);
    for (role, shape) in [
        ("input_layernorm", &[width][..]),
        ("self_attn.q_proj", &[queries, width]),
        ("self_attn.k_proj", &[keys, width]),
        ("self_attn.v_proj", &[keys, width]),
        ("self_attn.o_proj", &[width, queries]),
        ("post_attention_layernorm", &[width]),
        ("mlp.gate_proj", &[feed, width]),
        ("mlp.up_proj", &[feed, width]),
        ("mlp.down_proj", &[width, feed]),
    ] {
        push(&format!("model.layers.0.{role}.weight"), shape);
    }
    // Beside wide rows there is no room for an index.
    if number % 3 == 2 && dtype == "F32" {
        let names = shard
            .header
            .keys()
            .map(|name| (name.clone(), json!("model.safetensors")));
        let index = json!({"weight_map": names.collect::<Map<_, _>>()});
        *packed.file(3) = index.to_string().into();
    }
    *packed.file(4) = shard.written();
    packed.written()
}

fn scaling() -> Value {
    json!({
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64
    })
}

fn generated() -> Value {
    json!({
        "model_type": "llama", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
        "vocab_size": 264, "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "bos_token_id": 1, "eos_token_id": 2,
        "generated_weights": {"seed": 1},
    })
}

/// `tokenizer.json` of pieces, or of bytes with one of three splits.
fn tokenizer(number: usize) -> Value {
    let bytes = |expression: bool| json!({"type": "ByteLevel", "add_prefix_space": false, "use_regex": expression});
    let (normalizer, cuts) = match number % 4 {
        0 => {
            let replaced = json!({"type": "Replace", "pattern": {"String": " "}, "content": "▁"});
            let steps = json!([{"type": "Prepend", "prepend": "▁"}, replaced]);
            (json!({"type": "Sequence", "normalizers": steps}), Value::Null)
        }
        1 => (Value::Null, bytes(true)),
        2 => (
            Value::Null,
            json!({"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}, bytes(true)]}),
        ),
        _ => {
            let split = json!({"type": "Split", "pattern": {"Regex": LLAMA3}, "behavior": "Isolated", "invert": false});
            (
                Value::Null,
                json!({"type": "Sequence", "pretokenizers": [split, bytes(false)]}),
            )
        }
    };
    let pieces = number.is_multiple_of(4);
    let (texts, merges) = if pieces {
        (tokens::PIECES, tokens::PIECE_MERGES)
    } else {
        (tokens::BYTES, tokens::MERGES)
    };
    let vocabulary: Map<String, Value> = texts
        .iter()
        .zip(0..)
        .map(|(text, id)| (text.to_string(), json!(id)))
        .collect();
    let merges: Vec<Value> = match number / 4 % 2 {
        0 => merges.iter().map(|pair| json!(pair.join(" "))).collect(),
        _ => merges.iter().map(|pair| json!(pair)).collect(),
    };
    let first = json!([{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]);
    let special = (0..3).map(|id| json!({"id": id, "content": texts[id], "special": true}));
    json!({
        "added_tokens": special.collect::<Vec<_>>(), "normalizer": normalizer, "pre_tokenizer": cuts,
        "post_processor": {"type": "TemplateProcessing", "single": first},
        "model": {
            "type": "BPE", "vocab": vocabulary, "merges": merges, "unk_token": "<unk>", "byte_fallback": pieces,
            "ignore_merges": number % 4 == 3
        }
    })
}
