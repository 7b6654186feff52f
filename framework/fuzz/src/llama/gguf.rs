//! GGUF files put together from parts, so that lengths and places fit what was changed.

use super::tensors::Tensor;
use crate::random::Random;

pub(super) const MAGIC: &[u8] = b"GGUF";
const USUAL_ALIGNMENT: usize = 32;

/// A metadata value.
#[derive(Clone)]
pub(super) enum Value {
    /// A number or a boolean: its type and its bytes.
    Number(u32, Vec<u8>),
    Text(Vec<u8>),
    /// The type that is stated for the members, and the members.
    Array(u32, Vec<Value>),
}

/// A metadata entry.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: Vec<u8>,
    pub(super) value: Value,
    /// The type that is stated, if not the value's own.
    pub(super) tag: Option<u32>,
}

/// A whole file.
pub(super) struct Gguf {
    pub(super) version: u32,
    pub(super) entries: Vec<Entry>,
    pub(super) tensors: Vec<Tensor>,
    /// The counts of tensors and entries that are stated instead of the true ones.
    pub(super) counts: [Option<u64>; 2],
    /// How many bytes follow the last tensor.
    pub(super) rest: usize,
}

/// Bytes of a number of a type.
pub(super) fn width(tag: u32) -> Option<usize> {
    match tag {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

impl Value {
    pub(super) fn tag(&self) -> u32 {
        match self {
            Value::Number(tag, _) => *tag,
            Value::Text(_) => 8,
            Value::Array(..) => 9,
        }
    }

    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Value::Number(_, bytes) => to.extend_from_slice(bytes),
            Value::Text(text) => put_text(text, to),
            Value::Array(tag, members) => {
                to.extend_from_slice(&tag.to_le_bytes());
                to.extend_from_slice(&(members.len() as u64).to_le_bytes());
                members.iter().for_each(|member| member.write(to));
            }
        }
    }
}

impl Gguf {
    /// The file's bytes.
    pub(super) fn written(&self) -> Vec<u8> {
        let alignment = alignment(&self.entries);
        let mut file = MAGIC.to_vec();
        file.extend_from_slice(&self.version.to_le_bytes());
        let counts = [self.tensors.len(), self.entries.len()];
        for (count, stated) in counts.into_iter().zip(self.counts) {
            file.extend_from_slice(&stated.unwrap_or(count as u64).to_le_bytes());
        }
        for Entry { key, value, tag } in &self.entries {
            put_text(key, &mut file);
            file.extend_from_slice(&tag.unwrap_or(value.tag()).to_le_bytes());
            value.write(&mut file);
        }
        let mut at = 0;
        for tensor in &self.tensors {
            put_text(&tensor.name, &mut file);
            file.extend_from_slice(&(tensor.dimensions.len() as u32).to_le_bytes());
            let sizes = tensor.dimensions.iter();
            sizes.for_each(|size| file.extend_from_slice(&size.to_le_bytes()));
            file.extend_from_slice(&tensor.stored.to_le_bytes());
            file.extend_from_slice(&tensor.offset.unwrap_or(at).to_le_bytes());
            at += tensor.bytes.len().next_multiple_of(alignment) as u64;
        }
        for tensor in &self.tensors {
            file.resize(file.len().next_multiple_of(alignment), 0);
            file.extend_from_slice(&tensor.bytes);
        }
        file.resize(file.len() + self.rest, 0);
        file
    }

    /// Changes what stands before the entries.
    pub(super) fn head(&mut self, random: &mut Random) {
        match random.below(4) {
            0 => self.version = random.among(&[0, 1, 2, 3, 4, 3 << 24]),
            1 => self.counts[0] = Some(random.size() as u64),
            2 => self.counts[1] = Some(random.size() as u64),
            _ => self.counts = [None; 2],
        }
    }
}

/// The alignment that the entries state, or the usual one.
pub(super) fn alignment(entries: &[Entry]) -> usize {
    let stated = entries.iter().find(|entry| entry.key == b"general.alignment");
    let stated = stated.and_then(|entry| match &entry.value {
        Value::Number(4, bytes) => Some(u32::from_le_bytes(*bytes.first_chunk()?) as usize),
        _ => None,
    });
    let possible = stated.filter(|stated| stated.is_power_of_two() && *stated <= 4096);
    possible.unwrap_or(USUAL_ALIGNMENT)
}

fn put_text(text: &[u8], to: &mut Vec<u8>) {
    to.extend_from_slice(&(text.len() as u64).to_le_bytes());
    to.extend_from_slice(text);
}
