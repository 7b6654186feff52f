//! GGUF files taken apart.

use super::gguf::{Entry, Gguf, MAGIC, Value, alignment, width};
use super::tensors::{Tensor, size};

/// The most things of a kind that a file is taken apart into.
const MOST: u64 = 1 << 12;
/// How deep arrays may lie in arrays.
const DEEPEST: usize = 8;

impl Gguf {
    /// Takes a file apart; `None` when its header is none. What a tensor lacks of its bytes is left out.
    pub(super) fn read(file: &[u8]) -> Option<Gguf> {
        let mut from = Reader(file.strip_prefix(MAGIC)?);
        let version = from.u32()?;
        let (tensors, entries) = (from.count()?, from.count()?);
        let entries: Vec<Entry> = (0..entries).map(|_| from.entry()).collect::<Option<_>>()?;
        let infos: Vec<_> = (0..tensors).map(|_| from.info()).collect::<Option<_>>()?;
        let start = (file.len() - from.0.len()).next_multiple_of(alignment(&entries));
        let data = file.get(start..).unwrap_or_default();
        let mut end = 0;
        let tensors = infos.into_iter().map(|(mut tensor, offset)| {
            let offset = usize::try_from(offset).map_or(data.len(), |offset| offset.min(data.len()));
            let bytes = size(&tensor).unwrap_or_default().min(data.len() - offset);
            tensor.bytes = data[offset..offset + bytes].to_vec();
            end = end.max(offset + bytes);
            tensor
        });
        Some(Gguf {
            version,
            entries,
            tensors: tensors.collect(),
            counts: [None; 2],
            rest: data.len() - end,
        })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(*self.take(4)?.first_chunk()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(*self.take(8)?.first_chunk()?))
    }

    fn count(&mut self) -> Option<u64> {
        self.u64().filter(|count| *count <= MOST)
    }

    fn value(&mut self, tag: u32, depth: usize) -> Option<Value> {
        match tag {
            8 => Some(Value::Text(self.text()?)),
            9 if depth < DEEPEST => {
                let (tag, count) = (self.u32()?, self.count()?);
                let members = (0..count).map(|_| self.value(tag, depth + 1));
                Some(Value::Array(tag, members.collect::<Option<_>>()?))
            }
            _ => Some(Value::Number(tag, self.take(width(tag)?)?.to_vec())),
        }
    }

    fn entry(&mut self) -> Option<Entry> {
        let (key, tag) = (self.text()?, self.u32()?);
        let value = self.value(tag, 0)?;
        Some(Entry { key, value, tag: None })
    }

    fn text(&mut self) -> Option<Vec<u8>> {
        let length = usize::try_from(self.u64()?).ok()?;
        self.take(length).map(<[u8]>::to_vec)
    }

    /// A tensor without its bytes, and where they begin.
    fn info(&mut self) -> Option<(Tensor, u64)> {
        let name = self.text()?;
        let rank = self.u32().filter(|rank| *rank <= 8)?;
        let dimensions = (0..rank).map(|_| self.u64()).collect::<Option<_>>()?;
        let tensor = Tensor {
            name,
            dimensions,
            stored: self.u32()?,
            offset: None,
            bytes: Vec::new(),
        };
        Some((tensor, self.u64()?))
    }
}
