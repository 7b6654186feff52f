use std::f64::consts::PI;

use super::ArchitectureError;

/// Which two values of a head turn together, of the `dimensions` that turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Values 2i and 2i + 1: GGUF files, whose query and key rows are ordered so.
    Interleaved,
    /// Values i and i + dimensions / 2: Hugging Face folders.
    Halves,
}

/// How the rotation is stretched to longer contexts.
#[derive(Clone, Debug, PartialEq)]
pub enum RopeScaling {
    /// Not at all.
    None,
    /// Every angle is divided by this.
    Linear(f64),
    /// Angle i is divided by factor i: the tensor `rope_freqs.weight`.
    Factors(Vec<f32>),
    /// LLaMA 3: slow angles are divided by `factor`, fast ones are left, those between are mixed.
    Llama3 {
        /// What slow angles are divided by.
        factor: f64,
        /// Wavelengths above `original_context` / this are slow.
        low: f64,
        /// Wavelengths below `original_context` / this are fast.
        high: f64,
        /// The context before stretching, in positions.
        original_context: f64,
    },
}

/// How positions turn queries and keys: pair i by the angle position · frequency i.
#[derive(Clone, Debug, PartialEq)]
pub struct Rope {
    /// The base of the frequencies.
    pub base: f64,
    /// How many values of a head turn, from its first on; even.
    pub dimensions: usize,
    /// Which values turn together.
    pub pairing: Pairing,
    /// How angles are stretched.
    pub scaling: RopeScaling,
}

impl Rope {
    /// The `dimensions / 2` frequencies in radians a position: base^(−2i / dimensions), stretched. Computed in f64 with one
    /// portable power function, so they are the same everywhere.
    pub fn frequencies(&self) -> Vec<f64> {
        (0..self.dimensions / 2)
            .map(|pair| {
                let plain = libm::pow(self.base, -((2 * pair) as f64) / self.dimensions as f64);
                self.scaling.stretch(pair, plain)
            })
            .collect()
    }
}

impl Rope {
    /// Refuses rotations that are no angles at some of so many positions.
    pub(crate) fn check(&self, positions: usize) -> Result<(), ArchitectureError> {
        let mut frequencies = self.frequencies().into_iter().enumerate();
        match frequencies.find(|(_, frequency)| !(frequency * positions as f64).is_finite()) {
            None => Ok(()),
            Some((pair, frequency)) => Err(ArchitectureError::Rotation { pair, frequency }),
        }
    }
}

impl RopeScaling {
    fn stretch(&self, pair: usize, frequency: f64) -> f64 {
        match self {
            RopeScaling::None => frequency,
            RopeScaling::Linear(factor) => frequency / factor,
            RopeScaling::Factors(factors) => frequency / factors.get(pair).map_or(1.0, |factor| f64::from(*factor)),
            RopeScaling::Llama3 {
                factor,
                low,
                high,
                original_context,
            } => {
                let turns = original_context * frequency / (2.0 * PI);
                if turns > *high {
                    return frequency;
                }
                if turns < *low {
                    return frequency / factor;
                }
                let fast = (turns - low) / (high - low);
                (1.0 - fast) * frequency / factor + fast * frequency
            }
        }
    }
}
