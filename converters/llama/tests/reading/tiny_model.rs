//! A model of two layers with random weights, in a GGUF file.

use opml_llama::StoredType;

use crate::gguf_writer::{GgufWriter, Meta};

pub(crate) const WIDTH: u64 = 256;
pub(crate) const FEED: u64 = 512;
pub(crate) const KEYS: u64 = 128;
pub(crate) const VOCABULARY: u64 = 80;

/// Bytes that look random, the same for the same seed.
pub(crate) fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// Random stored values of a type; plain floats are between −1 and 1.
pub(crate) fn values(stored: StoredType, count: u64, seed: u64) -> Vec<u8> {
    let blocks = count as usize / stored.block();
    let random = noise(seed, blocks * stored.block_bytes());
    match stored {
        StoredType::F32 => random
            .chunks(4)
            .flat_map(|word| (f32::from(word[0] as i8) / 128.0).to_le_bytes())
            .collect(),
        StoredType::F16 => random
            .chunks(2)
            .flat_map(|pair| [pair[0], 0x30 | (pair[1] & 0x8b)])
            .collect(),
        StoredType::Bf16 => random
            .chunks(2)
            .flat_map(|pair| [pair[0], 0x3e | (pair[1] & 0x80)])
            .collect(),
        _ => random,
    }
}

/// The model with its matrices in `stored`.
pub(crate) fn tiny_model(stored: StoredType) -> GgufWriter {
    let mut file = GgufWriter::new();
    file.set("general.architecture", Meta::text("llama"))
        .set("llama.block_count", Meta::U32(2))
        .set("llama.context_length", Meta::U32(128))
        .set("llama.embedding_length", Meta::U32(WIDTH as u32))
        .set("llama.feed_forward_length", Meta::U32(FEED as u32))
        .set("llama.attention.head_count", Meta::U32(4))
        .set("llama.attention.head_count_kv", Meta::U32(2))
        .set("llama.attention.layer_norm_rms_epsilon", Meta::F32(1e-5))
        .set("tokenizer.ggml.bos_token_id", Meta::U32(1))
        .set("tokenizer.ggml.eos_token_id", Meta::U32(2));
    let mut seed = 0;
    let mut matrix = |file: &mut GgufWriter, name: &str, rows: u64, columns: u64| {
        seed += 1;
        file.tensor(
            name,
            &[columns, rows],
            stored.gguf(),
            values(stored, rows * columns, seed),
        );
    };
    matrix(&mut file, "token_embd.weight", VOCABULARY, WIDTH);
    for layer in 0..2 {
        let name = |role: &str| format!("blk.{layer}.{role}.weight");
        matrix(&mut file, &name("attn_q"), WIDTH, WIDTH);
        matrix(&mut file, &name("attn_k"), KEYS, WIDTH);
        matrix(&mut file, &name("attn_v"), KEYS, WIDTH);
        matrix(&mut file, &name("attn_output"), WIDTH, WIDTH);
        matrix(&mut file, &name("ffn_gate"), FEED, WIDTH);
        matrix(&mut file, &name("ffn_up"), FEED, WIDTH);
        matrix(&mut file, &name("ffn_down"), WIDTH, FEED);
        for norm in ["attn_norm", "ffn_norm"] {
            file.tensor(&name(norm), &[WIDTH], 0, values(StoredType::F32, WIDTH, 99));
        }
    }
    file.tensor("output_norm.weight", &[WIDTH], 0, values(StoredType::F32, WIDTH, 99));
    file
}
