use thiserror::Error;

use crate::architecture::ArchitectureError;
use crate::gguf::GgufError;
use crate::safetensors::SafetensorsError;

/// Why a tokenizer could not be read.
#[derive(Debug, Error)]
pub enum TokenizerError {
    /// A metadata key is missing or has another type.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// A file of the folder is missing or not understood.
    #[error(transparent)]
    Safetensors(#[from] SafetensorsError),
    /// A key of the folder's settings has another type.
    #[error(transparent)]
    Settings(#[from] Box<ArchitectureError>),
    /// A kind of tokenizer, or a part of one, that is not computed.
    #[error("the tokenizer's {part} `{name}` is not supported")]
    Unsupported {
        /// Which part.
        part: &'static str,
        /// What the source calls it.
        name: String,
    },
    /// Fewer tokens than a generated tokenizer has.
    #[error("a generated tokenizer has at least {needed} tokens, and `vocab_size` is {count}")]
    TooFew {
        /// How many are asked for.
        count: usize,
        /// The least.
        needed: usize,
    },
    /// No tokens, or more than any model has.
    #[error("the tokenizer has {count} tokens; from 1 to {most} are possible")]
    Tokens {
        /// How many.
        count: usize,
        /// The most.
        most: usize,
    },
    /// A token longer than any model's.
    #[error("token {token} of the tokenizer has {bytes} bytes; at most {most} are possible")]
    Long {
        /// The token.
        token: usize,
        /// Its size.
        bytes: usize,
        /// The most.
        most: usize,
    },
    /// Numbers far beyond those that tokens have.
    #[error("the tokenizer counts {count} tokens and names {named}")]
    Unnamed {
        /// One more than the greatest number.
        count: usize,
        /// Tokens.
        named: usize,
    },
    /// A number that two tokens have.
    #[error("two tokens of the tokenizer have the number {token}")]
    Twice {
        /// The number.
        token: u32,
    },
    /// Lists that must be equally long are not.
    #[error("the tokenizer has {tokens} tokens and {found} {what}")]
    Lengths {
        /// Tokens.
        tokens: usize,
        /// What the other list holds.
        what: &'static str,
        /// How long it is.
        found: usize,
    },
    /// A merge of parts that are no tokens, or whose whole is none.
    #[error("merge {index} of the tokenizer, `{merge}`, is not of two tokens to a third")]
    Merge {
        /// Which one, from 0.
        index: usize,
        /// As the source writes it.
        merge: String,
    },
    /// A token number that no token has.
    #[error("the tokenizer's {what} is {token}, and there are {tokens} tokens")]
    Token {
        /// What the token is for.
        what: &'static str,
        /// The number.
        token: u32,
        /// How many tokens there are.
        tokens: usize,
    },
    /// A score that is no number.
    #[error("token {token} of the tokenizer has the score {score}")]
    Score {
        /// The token.
        token: usize,
        /// Its score.
        score: f32,
    },
    /// A token kind that the format does not have.
    #[error("token {token} of the tokenizer has the unknown type {kind}")]
    Kind {
        /// The token.
        token: usize,
        /// Its kind's number.
        kind: u32,
    },
    /// A text that is no tokenizer's.
    #[error("the tokenizer's text is not understood: {reason}")]
    Json {
        /// What the parser says.
        reason: String,
    },
}

impl TokenizerError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            TokenizerError::Gguf(error) => error.help(),
            TokenizerError::Safetensors(error) => error.help(),
            TokenizerError::Settings(error) => error.help(),
            TokenizerError::Unsupported { .. } => {
                "choose a model with a byte-level BPE of GPT-2, SmolLM or LLaMA 3, or with pieces as LLaMA 2 has them"
            }
            _ => "the tokenizer is damaged: fetch the model again",
        }
    }
}
