//! Reading models: what is refused and how, layouts against independent decoders, tokenizers against golden tokens.

// Values are cut into lists of ranges, and a list of one is what tests ask for.
#![allow(clippy::single_range_in_vec_init)]

mod architectures;
mod block_layouts;
mod decoders;
mod folder_writer;
mod folders;
mod generation;
mod gguf_refusals;
mod gguf_writer;
mod golden_tokens;
mod mutations;
mod quantisation;
mod real_file;
mod sampling;
mod tables;
mod tiny_model;
mod tokenizer_refusals;
mod tokenizers;
