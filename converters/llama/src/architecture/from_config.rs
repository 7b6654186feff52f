use serde_json::Value;

use super::limits::{SizeKeys, check};
use super::{Architecture, ArchitectureError, Pairing, Rope, RopeScaling};
use crate::safetensors::Config;

const KEYS: SizeKeys = SizeKeys {
    layers: "num_hidden_layers",
    width: "hidden_size",
    heads: "num_attention_heads",
    kv_heads: "num_key_value_heads",
    head_size: "head_dim",
    feed_width: "intermediate_size",
    vocabulary: "vocab_size",
    context: "max_position_embeddings",
    rotated: "partial_rotary_factor",
};

/// The model types whose layers are LLaMA's.
const KNOWN: [&str; 2] = ["llama", "mistral"];

/// The architecture that a folder's `config.json` describes.
pub(crate) fn from_config(config: &Config) -> Result<Architecture, ArchitectureError> {
    let name = config.text("model_type")?.ok_or_else(|| config.missing("model_type"))?;
    if !KNOWN.contains(&name) {
        return Err(ArchitectureError::Architecture { name: name.to_string() });
    }
    refuse_features(config)?;
    let needed = |key| config.size(key)?.ok_or_else(|| config.missing(key));
    let (width, heads) = (needed(KEYS.width)?, needed(KEYS.heads)?);
    let head_size = config.size(KEYS.head_size)?.unwrap_or(width / heads.max(1));
    let partial = config.number(KEYS.rotated)?.unwrap_or(1.0);
    let architecture = Architecture {
        layers: needed(KEYS.layers)?,
        width,
        heads,
        kv_heads: config.size(KEYS.kv_heads)?.unwrap_or(heads),
        head_size,
        feed_width: needed(KEYS.feed_width)?,
        vocabulary: needed(KEYS.vocabulary)?,
        context: needed(KEYS.context)?,
        rms_epsilon: config
            .positive("rms_norm_eps")?
            .ok_or_else(|| config.missing("rms_norm_eps"))? as f32,
        rope: rope(config, (head_size as f64 * partial) as usize)?,
        tied: config.boolean("tie_word_embeddings")?.unwrap_or(false),
        bos: config.tokens("bos_token_id")?.first().copied(),
        eos: config.tokens("eos_token_id")?,
        add_bos: None,
    };
    check(&architecture, &KEYS)?;
    Ok(architecture)
}

/// Refuses what would make another model of the same weights.
fn refuse_features(config: &Config) -> Result<(), ArchitectureError> {
    for key in ["mlp_bias", "quantization_config", "sliding_window", "num_local_experts"] {
        match config.get(key) {
            None | Some(Value::Bool(false)) => {}
            Some(Value::Number(number)) if number.as_u64() == Some(0) => {}
            Some(found) => return Err(unsupported(key, shown(found))),
        }
    }
    match config.text("hidden_act")? {
        None | Some("silu" | "swish") => Ok(()),
        Some(other) => Err(unsupported("hidden_act", format!("`{other}`"))),
    }
}

/// A value as an error shows it; objects are not spelled out.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) | Value::Array(_) => "set".to_string(),
        other => other.to_string(),
    }
}

fn unsupported(key: &str, found: String) -> ArchitectureError {
    ArchitectureError::Unsupported {
        key: key.to_string(),
        found,
    }
}

/// Base and scaling: top-level keys and `rope_scaling`, or both in `rope_parameters`.
fn rope(config: &Config, dimensions: usize) -> Result<Rope, ArchitectureError> {
    let section = match config.section("rope_parameters")? {
        Some(section) => Some(section),
        None => config.section("rope_scaling")?,
    };
    let base = match config.positive("rope_theta")? {
        Some(base) => Some(base),
        None => section
            .as_ref()
            .map_or(Ok(None), |section| section.positive("rope_theta"))?,
    };
    Ok(Rope {
        base: base.unwrap_or(10_000.0),
        dimensions,
        pairing: Pairing::Halves,
        scaling: section.as_ref().map_or(Ok(RopeScaling::None), scaling)?,
    })
}

fn scaling(section: &Config) -> Result<RopeScaling, ArchitectureError> {
    let kind = match section.text("rope_type")? {
        Some(kind) => Some(kind),
        None => section.text("type")?,
    };
    let needed = |key| section.positive(key)?.ok_or_else(|| section.missing(key));
    match kind {
        None | Some("default") => Ok(RopeScaling::None),
        Some("linear") => Ok(RopeScaling::Linear(needed("factor")?)),
        Some("llama3") => Ok(RopeScaling::Llama3 {
            factor: needed("factor")?,
            low: needed("low_freq_factor")?,
            high: needed("high_freq_factor")?,
            original_context: needed("original_max_position_embeddings")?,
        }),
        Some(other) => Err(unsupported(&section.key("rope_type"), format!("`{other}`"))),
    }
}
