use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::shard::{Entry, Shard};
use super::{Config, SafetensorsError};
use crate::storage::{Storage, StorageError};

const CONFIG: &str = "config.json";
const WHOLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
/// The largest JSON file of a folder that is read, in bytes.
const LARGEST_JSON: u64 = 1 << 27;

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// A folder of safetensors: its settings in memory, its tensors on disk.
#[derive(Debug)]
pub struct SafetensorsFolder {
    path: PathBuf,
    config: Config,
    shards: Vec<Shard>,
}

impl SafetensorsFolder {
    /// Opens a folder: settings, index, and the header of every shard.
    pub fn open(path: &Path) -> Result<SafetensorsFolder, SafetensorsError> {
        SafetensorsFolder::with_config(path, SafetensorsFolder::read_config(path)?)
    }

    /// A folder's settings alone.
    pub(crate) fn read_config(path: &Path) -> Result<Config, SafetensorsError> {
        let config = read_json(path, CONFIG)?.ok_or_else(|| missing(CONFIG))?;
        Ok(Config::new(CONFIG, config))
    }

    /// Opens a folder whose settings are read already.
    pub(crate) fn with_config(path: &Path, config: Config) -> Result<SafetensorsFolder, SafetensorsError> {
        let mut folder = SafetensorsFolder {
            path: path.to_path_buf(),
            config,
            shards: Vec::new(),
        };
        match read_json::<Index>(path, INDEX)? {
            Some(index) => folder.open_shards(&index)?,
            None => folder.shards.push(open_shard(path, WHOLE)?),
        }
        Ok(folder)
    }

    /// Opens the shards that the index names, each once, and holds them against it.
    fn open_shards(&mut self, index: &Index) -> Result<(), SafetensorsError> {
        for (tensor, file) in &index.weight_map {
            let mut components = Path::new(file).components();
            if !matches!(
                (components.next(), components.next()),
                (Some(Component::Normal(_)), None)
            ) {
                return Err(SafetensorsError::Outside {
                    tensor: tensor.clone(),
                    file: file.clone(),
                });
            }
        }
        for file in index.weight_map.values().collect::<BTreeSet<_>>() {
            let shard = open_shard(&self.path, file)?;
            let mut named = index.weight_map.iter().filter(|(_, other)| *other == file);
            if let Some((tensor, _)) = named.find(|(tensor, _)| !shard.tensors.contains_key(tensor.as_str())) {
                return Err(SafetensorsError::NotInShard {
                    tensor: tensor.clone(),
                    file: file.clone(),
                });
            }
            self.shards.push(shard);
        }
        Ok(())
    }

    /// The tensor of this name and where its bytes lie.
    pub(crate) fn tensor(&self, name: &str) -> Option<(&Entry, &Storage)> {
        let mut found = self
            .shards
            .iter()
            .filter_map(|shard| Some((shard.tensors.get(name)?, &shard.storage)));
        found.next()
    }

    /// Its `config.json`.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// A JSON file of the folder, if it is there.
    pub(crate) fn json<T: DeserializeOwned>(&self, file: &str) -> Result<Option<T>, SafetensorsError> {
        read_json(&self.path, file)
    }
}

fn missing(file: &str) -> SafetensorsError {
    SafetensorsError::MissingFile { file: file.to_string() }
}

fn open_shard(folder: &Path, file: &str) -> Result<Shard, SafetensorsError> {
    match Storage::open(&folder.join(file)) {
        Ok(storage) => Shard::read(storage, file),
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => Err(missing(file)),
        Err(error) => Err(error.into()),
    }
}

fn read_json<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<Option<T>, SafetensorsError> {
    let path = folder.join(file);
    let failed = |source| StorageError {
        path: path.clone(),
        source,
    };
    let bytes = match fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error).into()),
    };
    if bytes > LARGEST_JSON {
        return Err(SafetensorsError::TooLarge {
            file: file.to_string(),
            bytes,
            most: LARGEST_JSON,
        });
    }
    let text = fs::read(&path).map_err(failed)?;
    let parsed = serde_json::from_slice(&text);
    parsed.map(Some).map_err(|error| SafetensorsError::Json {
        file: file.to_string(),
        reason: error.to_string(),
    })
}
