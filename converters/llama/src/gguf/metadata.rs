use std::collections::HashMap;

use super::GgufError;

/// A metadata value. Integers and floats of all widths are held in the widest one.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An unsigned integer.
    Unsigned(u64),
    /// A signed integer.
    Signed(i64),
    /// A float; an f32 is held exactly.
    Float(f64),
    /// A boolean.
    Boolean(bool),
    /// A text.
    Text(String),
    /// An array, of one type in the file.
    Array(Vec<Value>),
}

impl Value {
    fn describe(&self) -> String {
        match self {
            Value::Unsigned(value) => value.to_string(),
            Value::Signed(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Boolean(value) => value.to_string(),
            Value::Text(text) => format!("a text of {} bytes", text.len()),
            Value::Array(values) => format!("an array of {}", values.len()),
        }
    }

    fn unsigned(&self) -> Option<u64> {
        match self {
            Value::Unsigned(value) => Some(*value),
            Value::Signed(value) => u64::try_from(*value).ok(),
            _ => None,
        }
    }
}

/// A file's metadata: each key once.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    values: HashMap<String, Value>,
}

impl Metadata {
    /// Adds a key that is not there yet.
    pub(crate) fn insert(&mut self, key: String, value: Value) -> Result<(), GgufError> {
        if self.values.contains_key(&key) {
            return Err(GgufError::DuplicateKey { key });
        }
        self.values.insert(key, value);
        Ok(())
    }

    /// The value of a key, if it is there.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// The value of a key that must be there, as `read` sees it.
    fn typed<'a, T>(
        &'a self,
        key: &str,
        expected: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, GgufError> {
        let Some(value) = self.values.get(key) else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| GgufError::KeyType {
            key: key.to_string(),
            expected,
            found: value.describe(),
        })
    }

    /// A number from 0 to 2^32 − 1.
    pub fn integer(&self, key: &str) -> Result<Option<u32>, GgufError> {
        self.typed(key, "a number from 0 to 4294967295", |value| {
            value.unsigned().and_then(|value| u32::try_from(value).ok())
        })
    }

    /// A finite float, or an integer as a float.
    pub fn float(&self, key: &str) -> Result<Option<f64>, GgufError> {
        self.typed(key, "a finite number", |value| match value {
            Value::Float(value) => Some(*value).filter(|value| value.is_finite()),
            Value::Signed(value) => Some(*value as f64),
            Value::Unsigned(value) => Some(*value as f64),
            _ => None,
        })
    }

    /// A boolean.
    pub fn boolean(&self, key: &str) -> Result<Option<bool>, GgufError> {
        self.typed(key, "a boolean", |value| match value {
            Value::Boolean(value) => Some(*value),
            _ => None,
        })
    }

    /// A text.
    pub fn text(&self, key: &str) -> Result<Option<&str>, GgufError> {
        self.typed(key, "a text", |value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// An array of texts.
    pub fn texts(&self, key: &str) -> Result<Option<Vec<&str>>, GgufError> {
        self.array(key, "an array of texts", |value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// An array of floats.
    pub fn floats(&self, key: &str) -> Result<Option<Vec<f32>>, GgufError> {
        self.array(key, "an array of numbers", |value| match value {
            Value::Float(value) => Some(*value as f32),
            _ => None,
        })
    }

    /// An array of numbers from 0 to 2^32 − 1.
    pub fn integers(&self, key: &str) -> Result<Option<Vec<u32>>, GgufError> {
        self.array(key, "an array of numbers from 0 to 4294967295", |value| {
            value.unsigned().and_then(|value| u32::try_from(value).ok())
        })
    }

    fn array<'a, T>(
        &'a self,
        key: &str,
        expected: &'static str,
        read: impl FnMut(&'a Value) -> Option<T>,
    ) -> Result<Option<Vec<T>>, GgufError> {
        self.typed(key, expected, |value| match value {
            Value::Array(values) => values.iter().map(read).collect(),
            _ => None,
        })
    }
}
