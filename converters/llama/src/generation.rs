use serde::{Deserialize, Serialize};

use crate::{Architecture, MOST_BYTES, Sampling, SamplingError};

/// How much text is read and written: `generate` under `model` in a spec. All counts are tokens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generation {
    /// The longest prompt.
    pub prompt: usize,
    /// How many are written after it.
    pub tokens: usize,
    /// Prompt tokens that one pass works through.
    #[serde(default = "sixteen")]
    pub batch: usize,
    /// How tokens are drawn; the likeliest is taken if absent.
    #[serde(default)]
    pub sampling: Option<Sampling>,
}

fn sixteen() -> usize {
    16
}

impl Default for Generation {
    fn default() -> Self {
        Generation {
            prompt: 32,
            tokens: 32,
            batch: sixteen(),
            sampling: None,
        }
    }
}

/// Why so much text cannot be read or written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GenerationError {
    /// Tokens cannot be drawn so.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// A count is 0.
    #[error("`generate.{key}` is 0")]
    Nothing {
        /// Which count.
        key: &'static str,
    },
    /// A prompt is no whole number of batches.
    #[error("`generate.prompt` is {prompt}, which is no multiple of `generate.batch`, {batch}")]
    Batches {
        /// The longest prompt.
        prompt: usize,
        /// Its tokens a pass.
        batch: usize,
    },
    /// The model was not made for so long a text.
    #[error("a prompt of {prompt} tokens and {tokens} more are {all}; the model has {context} positions")]
    Context {
        /// The longest prompt.
        prompt: usize,
        /// What is written.
        tokens: usize,
        /// Both.
        all: usize,
        /// The model's positions.
        context: usize,
    },
    /// A text or a batch that is larger than a value of a graph.
    #[error("{what} take {bytes} bytes in one value of {count} rows; a value has at most {MOST_BYTES}")]
    Large {
        /// Which values.
        what: &'static str,
        /// Rows: positions of the text, or of a batch.
        count: usize,
        /// What they would take.
        bytes: u64,
    },
}

impl Generation {
    /// Positions of a text: prompt and what is written.
    pub fn positions(&self) -> usize {
        self.prompt.saturating_add(self.tokens)
    }

    /// Passes that work through a prompt.
    pub fn prompt_passes(&self) -> usize {
        self.prompt / self.batch
    }

    /// Whether a model can read and write so much.
    pub fn check(&self, architecture: &Architecture) -> Result<(), GenerationError> {
        let counts = [("prompt", self.prompt), ("tokens", self.tokens), ("batch", self.batch)];
        if let Some((key, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return Err(GenerationError::Nothing { key });
        }
        if !self.prompt.is_multiple_of(self.batch) {
            return Err(GenerationError::Batches {
                prompt: self.prompt,
                batch: self.batch,
            });
        }
        if self.positions() > architecture.context {
            return Err(GenerationError::Context {
                prompt: self.prompt,
                tokens: self.tokens,
                all: self.positions(),
                context: architecture.context,
            });
        }
        let widest = architecture.width.max(architecture.query_width());
        let widest = widest.max(architecture.feed_width);
        check_size("a layer's keys", self.positions(), architecture.kv_width())?;
        check_size("a batch's activations", self.batch, widest)?;
        match &self.sampling {
            Some(sampling) => Ok(sampling.check(architecture.vocabulary)?),
            None => Ok(()),
        }
    }
}

/// Refuses rows of f32 that no value of a graph holds. Angles of a text are fewer than its keys, so keys stand for both.
fn check_size(what: &'static str, count: usize, width: usize) -> Result<(), GenerationError> {
    let bytes = (count as u64).saturating_mul(4 * width as u64);
    match bytes > MOST_BYTES {
        true => Err(GenerationError::Large { what, count, bytes }),
        false => Ok(()),
    }
}
