//! The part of a model file that is for people: names and what integers mean. Little-endian, lengths before contents.

use std::collections::BTreeMap;

use opml_ops::{DType, Shape};

use crate::{ModelSet, Port, Quantization};

/// How many names and ports one graph has.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) nodes: usize,
    pub(crate) carry: usize,
    pub(crate) feed: usize,
    pub(crate) outputs: usize,
}

/// The names of one graph.
pub(crate) struct Names {
    pub(crate) nodes: Vec<String>,
    pub(crate) carry: Vec<Port>,
    pub(crate) feed: Vec<Port>,
    pub(crate) outputs: Vec<Port>,
}

/// All names of a file.
pub(crate) struct AllNames {
    pub(crate) model: String,
    pub(crate) graphs: Vec<Names>,
    pub(crate) notes: BTreeMap<String, String>,
}

pub(crate) fn encode(set: &ModelSet) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_text(&mut bytes, set.graphs.first().map_or("", |model| &model.name));
    for model in &set.graphs {
        model.nodes.iter().for_each(|node| put_text(&mut bytes, &node.name));
        for port in model.carry.iter().chain(&model.feed).chain(&model.outputs) {
            put_port(&mut bytes, port);
        }
    }
    if !set.notes.is_empty() {
        bytes.extend_from_slice(&(set.notes.len() as u32).to_le_bytes());
        for (name, text) in &set.notes {
            put_text(&mut bytes, name);
            put_text(&mut bytes, text);
        }
    }
    bytes
}

fn put_port(bytes: &mut Vec<u8>, port: &Port) {
    put_text(bytes, &port.name);
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

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads what `encode` wrote of graphs with these counts; `None` when the bytes are anything else.
pub(crate) fn decode(bytes: &[u8], graphs: &[Counts]) -> Option<AllNames> {
    let mut reader = Reader(bytes);
    let model = reader.text()?;
    let graphs = graphs.iter().map(|counts| {
        Some(Names {
            nodes: reader.several(counts.nodes, Reader::text)?,
            carry: reader.several(counts.carry, Reader::port)?,
            feed: reader.several(counts.feed, Reader::port)?,
            outputs: reader.several(counts.outputs, Reader::port)?,
        })
    });
    let graphs = graphs.collect::<Option<Vec<_>>>()?;
    let mut notes = BTreeMap::new();
    if !reader.0.is_empty() {
        // Each name once, in order, and none is no list: one set of notes, one sequence of bytes.
        for _ in 0..reader.number().filter(|count| *count > 0)? {
            let (name, text) = (reader.text()?, reader.text()?);
            if notes.last_key_value().is_some_and(|(last, _)| *last >= name) {
                return None;
            }
            notes.insert(name, text);
        }
    }
    reader.0.is_empty().then_some(AllNames { model, graphs, notes })
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
