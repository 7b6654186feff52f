use std::path::Path;

use crate::architecture::{Architecture, RopeScaling, from_config, from_gguf};
use crate::error::LlamaError;
use crate::generated::GeneratedModel;
use crate::gguf::GgufFile;
use crate::role::{LayerRole, Naming, Role};
use crate::safetensors::SafetensorsFolder;
use crate::storage::Storage;
use crate::stored::StoredType;
use crate::tensor::{Tensor, TensorError};
use crate::tokenizer::{Tokenizer, tokenizer_from_folder, tokenizer_from_gguf};

/// The tensor of angle factors in a GGUF file.
const ROPE_FACTORS: &str = "rope_freqs.weight";

/// A model of the LLaMA family: what it is, and its tensors on disk.
#[derive(Debug)]
pub struct LlamaSource {
    checkpoint: Checkpoint,
    architecture: Architecture,
}

#[derive(Debug)]
enum Checkpoint {
    Gguf(GgufFile),
    Safetensors(SafetensorsFolder),
    Generated(GeneratedModel),
}

/// A tensor found by name: its dimensions, rows first.
struct Found<'a> {
    shape: Vec<u64>,
    stored: StoredType,
    storage: &'a Storage,
    at: u64,
}

impl LlamaSource {
    /// Opens a GGUF file, or a folder of safetensors with `config.json`, or of that file alone when it asks for weights drawn
    /// from a seed (`"generated_weights": { "seed": 1 }`). Checks that every tensor of the architecture is there in its shape;
    /// reads no weights.
    pub fn open(path: &Path) -> Result<LlamaSource, LlamaError> {
        if !path.is_dir() {
            return LlamaSource::from_gguf(GgufFile::open(path)?);
        }
        let config = SafetensorsFolder::read_config(path)?;
        match GeneratedModel::from_config(&config)? {
            Some(model) => {
                let architecture = from_config(model.config())?;
                LlamaSource::checked(Checkpoint::Generated(model), architecture)
            }
            None => LlamaSource::from_folder(SafetensorsFolder::with_config(path, config)?),
        }
    }

    /// The model in a GGUF file.
    pub fn from_gguf(file: GgufFile) -> Result<LlamaSource, LlamaError> {
        let naming = Naming::Gguf;
        let rows = file.tensor(&Role::Embedding.name(naming));
        let rows = rows
            .and_then(|table| table.dimensions.get(1))
            .copied()
            .unwrap_or_default();
        let tied = file.tensor(&Role::Output.name(naming)).is_none();
        let factors = gguf_factors(&file)?;
        let architecture = from_gguf(file.metadata(), factors, tied, rows)?;
        LlamaSource::checked(Checkpoint::Gguf(file), architecture)
    }

    /// The model in a folder.
    pub fn from_folder(folder: SafetensorsFolder) -> Result<LlamaSource, LlamaError> {
        let architecture = from_config(folder.config())?;
        LlamaSource::checked(Checkpoint::Safetensors(folder), architecture)
    }

    fn checked(checkpoint: Checkpoint, architecture: Architecture) -> Result<LlamaSource, LlamaError> {
        let source = LlamaSource {
            checkpoint,
            architecture,
        };
        source.check_factors()?;
        source.architecture.rope.check(source.architecture.context)?;
        for role in [Role::Embedding, Role::OutputNorm, Role::Output] {
            source.tensor(role)?;
        }
        for layer in 0..source.architecture.layers {
            for role in LayerRole::ALL {
                source.tensor(Role::Layer(layer, role))?;
            }
        }
        Ok(source)
    }

    /// Holds the count of angle factors against the rotation.
    fn check_factors(&self) -> Result<(), TensorError> {
        let pairs = self.architecture.rope.dimensions / 2;
        match &self.architecture.rope.scaling {
            RopeScaling::Factors(factors) if factors.len() != pairs => Err(TensorError::Shape {
                tensor: ROPE_FACTORS.to_string(),
                found: vec![factors.len() as u64],
                expected: vec![pairs as u64],
            }),
            _ => Ok(()),
        }
    }

    /// What the model is.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Its tokenizer.
    pub fn tokenizer(&self) -> Result<Tokenizer, LlamaError> {
        Ok(match &self.checkpoint {
            Checkpoint::Gguf(file) => tokenizer_from_gguf(file.metadata())?,
            Checkpoint::Safetensors(folder) => tokenizer_from_folder(folder)?,
            Checkpoint::Generated(model) => model.tokenizer(&self.architecture)?,
        })
    }

    /// The tensor of a role that the model cannot be without.
    pub(crate) fn required(&self, role: Role) -> Result<Tensor<'_>, TensorError> {
        let missing = || TensorError::Missing {
            tensor: format!("{role:?}"),
        };
        self.tensor(role)?.ok_or_else(missing)
    }

    /// The tensor of a role, in the shape that the role has; `None` if the model is without it, which only optional roles
    /// and a tied model's output may be.
    pub fn tensor(&self, role: Role) -> Result<Option<Tensor<'_>>, TensorError> {
        if role == Role::Output && self.architecture.tied {
            return Ok(None);
        }
        let (name, found) = match &self.checkpoint {
            Checkpoint::Gguf(file) => find_in_gguf(file, role),
            Checkpoint::Safetensors(folder) => find_in_folder(folder, role),
            Checkpoint::Generated(model) => {
                let shape = role.shape(&self.architecture).iter().map(|size| *size as u64).collect();
                let found = model.tensor(role).map(|(storage, at)| Found {
                    shape,
                    stored: StoredType::F32,
                    storage,
                    at,
                });
                (role.name(Naming::HuggingFace), found)
            }
        };
        let Some(found) = found else {
            return if role.optional() {
                Ok(None)
            } else {
                Err(TensorError::Missing { tensor: name })
            };
        };
        let shape = role.shape(&self.architecture);
        let expected: Vec<u64> = shape.iter().map(|size| *size as u64).collect();
        if found.shape != expected {
            return Err(TensorError::Shape {
                tensor: name,
                found: found.shape,
                expected,
            });
        }
        let (rows, columns) = match shape.as_slice() {
            [rows, columns] => (*rows, *columns),
            _ => (1, shape.iter().product()),
        };
        Ok(Some(Tensor::new(
            name,
            (rows, columns),
            found.stored,
            found.storage,
            found.at,
        )))
    }
}

fn find_in_gguf(file: &GgufFile, role: Role) -> (String, Option<Found<'_>>) {
    let name = role.name(Naming::Gguf);
    let found = file.tensor(&name).map(|info| Found {
        shape: info.dimensions.iter().rev().copied().collect(),
        stored: info.stored,
        storage: file.storage(),
        at: info.at,
    });
    (name, found)
}

fn find_in_folder(folder: &SafetensorsFolder, role: Role) -> (String, Option<Found<'_>>) {
    let name = role.name(Naming::HuggingFace);
    let found = folder.tensor(&name).map(|(entry, storage)| Found {
        shape: entry.shape.clone(),
        stored: entry.stored,
        storage,
        at: entry.at,
    });
    (name, found)
}

/// The values of `rope_freqs.weight`, if it is there.
fn gguf_factors(file: &GgufFile) -> Result<Option<Vec<f32>>, TensorError> {
    let Some(info) = file.tensor(ROPE_FACTORS) else {
        return Ok(None);
    };
    let count = info.dimensions.iter().product::<u64>();
    if info.dimensions.len() != 1 || count > 1 << 14 {
        return Err(TensorError::Shape {
            tensor: ROPE_FACTORS.to_string(),
            found: info.dimensions.clone(),
            expected: vec![count.min(1 << 14)],
        });
    }
    let shape = (1, count as usize);
    let tensor = Tensor::new(ROPE_FACTORS.to_string(), shape, info.stored, file.storage(), info.at);
    tensor.row(0).map(Some)
}
