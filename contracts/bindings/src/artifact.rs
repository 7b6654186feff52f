use bytes::Bytes;
use opml_commit::{Root, keccak256};
use serde_json::Value;
use thiserror::Error;

/// Why an artifact cannot be used.
#[derive(Debug, Error)]
pub enum ArtifactError {
    /// It is not JSON.
    #[error("the artifact {name} is not JSON: {source}; run `node build.mjs` in contracts/")]
    Json {
        /// The contract.
        name: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// It lacks something.
    #[error("the artifact {name} has no {missing}; run `node build.mjs` in contracts/")]
    Missing {
        /// The contract.
        name: String,
        /// What it lacks.
        missing: &'static str,
    },
}

/// A compiled contract: its name, interface and creation code.
#[derive(Clone, Debug)]
pub struct Artifact {
    pub(crate) name: String,
    pub(crate) abi: Vec<Value>,
    pub(crate) creation_code: Bytes,
    pub(crate) runtime_code: Bytes,
}

impl Artifact {
    /// Reads an artifact as `contracts/build.mjs` writes it.
    pub fn parse(name: &str, json: &str) -> Result<Artifact, ArtifactError> {
        let value: Value = serde_json::from_str(json).map_err(|source| ArtifactError::Json {
            name: name.into(),
            source,
        })?;
        let missing = |missing| ArtifactError::Missing {
            name: name.into(),
            missing,
        };
        let abi = value["abi"].as_array().ok_or_else(|| missing("abi"))?.clone();
        let code = |key: &'static str| {
            let digits = value[key].as_str().and_then(|text| text.strip_prefix("0x"));
            digits.and_then(decode_hex).map(Bytes::from).ok_or_else(|| missing(key))
        };
        Ok(Artifact {
            name: name.into(),
            abi,
            creation_code: code("bytecode")?,
            runtime_code: code("deployedBytecode")?,
        })
    }

    /// The contract's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stands at its address once it is created: none of the contracts has immutable values.
    pub fn runtime_code(&self) -> &Bytes {
        &self.runtime_code
    }

    /// Keccak-256 of that: the code hash that a model's id commits to.
    pub fn code_hash(&self) -> Root {
        keccak256(&self.runtime_code)
    }

    /// What a transaction that creates the contract carries.
    pub fn creation_code(&self) -> &Bytes {
        &self.creation_code
    }
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let digit = |at: usize| (digits[at] as char).to_digit(16);
    (digits.len().is_multiple_of(2)).then_some(())?;
    (0..digits.len() / 2)
        .map(|byte| Some((digit(2 * byte)? * 16 + digit(2 * byte + 1)?) as u8))
        .collect()
}
