use thiserror::Error;

use crate::storage::StorageError;
use crate::stored::StoredType;

/// Why a folder of safetensors could not be read.
#[derive(Debug, Error)]
pub enum SafetensorsError {
    /// A file could not be opened or read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A file that the folder must have.
    #[error("`{file}` is missing in the folder")]
    MissingFile {
        /// Its name.
        file: String,
    },
    /// A file that is larger than such files are.
    #[error("`{file}` has {bytes} bytes; at most {most} are read")]
    TooLarge {
        /// Its name.
        file: String,
        /// Its size, or its header's.
        bytes: u64,
        /// The most that is read.
        most: u64,
    },
    /// JSON that is none, or has another form.
    #[error("`{file}` is not understood: {reason}")]
    Json {
        /// Its name.
        file: String,
        /// What the parser says.
        reason: String,
    },
    /// A header longer than its file.
    #[error("`{file}` is truncated: its header takes {header} bytes, and the file has {bytes}")]
    Truncated {
        /// Its name.
        file: String,
        /// What the header would take.
        header: u64,
        /// The file's size.
        bytes: u64,
    },
    /// A tensor named twice.
    #[error("tensor `{tensor}` stands in `{file}` twice")]
    DuplicateTensor {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
    },
    /// A type of element that is not read.
    #[error("tensor `{tensor}` in `{file}` is stored as {dtype}, which is not supported")]
    Stored {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its type.
        dtype: String,
    },
    /// A tensor whose bytes do not lie in its file, or are not as many as its shape says.
    #[error(
        "tensor `{tensor}` in `{file}` has the shape {shape:?} in {} and the bytes {begin} to {end} of {data}",
        .stored.name()
    )]
    Extent {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its dimensions, rows first.
        shape: Vec<u64>,
        /// Its type.
        stored: StoredType,
        /// Its first byte in the data.
        begin: u64,
        /// The byte after its last.
        end: u64,
        /// How many bytes of data the file has.
        data: u64,
    },
    /// Two tensors that share bytes.
    #[error("tensors `{first}` and `{second}` in `{file}` overlap")]
    Overlap {
        /// The file.
        file: String,
        /// The one that begins first.
        first: String,
        /// The other.
        second: String,
    },
    /// An index that names something other than a file of its folder.
    #[error("the index puts tensor `{tensor}` into `{file}`, which is not the name of a file of the folder")]
    Outside {
        /// The tensor.
        tensor: String,
        /// What the index names.
        file: String,
    },
    /// An index that names a shard without the tensor.
    #[error("the index puts tensor `{tensor}` into `{file}`, which does not have it")]
    NotInShard {
        /// The tensor.
        tensor: String,
        /// The shard.
        file: String,
    },
}

impl SafetensorsError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            SafetensorsError::Storage(_) => "check the path and its permissions",
            SafetensorsError::MissingFile { .. } | SafetensorsError::NotInShard { .. } => {
                "fetch the whole folder of the model again"
            }
            SafetensorsError::Stored { .. } => "store the weights as F32, F16 or BF16",
            _ => "the file is damaged: fetch it again and compare its checksum",
        }
    }
}
