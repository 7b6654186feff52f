//! GGUF files as tests need them, right or wrong.

/// A metadata value to write.
#[derive(Clone, Debug)]
pub(crate) enum Meta {
    U32(u32),
    I32(i32),
    F32(f32),
    Bool(bool),
    Text(String),
    /// The tag of the values and the values.
    Array(u32, Vec<Meta>),
    /// A tag and bytes as they are.
    Raw(u32, Vec<u8>),
}

impl Meta {
    pub(crate) fn text(text: &str) -> Meta {
        Meta::Text(text.to_string())
    }

    pub(crate) fn texts(texts: &[&str]) -> Meta {
        Meta::Array(8, texts.iter().map(|text| Meta::text(text)).collect())
    }

    fn tag(&self) -> u32 {
        match self {
            Meta::U32(_) => 4,
            Meta::I32(_) => 5,
            Meta::F32(_) => 6,
            Meta::Bool(_) => 7,
            Meta::Text(_) => 8,
            Meta::Array(..) => 9,
            Meta::Raw(tag, _) => *tag,
        }
    }

    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Meta::U32(value) => to.extend(value.to_le_bytes()),
            Meta::I32(value) => to.extend(value.to_le_bytes()),
            Meta::F32(value) => to.extend(value.to_le_bytes()),
            Meta::Bool(value) => to.push(u8::from(*value)),
            Meta::Text(text) => write_text(text.as_bytes(), to),
            Meta::Array(tag, values) => {
                to.extend(tag.to_le_bytes());
                to.extend((values.len() as u64).to_le_bytes());
                for value in values {
                    value.write(to);
                }
            }
            Meta::Raw(_, bytes) => to.extend(bytes),
        }
    }
}

fn write_text(text: &[u8], to: &mut Vec<u8>) {
    to.extend((text.len() as u64).to_le_bytes());
    to.extend(text);
}

/// A tensor to write.
#[derive(Clone, Debug)]
pub(crate) struct TensorBytes {
    pub(crate) name: String,
    /// The fastest first.
    pub(crate) dimensions: Vec<u64>,
    pub(crate) number: u32,
    pub(crate) bytes: Vec<u8>,
    /// Where its info says that it begins, instead of where it does.
    pub(crate) offset: Option<u64>,
}

/// A file to write.
#[derive(Clone, Debug)]
pub(crate) struct GgufWriter {
    pub(crate) version: u32,
    pub(crate) metadata: Vec<(String, Meta)>,
    pub(crate) tensors: Vec<TensorBytes>,
    pub(crate) alignment: usize,
    /// The counts of tensors and keys to state instead of the true ones.
    pub(crate) counts: (Option<u64>, Option<u64>),
}

impl GgufWriter {
    pub(crate) fn new() -> GgufWriter {
        GgufWriter {
            version: 3,
            metadata: Vec::new(),
            tensors: Vec::new(),
            alignment: 32,
            counts: (None, None),
        }
    }

    /// Adds a key, or gives it another value.
    pub(crate) fn set(&mut self, key: &str, value: Meta) -> &mut GgufWriter {
        self.remove(key);
        self.metadata.push((key.to_string(), value));
        self
    }

    pub(crate) fn remove(&mut self, key: &str) -> &mut GgufWriter {
        self.metadata.retain(|(other, _)| other != key);
        self
    }

    pub(crate) fn tensor(&mut self, name: &str, dimensions: &[u64], number: u32, bytes: Vec<u8>) -> &mut GgufWriter {
        self.tensors.push(TensorBytes {
            name: name.to_string(),
            dimensions: dimensions.to_vec(),
            number,
            bytes,
            offset: None,
        });
        self
    }

    /// The tensor of this name, to change it.
    pub(crate) fn tensor_mut(&mut self, name: &str) -> &mut TensorBytes {
        self.tensors
            .iter_mut()
            .find(|tensor| tensor.name == name)
            .expect("the tensor")
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(self.version.to_le_bytes());
        file.extend(self.counts.0.unwrap_or(self.tensors.len() as u64).to_le_bytes());
        file.extend(self.counts.1.unwrap_or(self.metadata.len() as u64).to_le_bytes());
        for (key, value) in &self.metadata {
            write_text(key.as_bytes(), &mut file);
            file.extend(value.tag().to_le_bytes());
            value.write(&mut file);
        }
        let mut offset = 0u64;
        for tensor in &self.tensors {
            write_text(tensor.name.as_bytes(), &mut file);
            file.extend((tensor.dimensions.len() as u32).to_le_bytes());
            tensor
                .dimensions
                .iter()
                .for_each(|size| file.extend(size.to_le_bytes()));
            file.extend(tensor.number.to_le_bytes());
            file.extend(tensor.offset.unwrap_or(offset).to_le_bytes());
            offset += tensor.bytes.len().next_multiple_of(self.alignment) as u64;
        }
        for tensor in &self.tensors {
            file.resize(file.len().next_multiple_of(self.alignment), 0);
            file.extend(&tensor.bytes);
        }
        file
    }
}
