use serde_json::Value;

/// The files of a model's folder in one input: little-endian lengths of the first four as u32, then all of them, one after the other.
/// A file without bytes is not there.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    files: [Vec<u8>; 5],
}

impl Packed {
    /// The files' names, in order.
    pub const NAMES: [&str; 5] = [
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "model.safetensors.index.json",
        "model.safetensors",
    ];

    /// Takes an input apart; `None` when it is shorter than it says.
    pub fn read(input: &[u8]) -> Option<Packed> {
        let mut files = <[Vec<u8>; 5]>::default();
        let (lengths, mut rest) = input.split_first_chunk::<16>()?;
        let (last, first) = files.split_last_mut()?;
        for (file, length) in first.iter_mut().zip(lengths.as_chunks().0) {
            let (bytes, after) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            *file = bytes.to_vec();
            rest = after;
        }
        *last = rest.to_vec();
        Some(Packed { files })
    }

    /// The files with their names, empty ones among them.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        Packed::NAMES
            .into_iter()
            .zip(&self.files)
            .map(|(name, file)| (name, file.as_slice()))
    }

    /// Whether the settings ask for so many weights drawn from a seed that making them takes long: a model of any size may be drawn, so
    /// a small file can ask for hours of work as honestly as a large one.
    pub fn draws_much(&self) -> bool {
        const MOST: u64 = 1 << 17;
        let config: Value = serde_json::from_slice(&self.files[0]).unwrap_or_default();
        if config.get("generated_weights").is_none() {
            return false;
        }
        let size = |key: &str| config.get(key).and_then(Value::as_u64);
        let needed = |key: &str| size(key).unwrap_or(1);
        let (width, heads) = (needed("hidden_size"), needed("num_attention_heads"));
        let head = size("head_dim").unwrap_or(width / heads.max(1)).max(1);
        let keys = size("num_key_value_heads").unwrap_or(heads);
        let rows = [heads, heads, keys, keys].map(|heads| heads.saturating_mul(head));
        let feed = needed("intermediate_size").saturating_mul(3);
        let rows = rows.into_iter().fold(feed, u64::saturating_add);
        let layers = needed("num_hidden_layers").saturating_mul(rows.saturating_add(64));
        let vocabulary = needed("vocab_size").saturating_mul(2);
        layers.saturating_add(vocabulary).saturating_mul(width.max(8)) > MOST
    }

    /// The file of a place in [`Packed::NAMES`].
    pub(super) fn file(&mut self, place: usize) -> &mut Vec<u8> {
        &mut self.files[place]
    }

    /// All in one input.
    pub(super) fn written(&self) -> Vec<u8> {
        let lengths = self.files[..4].iter();
        let mut input: Vec<u8> = lengths.flat_map(|file| (file.len() as u32).to_le_bytes()).collect();
        self.files.iter().for_each(|file| input.extend_from_slice(file));
        input
    }
}
