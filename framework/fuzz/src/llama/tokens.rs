//! Small vocabularies for whole inputs.

/// Tokens of bytes in GPT-2's alphabet, special ones first.
pub(super) const BYTES: [&str; 16] = [
    "<unk>",
    "<s>",
    "</s>",
    "a",
    "b",
    "c",
    "Ġ",
    "1",
    "Ċ",
    "ab",
    "Ġa",
    "Ġab",
    "abc",
    "<|im_start|>",
    "<|im_end|>",
    "Ã",
];
/// Pairs of those that merge.
pub(super) const MERGES: [[&str; 2]; 4] = [["a", "b"], ["Ġ", "a"], ["Ġa", "b"], ["ab", "c"]];

/// Tokens of pieces, special ones first.
pub(super) const PIECES: [&str; 16] = [
    "<unk>", "<s>", "</s>", "<0x0A>", "<0xF0>", "▁", "a", "b", "c", "ab", "▁a", "▁ab", "abc", "1", "::", "é",
];
/// Pairs of those that merge.
pub(super) const PIECE_MERGES: [[&str; 2]; 4] = [["a", "b"], ["▁", "a"], ["▁a", "b"], ["ab", "c"]];
/// Types of those, by their numbers in a GGUF file.
pub(super) const PIECE_TYPES: [i32; 16] = [2, 3, 3, 6, 6, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 5];
/// A template for talks in the form that is known.
pub(super) const TEMPLATE: &str = "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}\
    {{ '<|im_start|>assistant\n' }}";
