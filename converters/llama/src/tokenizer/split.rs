use std::sync::OnceLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

/// Contractions, words, numbers, the rest, each with the space before it; spaces.
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|(\s+)";
const DIGIT: &str = r"\p{N}";
const LLAMA3: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|(\s+)";
const PUNCTUATION: &str = r"[\p{P}\$\+<=>\^~\|]+";
const NUMBER: &str = r"\p{N}+";
const THREE_DIGITS: &str = r"[0-9][0-9][0-9]";

/// How a text is cut into words before the bytes of each are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Split {
    /// GPT-2's.
    #[serde(rename = "gpt-2")]
    Gpt2,
    /// SmolLM's: each digit is alone, then as GPT-2.
    #[serde(rename = "smollm")]
    SmolLm,
    /// LLaMA 3's.
    #[serde(rename = "llama-bpe")]
    Llama3,
    /// That of GGUF files which name none or `default`.
    #[serde(rename = "default")]
    Default,
}

/// The expressions of each, compiled once.
static COMPILED: [OnceLock<Vec<Regex>>; 4] = [const { OnceLock::new() }; 4];

impl Split {
    /// The split of this name in a GGUF file.
    pub fn from_gguf(name: &str) -> Option<Split> {
        Some(match name {
            "gpt-2" | "gpt2" => Split::Gpt2,
            "smollm" => Split::SmolLm,
            "llama-bpe" | "llama3" | "llama-v3" => Split::Llama3,
            "default" => Split::Default,
            _ => return None,
        })
    }

    /// The expressions, each of which cuts what the one before it left or found. An expression's group is a run of spaces
    /// that leaves its last one to what follows: the only look-ahead of these expressions, done by [`cut`] in linear time.
    fn expressions(self) -> &'static [&'static str] {
        match self {
            Split::Gpt2 => &[GPT2],
            Split::SmolLm => &[DIGIT, GPT2],
            Split::Llama3 => &[LLAMA3],
            Split::Default => &[PUNCTUATION, GPT2, NUMBER, THREE_DIGITS],
        }
    }

    /// The words of a text, in order; joined they are the text.
    pub fn words(self, text: &str) -> Vec<&str> {
        let compiled = COMPILED[self as usize].get_or_init(|| {
            let expressions = self.expressions().iter();
            expressions
                .filter_map(|expression| Regex::new(expression).ok())
                .collect()
        });
        let mut words = vec![text];
        for expression in compiled {
            words = words.into_iter().flat_map(|word| cut(expression, word)).collect();
        }
        words.retain(|word| !word.is_empty());
        words
    }
}

/// What an expression finds in a text and what lies between.
fn cut<'a>(expression: &Regex, text: &'a str) -> Vec<&'a str> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some(found) = expression.captures_at(text, at) else {
            break;
        };
        let whole = found.get_match();
        let (start, mut end) = (whole.start(), whole.end());
        if found.len() > 1 && found.get(1).is_some() && end < text.len() {
            let last = text[start..end].char_indices().next_back().map_or(0, |(last, _)| last);
            if last > 0 {
                end = start + last;
            }
        }
        words.push(&text[at..start]);
        words.push(&text[start..end]);
        at = end;
    }
    words.push(&text[at..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_expressions_compile() {
        for split in [Split::Gpt2, Split::SmolLm, Split::Llama3, Split::Default] {
            split.words("a");
            let compiled = COMPILED[split as usize].get().map_or(0, Vec::len);
            assert_eq!(compiled, split.expressions().len());
        }
    }

    #[test]
    fn a_run_of_spaces_leaves_its_last_to_the_word_after_it() {
        assert_eq!(Split::Gpt2.words("a   b"), ["a", "  ", " b"]);
        assert_eq!(Split::Gpt2.words("a\n\nb  "), ["a", "\n", "\n", "b", "  "]);
        assert_eq!(Split::Llama3.words("a\n\nb  c"), ["a", "\n\n", "b", " ", " c"]);
        assert_eq!(
            Split::Gpt2.words("x \u{a0}\u{3000}y"),
            ["x", " \u{a0}", "\u{3000}", "y"]
        );
    }

    #[test]
    fn digits_and_contractions() {
        assert_eq!(Split::SmolLm.words("I'm 42!"), ["I", "'m", " ", "4", "2", "!"]);
        assert_eq!(Split::Llama3.words("I'M 12345"), ["I", "'M", " ", "123", "45"]);
        assert_eq!(Split::Default.words("ab1234, c"), ["ab", "123", "4", ",", " c"]);
    }
}
