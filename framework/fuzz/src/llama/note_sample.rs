//! Small whole notes of tokenizers.

use serde_json::{Value, json};

use super::tokens;

/// A note of bytes with one of the splits, or of pieces with one of the leading spaces, by merges or by scores.
pub(super) fn sample(number: u32) -> Vec<u8> {
    let number = number as usize;
    let style = match number % 7 {
        split @ 0..4 => json!({"bytes": (["gpt-2", "smollm", "llama-bpe", "default"][split])}),
        leading => json!({"pieces": (["never", "first", "every"][leading - 4])}),
    };
    let texts = match number % 7 {
        0..4 => tokens::BYTES,
        _ => tokens::PIECES,
    };
    let order = match number / 7 % 2 {
        0 => json!({"merges": [3, 4, 6, 3, 9, 5]}),
        _ => json!({"scores": (0..texts.len()).map(|token| -(token as f32)).collect::<Vec<_>>()}),
    };
    let note: Value = json!({
        "version": 1, "style": style, "tokens": texts,
        "kinds": [[0, "unknown"], [1, "control"], [2, "control"], [3, "byte"], [14, "user"], [15, "unused"]],
        "order": order, "whole_words": number.is_multiple_of(3), "unknown": 0, "bos": 1, "eos": [2], "add_bos": true,
        "chat": {"system": "a"},
    });
    note.to_string().into()
}
