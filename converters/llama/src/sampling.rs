use serde::{Deserialize, Serialize};

/// How tokens are drawn instead of taking the likeliest: `generate.sampling` under `model` in a spec. The draw is computed by
/// operators from the request's seed and the token's place, so that it is the same everywhere and can be disputed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// What logits are divided by: above 0.
    #[serde(default = "one")]
    pub temperature: f32,
    /// How many of the likeliest tokens are drawn from.
    #[serde(default = "forty")]
    pub top_k: usize,
    /// Of those, the fewest likeliest whose shares reach this, above 0 and at most 1; all of them if absent.
    pub top_p: Option<f32>,
}

fn one() -> f32 {
    1.0
}

fn forty() -> usize {
    40
}

/// Why tokens cannot be drawn so.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SamplingError {
    /// The temperature is no positive number.
    #[error("`generate.sampling.temperature` is {0}; it must be above 0")]
    Temperature(f32),
    /// No tokens to draw from, or more than there are.
    #[error("`generate.sampling.top_k` is {top_k}; the model has {vocabulary} tokens, and at least one is drawn from")]
    TopK {
        /// What was asked for.
        top_k: usize,
        /// Tokens of the model.
        vocabulary: usize,
    },
    /// The share is none.
    #[error("`generate.sampling.top_p` is {0}; it must be above 0 and at most 1")]
    TopP(f32),
}

impl Sampling {
    /// Whether a model of so many tokens can draw so.
    pub(crate) fn check(&self, vocabulary: usize) -> Result<(), SamplingError> {
        let rate = 1.0 / self.temperature;
        if !(self.temperature > 0.0 && self.temperature.is_finite() && rate.is_finite()) {
            return Err(SamplingError::Temperature(self.temperature));
        }
        if !(1..=vocabulary).contains(&self.top_k) {
            return Err(SamplingError::TopK {
                top_k: self.top_k,
                vocabulary,
            });
        }
        match self.top_p {
            Some(top_p) if !(top_p > 0.0 && top_p <= 1.0) => Err(SamplingError::TopP(top_p)),
            _ => Ok(()),
        }
    }
}
