//! The metadata of whole GGUF files.

use super::gguf::{Entry, Value};
use super::gguf_sample::Sizes;
use super::tokens;

fn entry(key: &str, value: Value) -> Entry {
    Entry {
        key: key.into(),
        value,
        tag: None,
    }
}

fn number(key: &str, value: u64) -> Entry {
    entry(key, Value::Number(4, (value as u32).to_le_bytes().into()))
}

fn float(value: f32) -> Value {
    Value::Number(6, value.to_le_bytes().into())
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// What a model is.
pub(super) fn settings(sizes: &Sizes) -> Vec<Entry> {
    vec![
        entry("general.architecture", text("llama")),
        number("llama.block_count", 1),
        number("llama.context_length", 1 << 26),
        number("llama.embedding_length", sizes.width),
        number("llama.feed_forward_length", sizes.feed),
        number("llama.attention.head_count", sizes.heads),
        number("llama.attention.head_count_kv", sizes.key_heads),
        number("llama.attention.key_length", sizes.head),
        number("llama.attention.value_length", sizes.head),
        entry("llama.attention.layer_norm_rms_epsilon", float(1e-5)),
        number("tokenizer.ggml.bos_token_id", 1),
        number("tokenizer.ggml.eos_token_id", 2),
    ]
}

/// Adds a tokenizer of pieces.
pub(super) fn pieces(entries: &mut Vec<Entry>) {
    let scores = (0..16).map(|token| float(-(token as f32)));
    let types = tokens::PIECE_TYPES
        .iter()
        .map(|kind| Value::Number(5, kind.to_le_bytes().into()));
    entries.extend([
        entry("tokenizer.ggml.model", text("llama")),
        entry(
            "tokenizer.ggml.tokens",
            Value::Array(8, tokens::PIECES.map(text).into()),
        ),
        entry("tokenizer.ggml.scores", Value::Array(6, scores.collect())),
        entry("tokenizer.ggml.token_type", Value::Array(5, types.collect())),
        number("tokenizer.ggml.unknown_token_id", 0),
    ]);
}

/// Adds a tokenizer of bytes with a template for talks.
pub(super) fn bytes(entries: &mut Vec<Entry>, split: &str) {
    let merges = tokens::MERGES.map(|pair| text(&pair.join(" ")));
    entries.extend([
        entry("tokenizer.ggml.model", text("gpt2")),
        entry("tokenizer.ggml.pre", text(split)),
        entry("tokenizer.ggml.tokens", Value::Array(8, tokens::BYTES.map(text).into())),
        entry("tokenizer.ggml.merges", Value::Array(8, merges.into())),
        entry("tokenizer.chat_template", text(tokens::TEMPLATE)),
    ]);
}
