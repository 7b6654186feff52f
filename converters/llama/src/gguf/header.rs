use super::GgufError;
use super::cursor::Cursor;
use super::metadata::{Metadata, Value};
use super::tensor_table::{TensorInfo, tensor_table};
use crate::storage::Storage;

const MAGIC: [u8; 4] = *b"GGUF";
/// The data's alignment where `general.alignment` is not stated.
const USUAL_ALIGNMENT: u64 = 32;
/// The least bytes of a key and its value: a length, a type, one byte.
const LEAST_ENTRY: u64 = 8 + 4 + 1;
/// The most values that are held; the largest vocabularies have two arrays of some 300,000.
const MOST_VALUES: u64 = 1 << 23;
/// How deep arrays may lie in arrays.
const DEEPEST: usize = 4;

/// What stands before a file's tensor data.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) metadata: Metadata,
    pub(crate) tensors: Vec<TensorInfo>,
}

/// Reads a header: magic, version, two counts, metadata, tensor infos.
pub(crate) fn read_header(storage: &Storage) -> Result<Header, GgufError> {
    let mut cursor = Cursor::new(storage);
    let head = cursor.array::<4>("the magic")?;
    if head != MAGIC {
        return Err(GgufError::Magic { head });
    }
    match cursor.u32("the version")? {
        2 | 3 => {}
        version if matches!(version.swap_bytes(), 1..=3) => return Err(GgufError::BigEndian),
        version => return Err(GgufError::Version { version }),
    }
    let tensor_count = cursor.u64("the count of tensors")?;
    let entry_count = cursor.u64("the count of metadata keys")?;
    cursor.check_count("metadata keys", entry_count, LEAST_ENTRY)?;
    let mut metadata = Metadata::default();
    let mut budget = MOST_VALUES;
    for _ in 0..entry_count {
        let key = cursor.text("a metadata key")?;
        let tag = cursor.u32(&key)?;
        let value = read_value(&mut cursor, &key, tag, 0, &mut budget)?;
        metadata.insert(key, value)?;
    }
    let alignment = metadata
        .integer("general.alignment")?
        .map_or(USUAL_ALIGNMENT, u64::from);
    if !alignment.is_power_of_two() || alignment > 1 << 16 {
        return Err(GgufError::Alignment { alignment });
    }
    let tensors = tensor_table(&mut cursor, tensor_count, alignment)?;
    Ok(Header { metadata, tensors })
}

/// Bytes of one value of a type, or the least of a text and an array.
fn least_bytes(tag: u32) -> u64 {
    match tag {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        _ => 8,
    }
}

/// Reads one value; `budget` is how many more may be read.
fn read_value(
    cursor: &mut Cursor<'_>,
    key: &str,
    tag: u32,
    depth: usize,
    budget: &mut u64,
) -> Result<Value, GgufError> {
    *budget = budget.checked_sub(1).ok_or(GgufError::TooMuch { limit: MOST_VALUES })?;
    Ok(match tag {
        0 => Value::Unsigned(u8::from_le_bytes(cursor.array(key)?).into()),
        1 => Value::Signed(i8::from_le_bytes(cursor.array(key)?).into()),
        2 => Value::Unsigned(u16::from_le_bytes(cursor.array(key)?).into()),
        3 => Value::Signed(i16::from_le_bytes(cursor.array(key)?).into()),
        4 => Value::Unsigned(u32::from_le_bytes(cursor.array(key)?).into()),
        5 => Value::Signed(i32::from_le_bytes(cursor.array(key)?).into()),
        6 => Value::Float(f32::from_le_bytes(cursor.array(key)?).into()),
        7 => match u8::from_le_bytes(cursor.array(key)?) {
            found @ (0 | 1) => Value::Boolean(found == 1),
            found => {
                let key = key.to_string();
                return Err(GgufError::Boolean { key, found });
            }
        },
        8 => Value::Text(cursor.text(key)?),
        9 => {
            if depth == DEEPEST {
                return Err(GgufError::Nesting {
                    key: key.to_string(),
                    limit: DEEPEST,
                });
            }
            let tag = cursor.u32(key)?;
            let count = cursor.u64(key)?;
            cursor.check_count(format_args!("values of `{key}`"), count, least_bytes(tag))?;
            if count > *budget {
                return Err(GgufError::TooMuch { limit: MOST_VALUES });
            }
            let mut values = Vec::with_capacity(count as usize);
            for _ in 0..count {
                values.push(read_value(cursor, key, tag, depth + 1, budget)?);
            }
            Value::Array(values)
        }
        10 => Value::Unsigned(cursor.u64(key)?),
        11 => Value::Signed(i64::from_le_bytes(cursor.array(key)?)),
        12 => Value::Float(f64::from_le_bytes(cursor.array(key)?)),
        _ => {
            let key = key.to_string();
            return Err(GgufError::ValueType { key, tag });
        }
    })
}
