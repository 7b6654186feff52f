//! Files changed at random: read or refused, never a panic.

use std::io;
use std::sync::OnceLock;

use opml_llama::gguf::GgufFile;
use opml_llama::tokenizer::SpecialTokens;
use opml_llama::{Blocks, Embedding, LayerRole, LlamaSource, Role, StoredType};
use proptest::prelude::*;

use crate::folder_writer::{FolderWriter, tokenizer_file};
use crate::golden_tokens::gguf_with;
use crate::tokenizers::definition;

/// Reads all that there is to read.
fn read(source: &LlamaSource) {
    if let Ok(tokenizer) = source.tokenizer() {
        tokenizer.decode(&tokenizer.encode("The capital <|im_end|> 1\n", true, SpecialTokens::Read));
    }
    source.architecture().rope.frequencies();
    for role in [
        Role::Embedding,
        Role::OutputNorm,
        Role::Output,
        Role::Layer(1, LayerRole::Key),
    ] {
        let Ok(Some(tensor)) = source.tensor(role) else {
            continue;
        };
        let _ = tensor.row(0);
        if let Ok(table) = Embedding::new(tensor.clone(), None) {
            let _ = table.write_scales(0..32, &mut io::sink());
        }
        if let Ok(Some(blocks)) = Blocks::new(tensor, None) {
            let _ = blocks.laid_out(0..32, 1);
        }
    }
}

/// A small valid file, and how long its header is.
fn valid() -> &'static (Vec<u8>, usize) {
    static VALID: OnceLock<(Vec<u8>, usize)> = OnceLock::new();
    VALID.get_or_init(|| {
        let mut small = definition("bytes");
        small.tokens.truncate(80);
        small.kinds.retain(|(token, _)| *token < 80);
        small.order = opml_llama::tokenizer::Order::Merges(vec![40, 41]);
        let file = gguf_with(&small);
        assert_eq!(StoredType::Q8_0.gguf(), file.tensors[0].number);
        let data: usize = file
            .tensors
            .iter()
            .map(|tensor| tensor.bytes.len().next_multiple_of(32))
            .sum();
        let bytes = file.bytes();
        read(&LlamaSource::from_gguf(GgufFile::from_bytes(bytes.clone()).expect("a file")).expect("a model"));
        let header = bytes.len() - data;
        (bytes, header)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_changed_gguf_file_is_read_or_refused(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0usize..3), 1..6),
        length in proptest::option::weighted(0.1, any::<proptest::sample::Index>()),
    ) {
        let (whole, header) = valid();
        let mut bytes = whole.clone();
        for (place, value, kind) in &changes {
            let place = place.index(*header);
            match kind {
                0 => bytes[place] = *value,
                1 => bytes[place] ^= 1 << (value % 8),
                _ => bytes[place] = if value % 2 == 0 { 0 } else { 255 },
            }
        }
        if let Some(length) = length {
            bytes.truncate(length.index(whole.len()));
        }
        if let Ok(file) = GgufFile::from_bytes(bytes)
            && let Ok(source) = LlamaSource::from_gguf(file)
        {
            read(&source);
        }
    }

    #[test]
    fn random_bytes_after_the_magic_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let bytes = [b"GGUF\x03\0\0\0".as_slice(), &bytes].concat();
        prop_assert!(GgufFile::from_bytes(bytes).map_or(true, |file| file.tensors().is_empty()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_changed_folder_is_read_or_refused(
        place in any::<proptest::sample::Index>(),
        value in 0x20u8..0x7f,
        config: bool,
    ) {
        let mut folder = FolderWriter::new(StoredType::Bf16);
        let text = if config { folder.config.to_string() } else { tokenizer_file(&definition("bytes")).to_string() };
        let mut text: Vec<char> = text.chars().collect();
        let place = place.index(text.len());
        text[place] = char::from(value);
        let name = if config { "config.json" } else { "tokenizer.json" };
        folder.files.insert(name.into(), text.into_iter().collect());
        if let Ok(source) = folder.open() {
            read(&source);
        }
    }
}
