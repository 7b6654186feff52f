//! A safetensors file taken apart and put together again.

use serde_json::{Map, Value, json};

use super::json;
use crate::random::Random;

/// The most bytes of data that a changed header is given so that they fit it.
const MOST: usize = 1 << 13;

/// A safetensors file: a header and data.
pub(super) struct Shard {
    pub(super) header: Map<String, Value>,
    pub(super) data: Vec<u8>,
}

impl Shard {
    /// Takes a file apart; `None` when its header is no JSON object.
    pub(super) fn read(file: &[u8]) -> Option<Shard> {
        let (length, rest) = file.split_first_chunk()?;
        let (header, data) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        Some(Shard {
            header: serde_json::from_slice(header).ok()?,
            data: data.to_vec(),
        })
    }

    /// The file's bytes.
    pub(super) fn written(&self) -> Vec<u8> {
        let header = serde_json::to_vec(&self.header).unwrap_or_default();
        let length = (header.len() as u64).to_le_bytes();
        [&length[..], &header, &self.data].concat()
    }

    /// Adds a tensor at the data's end.
    pub(super) fn push(&mut self, name: &str, dtype: &str, shape: &[u64], bytes: &[u8]) {
        let offsets = [self.data.len(), self.data.len() + bytes.len()];
        let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": offsets});
        self.header.insert(name.into(), entry);
        self.data.extend_from_slice(bytes);
    }

    /// Changes the header or the data; often lays the tensors out anew then, so that all fit.
    pub(super) fn change(&mut self, random: &mut Random) {
        match random.below(4) {
            0 => {
                for _ in 0..1 + random.below(8) {
                    if let Some(place) = random.place(self.data.len()) {
                        self.data[place] = random.among(&[0, 1, 0x3c, 0x7b, 0x7c, 0x7f, 0x80, 0xff]);
                    }
                }
            }
            1 => self.data.fill(random.among(&[0, 0x3c, 0xff])),
            _ => {
                let mut header = Value::Object(std::mem::take(&mut self.header));
                json::change(&mut header, random);
                self.header = header.as_object().cloned().unwrap_or_default();
            }
        }
        if random.below(2) == 0 {
            self.lay_out();
        }
    }

    fn lay_out(&mut self) {
        let mut end = 0;
        for entry in self.header.values_mut() {
            if let Some(bytes) = size(entry).filter(|bytes| end + bytes <= MOST) {
                entry["data_offsets"] = json!([end, end + bytes]);
                end += bytes;
            }
        }
        if self.data.len() < end {
            self.data.resize(end, 0x11);
        }
    }
}

/// The bytes that an entry's shape and type ask for.
fn size(entry: &Value) -> Option<usize> {
    let bytes = match entry.get("dtype")?.as_str()? {
        "F32" => 4,
        _ => 2,
    };
    let sizes = entry.get("shape")?.as_array()?;
    sizes.iter().try_fold(bytes, |product: usize, size| {
        product.checked_mul(usize::try_from(size.as_u64()?).ok()?)
    })
}
