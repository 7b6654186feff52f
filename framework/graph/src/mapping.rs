//! The one place where a model file becomes memory.
#![allow(unsafe_code)]

use std::fs::File;
use std::path::Path;

use bytes::Bytes;
use memmap2::Mmap;

use crate::{Model, ModelFileError, read_model};

/// Maps a model file and reads it; constants stay on disk until they are touched.
pub fn open_model_file(path: &Path) -> Result<Model, ModelFileError> {
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
    read_model(Bytes::from_owner(map))
}
