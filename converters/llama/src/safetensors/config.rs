use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::architecture::ArchitectureError;

/// A JSON object of settings, read by typed keys; a key that is `null` is not there.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    values: Map<String, Value>,
    /// The keys that lead to it, each with a dot.
    place: String,
    file: String,
}

impl Config {
    /// The settings of a file of this name.
    pub(crate) fn new(file: &str, values: Map<String, Value>) -> Config {
        Config {
            values,
            place: String::new(),
            file: file.to_string(),
        }
    }

    /// The full name of a key.
    pub(crate) fn key(&self, key: &str) -> String {
        format!("{}{key}", self.place)
    }

    /// The error of a key that is not there.
    pub(crate) fn missing(&self, key: &str) -> ArchitectureError {
        ArchitectureError::MissingKey {
            key: self.key(key),
            file: self.file.clone(),
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    fn typed<'a, T>(
        &'a self,
        key: &str,
        expected: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ArchitectureError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| ArchitectureError::KeyType {
            key: self.key(key),
            file: self.file.clone(),
            found: value.to_string().chars().take(40).collect(),
            expected,
        })
    }

    /// A number from 0 to 2^32 − 1.
    pub(crate) fn size(&self, key: &str) -> Result<Option<usize>, ArchitectureError> {
        self.typed(key, "a number from 0 to 4294967295", |value| {
            value
                .as_u64()
                .and_then(|size| u32::try_from(size).ok())
                .map(|size| size as usize)
        })
    }

    /// A number.
    pub(crate) fn number(&self, key: &str) -> Result<Option<f64>, ArchitectureError> {
        self.typed(key, "a number", Value::as_f64)
    }

    /// A number above 0.
    pub(crate) fn positive(&self, key: &str) -> Result<Option<f64>, ArchitectureError> {
        self.typed(key, "a number above 0", |value| {
            value.as_f64().filter(|value| *value > 0.0)
        })
    }

    /// A boolean.
    pub(crate) fn boolean(&self, key: &str) -> Result<Option<bool>, ArchitectureError> {
        self.typed(key, "true or false", Value::as_bool)
    }

    /// A text.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&str>, ArchitectureError> {
        self.typed(key, "a text", Value::as_str)
    }

    /// An object in a form of ours, which `expected` describes.
    pub(crate) fn parsed<T: DeserializeOwned>(
        &self,
        key: &str,
        expected: &'static str,
    ) -> Result<Option<T>, ArchitectureError> {
        self.typed(key, expected, |value| T::deserialize(value).ok())
    }

    /// An object of settings in these.
    pub(crate) fn section(&self, key: &str) -> Result<Option<Config>, ArchitectureError> {
        let values = self.typed(key, "an object", Value::as_object)?;
        Ok(values.map(|values| Config {
            values: values.clone(),
            place: format!("{}{key}.", self.place),
            file: self.file.clone(),
        }))
    }

    /// One token or a list of them; none if the key is not there.
    pub(crate) fn tokens(&self, key: &str) -> Result<Vec<u32>, ArchitectureError> {
        let token = |value: &Value| value.as_u64().and_then(|token| u32::try_from(token).ok());
        let tokens = self.typed(key, "a token or a list of tokens", |value| match value {
            Value::Array(values) => values.iter().map(token).collect(),
            one => token(one).map(|token| vec![token]),
        })?;
        Ok(tokens.unwrap_or_default())
    }
}
