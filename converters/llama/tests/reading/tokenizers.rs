//! What a tokenizer does with special tokens, streams and talks.

use std::fs;
use std::path::Path;

use opml_llama::tokenizer::{ChatTemplate, Definition, LeadingSpace, Order, Speaker, SpecialTokens, Style, TokenKind};
use opml_llama::{StoredType, Tokenizer};
use proptest::prelude::*;
use serde_json::json;

use crate::folder_writer::FolderWriter;

/// A fixture.
pub(crate) fn definition(name: &str) -> Definition {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).expect("a fixture")).expect("a definition")
}

/// The byte-level fixture.
pub(crate) fn bytes() -> Tokenizer {
    Tokenizer::new(definition("bytes")).expect("a tokenizer")
}

/// The fixture of pieces.
pub(crate) fn pieces() -> Tokenizer {
    Tokenizer::new(definition("pieces")).expect("a tokenizer")
}

#[test]
fn a_tokenizer_travels_as_text() {
    for tokenizer in [bytes(), pieces()] {
        let text = tokenizer.to_json();
        let again = Tokenizer::from_json(&text).expect("a tokenizer");
        assert_eq!(again.definition(), tokenizer.definition());
        assert_eq!(again.to_json(), text);
    }
}

#[test]
fn special_tokens_are_read_only_where_asked() {
    let tokenizer = bytes();
    let text = "<|im_start|>the<|im_end|>";
    let the = tokenizer.encode("the", false, SpecialTokens::AsText);
    let read = tokenizer.encode(text, false, SpecialTokens::Read);
    assert_eq!(read, [&[1], the.as_slice(), &[2]].concat());
    let plain = tokenizer.encode(text, false, SpecialTokens::AsText);
    assert!(plain.len() > 10 && !plain.contains(&1) && !plain.contains(&2));
    assert_eq!(tokenizer.decode(&plain), text);
    assert_eq!(tokenizer.decode(&read), "the");
    assert!(tokenizer.ends(2) && !tokenizer.ends(1));
}

#[test]
fn user_tokens_are_found_in_any_text_the_longest_first() {
    let mut definition = definition("pieces");
    for text in ["::", "::="] {
        definition.kinds.push((definition.tokens.len() as u32, TokenKind::User));
        definition.tokens.push(text.to_string());
    }
    if let opml_llama::tokenizer::Order::Scores(scores) = &mut definition.order {
        scores.extend([0.0, 0.0]);
    }
    let last = definition.tokens.len() as u32 - 1;
    definition.style = Style::Pieces(LeadingSpace::Never);
    let tokenizer = Tokenizer::new(definition).expect("a tokenizer");
    let tokens = tokenizer.encode("::=a::", true, SpecialTokens::AsText);
    let a = tokenizer.encode("a", false, SpecialTokens::AsText);
    assert_eq!(tokens, [&[1, last], a.as_slice(), &[last - 1]].concat());
    assert_eq!(tokenizer.decode(&tokens), "::=a::");
}

#[test]
fn spaces_lead_where_the_style_says() {
    let with = |leading| {
        let mut definition = definition("pieces");
        definition.style = Style::Pieces(leading);
        Tokenizer::new(definition).expect("a tokenizer")
    };
    let (every, first, never) = (
        with(LeadingSpace::Every),
        with(LeadingSpace::First),
        with(LeadingSpace::Never),
    );
    let spaced = every.encode("the", false, SpecialTokens::AsText);
    let plain = never.encode("the", false, SpecialTokens::AsText);
    assert_ne!(spaced, plain);
    let text = "the</s>the";
    let read = |tokenizer: &Tokenizer| tokenizer.encode(text, false, SpecialTokens::Read);
    assert_eq!(read(&every), [spaced.as_slice(), &[2], &spaced].concat());
    assert_eq!(read(&first), [spaced.as_slice(), &[2], &plain].concat());
    assert_eq!(read(&never), [plain.as_slice(), &[2], &plain].concat());
    assert_eq!(every.decode(&spaced), "the");
    assert_eq!(never.decode(&spaced), " the");
    let mut decoder = every.decoder().after_prompt();
    assert_eq!(decoder.push(spaced[0]).chars().next(), Some(' '));
}

#[test]
fn an_empty_text_has_no_tokens() {
    for tokenizer in [bytes(), pieces()] {
        assert_eq!(tokenizer.encode("", false, SpecialTokens::Read), [0u32; 0]);
        assert_eq!(tokenizer.encode("", true, SpecialTokens::Read), [1]);
        assert_eq!(tokenizer.decode(&[]), "");
    }
}

#[test]
fn characters_appear_when_they_are_whole() {
    let tokenizer = pieces();
    let tokens = tokenizer.encode("日🙂", false, SpecialTokens::AsText);
    let mut decoder = tokenizer.decoder();
    let shown: Vec<String> = tokens.iter().map(|token| decoder.push(*token)).collect();
    assert_eq!(shown, ["", "", "", "日", "", "", "", "🙂"]);
    assert_eq!(decoder.finish(), "");
}

#[test]
fn what_is_no_character_is_shown_as_such() {
    let tokenizer = pieces();
    let byte = |byte: u8| u32::from(byte) + 3;
    // A continuation without a beginning; a beginning that another one cuts short; one that nothing follows.
    let mut decoder = tokenizer.decoder();
    assert_eq!(decoder.push(byte(0x80)), "\u{fffd}");
    assert_eq!(decoder.push(byte(0xe6)), "");
    assert_eq!(decoder.push(byte(0x97)), "");
    assert_eq!(decoder.push(byte(0xf0)), "\u{fffd}");
    assert_eq!(decoder.finish(), "\u{fffd}");
    assert_eq!(tokenizer.decode(&[u32::MAX, 5000]), "");
    let mut decoder = tokenizer.decoder();
    assert_eq!(decoder.push_bytes(byte(0x80)), [0x80]);
}

#[test]
fn symbols_without_a_token_are_unknown_or_left_out() {
    let mut definition = definition("bytes");
    let missing = b'\x04'; // The excerpt has no token for it.
    let text = format!("a{}", char::from(missing));
    let tokenizer = Tokenizer::new(definition.clone()).expect("a tokenizer");
    assert_eq!(tokenizer.encode(&text, false, SpecialTokens::AsText).len(), 1);
    definition.unknown = Some(0);
    let tokenizer = Tokenizer::new(definition).expect("a tokenizer");
    let tokens = tokenizer.encode(&text, false, SpecialTokens::AsText);
    assert_eq!((tokens.len(), tokens[1]), (2, 0));
}

/// SmolLM2's, as its files carry it.
pub(crate) const TEMPLATE: &str = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ \
    '<|im_start|>system\\nYou are a helpful AI assistant<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + \
    message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

#[test]
fn a_talk_is_written_as_the_template_says() {
    let template = ChatTemplate::from_jinja(TEMPLATE).expect("a known template");
    assert_eq!(template.system.as_deref(), Some("You are a helpful AI assistant"));
    assert_eq!(
        template.prompt(&[
            (Speaker::User, "Hi"),
            (Speaker::Assistant, "Yes?"),
            (Speaker::User, "Why?")
        ]),
        "<|im_start|>system\nYou are a helpful AI assistant<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n\
         <|im_start|>assistant\nYes?<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"
    );
    assert_eq!(
        template.prompt(&[(Speaker::System, "Be brief"), (Speaker::User, "Hi")]),
        "<|im_start|>system\nBe brief<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    );
    assert_eq!(ChatTemplate::from_jinja(&TEMPLATE.replace("\\n", "\n")), Some(template));
    assert_eq!(
        ChatTemplate::from_jinja("[INST] {{ message['content'] }} [/INST]"),
        None
    );
}

/// A pair says itself where its sides part; as one text, `a b c` would part after `a`.
#[test]
fn pairs_of_tokens_with_spaces_merge_as_they_are_written() {
    let mut folder = FolderWriter::new(StoredType::F32);
    let tokens = ["a", "b c", "a b", "c", "a b c"];
    let vocabulary: serde_json::Map<_, _> = tokens
        .iter()
        .zip(0..)
        .map(|(text, id)| (text.to_string(), json!(id)))
        .collect();
    let file = json!({"model": {"type": "BPE", "vocab": vocabulary, "merges": [["a b", "c"]]}});
    folder.files.insert("tokenizer.json".into(), file.to_string());
    let tokenizer = folder.open().and_then(|source| source.tokenizer());
    let tokenizer = tokenizer.expect("a tokenizer");
    assert_eq!(tokenizer.definition().order, Order::Merges(vec![2, 3]));
}

#[test]
fn long_texts_take_no_long_time() {
    let text = " ".repeat(100_000) + &"ab".repeat(100_000) + &"\n".repeat(100_000);
    for tokenizer in [bytes(), pieces()] {
        assert_eq!(
            tokenizer.decode(&tokenizer.encode(&text, false, SpecialTokens::AsText)),
            text
        );
    }
}

proptest! {
    #[test]
    fn pieces_lose_nothing(text in "\\PC{0,60}|[ -~\\s]{0,60}") {
        prop_assume!(!text.contains('▁'));
        let tokenizer = pieces();
        prop_assert_eq!(tokenizer.decode(&tokenizer.encode(&text, true, SpecialTokens::AsText)), text);
    }

    #[test]
    fn words_lose_nothing_that_has_tokens(text in "[ -~\\n\\t]{0,80}") {
        let tokenizer = bytes();
        prop_assert_eq!(tokenizer.decode(&tokenizer.encode(&text, false, SpecialTokens::AsText)), text);
    }

    #[test]
    fn any_tokens_have_a_text(tokens in proptest::collection::vec(0u32..900, 0..40)) {
        bytes().decode(&tokens);
        pieces().decode(&tokens);
    }
}
