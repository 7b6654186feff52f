use crate::architecture::Architecture;

/// What a tensor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The table of token embeddings: `[V, D]`.
    Embedding,
    /// The output matrix: `[V, D]`; not there if the model is tied.
    Output,
    /// The weights of the last norm: D.
    OutputNorm,
    /// A tensor of a layer, from 0.
    Layer(usize, LayerRole),
}

/// What a tensor of a layer is for. Q, KV are the widths of all queries and of all keys, F that inside a feed-forward layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LayerRole {
    /// The weights of the norm before attention: D.
    AttentionNorm,
    /// Queries: `[Q, D]`. Its rows are ordered for the rotation's pairing, as the keys' are.
    Query,
    /// Keys: `[KV, D]`.
    Key,
    /// Values: `[KV, D]`.
    Value,
    /// From attention back: `[D, Q]`.
    AttentionOutput,
    /// The weights of the norm before the feed-forward layer: D.
    FeedNorm,
    /// The gate: `[F, D]`.
    Gate,
    /// What is gated: `[F, D]`.
    Up,
    /// From the feed-forward layer back: `[D, F]`.
    Down,
    /// Added to queries: Q; may be absent.
    QueryBias,
    /// Added to keys: KV; may be absent.
    KeyBias,
    /// Added to values: KV; may be absent.
    ValueBias,
    /// Added to what attention gives back: D; may be absent.
    AttentionOutputBias,
}

/// How a source names tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    Gguf,
    HuggingFace,
}

impl LayerRole {
    /// All roles of a layer.
    pub const ALL: [LayerRole; 13] = [
        LayerRole::AttentionNorm,
        LayerRole::Query,
        LayerRole::Key,
        LayerRole::Value,
        LayerRole::AttentionOutput,
        LayerRole::FeedNorm,
        LayerRole::Gate,
        LayerRole::Up,
        LayerRole::Down,
        LayerRole::QueryBias,
        LayerRole::KeyBias,
        LayerRole::ValueBias,
        LayerRole::AttentionOutputBias,
    ];

    fn names(self) -> (&'static str, &'static str) {
        match self {
            LayerRole::AttentionNorm => ("attn_norm.weight", "input_layernorm.weight"),
            LayerRole::Query => ("attn_q.weight", "self_attn.q_proj.weight"),
            LayerRole::Key => ("attn_k.weight", "self_attn.k_proj.weight"),
            LayerRole::Value => ("attn_v.weight", "self_attn.v_proj.weight"),
            LayerRole::AttentionOutput => ("attn_output.weight", "self_attn.o_proj.weight"),
            LayerRole::FeedNorm => ("ffn_norm.weight", "post_attention_layernorm.weight"),
            LayerRole::Gate => ("ffn_gate.weight", "mlp.gate_proj.weight"),
            LayerRole::Up => ("ffn_up.weight", "mlp.up_proj.weight"),
            LayerRole::Down => ("ffn_down.weight", "mlp.down_proj.weight"),
            LayerRole::QueryBias => ("attn_q.bias", "self_attn.q_proj.bias"),
            LayerRole::KeyBias => ("attn_k.bias", "self_attn.k_proj.bias"),
            LayerRole::ValueBias => ("attn_v.bias", "self_attn.v_proj.bias"),
            LayerRole::AttentionOutputBias => ("attn_output.bias", "self_attn.o_proj.bias"),
        }
    }
}

impl Role {
    /// Whether a model may be without it.
    pub fn optional(self) -> bool {
        use LayerRole::{AttentionOutputBias, KeyBias, QueryBias, ValueBias};
        matches!(
            self,
            Role::Layer(_, QueryBias | KeyBias | ValueBias | AttentionOutputBias)
        )
    }

    /// Its name in a source.
    pub(crate) fn name(self, naming: Naming) -> String {
        let (layer, role) = match (self, naming) {
            (Role::Embedding, Naming::Gguf) => return "token_embd.weight".to_string(),
            (Role::Embedding, Naming::HuggingFace) => return "model.embed_tokens.weight".to_string(),
            (Role::Output, Naming::Gguf) => return "output.weight".to_string(),
            (Role::Output, Naming::HuggingFace) => return "lm_head.weight".to_string(),
            (Role::OutputNorm, Naming::Gguf) => return "output_norm.weight".to_string(),
            (Role::OutputNorm, Naming::HuggingFace) => return "model.norm.weight".to_string(),
            (Role::Layer(layer, role), _) => (layer, role),
        };
        match naming {
            Naming::Gguf => format!("blk.{layer}.{}", role.names().0),
            Naming::HuggingFace => format!("model.layers.{layer}.{}", role.names().1),
        }
    }

    /// Its dimensions, rows first; one for a vector.
    pub fn shape(self, architecture: &Architecture) -> Vec<usize> {
        let (width, feed) = (architecture.width, architecture.feed_width);
        let (queries, keys) = (architecture.query_width(), architecture.kv_width());
        let Role::Layer(_, role) = self else {
            return match self {
                Role::OutputNorm => vec![width],
                _ => vec![architecture.vocabulary, width],
            };
        };
        match role {
            LayerRole::AttentionNorm | LayerRole::FeedNorm | LayerRole::AttentionOutputBias => vec![width],
            LayerRole::Query => vec![queries, width],
            LayerRole::Key | LayerRole::Value => vec![keys, width],
            LayerRole::AttentionOutput => vec![width, queries],
            LayerRole::Gate | LayerRole::Up => vec![feed, width],
            LayerRole::Down => vec![width, feed],
            LayerRole::QueryBias => vec![queries],
            LayerRole::KeyBias | LayerRole::ValueBias => vec![keys],
        }
    }
}
