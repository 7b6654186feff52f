//! Tokens that other programs give, from each form that a tokenizer is read from.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use opml_llama::tokenizer::{Definition, SpecialTokens, Split, Style};
use opml_llama::{LlamaSource, StoredType, Tokenizer, gguf::GgufFile};

use crate::folder_writer::{FolderWriter, tokenizer_file};
use crate::gguf_writer::{GgufWriter, Meta};
use crate::tiny_model::tiny_model;
use crate::tokenizers::{bytes, definition, pieces};

fn golden() -> (Vec<String>, HashMap<String, Vec<Vec<u32>>>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/golden.json");
    let text = fs::read_to_string(path).expect("golden tokens");
    let mut all: HashMap<String, serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let texts = serde_json::from_value(all.remove("texts").expect("texts")).expect("texts");
    let tokens = all
        .into_iter()
        .map(|(name, tokens)| (name, serde_json::from_value(tokens).expect("tokens")));
    (texts, tokens.collect())
}

fn assert_golden(tokenizer: &Tokenizer, name: &str) {
    let (texts, golden) = golden();
    for (text, expected) in texts.iter().zip(&golden[name]) {
        assert_eq!(
            &tokenizer.encode(text, false, SpecialTokens::AsText),
            expected,
            "{name}: {text:?}"
        );
    }
}

fn with_split(split: Split) -> Definition {
    let mut definition = definition("bytes");
    definition.style = Style::Bytes(split);
    definition.whole_words = split == Split::Llama3;
    definition
}

#[test]
fn tokens_are_those_of_other_programs() {
    assert_golden(&bytes(), "smollm");
    assert_golden(&pieces(), "pieces");
    for (split, name) in [(Split::Gpt2, "gpt-2"), (Split::Llama3, "llama-bpe")] {
        assert_golden(&Tokenizer::new(with_split(split)).expect("a tokenizer"), name);
    }
}

#[test]
fn texts_come_back() {
    let (texts, golden) = golden();
    for (text, tokens) in texts.iter().zip(&golden["pieces"]) {
        assert_eq!(&pieces().decode(tokens), text);
    }
    for (text, tokens) in texts.iter().zip(&golden["llama-bpe"]) {
        assert_eq!(&bytes().decode(tokens), text);
    }
}

/// The tokenizer of a model's GGUF file.
pub(crate) fn from_gguf(file: &GgufWriter) -> Result<Tokenizer, opml_llama::LlamaError> {
    LlamaSource::from_gguf(GgufFile::from_bytes(file.bytes())?)?.tokenizer()
}

/// A model whose metadata has this tokenizer.
pub(crate) fn gguf_with(definition: &Definition) -> GgufWriter {
    use opml_llama::tokenizer::{LeadingSpace, Order, TokenKind};
    let mut file = tiny_model(StoredType::Q8_0);
    let tokens: Vec<&str> = definition.tokens.iter().map(String::as_str).collect();
    let mut kinds = vec![1; tokens.len()];
    for (token, kind) in &definition.kinds {
        kinds[*token as usize] = match kind {
            TokenKind::Unknown => 2,
            TokenKind::Control => 3,
            TokenKind::User => 4,
            TokenKind::Unused => 5,
            TokenKind::Byte => 6,
        };
    }
    file.set(
        "tokenizer.ggml.token_type",
        Meta::Array(5, kinds.into_iter().map(Meta::I32).collect()),
    );
    match &definition.order {
        Order::Merges(merges) => {
            let merges = merges
                .chunks(2)
                .map(|pair| format!("{} {}", tokens[pair[0] as usize], tokens[pair[1] as usize]));
            file.set(
                "tokenizer.ggml.merges",
                Meta::Array(8, merges.map(Meta::Text).collect()),
            );
        }
        Order::Scores(scores) => {
            file.set(
                "tokenizer.ggml.scores",
                Meta::Array(6, scores.iter().copied().map(Meta::F32).collect()),
            );
        }
    }
    match definition.style {
        Style::Bytes(split) => {
            let pre = match split {
                Split::Gpt2 => "gpt-2",
                Split::SmolLm => "smollm",
                Split::Llama3 => "llama-bpe",
                Split::Default => "default",
            };
            file.set("tokenizer.ggml.model", Meta::text("gpt2"))
                .set("tokenizer.ggml.pre", Meta::text(pre));
        }
        Style::Pieces(leading) => {
            file.set("tokenizer.ggml.model", Meta::text("llama"))
                .set("tokenizer.ggml.unknown_token_id", Meta::U32(0))
                .set(
                    "tokenizer.ggml.add_space_prefix",
                    Meta::Bool(leading != LeadingSpace::Never),
                );
        }
    }
    file.set("tokenizer.ggml.tokens", Meta::texts(&tokens));
    file
}

#[test]
fn a_gguf_file_gives_the_same_tokenizer() {
    let smollm = Definition {
        chat: None,
        ..definition("bytes")
    };
    let llama3 = Definition {
        chat: None,
        add_bos: true,
        ..with_split(Split::Llama3)
    };
    for expected in [smollm, llama3, definition("pieces")] {
        let found = from_gguf(&gguf_with(&expected)).expect("a tokenizer");
        assert_eq!(found.definition(), &expected);
    }
}

#[test]
fn a_folder_gives_the_same_tokens() {
    for (definition, name) in [
        (definition("bytes"), "smollm"),
        (with_split(Split::Gpt2), "gpt-2"),
        (with_split(Split::Llama3), "llama-bpe"),
        (definition("pieces"), "pieces"),
    ] {
        let mut folder = FolderWriter::new(StoredType::F32);
        folder
            .files
            .insert("tokenizer.json".into(), tokenizer_file(&definition).to_string());
        let source = folder.open().expect("a model");
        let tokenizer = source.tokenizer().expect("a tokenizer");
        assert_golden(&tokenizer, name);
        assert_eq!(tokenizer.definition().style, definition.style);
        assert_eq!(tokenizer.definition().bos, Some(1));
        assert_eq!(tokenizer.definition().eos, [2]);
        assert_eq!(tokenizer.add_bos(), name == "pieces");
    }
}
