use super::limits::{SizeKeys, check};
use super::{Architecture, ArchitectureError, Pairing, Rope, RopeScaling};
use crate::gguf::{GgufError, Metadata};

const KEYS: SizeKeys = SizeKeys {
    layers: "llama.block_count",
    width: "llama.embedding_length",
    heads: "llama.attention.head_count",
    kv_heads: "llama.attention.head_count_kv",
    head_size: "llama.attention.key_length",
    feed_width: "llama.feed_forward_length",
    vocabulary: "llama.vocab_size",
    context: "llama.context_length",
    rotated: "llama.rope.dimension_count",
};

/// Keys whose features are not computed, if they are not zero.
const REFUSED: [&str; 3] = ["llama.expert_count", "llama.attention.sliding_window", "split.count"];

/// The architecture that a GGUF file's metadata describes. `factors` are the values of `rope_freqs.weight`, `tied` says
/// that there is no output matrix, `rows` how many the embedding has.
pub(crate) fn from_gguf(
    metadata: &Metadata,
    factors: Option<Vec<f32>>,
    tied: bool,
    rows: u64,
) -> Result<Architecture, ArchitectureError> {
    let name = metadata.text("general.architecture")?;
    let name = name.ok_or_else(|| missing("general.architecture"))?;
    if name != "llama" {
        return Err(ArchitectureError::Architecture { name: name.to_string() });
    }
    for key in REFUSED {
        if let Some(found) = metadata
            .integer(key)?
            .filter(|count| *count > u32::from(key == "split.count"))
        {
            return Err(ArchitectureError::Unsupported {
                key: key.to_string(),
                found: found.to_string(),
            });
        }
    }
    let size = |key| -> Result<Option<usize>, GgufError> { Ok(metadata.integer(key)?.map(|size| size as usize)) };
    let needed = |key| size(key)?.ok_or_else(|| missing(key));
    let (width, heads) = (needed(KEYS.width)?, needed(KEYS.heads)?);
    let head_size = size(KEYS.head_size)?.unwrap_or(width / heads.max(1));
    let values = size("llama.attention.value_length")?.unwrap_or(head_size);
    if values != head_size {
        return Err(ArchitectureError::Unsupported {
            key: "llama.attention.value_length".to_string(),
            found: format!("{values}, with keys of {head_size}"),
        });
    }
    let architecture = Architecture {
        layers: needed(KEYS.layers)?,
        width,
        heads,
        kv_heads: size(KEYS.kv_heads)?.unwrap_or(heads),
        head_size,
        feed_width: needed(KEYS.feed_width)?,
        vocabulary: size(KEYS.vocabulary)?.unwrap_or(usize::try_from(rows).unwrap_or(usize::MAX)),
        context: needed(KEYS.context)?,
        rms_epsilon: epsilon(metadata)?,
        rope: Rope {
            base: positive(metadata, "llama.rope.freq_base")?.unwrap_or(10_000.0),
            dimensions: size(KEYS.rotated)?.unwrap_or(head_size),
            pairing: Pairing::Interleaved,
            scaling: scaling(metadata, factors)?,
        },
        tied,
        bos: metadata.integer("tokenizer.ggml.bos_token_id")?,
        eos: eos(metadata)?,
        add_bos: metadata.boolean("tokenizer.ggml.add_bos_token")?,
    };
    check(&architecture, &KEYS)?;
    Ok(architecture)
}

fn missing(key: &str) -> GgufError {
    GgufError::MissingKey { key: key.to_string() }
}

fn positive(metadata: &Metadata, key: &str) -> Result<Option<f64>, ArchitectureError> {
    let Some(value) = metadata.float(key)? else {
        return Ok(None);
    };
    if value > 0.0 {
        return Ok(Some(value));
    }
    Err(ArchitectureError::Gguf(GgufError::KeyType {
        key: key.to_string(),
        expected: "a number above 0",
        found: value.to_string(),
    }))
}

fn epsilon(metadata: &Metadata) -> Result<f32, ArchitectureError> {
    const KEY: &str = "llama.attention.layer_norm_rms_epsilon";
    Ok(positive(metadata, KEY)?.ok_or_else(|| missing(KEY))? as f32)
}

/// The end of a text and, where it is another token, the end of a turn.
fn eos(metadata: &Metadata) -> Result<Vec<u32>, ArchitectureError> {
    let mut eos = Vec::new();
    for key in ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"] {
        if let Some(token) = metadata.integer(key)?
            && !eos.contains(&token)
        {
            eos.push(token);
        }
    }
    Ok(eos)
}

fn scaling(metadata: &Metadata, factors: Option<Vec<f32>>) -> Result<RopeScaling, ArchitectureError> {
    const TYPE: &str = "llama.rope.scaling.type";
    let factor = match positive(metadata, "llama.rope.scaling.factor")? {
        Some(factor) => Some(factor),
        None => positive(metadata, "llama.rope.scale_linear")?,
    };
    let kind = metadata.text(TYPE)?;
    match (kind, factor, factors) {
        (Some("none") | None, _, Some(factors)) => Ok(RopeScaling::Factors(factors)),
        (Some("none"), _, None) | (None, None, None) => Ok(RopeScaling::None),
        (Some("linear") | None, Some(factor), None) => Ok(RopeScaling::Linear(factor)),
        (Some("linear"), None, None) => Err(missing("llama.rope.scaling.factor").into()),
        (Some(kind), _, _) => Err(ArchitectureError::Unsupported {
            key: TYPE.to_string(),
            found: format!("`{kind}`"),
        }),
    }
}
