use thiserror::Error;

use crate::storage::StorageError;

/// Why a GGUF file could not be read.
#[derive(Debug, Error)]
pub enum GgufError {
    /// The file could not be opened or read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It does not begin with `GGUF`.
    #[error("this is not a GGUF file: it begins with {head:02x?} instead of `GGUF`")]
    Magic {
        /// Its first bytes.
        head: [u8; 4],
    },
    /// The version stands in the other order of bytes.
    #[error("the GGUF file is big-endian; only little-endian files are read")]
    BigEndian,
    /// A version that is not 2 or 3.
    #[error("GGUF version {version} is not supported; versions 2 and 3 are")]
    Version {
        /// What the file states.
        version: u32,
    },
    /// The file ends inside something.
    #[error("the file is truncated: {what} at byte {at} needs {needed} bytes, and the file has {bytes}")]
    Truncated {
        /// What was being read.
        what: String,
        /// Where it begins.
        at: u64,
        /// How many bytes it takes.
        needed: u64,
        /// The file's size.
        bytes: u64,
    },
    /// A count that the file cannot hold.
    #[error("{count} {what} cannot stand in a file of {bytes} bytes")]
    Count {
        /// What is counted.
        what: String,
        /// The count stated.
        count: u64,
        /// The file's size.
        bytes: u64,
    },
    /// More metadata than is held in memory.
    #[error("the metadata has more than {limit} values")]
    TooMuch {
        /// The most that is read.
        limit: u64,
    },
    /// Text that is not UTF-8.
    #[error("{what} is not UTF-8 text")]
    Text {
        /// Which text.
        what: String,
    },
    /// A value type that the format does not have.
    #[error("metadata key `{key}` has the unknown value type {tag}")]
    ValueType {
        /// The key.
        key: String,
        /// The tag found.
        tag: u32,
    },
    /// A boolean that is neither 0 nor 1.
    #[error("metadata key `{key}` has a boolean that is {found}, neither 0 nor 1")]
    Boolean {
        /// The key.
        key: String,
        /// The byte found.
        found: u8,
    },
    /// Arrays in arrays, too deep.
    #[error("metadata key `{key}` nests arrays more than {limit} deep")]
    Nesting {
        /// The key.
        key: String,
        /// The deepest that is read.
        limit: usize,
    },
    /// A key stated twice.
    #[error("metadata key `{key}` stands there twice")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// A key that must be there.
    #[error("metadata key `{key}` is missing")]
    MissingKey {
        /// The key.
        key: String,
    },
    /// A key with a value of another type, or out of range.
    #[error("metadata key `{key}` is {found}, not {expected}")]
    KeyType {
        /// The key.
        key: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// An alignment that is no power of two.
    #[error("`general.alignment` is {alignment}, not a power of two from 1 to 65536")]
    Alignment {
        /// What the file states.
        alignment: u64,
    },
    /// A tensor named twice.
    #[error("tensor `{tensor}` stands there twice")]
    DuplicateTensor {
        /// The tensor.
        tensor: String,
    },
    /// A tensor with too many dimensions.
    #[error("tensor `{tensor}` has {rank} dimensions; 1 to 4 are possible")]
    Rank {
        /// The tensor.
        tensor: String,
        /// How many.
        rank: u32,
    },
    /// An empty tensor, or one whose size is no 64-bit number.
    #[error("tensor `{tensor}` has the impossible dimensions {dimensions:?}")]
    Dimensions {
        /// The tensor.
        tensor: String,
        /// As stated, fastest first.
        dimensions: Vec<u64>,
    },
    /// A quantisation that is not read.
    #[error("tensor `{tensor}` is stored as {name} (type {number}), which is not supported")]
    Stored {
        /// The tensor.
        tensor: String,
        /// The type's number.
        number: u32,
        /// Its name, if it has one.
        name: &'static str,
    },
    /// Rows that are no whole number of blocks.
    #[error("tensor `{tensor}` has rows of {columns} values, which {name} cannot cut into blocks of {block}")]
    RowLength {
        /// The tensor.
        tensor: String,
        /// Values a row.
        columns: u64,
        /// The stored type.
        name: &'static str,
        /// Values a block.
        block: u64,
    },
    /// A tensor that does not begin where tensors may.
    #[error("tensor `{tensor}` begins at offset {offset}, which is not a multiple of the alignment {alignment}")]
    Misaligned {
        /// The tensor.
        tensor: String,
        /// Its offset in the data.
        offset: u64,
        /// The file's alignment.
        alignment: u64,
    },
    /// A tensor that the file does not hold.
    #[error("tensor `{tensor}` takes {needed} bytes from byte {at} on, and the file has {bytes}")]
    Beyond {
        /// The tensor.
        tensor: String,
        /// Where it begins in the file.
        at: u64,
        /// Its size.
        needed: u64,
        /// The file's size.
        bytes: u64,
    },
    /// Two tensors that share bytes.
    #[error("tensors `{first}` and `{second}` overlap")]
    Overlap {
        /// The one that begins first.
        first: String,
        /// The other.
        second: String,
    },
}

impl GgufError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            GgufError::Storage(_) => "check the path and its permissions",
            GgufError::Magic { .. } => "name a `.gguf` file, or a folder with `config.json` and `.safetensors` files",
            GgufError::BigEndian | GgufError::Version { .. } => "convert the model again, to GGUF version 3",
            GgufError::Stored { .. } => {
                "quantise the model as F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 or Q2_K to Q6_K"
            }
            GgufError::MissingKey { .. } | GgufError::KeyType { .. } => {
                "convert the model again with a current converter"
            }
            _ => "the file is damaged: fetch it again and compare its checksum",
        }
    }
}
