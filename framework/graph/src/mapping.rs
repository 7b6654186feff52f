//! The one place where a model file becomes memory.
#![allow(unsafe_code)]

use std::fs::File;
use std::path::Path;

use bytes::Bytes;
use memmap2::Mmap;

use crate::{Model, ModelFileError, ModelSet, read_model, read_model_set};

/// Maps the model file of one graph and reads it; constants stay on disk until they are touched.
pub fn open_model_file(path: &Path) -> Result<Model, ModelFileError> {
    read_model(mapped(path)?)
}

/// Maps a model file and reads all its graphs; constants stay on disk until they are touched.
pub fn open_model_set(path: &Path) -> Result<ModelSet, ModelFileError> {
    read_model_set(mapped(path)?)
}

fn mapped(path: &Path) -> Result<Bytes, ModelFileError> {
    let io = |source| ModelFileError::Io {
        path: path.to_path_buf(),
        source,
    };
    let file = File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.len() == 0 {
        return Err(ModelFileError::Truncated { bytes: 0 });
    }
    // SAFETY: the map is private and read-only. Model files are written once, under another name, and renamed into place, so
    // no writer of ours changes one that is mapped; a foreign writer is refused by the digest or the constants' roots.
    let map = unsafe { Mmap::map(&file) }.map_err(io)?;
    Ok(Bytes::from_owner(map))
}
