use std::collections::HashMap;

use super::TokenizerError;

/// In how many places the text of a merge may be cut in two: at as many spaces. Tokens write their own spaces otherwise, so
/// there is one as a rule.
const MOST_CUTS: usize = 64;
/// How much of a merge an error shows, in characters.
const SHOWN: usize = 60;

/// Finds the tokens of merges by their texts; of equal texts the first.
pub(super) struct Merges<'a> {
    by_text: HashMap<&'a str, u32>,
    pairs: Vec<u32>,
}

impl<'a> Merges<'a> {
    /// Merges of these tokens, none yet.
    pub(super) fn new<T: AsRef<str>>(tokens: &'a [T]) -> Merges<'a> {
        let mut by_text = HashMap::with_capacity(tokens.len());
        for (token, text) in (0..).zip(tokens) {
            by_text.entry(text.as_ref()).or_insert(token);
        }
        Merges {
            by_text,
            pairs: Vec::new(),
        }
    }

    /// Adds the merge of two texts.
    pub(super) fn push_pair(&mut self, left: &str, right: &str) -> Result<(), TokenizerError> {
        let found = self.found(left, right);
        self.push(found, || format!("{left} {right}"))
    }

    /// Adds a merge that is written as two texts with a space between: the first cut that gives two tokens.
    pub(super) fn push_text(&mut self, merge: &str) -> Result<(), TokenizerError> {
        let cuts = merge
            .char_indices()
            .filter(|(at, character)| *at > 0 && *character == ' ');
        let mut cuts = cuts.take(MOST_CUTS);
        let found = cuts.find_map(|(at, _)| self.found(&merge[..at], &merge[at + 1..]));
        self.push(found, || merge.to_string())
    }

    /// The tokens of all pairs, one after the other.
    pub(super) fn into_pairs(self) -> Vec<u32> {
        self.pairs
    }

    fn found(&self, left: &str, right: &str) -> Option<[u32; 2]> {
        Some([*self.by_text.get(left)?, *self.by_text.get(right)?])
    }

    fn push(&mut self, found: Option<[u32; 2]>, text: impl Fn() -> String) -> Result<(), TokenizerError> {
        let pair = found.ok_or_else(|| TokenizerError::Merge {
            index: self.pairs.len() / 2,
            merge: text().chars().take(SHOWN).collect(),
        })?;
        self.pairs.extend(pair);
        Ok(())
    }
}
