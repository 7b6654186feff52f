use crate::TokenizerError;
use crate::architecture::Architecture;
use crate::tokenizer::{Definition, LeadingSpace, Order, Style, TokenKind, VERSION};

/// What a token is that comes before the bytes.
const FIRST: [(&str, TokenKind); 3] = [
    ("<unk>", TokenKind::Unknown),
    ("<s>", TokenKind::Control),
    ("</s>", TokenKind::Control),
];

/// LLaMA's order of tokens: three special ones, 256 bytes, then pieces, here the space and words by number.
pub(super) fn bytes_first(architecture: &Architecture) -> Result<Definition, TokenizerError> {
    let count = architecture.vocabulary;
    let needed = FIRST.len() + 256 + 1;
    if count < needed {
        return Err(TokenizerError::TooFew { count, needed });
    }
    let special = FIRST.iter().map(|(text, _)| text.to_string());
    let bytes = (0..256).map(|byte| format!("<0x{byte:02X}>"));
    let words = (0..count - needed).map(|word| format!("▁w{word}"));
    let kinds = FIRST.iter().map(|(_, kind)| *kind).chain([TokenKind::Byte; 256]);
    Ok(Definition {
        version: VERSION,
        style: Style::Pieces(LeadingSpace::Never),
        tokens: special.chain(bytes).chain(["▁".to_string()]).chain(words).collect(),
        kinds: (0..).zip(kinds).collect(),
        order: Order::Scores(vec![0.0; count]),
        whole_words: false,
        unknown: Some(0),
        bos: architecture.bos,
        eos: architecture.eos.clone(),
        add_bos: architecture.bos.is_some(),
        chat: None,
    })
}
