//! Texts into tokens and back: byte-level BPE as GPT-2 does it, and pieces as SentencePiece does it.

mod byte_alphabet;
mod chat;
mod decode;
mod definition;
mod encode;
mod error;
mod folder_parts;
mod from_folder;
mod from_gguf;
mod merges;
mod merging;
mod special;
mod split;
mod vocabulary;

pub use chat::{ChatTemplate, Speaker};
pub use decode::Decoder;
pub use definition::{Definition, LeadingSpace, Order, Style, TokenKind};
pub use encode::{SpecialTokens, Tokenizer};
pub use error::TokenizerError;
pub use split::Split;

pub(crate) use definition::VERSION;
pub(crate) use from_folder::tokenizer_from_folder;
pub(crate) use from_gguf::tokenizer_from_gguf;
