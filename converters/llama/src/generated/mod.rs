//! Models whose weights are drawn from a seed: any size of the family without a download, by the way of real ones.

mod numbers;
mod vocabulary;

pub(crate) use numbers::DrawnNumbers;

use serde::Deserialize;

use crate::architecture::{Architecture, ArchitectureError};
use crate::role::{LayerRole, Role};
use crate::safetensors::Config;
use crate::storage::Storage;
use crate::{Tokenizer, TokenizerError};

/// The key of a `config.json` that asks for drawn weights: `{ "seed": 1 }`.
const KEY: &str = "generated_weights";
/// Bytes of storage that each tensor has to itself.
const TENSOR_SPACE: u64 = 1 << 40;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    seed: u64,
}

/// The weights: matrices of numbers drawn evenly, of LLaMA's initial deviation, 0.02; norms of ones.
#[derive(Debug)]
pub(crate) struct GeneratedModel {
    config: Config,
    matrices: Storage,
    norms: Storage,
}

impl GeneratedModel {
    /// The model that settings ask for, if they ask for drawn weights.
    pub(crate) fn from_config(config: &Config) -> Result<Option<GeneratedModel>, ArchitectureError> {
        let Some(settings) = config.parsed::<Settings>(KEY, "`{ \"seed\": … }`")? else {
            return Ok(None);
        };
        Ok(Some(GeneratedModel {
            config: config.clone(),
            matrices: Storage::drawn(DrawnNumbers::Even { seed: settings.seed }),
            norms: Storage::drawn(DrawnNumbers::Ones),
        }))
    }

    /// Its `config.json`.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Where the tensor of a role lies; none of an optional one.
    pub(crate) fn tensor(&self, role: Role) -> Option<(&Storage, u64)> {
        let norm = matches!(
            role,
            Role::OutputNorm | Role::Layer(_, LayerRole::AttentionNorm | LayerRole::FeedNorm)
        );
        let number = match role {
            Role::Embedding => 0,
            Role::Output => 1,
            Role::OutputNorm => 2,
            Role::Layer(layer, role) => {
                let place = LayerRole::ALL.iter().position(|other| *other == role)?;
                (3 + layer * LayerRole::ALL.len() + place) as u64
            }
        };
        let storage = if norm { &self.norms } else { &self.matrices };
        (!role.optional()).then_some((storage, number * TENSOR_SPACE))
    }

    /// A tokenizer of the model's size, which writes any text byte by byte.
    pub(crate) fn tokenizer(&self, architecture: &Architecture) -> Result<Tokenizer, TokenizerError> {
        Tokenizer::new(vocabulary::bytes_first(architecture)?)
    }
}
