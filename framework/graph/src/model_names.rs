//! The part of a model file that is for people: names and what integers mean. Little-endian, lengths before contents.

use opml_ops::{DType, Shape};

use crate::{Model, Port, Quantization};

pub(crate) struct Names {
    pub(crate) model: String,
    pub(crate) nodes: Vec<String>,
    pub(crate) carry: Vec<Port>,
    pub(crate) feed: Vec<Port>,
    pub(crate) outputs: Vec<Port>,
}

pub(crate) fn encode(model: &Model) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_text(&mut bytes, &model.name);
    model.nodes.iter().for_each(|node| put_text(&mut bytes, &node.name));
    for port in model.carry.iter().chain(&model.feed).chain(&model.outputs) {
        put_text(&mut bytes, &port.name);
        let shape = port.shape.dims();
        let words = [port.dtype as u32, shape.len() as u32]
            .into_iter()
            .chain(shape.iter().copied());
        words.for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
        match port.quantization {
            None => bytes.push(0),
            Some(Quantization { scale, zero_point }) => {
                bytes.push(1);
                bytes.extend_from_slice(&scale.to_le_bytes());
                bytes.extend_from_slice(&zero_point.to_le_bytes());
            }
        }
    }
    bytes
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads what `encode` wrote: `nodes` node names, then ports; `None` when the bytes are anything else.
pub(crate) fn decode(bytes: &[u8], nodes: usize, carry: usize, feed: usize, outputs: usize) -> Option<Names> {
    let mut reader = Reader(bytes);
    let names = Names {
        model: reader.text()?,
        nodes: reader.several(nodes, Reader::text)?,
        carry: reader.several(carry, Reader::port)?,
        feed: reader.several(feed, Reader::port)?,
        outputs: reader.several(outputs, Reader::port)?,
    };
    reader.0.is_empty().then_some(names)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn several<T>(&mut self, count: usize, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (0..count).map(|_| read(self)).collect()
    }

    fn word(&mut self) -> Option<[u8; 4]> {
        let (word, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*word)
    }

    fn number(&mut self) -> Option<u32> {
        self.word().map(u32::from_le_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    fn port(&mut self) -> Option<Port> {
        let name = self.text()?;
        let dtype = DType::from_code(self.number()?)?;
        let rank = self.number()? as usize;
        if rank > opml_ops::MAX_RANK {
            return None;
        }
        let dims = self.several(rank, Reader::number)?;
        let (flag, rest) = self.0.split_first()?;
        self.0 = rest;
        let quantization = match flag {
            0 => None,
            1 => Some(Quantization {
                scale: f32::from_le_bytes(self.word()?),
                zero_point: i32::from_le_bytes(self.word()?),
            }),
            _ => return None,
        };
        Some(Port {
            name,
            dtype,
            shape: Shape::new(&dims).ok()?,
            quantization,
        })
    }
}
