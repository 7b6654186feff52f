use std::collections::HashMap;

use super::TokenKind;
use super::vocabulary::Vocabulary;

/// A part of a text: a special token, or what lies between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Token(u32),
}

/// The tokens that are found in a text as a whole: by first byte, the longest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Specials {
    by_first: HashMap<u8, Vec<(String, u32)>>,
}

impl Specials {
    /// Those of these kinds.
    pub(super) fn new(vocabulary: &Vocabulary, kinds: &[TokenKind]) -> Specials {
        let mut by_first: HashMap<u8, Vec<(String, u32)>> = HashMap::new();
        for (token, symbol) in kinds.iter().flat_map(|kind| vocabulary.of_kind(*kind)) {
            if let (Some(first), Ok(text)) = (symbol.first(), str::from_utf8(symbol)) {
                by_first.entry(*first).or_default().push((text.to_string(), token));
            }
        }
        for group in by_first.values_mut() {
            group.sort_by_key(|(text, token)| (std::cmp::Reverse(text.len()), *token));
        }
        Specials { by_first }
    }

    /// The parts of a text, in order, none empty: at each place the longest token that begins there.
    pub(super) fn parts<'a>(&self, text: &'a str) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let (mut start, mut at) = (0, 0);
        while let Some(first) = text.as_bytes().get(at) {
            let group = self.by_first.get(first).map(Vec::as_slice).unwrap_or_default();
            let found = group
                .iter()
                .find(|(special, _)| text.as_bytes()[at..].starts_with(special.as_bytes()));
            let Some((special, token)) = found else {
                at += 1;
                continue;
            };
            if start < at {
                parts.push(Part::Text(&text[start..at]));
            }
            parts.push(Part::Token(*token));
            at += special.len();
            start = at;
        }
        if start < text.len() {
            parts.push(Part::Text(&text[start..]));
        }
        parts
    }
}
