//! What a model of the LLaMA family is: sizes, rotation, tokens that begin and end texts. One description from both sources.

mod error;
mod from_config;
mod from_gguf;
mod limits;
mod rope;

pub use error::ArchitectureError;
pub use rope::{Pairing, Rope, RopeScaling};

pub(crate) use from_config::from_config;
pub(crate) use from_gguf::from_gguf;

/// A decoder of RMS-normalised attention with rotary positions and gated feed-forward layers (SiLU).
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// Layers.
    pub layers: usize,
    /// D, values of a token between layers.
    pub width: usize,
    /// Heads of queries.
    pub heads: usize,
    /// Heads of keys and values; divides `heads`.
    pub kv_heads: usize,
    /// Values of a head; even.
    pub head_size: usize,
    /// Values inside a feed-forward layer.
    pub feed_width: usize,
    /// Tokens in the embedding table.
    pub vocabulary: usize,
    /// The most positions the model was made for.
    pub context: usize,
    /// What is added to the mean of squares before the root.
    pub rms_epsilon: f32,
    /// How positions turn queries and keys.
    pub rope: Rope,
    /// Whether the output matrix is the embedding table.
    pub tied: bool,
    /// The token that begins a text, if the source names one.
    pub bos: Option<u32>,
    /// The tokens that end a text.
    pub eos: Vec<u32>,
    /// Whether a text begins with `bos`, as far as the settings say; a tokenizer may say more.
    pub add_bos: Option<bool>,
}

impl Architecture {
    /// Values of all queries of a token.
    pub fn query_width(&self) -> usize {
        self.heads * self.head_size
    }

    /// Values of all keys, or of all values, of a token.
    pub fn kv_width(&self) -> usize {
        self.kv_heads * self.head_size
    }
}
