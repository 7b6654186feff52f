//! Folders of safetensors as tests need them, right or wrong.

use std::collections::BTreeMap;
use std::fs;

use opml_llama::tokenizer::{Definition, LeadingSpace, Order, Split, Style, TokenKind};
use opml_llama::{LlamaError, LlamaSource, StoredType};
use serde_json::{Map, Value, json};

use crate::tiny_model::{FEED, KEYS, VOCABULARY, WIDTH, values};

/// A tensor to write.
pub(crate) struct FolderTensor {
    pub(crate) shape: Vec<u64>,
    pub(crate) dtype: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// The shard that it lies in, if there are several.
    pub(crate) shard: usize,
}

/// A folder: a model of two layers in one or two shards.
pub(crate) struct FolderWriter {
    pub(crate) config: Value,
    pub(crate) tensors: BTreeMap<String, FolderTensor>,
    pub(crate) shards: usize,
    /// Files besides; they stand for those that would be written.
    pub(crate) files: BTreeMap<String, String>,
}

impl FolderWriter {
    pub(crate) fn new(stored: StoredType) -> FolderWriter {
        let mut tensors = BTreeMap::new();
        let mut add = |name: String, shape: &[u64], shard: usize| {
            let seed = tensors.len() as u64;
            let bytes = values(stored, shape.iter().product(), seed);
            let tensor = FolderTensor {
                shape: shape.to_vec(),
                dtype: stored.name(),
                bytes,
                shard,
            };
            tensors.insert(name, tensor);
        };
        add("model.embed_tokens.weight".into(), &[VOCABULARY, WIDTH], 0);
        add("model.norm.weight".into(), &[WIDTH], 1);
        add("lm_head.weight".into(), &[VOCABULARY, WIDTH], 1);
        for layer in 0..2 {
            for (role, shape) in [
                ("input_layernorm", vec![WIDTH]),
                ("self_attn.q_proj", vec![WIDTH, WIDTH]),
                ("self_attn.k_proj", vec![KEYS, WIDTH]),
                ("self_attn.v_proj", vec![KEYS, WIDTH]),
                ("self_attn.o_proj", vec![WIDTH, WIDTH]),
                ("post_attention_layernorm", vec![WIDTH]),
                ("mlp.gate_proj", vec![FEED, WIDTH]),
                ("mlp.up_proj", vec![FEED, WIDTH]),
                ("mlp.down_proj", vec![WIDTH, FEED]),
            ] {
                add(format!("model.layers.{layer}.{role}.weight"), &shape, layer);
            }
        }
        FolderWriter {
            config: json!({
                "model_type": "llama", "hidden_act": "silu", "hidden_size": WIDTH, "intermediate_size": FEED,
                "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": VOCABULARY,
                "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "tie_word_embeddings": false,
                "bos_token_id": 1, "eos_token_id": 2, "rope_scaling": null
            }),
            tensors,
            shards: 1,
            files: BTreeMap::new(),
        }
    }

    /// The bytes of a shard: its header and data.
    fn shard(&self, shard: usize) -> Vec<u8> {
        let (mut header, mut data) = (Map::new(), Vec::new());
        header.insert("__metadata__".into(), json!({"format": "pt"}));
        let own = |place: usize| self.shards == 1 || place == shard;
        for (name, tensor) in self.tensors.iter().filter(|(_, tensor)| own(tensor.shard)) {
            let offsets = [data.len(), data.len() + tensor.bytes.len()];
            let (shape, dtype) = (&tensor.shape, tensor.dtype);
            header.insert(
                name.clone(),
                json!({"dtype": dtype, "shape": shape, "data_offsets": offsets}),
            );
            data.extend(&tensor.bytes);
        }
        raw_shard(&Value::Object(header).to_string(), &data)
    }

    fn all_files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::from([("config.json".to_string(), self.config.to_string().into_bytes())]);
        if self.shards == 1 {
            files.insert("model.safetensors".into(), self.shard(0));
        } else {
            let name = |shard: usize| format!("model-{}-of-{}.safetensors", shard + 1, self.shards);
            let map = self
                .tensors
                .iter()
                .map(|(tensor, place)| (tensor.clone(), json!(name(place.shard))));
            let index = json!({"weight_map": Value::Object(map.collect())});
            files.insert("model.safetensors.index.json".into(), index.to_string().into_bytes());
            files.extend((0..self.shards).map(|shard| (name(shard), self.shard(shard))));
        }
        files.extend(
            self.files
                .iter()
                .map(|(name, text)| (name.clone(), text.clone().into_bytes())),
        );
        files
    }

    /// Writes the folder without some files and opens it. What is open outlives the folder.
    pub(crate) fn open_without(&self, left_out: &[&str]) -> Result<LlamaSource, LlamaError> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in self.all_files() {
            if !left_out.contains(&name.as_str()) {
                fs::write(folder.path().join(name), bytes).expect("written");
            }
        }
        let kept = folder.keep();
        let opened = LlamaSource::open(&kept);
        OPENED.with_borrow_mut(|folders| folders.0.push(kept));
        opened
    }

    pub(crate) fn open(&self) -> Result<LlamaSource, LlamaError> {
        self.open_without(&[])
    }
}

/// Folders that are removed when their test's thread ends: a source reads its JSON files when asked for the tokenizer.
struct Folders(Vec<std::path::PathBuf>);

impl Drop for Folders {
    fn drop(&mut self) {
        for folder in &self.0 {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

thread_local! {
    static OPENED: std::cell::RefCell<Folders> = const { std::cell::RefCell::new(Folders(Vec::new())) };
}

/// A safetensors file of a header and data.
pub(crate) fn raw_shard(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

/// `tokenizer.json` of a definition. Scores become the merges that give each token, by score.
pub(crate) fn tokenizer_file(definition: &Definition) -> Value {
    let tokens = &definition.tokens;
    let place = |text: &str| tokens.iter().position(|token| token == text);
    let pairs: Vec<Value> = match &definition.order {
        Order::Merges(merges) => {
            let pairs = merges.chunks(2);
            pairs
                .map(|pair| json!([tokens[pair[0] as usize], tokens[pair[1] as usize]]))
                .collect()
        }
        Order::Scores(scores) => {
            let mut merges = Vec::new();
            for (token, text) in tokens.iter().enumerate().skip(259) {
                for (at, _) in text.char_indices().skip(1) {
                    if let (Some(left), Some(right)) = (place(&text[..at]), place(&text[at..])) {
                        merges.push((
                            -scores[token],
                            left,
                            right,
                            json!(format!("{} {}", &text[..at], &text[at..])),
                        ));
                    }
                }
            }
            merges.sort_by(|a, b| (a.0, a.1, a.2).partial_cmp(&(b.0, b.1, b.2)).expect("numbers"));
            merges.into_iter().map(|merge| merge.3).collect()
        }
    };
    let kinds = definition.kinds.iter().filter(|(_, kind)| *kind != TokenKind::Byte);
    let added = kinds.map(|(token, _)| json!({"id": token, "content": tokens[*token as usize], "special": true}));
    let bytes = |expression: bool| json!({"type": "ByteLevel", "add_prefix_space": false, "use_regex": expression});
    let sequence = |first: Value, rest: Value| json!({"type": "Sequence", "pretokenizers": [first, rest]});
    let (normalizer, pre_tokenizer) = match definition.style {
        Style::Bytes(Split::SmolLm) => {
            let digits = json!({"type": "Digits", "individual_digits": true});
            (Value::Null, sequence(digits, bytes(true)))
        }
        Style::Bytes(Split::Llama3) => {
            let expression = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
            let split =
                json!({"type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": false});
            (Value::Null, sequence(split, bytes(false)))
        }
        Style::Bytes(_) => (Value::Null, bytes(true)),
        Style::Pieces(leading) => {
            let replace = json!({"type": "Replace", "pattern": {"String": " "}, "content": "▁"});
            let prepend = json!({"type": "Prepend", "prepend": "▁"});
            let steps = if leading == LeadingSpace::Every {
                vec![prepend, replace]
            } else {
                vec![replace]
            };
            (json!({"type": "Sequence", "normalizers": steps}), Value::Null)
        }
    };
    let bos = json!([{"SpecialToken": {"id": tokens[1], "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]);
    let vocabulary: Map<String, Value> = tokens
        .iter()
        .enumerate()
        .map(|(id, text)| (text.clone(), json!(id)))
        .collect();
    json!({
        "added_tokens": added.collect::<Vec<_>>(),
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": if definition.add_bos { json!({"type": "TemplateProcessing", "single": bos}) } else { Value::Null },
        "model": {
            "type": "BPE", "vocab": vocabulary, "merges": pairs, "unk_token": definition.unknown.map(|token| &tokens[token as usize]),
            "byte_fallback": matches!(definition.style, Style::Pieces(_)), "ignore_merges": definition.whole_words
        }
    })
}
