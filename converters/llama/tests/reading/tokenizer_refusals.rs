//! Tokenizers that are refused, and how.

use std::time::{Duration, Instant};

use opml_llama::tokenizer::{Definition, Order};
use opml_llama::{StoredType, Tokenizer};
use serde_json::{Value, json};

use crate::folder_writer::{FolderWriter, tokenizer_file};
use crate::gguf_writer::Meta;
use crate::golden_tokens::{from_gguf, gguf_with};
use crate::tokenizers::definition;

#[track_caller]
fn assert_gguf_refused(fixture: &str, key: &str, value: Option<Meta>, expected: &str) {
    let mut file = gguf_with(&definition(fixture));
    match value {
        Some(value) => file.set(key, value),
        None => file.remove(key),
    };
    assert_eq!(from_gguf(&file).expect_err("refused").to_string(), expected);
}

#[test]
fn gguf_tokenizers() {
    let texts = |texts: &[&str]| Some(Meta::texts(texts));
    let model = "tokenizer.ggml.model";
    assert_gguf_refused("bytes", model, None, "metadata key `tokenizer.ggml.model` is missing");
    assert_gguf_refused(
        "bytes",
        model,
        Some(Meta::text("t5")),
        "the tokenizer's model `t5` is not supported",
    );
    assert_gguf_refused(
        "bytes",
        "tokenizer.ggml.pre",
        Some(Meta::text("qwen2")),
        "the tokenizer's pre-tokenizer `qwen2` is not supported",
    );
    let tokens = "tokenizer.ggml.tokens";
    assert_gguf_refused("bytes", tokens, None, "metadata key `tokenizer.ggml.tokens` is missing");
    assert_gguf_refused(
        "bytes",
        tokens,
        Some(Meta::U32(7)),
        "metadata key `tokenizer.ggml.tokens` is 7, not an array of texts",
    );
    assert_gguf_refused(
        "bytes",
        "tokenizer.ggml.merges",
        None,
        "metadata key `tokenizer.ggml.merges` is missing",
    );
    for merge in ["t", "qqq h", "Ġ  ", ""] {
        let expected = format!("merge 1 of the tokenizer, `{merge}`, is not of two tokens to a third");
        assert_gguf_refused("bytes", "tokenizer.ggml.merges", texts(&["h e", merge]), &expected);
    }
    assert_gguf_refused(
        "pieces",
        "tokenizer.ggml.scores",
        Some(Meta::Array(6, vec![Meta::F32(0.0); 3])),
        &format!(
            "the tokenizer has {} tokens and 3 scores",
            definition("pieces").tokens.len()
        ),
    );
    let kinds = |kind| Meta::Array(5, vec![Meta::I32(kind); definition("pieces").tokens.len()]);
    let key = "tokenizer.ggml.token_type";
    assert_gguf_refused(
        "pieces",
        key,
        Some(kinds(9)),
        "token 0 of the tokenizer has the unknown type 9",
    );
    assert_gguf_refused(
        "pieces",
        key,
        Some(Meta::Array(5, vec![Meta::I32(1)])),
        &format!(
            "the tokenizer has {} tokens and 1 types",
            definition("pieces").tokens.len()
        ),
    );
    assert_gguf_refused(
        "pieces",
        "tokenizer.ggml.bos_token_id",
        Some(Meta::U32(70_000)),
        &format!(
            "the tokenizer's beginning of texts is 70000, and there are {} tokens",
            definition("pieces").tokens.len()
        ),
    );
}

#[track_caller]
fn assert_definition_refused(change: impl FnOnce(&mut Definition), expected: &str) {
    let mut definition = definition("pieces");
    definition.tokens.truncate(300);
    definition.order = Order::Scores(vec![0.0; 300]);
    change(&mut definition);
    assert_eq!(Tokenizer::new(definition).expect_err("refused").to_string(), expected);
}

#[test]
fn definitions() {
    assert_definition_refused(
        |definition| definition.order = Order::Scores(vec![f32::NAN; 300]),
        "token 0 of the tokenizer has the score NaN",
    );
    assert_definition_refused(
        |definition| definition.order = Order::Merges(vec![1, 300]),
        "the tokenizer's merged token is 300, and there are 300 tokens",
    );
    assert_definition_refused(
        |definition| definition.order = Order::Merges(vec![1, 2, 3]),
        "the tokenizer's text is not understood: its last merge is of one token",
    );
    assert_definition_refused(
        |definition| definition.eos = vec![2, 301],
        "the tokenizer's end of texts is 301, and there are 300 tokens",
    );
    assert_definition_refused(
        |definition| definition.tokens.clear(),
        "the tokenizer has 0 tokens; from 1 to 4194304 are possible",
    );
    // Merges by number look up texts that they do not spell out.
    assert_definition_refused(
        |definition| definition.tokens[299] = "a".repeat(4097),
        "token 299 of the tokenizer has 4097 bytes; at most 4096 are possible",
    );
    assert_definition_refused(
        |definition| definition.version = 2,
        "the tokenizer's text is not understood: its version is 2, not 1",
    );
    assert!(Tokenizer::from_json("{").is_err());
    assert!(Tokenizer::from_json("{\"version\":1,\"tokens\":[]}").is_err());
}

#[track_caller]
fn assert_folder_refused(fixture: &str, change: impl FnOnce(&mut Value), expected: &str) {
    let mut file = tokenizer_file(&definition(fixture));
    change(&mut file);
    let mut folder = FolderWriter::new(StoredType::F32);
    folder.files.insert("tokenizer.json".into(), file.to_string());
    let source = folder.open().expect("a model");
    assert_eq!(source.tokenizer().expect_err("refused").to_string(), expected);
}

#[test]
fn folder_tokenizers() {
    assert_folder_refused(
        "bytes",
        |file| file["model"]["type"] = json!("Unigram"),
        "the tokenizer's model `Unigram` is not supported",
    );
    assert_folder_refused(
        "bytes",
        |file| file["pre_tokenizer"] = json!({"type": "BertPreTokenizer"}),
        "the tokenizer's pre-tokenizer `BertPreTokenizer` is not supported",
    );
    assert_folder_refused(
        "bytes",
        |file| file["normalizer"] = json!({"type": "NFC"}),
        "the tokenizer's normalizer `NFC` is not supported",
    );
    assert_folder_refused(
        "pieces",
        |file| file["added_tokens"][1]["lstrip"] = json!(true),
        "the tokenizer's token that looks at its neighbours `<s>` is not supported",
    );
    assert_folder_refused(
        "bytes",
        |file| file["model"]["merges"] = json!(["zz zzz"]),
        "merge 0 of the tokenizer, `zz zzz`, is not of two tokens to a third",
    );
    assert_folder_refused(
        "bytes",
        |file| file["model"]["vocab"]["x"] = json!(4_294_967_295u32),
        "the tokenizer has 4294967296 tokens; from 1 to 4194304 are possible",
    );
    assert_folder_refused(
        "bytes",
        |file| *file = json!({}),
        "`tokenizer.json` is not understood: missing field `model` at line 1 column 2",
    );
    // Which of the two it would be is no business of chance.
    assert_folder_refused(
        "bytes",
        |file| file["model"]["vocab"]["another"] = json!(7),
        "two tokens of the tokenizer have the number 7",
    );
    let named = definition("bytes").tokens.len() + definition("bytes").kinds.len() + 1;
    assert_folder_refused(
        "bytes",
        |file| file["model"]["vocab"]["far away"] = json!(4_000_000),
        &format!("the tokenizer counts 4000001 tokens and names {named}"),
    );
    let folder = FolderWriter::new(StoredType::F32);
    let error = folder.open().expect("a model").tokenizer().expect_err("refused");
    assert_eq!(error.to_string(), "`tokenizer.json` is missing in the folder");
    assert_eq!(error.help(), "fetch the whole folder of the model again");
}

/// The sides of such a text would be looked up once for each of its spaces, and are as long as it is.
#[test]
fn merges_of_many_spaces_take_no_long_time() {
    let mut file = gguf_with(&definition("bytes"));
    let spaces = " ".repeat(1 << 20);
    file.set("tokenizer.ggml.merges", Meta::texts(&[&spaces]));
    let start = Instant::now();
    assert_eq!(
        from_gguf(&file).expect_err("refused").to_string(),
        format!(
            "merge 0 of the tokenizer, `{}`, is not of two tokens to a third",
            " ".repeat(60)
        )
    );
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
