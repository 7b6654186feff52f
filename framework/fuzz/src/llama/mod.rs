//! LLaMA models: GGUF files, folders of safetensors packed into one input, and tokenizers' notes; small whole ones to begin with, changes
//! that keep their structure, and the options that a target converts them by.

mod folder;
mod folder_sample;
mod gguf;
mod gguf_reader;
mod gguf_sample;
mod json;
mod metadata;
mod noise;
mod note_sample;
mod options;
mod packed;
mod sample_metadata;
mod shard;
mod tensors;
mod tokens;
mod words;

use crate::random::Random;
use gguf::Gguf;

pub use options::llama_options;
pub use packed::Packed;

/// What a tokenizer's note in a model file begins with, a JSON object.
const NOTE: &[u8] = b"{";

/// A whole input: two GGUF files, two packed folders and a note by turns, each of several kinds.
pub fn llama_sample(number: u32) -> Vec<u8> {
    let turn = number / 5;
    match number % 5 {
        kind @ 0..2 => gguf_sample::sample(2 * turn + kind),
        kind @ 2..4 => folder_sample::sample(2 * turn + kind - 2),
        _ => note_sample::sample(turn),
    }
}

/// The input changed in a few places; `None` when it is neither a GGUF file, nor a packed folder, nor a note.
pub fn mutate_llama(input: &[u8], seed: u32) -> Option<Vec<u8>> {
    let mut random = Random::new(seed);
    if input.starts_with(NOTE) {
        let mut note = input.to_vec();
        json::change_file(&mut note, &mut random);
        return Some(note);
    }
    if !input.starts_with(gguf::MAGIC) {
        let mut packed = Packed::read(input)?;
        folder::change(&mut packed, &mut random);
        return Some(packed.written());
    }
    let mut file = Gguf::read(input)?;
    for _ in 0..1 + random.below(3) {
        match random.below(16) {
            0 => file.head(&mut random),
            1 => file.rest = random.below(options::COUNT),
            2..=8 => metadata::change(&mut file.entries, &mut random),
            _ => tensors::change(&mut file.tensors, &mut random),
        }
    }
    Some(file.written())
}
