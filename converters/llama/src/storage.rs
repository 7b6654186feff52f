use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::generated::DrawnNumbers;

/// A file that could not be opened or read.
#[derive(Debug, Error)]
#[error("`{path}` cannot be read: {source}")]
pub struct StorageError {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Bytes read by position: a file that stays on disk, memory, or numbers made as they are read. A whole model is never held.
#[derive(Debug)]
pub(crate) struct Storage {
    path: PathBuf,
    bytes: u64,
    place: Place,
}

#[derive(Debug)]
enum Place {
    File(File),
    Memory(Vec<u8>),
    Drawn(DrawnNumbers),
}

impl Storage {
    /// Opens a file. Its size is taken now; a file that shrinks later gives errors, not panics.
    pub(crate) fn open(path: &Path) -> Result<Storage, StorageError> {
        let failed = |source| StorageError {
            path: path.to_path_buf(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")));
        }
        Ok(Storage {
            path: path.to_path_buf(),
            bytes: metadata.len(),
            place: Place::File(file),
        })
    }

    /// Bytes in memory, under a name that errors show.
    pub(crate) fn memory(name: &str, content: Vec<u8>) -> Storage {
        Storage {
            path: PathBuf::from(name),
            bytes: content.len() as u64,
            place: Place::Memory(content),
        }
    }

    /// Numbers without end.
    pub(crate) fn drawn(numbers: DrawnNumbers) -> Storage {
        Storage {
            path: PathBuf::new(),
            bytes: u64::MAX,
            place: Place::Drawn(numbers),
        }
    }

    /// Its size in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Fills `target` from byte `at` on; an error where there are not so many bytes.
    pub(crate) fn read(&self, at: u64, target: &mut [u8]) -> Result<(), StorageError> {
        let read = match &self.place {
            Place::File(file) => file.read_exact_at(target, at),
            Place::Drawn(numbers) => {
                numbers.read(at, target);
                Ok(())
            }
            Place::Memory(content) => {
                let start = usize::try_from(at).unwrap_or(usize::MAX);
                let found = content.get(start..).and_then(|rest| rest.get(..target.len()));
                found
                    .map(|found| target.copy_from_slice(found))
                    .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
        };
        read.map_err(|source| StorageError {
            path: self.path.clone(),
            source,
        })
    }
}
