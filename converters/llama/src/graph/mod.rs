//! The graphs of a model: one pass over a batch of a prompt, one pass that writes a token, over the same weights.

mod body;
mod builder;
mod embedding;
mod layer;
mod logits;
mod rotation;
mod sampler;
mod weights;

pub(crate) use body::graphs;
pub(crate) use builder::BuildError;
