use std::collections::HashMap;
use std::path::Path;

use super::header::{Header, read_header};
use super::{GgufError, Metadata, TensorInfo};
use crate::storage::Storage;

/// A GGUF file: its metadata in memory, its tensors on disk.
#[derive(Debug)]
pub struct GgufFile {
    storage: Storage,
    header: Header,
    by_name: HashMap<String, usize>,
}

impl GgufFile {
    /// Opens a file and checks its header.
    pub fn open(path: &Path) -> Result<GgufFile, GgufError> {
        GgufFile::read(Storage::open(path)?)
    }

    /// Reads a file that lies in memory.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<GgufFile, GgufError> {
        GgufFile::read(Storage::memory("memory", bytes))
    }

    fn read(storage: Storage) -> Result<GgufFile, GgufError> {
        let header = read_header(&storage)?;
        let names = header.tensors.iter().enumerate();
        let by_name = names.map(|(index, tensor)| (tensor.name.clone(), index)).collect();
        Ok(GgufFile {
            storage,
            header,
            by_name,
        })
    }

    /// Its metadata.
    pub fn metadata(&self) -> &Metadata {
        &self.header.metadata
    }

    /// Its tensors, in the file's order.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.header.tensors
    }

    /// The tensor of this name.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.by_name.get(name).and_then(|index| self.header.tensors.get(*index))
    }

    /// Where its bytes lie.
    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }
}
