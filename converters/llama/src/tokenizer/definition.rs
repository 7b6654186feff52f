use serde::{Deserialize, Serialize};

use super::{ChatTemplate, Split, TokenizerError};

/// What a text of a tokenizer begins with.
pub(crate) const VERSION: u32 = 1;
/// The most tokens of a tokenizer.
pub(super) const MOST_TOKENS: usize = 1 << 22;

/// The longest token, in bytes: what a merge looks up is as long as two at most.
const LONGEST_TOKEN: usize = 1 << 12;

/// What the symbols are that merging begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Bytes, written in GPT-2's alphabet; a text is cut into words first.
    Bytes(Split),
    /// Characters, with `▁` for a space; what is no token is written in byte tokens.
    Pieces(LeadingSpace),
}

/// Where a space is put before a text of pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LeadingSpace {
    /// Nowhere.
    Never,
    /// Before the whole text, unless a special token begins it.
    First,
    /// Before the whole text and after each special token.
    Every,
}

/// Which two neighbours merge first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Those that stand first in this list of pairs of tokens, flattened.
    Merges(Vec<u32>),
    /// Those whose whole has the greatest score, one a token; of equal ones the leftmost.
    Scores(Vec<f32>),
}

/// What a token is, if it is not an ordinary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Stands for what no token stands for.
    Unknown,
    /// Steers the model; a text gives it only where its special tokens are read.
    Control,
    /// Found in any text as a whole, before merging.
    User,
    /// Never given.
    Unused,
    /// One byte, of pieces.
    Byte,
}

/// All that a tokenizer is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The version of this form, 1.
    pub version: u32,
    /// The symbols.
    pub style: Style,
    /// The tokens as the source writes them.
    pub tokens: Vec<String>,
    /// The tokens that are not ordinary.
    #[serde(default)]
    pub kinds: Vec<(u32, TokenKind)>,
    /// What merges first.
    pub order: Order,
    /// Whether a word that is a token is taken without merging.
    #[serde(default)]
    pub whole_words: bool,
    /// What stands for a symbol without a token; such symbols are left out if there is none.
    #[serde(default)]
    pub unknown: Option<u32>,
    /// The token that begins a text.
    #[serde(default)]
    pub bos: Option<u32>,
    /// The tokens that end a text.
    #[serde(default)]
    pub eos: Vec<u32>,
    /// Whether a text usually begins with `bos`.
    #[serde(default)]
    pub add_bos: bool,
    /// How turns of a talk are written, if the source says so in a form that is known.
    #[serde(default)]
    pub chat: Option<ChatTemplate>,
}

impl Definition {
    /// Refuses what no tokenizer can be made of.
    pub(super) fn check(&self) -> Result<(), TokenizerError> {
        let tokens = self.tokens.len();
        if self.version != VERSION {
            let reason = format!("its version is {}, not {VERSION}", self.version);
            return Err(TokenizerError::Json { reason });
        }
        if !(1..=MOST_TOKENS).contains(&tokens) {
            return Err(TokenizerError::Tokens {
                count: tokens,
                most: MOST_TOKENS,
            });
        }
        let mut texts = self.tokens.iter().map(String::len).enumerate();
        if let Some((token, bytes)) = texts.find(|(_, bytes)| *bytes > LONGEST_TOKEN) {
            return Err(TokenizerError::Long {
                token,
                bytes,
                most: LONGEST_TOKEN,
            });
        }
        let known = |what, found: &mut dyn Iterator<Item = u32>| {
            for token in found {
                if token as usize >= tokens {
                    return Err(TokenizerError::Token { what, token, tokens });
                }
            }
            Ok(())
        };
        known("beginning of texts", &mut self.bos.iter().copied())?;
        known("end of texts", &mut self.eos.iter().copied())?;
        known("unknown token", &mut self.unknown.iter().copied())?;
        known("special token", &mut self.kinds.iter().map(|(token, _)| *token))?;
        match &self.order {
            Order::Merges(merges) => {
                known("merged token", &mut merges.iter().copied())?;
                match merges.len().is_multiple_of(2) {
                    true => Ok(()),
                    false => Err(TokenizerError::Json {
                        reason: "its last merge is of one token".to_string(),
                    }),
                }
            }
            Order::Scores(scores) if scores.len() != tokens => Err(TokenizerError::Lengths {
                tokens,
                what: "scores",
                found: scores.len(),
            }),
            Order::Scores(scores) => match scores.iter().enumerate().find(|(_, score)| !score.is_finite()) {
                None => Ok(()),
                Some((token, score)) => Err(TokenizerError::Score { token, score: *score }),
            },
        }
    }
}
