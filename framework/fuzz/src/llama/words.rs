//! Names that a changed model takes its own from.

/// Keys of a GGUF file's metadata.
#[rustfmt::skip]
pub(super) const KEYS: &[&str] = &[
    "general.architecture", "general.alignment", "split.count", "llama.block_count", "llama.embedding_length",
    "llama.attention.head_count", "llama.attention.head_count_kv", "llama.attention.key_length",
    "llama.attention.value_length", "llama.feed_forward_length", "llama.vocab_size", "llama.context_length",
    "llama.rope.dimension_count", "llama.rope.freq_base", "llama.rope.scaling.type", "llama.rope.scaling.factor",
    "llama.rope.scale_linear", "llama.attention.layer_norm_rms_epsilon", "llama.expert_count",
    "llama.attention.sliding_window", "tokenizer.ggml.model", "tokenizer.ggml.pre", "tokenizer.ggml.tokens",
    "tokenizer.ggml.merges", "tokenizer.ggml.scores", "tokenizer.ggml.token_type", "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.unknown_token_id",
    "tokenizer.ggml.add_bos_token", "tokenizer.ggml.add_space_prefix", "tokenizer.chat_template", "x",
];

/// Tensors of a GGUF file.
#[rustfmt::skip]
pub(super) const TENSORS: &[&str] = &[
    "token_embd.weight", "output.weight", "output_norm.weight", "rope_freqs.weight", "blk.0.attn_q.bias",
    "blk.0.attn_k.bias", "blk.0.attn_v.bias", "blk.0.attn_output.bias", "blk.0.attn_q.weight",
    "blk.0.attn_k.weight", "blk.0.attn_v.weight", "blk.0.attn_output.weight", "blk.0.ffn_gate.weight",
    "blk.0.ffn_up.weight", "blk.0.ffn_down.weight", "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "x", "",
];

/// Numbers of stored types, those that are not read among them.
#[rustfmt::skip]
pub(super) const STORED: &[u32] = &[
    0, 1, 2, 3, 6, 7, 8, 10, 11, 12, 13, 14, 30, 0, 1, 2, 8, 4, 9, 15, 16, 24, 28, 35, 39, 99, u32::MAX,
];

/// Keys of a folder's JSON files and of a tokenizer's note.
#[rustfmt::skip]
pub(super) const JSON_KEYS: &[&str] = &[
    "model_type", "hidden_act", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "head_dim", "vocab_size", "max_position_embeddings", "rms_norm_eps",
    "tie_word_embeddings", "bos_token_id", "eos_token_id", "rope_scaling", "rope_parameters", "rope_theta",
    "rope_type", "type", "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings",
    "partial_rotary_factor", "mlp_bias", "quantization_config", "sliding_window", "num_local_experts",
    "generated_weights", "seed", "bos_token", "eos_token", "add_bos_token", "chat_template", "content",
    "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "model", "vocab", "merges", "unk_token",
    "byte_fallback", "ignore_merges", "special", "lstrip", "single_word", "id", "pretokenizers", "normalizers",
    "processors", "single", "SpecialToken", "add_prefix_space", "use_regex", "individual_digits", "prepend",
    "prepend_scheme", "split", "pattern", "Regex", "behavior", "invert", "weight_map", "dtype", "shape",
    "data_offsets", "__metadata__", "model.embed_tokens.weight", "model.norm.weight", "lm_head.weight",
    "model.layers.0.self_attn.q_proj.bias", "model.layers.0.self_attn.o_proj.bias",
    "model.layers.0.self_attn.k_proj.weight", "model.layers.0.mlp.down_proj.weight", "version", "style", "bytes",
    "pieces", "tokens", "kinds", "order", "scores", "whole_words", "unknown", "bos", "eos", "add_bos", "chat",
    "system", "x", "",
];

/// Texts that values may be.
#[rustfmt::skip]
pub(super) const TEXTS: &[&str] = &[
    "llama", "mistral", "qwen2", "gpt2", "gpt-2", "smollm", "llama-bpe", "llama-v3", "default", "none", "linear",
    "llama3", "yarn", "silu", "swish", "gelu", "BPE", "Unigram", "ByteLevel", "Digits", "Split", "Sequence",
    "every", "control", "unknown", "user", "unused", "byte", "Metaspace", "Prepend", "Replace", "TemplateProcessing", "Isolated", "first", "always", "never", "F32", "F16",
    "BF16", "I8", "model.safetensors", "config.json", "tokenizer.json", "../config.json", "/dev/zero", ".", "..",
    "<s>", "</s>", "<unk>", "<0x41>", "<0xff>", "<0xGG>", "<|im_start|>", "<|im_end|>", "▁", "▁a", "Ġ", "Ġa", "a", "b",
    "ab", "a b", "a  b", " ", "   ", "", "\u{0}", "é", "🙂", "e\u{301}", "a b c d e f g h",
];
