//! Small whole GGUF files.

use super::gguf::Gguf;
use super::sample_metadata::{bytes, pieces, settings};
use super::tensors::Tensor;
use super::{noise, options};

/// Types of matrices, and those of the two that k-quants cannot store here.
const TYPES: [(u32, u32); 13] = [
    (0, 0),
    (1, 1),
    (30, 30),
    (2, 2),
    (3, 3),
    (6, 6),
    (7, 7),
    (8, 8),
    (10, 0),
    (11, 1),
    (12, 30),
    (13, 0),
    (14, 1),
];

/// Sizes of a model of one layer.
pub(super) struct Sizes {
    pub(super) vocabulary: u64,
    pub(super) width: u64,
    pub(super) heads: u64,
    pub(super) key_heads: u64,
    pub(super) head: u64,
    pub(super) feed: u64,
}

/// One float takes as much as a block of codes, and super-blocks are as wide as 256 values.
fn sizes(stored: u32) -> Sizes {
    let (vocabulary, width, heads, key_heads, head, feed) = match stored {
        0 => (16, 16, 4, 2, 4, 16),
        1 | 30 => (8, 32, 2, 1, 16, 32),
        10.. => (12, 256, 1, 1, 2, 2),
        _ => (24, 32, 2, 1, 16, 64),
    };
    Sizes {
        vocabulary,
        width,
        heads,
        key_heads,
        head,
        feed,
    }
}

/// A file of one layer: types by turns, each with four kinds of tokenizers, the output tied or not.
pub(super) fn sample(number: u32) -> Vec<u8> {
    let (stored, inner) = TYPES[number as usize % TYPES.len()];
    let number = number / TYPES.len() as u32;
    let sizes = sizes(stored);
    let mut file = Gguf {
        version: 3,
        entries: settings(&sizes),
        tensors: tensors(&sizes, stored, inner),
        counts: [None; 2],
        rest: number as usize % options::COUNT,
    };
    match number % 4 {
        0 => pieces(&mut file.entries),
        kind => bytes(&mut file.entries, ["gpt-2", "smollm", "llama-bpe"][kind as usize - 1]),
    }
    if number % 8 > 3 {
        let (rows, pairs) = (sizes.vocabulary, sizes.head / 2);
        file.tensors.push(tensor("rope_freqs.weight", &[pairs], 0, 1));
        file.tensors
            .push(tensor("blk.0.attn_q.bias", &[sizes.heads * sizes.head], 0, 2));
        let blocks = if sizes.width.is_multiple_of(32) { 2 } else { 0 };
        file.tensors
            .push(tensor("output.weight", &[sizes.width, rows], blocks, 3));
    }
    file.written()
}

fn tensor(name: &str, dimensions: &[u64], stored: u32, seed: usize) -> Tensor {
    let count = dimensions.iter().product::<u64>() as usize;
    Tensor {
        name: name.into(),
        dimensions: dimensions.into(),
        stored,
        offset: None,
        bytes: noise::values(stored, count, seed),
    }
}

fn tensors(sizes: &Sizes, stored: u32, inner: u32) -> Vec<Tensor> {
    let (width, feed) = (sizes.width, sizes.feed);
    let (queries, keys) = (sizes.heads * sizes.head, sizes.key_heads * sizes.head);
    let matrices = [
        ("token_embd.weight", [width, sizes.vocabulary], stored),
        ("blk.0.attn_q.weight", [width, queries], stored),
        ("blk.0.attn_k.weight", [width, keys], stored),
        ("blk.0.attn_v.weight", [width, keys], stored),
        ("blk.0.attn_output.weight", [queries, width], inner),
        ("blk.0.ffn_gate.weight", [width, feed], stored),
        ("blk.0.ffn_up.weight", [width, feed], stored),
        ("blk.0.ffn_down.weight", [feed, width], inner),
    ];
    let norms = ["output_norm.weight", "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight"];
    let norms = norms.map(|name| tensor(name, &[width], 0, 9));
    let matrices = matrices.into_iter().enumerate();
    let matrices = matrices.map(|(seed, (name, dimensions, stored))| tensor(name, &dimensions, stored, seed));
    matrices.chain(norms).collect()
}
