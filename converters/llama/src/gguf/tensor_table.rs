use std::collections::HashSet;

use super::GgufError;
use super::cursor::Cursor;
use crate::stored::StoredType;

/// The least bytes of a tensor info: name length, rank, one dimension, type, offset.
const LEAST_INFO: u64 = 8 + 4 + 8 + 4 + 8;
/// The most dimensions of a tensor.
const MOST_DIMENSIONS: u32 = 4;
/// For how many tensors room is made before they are read.
const MOST_RESERVED: u64 = 1 << 12;

/// Where a tensor lies and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name.
    pub name: String,
    /// Its dimensions, the fastest first: a matrix of N outputs and K inputs is `[K, N]`.
    pub dimensions: Vec<u64>,
    /// How its values are stored.
    pub stored: StoredType,
    /// Its first byte in the file.
    pub at: u64,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Reads the tensor infos, which end the header, and places them in the data that follows at the next multiple of
/// `alignment`: inside the file, aligned, none over another.
pub(crate) fn tensor_table(cursor: &mut Cursor<'_>, count: u64, alignment: u64) -> Result<Vec<TensorInfo>, GgufError> {
    cursor.check_count("tensors", count, LEAST_INFO)?;
    let mut tensors = Vec::with_capacity(count.min(MOST_RESERVED) as usize);
    for _ in 0..count {
        tensors.push(read_info(cursor)?);
    }
    let mut names = HashSet::new();
    if let Some(twice) = tensors.iter().find(|tensor| !names.insert(tensor.name.as_str())) {
        let tensor = twice.name.clone();
        return Err(GgufError::DuplicateTensor { tensor });
    }
    let data = cursor.at().next_multiple_of(alignment);
    for tensor in &mut tensors {
        if !tensor.at.is_multiple_of(alignment) {
            return Err(GgufError::Misaligned {
                tensor: tensor.name.clone(),
                offset: tensor.at,
                alignment,
            });
        }
        tensor.at = tensor.at.saturating_add(data);
        if tensor
            .at
            .checked_add(tensor.bytes)
            .is_none_or(|end| end > cursor.bytes())
        {
            return Err(GgufError::Beyond {
                tensor: tensor.name.clone(),
                at: tensor.at,
                needed: tensor.bytes,
                bytes: cursor.bytes(),
            });
        }
    }
    check_overlap(&tensors)?;
    Ok(tensors)
}

fn read_info(cursor: &mut Cursor<'_>) -> Result<TensorInfo, GgufError> {
    let tensor = cursor.text("a tensor's name")?;
    let rank = cursor.u32(&tensor)?;
    if !(1..=MOST_DIMENSIONS).contains(&rank) {
        return Err(GgufError::Rank { tensor, rank });
    }
    let mut dimensions = Vec::with_capacity(rank as usize);
    for _ in 0..rank {
        dimensions.push(cursor.u64(&tensor)?);
    }
    let number = cursor.u32(&tensor)?;
    let at = cursor.u64(&tensor)?;
    let Some(stored) = StoredType::from_gguf(number) else {
        let name = StoredType::gguf_name(number);
        return Err(GgufError::Stored { tensor, number, name });
    };
    let block = stored.block() as u64;
    let columns = dimensions.first().copied().unwrap_or_default();
    if !columns.is_multiple_of(block) {
        let name = stored.name();
        return Err(GgufError::RowLength {
            tensor,
            columns,
            name,
            block,
        });
    }
    let values = dimensions
        .iter()
        .try_fold(1u64, |values, size| values.checked_mul(*size));
    let bytes = values.and_then(|values| (values / block).checked_mul(stored.block_bytes() as u64));
    let Some(bytes) = bytes.filter(|bytes| *bytes > 0) else {
        return Err(GgufError::Dimensions { tensor, dimensions });
    };
    Ok(TensorInfo {
        name: tensor,
        dimensions,
        stored,
        at,
        bytes,
    })
}

fn check_overlap(tensors: &[TensorInfo]) -> Result<(), GgufError> {
    let mut ordered: Vec<&TensorInfo> = tensors.iter().collect();
    ordered.sort_by_key(|tensor| tensor.at);
    for pair in ordered.windows(2) {
        if let [first, second] = pair
            && first.at + first.bytes > second.at
        {
            return Err(GgufError::Overlap {
                first: first.name.clone(),
                second: second.name.clone(),
            });
        }
    }
    Ok(())
}
