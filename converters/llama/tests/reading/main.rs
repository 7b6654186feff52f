//! Reading models: what is refused and how, layouts against independent decoders, tokenizers against golden tokens.

mod architectures;
mod block_layouts;
mod decoders;
mod folder_writer;
mod folders;
mod gguf_refusals;
mod gguf_writer;
mod golden_tokens;
mod mutations;
mod quantisation;
mod real_file;
mod tables;
mod tiny_model;
mod tokenizer_refusals;
mod tokenizers;
