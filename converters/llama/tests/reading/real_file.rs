//! SmolLM2-135M-Instruct in Q4_1, where `OPML_SMOLLM2` says that the file lies; nothing without it.

use std::path::Path;

use opml_llama::tokenizer::SpecialTokens;
use opml_llama::{Blocks, Embedding, LayerRole, LlamaSource, Role, StoredType, Tokenizer};

use crate::block_layouts::weight;

fn open() -> Option<LlamaSource> {
    let path = std::env::var_os("OPML_SMOLLM2")?;
    Some(LlamaSource::open(Path::new(&path)).expect("a model"))
}

#[test]
fn its_tokens_and_talk() {
    let Some(source) = open() else {
        eprintln!("skipped: OPML_SMOLLM2 names no file");
        return;
    };
    let tokenizer = source.tokenizer().expect("a tokenizer");
    let text = "The capital of France is";
    let tokens = tokenizer.encode(text, tokenizer.add_bos(), SpecialTokens::AsText);
    assert_eq!(tokens, [504, 3575, 282, 4649, 314]);
    assert_eq!(tokenizer.decode(&tokens), text);
    let hard = "naïve café — 日本語 🙂";
    let expected = [3546, 46494, 37366, 1841, 17097, 241, 115, 40993, 179, 120, 248, 47526];
    let tokens = tokenizer.encode(hard, false, SpecialTokens::AsText);
    assert_eq!(tokenizer.decode(&tokens), hard);
    assert_eq!(tokens, expected);
    assert_eq!(tokenizer.tokens(), 49152);
    let chat = tokenizer.chat().expect("a template");
    assert_eq!(
        chat.system.as_deref(),
        Some("You are a helpful AI assistant named SmolLM, trained by Hugging Face")
    );
    let again = Tokenizer::from_json(&tokenizer.to_json()).expect("a tokenizer");
    assert_eq!(again.definition(), tokenizer.definition());
}

#[test]
fn its_weights() {
    let Some(source) = open() else {
        eprintln!("skipped: OPML_SMOLLM2 names no file");
        return;
    };
    let architecture = source.architecture();
    assert_eq!(
        (architecture.layers, architecture.width, architecture.vocabulary),
        (30, 576, 49152)
    );
    assert_eq!(
        (architecture.heads, architecture.kv_heads, architecture.head_size),
        (9, 3, 64)
    );
    assert!(architecture.tied && architecture.rope.base == 100_000.0);
    let down = source
        .tensor(Role::Layer(29, LayerRole::Down))
        .expect("a tensor")
        .expect("down");
    assert_eq!(down.stored(), StoredType::Q4_1);
    let blocks = Blocks::new(down.clone(), None)
        .expect("blocks")
        .expect("a quantised type");
    let value = blocks.laid_out(0..576, 2).expect("laid out");
    assert_eq!(value.len(), 18 * 48 * blocks.format().panel_bytes());
    for output in [0, 100, 575] {
        let row = down.row(output).expect("a row");
        let found: Vec<f32> = (0..1536)
            .map(|k| weight(&value, blocks.format(), 1536, output, k))
            .collect();
        assert_eq!(found, row);
        assert!(row.iter().all(|weight| weight.abs() < 10.0));
    }
    let table = source.tensor(Role::Embedding).expect("a tensor").expect("a table");
    assert_eq!(
        Blocks::new(table.clone(), None)
            .expect("blocks")
            .expect("quantised")
            .parts(),
        [0..49152]
    );
    let table = Embedding::new(table, None).expect("a table");
    let mut codes = Vec::new();
    table.write_codes(0..576, &mut codes).expect("written");
    assert_eq!(codes.len(), 49152 * 576);
}
