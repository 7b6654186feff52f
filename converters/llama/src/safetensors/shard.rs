use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::SafetensorsError;
use crate::storage::Storage;
use crate::stored::StoredType;

/// The longest header that the format allows, in bytes.
const LONGEST_HEADER: u64 = 100_000_000;

/// A tensor in a shard.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) stored: StoredType,
    pub(crate) shape: Vec<u64>,
    /// Its first byte in the file.
    pub(crate) at: u64,
}

/// One safetensors file.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(crate) storage: Storage,
    pub(crate) tensors: HashMap<String, Entry>,
}

#[derive(Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

/// The header's tensors in the order of the text, a repeated name included.
struct Infos(Vec<(String, Info)>);

impl<'de> Deserialize<'de> for Infos {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Infos, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Infos;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Infos, A::Error> {
                let mut infos = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        infos.push((name, map.next_value()?));
                    }
                }
                Ok(Infos(infos))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

impl Shard {
    /// Reads a file's header; `file` is its name in errors.
    pub(crate) fn read(storage: Storage, file: &str) -> Result<Shard, SafetensorsError> {
        let truncated = |header| SafetensorsError::Truncated {
            file: file.to_string(),
            header,
            bytes: storage.bytes(),
        };
        let mut length = [0; 8];
        if storage.bytes() < 8 {
            return Err(truncated(8));
        }
        storage.read(0, &mut length)?;
        let length = u64::from_le_bytes(length);
        let start = length.saturating_add(8);
        if start > storage.bytes() {
            return Err(truncated(start));
        }
        if length > LONGEST_HEADER {
            return Err(SafetensorsError::TooLarge {
                file: file.to_string(),
                bytes: length,
                most: LONGEST_HEADER,
            });
        }
        let mut header = vec![0; length as usize];
        storage.read(8, &mut header)?;
        let Infos(infos) = serde_json::from_slice(&header).map_err(|error| SafetensorsError::Json {
            file: file.to_string(),
            reason: error.to_string(),
        })?;
        let data = storage.bytes() - start;
        check_overlap(&infos, file)?;
        let mut tensors = HashMap::new();
        for (name, info) in infos {
            let stored = stored_type(&info.dtype).ok_or_else(|| SafetensorsError::Stored {
                file: file.to_string(),
                tensor: name.clone(),
                dtype: info.dtype.clone(),
            })?;
            let (begin, end) = info.data_offsets;
            let values = info
                .shape
                .iter()
                .try_fold(1u64, |values, size| values.checked_mul(*size));
            let bytes = values.and_then(|values| values.checked_mul(stored.block_bytes() as u64));
            if bytes.is_none() || end.checked_sub(begin) != bytes || end > data {
                return Err(SafetensorsError::Extent {
                    file: file.to_string(),
                    tensor: name,
                    shape: info.shape,
                    stored,
                    begin,
                    end,
                    data,
                });
            }
            tensors.insert(
                name,
                Entry {
                    stored,
                    shape: info.shape,
                    at: start + begin,
                },
            );
        }
        Ok(Shard { storage, tensors })
    }
}

fn stored_type(dtype: &str) -> Option<StoredType> {
    match dtype {
        "F32" => Some(StoredType::F32),
        "F16" => Some(StoredType::F16),
        "BF16" => Some(StoredType::Bf16),
        _ => None,
    }
}

/// Refuses names that repeat and tensors that share bytes.
fn check_overlap(infos: &[(String, Info)], file: &str) -> Result<(), SafetensorsError> {
    let mut names = HashSet::new();
    if let Some((twice, _)) = infos.iter().find(|(name, _)| !names.insert(name)) {
        return Err(SafetensorsError::DuplicateTensor {
            file: file.to_string(),
            tensor: twice.clone(),
        });
    }
    let mut ordered: Vec<_> = infos.iter().map(|(name, info)| (info.data_offsets, name)).collect();
    ordered.sort_unstable();
    for pair in ordered.windows(2) {
        if let [((_, end), first), ((begin, _), second)] = pair
            && end > begin
        {
            return Err(SafetensorsError::Overlap {
                file: file.to_string(),
                first: first.to_string(),
                second: second.to_string(),
            });
        }
    }
    Ok(())
}
