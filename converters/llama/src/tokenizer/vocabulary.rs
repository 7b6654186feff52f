use std::collections::HashMap;

use super::byte_alphabet::bytes_of;
use super::{Definition, Style, TokenKind};

/// How pieces write a space.
pub(super) const SPACE: &str = "▁";

/// Tokens by what they stand for, and back.
#[derive(Clone, Debug)]
pub(super) struct Vocabulary {
    /// By token: the bytes it stands for in a merged text; of pieces with `▁` for a space.
    symbols: Vec<Vec<u8>>,
    kinds: Vec<Option<TokenKind>>,
    by_symbol: HashMap<Vec<u8>, u32>,
    bytes: HashMap<u8, u32>,
}

impl Vocabulary {
    pub(super) fn new(definition: &Definition) -> Vocabulary {
        let mut kinds = vec![None; definition.tokens.len()];
        for (token, kind) in &definition.kinds {
            if let Some(place) = kinds.get_mut(*token as usize) {
                *place = Some(*kind);
            }
        }
        let mut vocabulary = Vocabulary {
            symbols: Vec::with_capacity(kinds.len()),
            by_symbol: HashMap::with_capacity(kinds.len()),
            bytes: HashMap::new(),
            kinds,
        };
        for (token, text) in definition.tokens.iter().enumerate() {
            let kind = vocabulary.kinds[token];
            let byte = byte_token(text).filter(|_| kind == Some(TokenKind::Byte));
            let symbol = match (definition.style, kind, byte) {
                (_, _, Some(byte)) => vec![byte],
                (Style::Bytes(_), None, _) => bytes_of(text).unwrap_or_else(|| text.clone().into_bytes()),
                _ => text.clone().into_bytes(),
            };
            if let Some(byte) = byte {
                vocabulary.bytes.entry(byte).or_insert(token as u32);
            } else if matches!(kind, None | Some(TokenKind::User)) {
                vocabulary.by_symbol.entry(symbol.clone()).or_insert(token as u32);
            }
            vocabulary.symbols.push(symbol);
        }
        vocabulary
    }

    /// The ordinary token that stands for these bytes.
    pub(super) fn token(&self, symbol: &[u8]) -> Option<u32> {
        self.by_symbol.get(symbol).copied()
    }

    /// The token of a byte, of pieces.
    pub(super) fn byte(&self, byte: u8) -> Option<u32> {
        self.bytes.get(&byte).copied()
    }

    /// What a token stands for.
    pub(super) fn symbol(&self, token: u32) -> Option<&[u8]> {
        self.symbols.get(token as usize).map(Vec::as_slice)
    }

    /// What kind of token it is; `None` for an ordinary one and for one that is not there.
    pub(super) fn kind(&self, token: u32) -> Option<TokenKind> {
        self.kinds.get(token as usize).copied().flatten()
    }

    /// The tokens of a kind, with what they stand for.
    pub(super) fn of_kind(&self, kind: TokenKind) -> impl Iterator<Item = (u32, &[u8])> {
        let all = self.symbols.iter().zip(&self.kinds).enumerate();
        all.filter(move |(_, (_, found))| **found == Some(kind))
            .map(|(token, (symbol, _))| (token as u32, symbol.as_slice()))
    }
}

/// The byte of a token `<0x00>` … `<0xFF>`.
pub(super) fn byte_token(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    match digits.len() {
        2 => u8::from_str_radix(digits, 16).ok(),
        _ => None,
    }
}
