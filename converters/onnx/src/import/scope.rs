use std::collections::BTreeMap;

use opml_graph::ConvertError;

use super::operand::Operand;
use crate::error::refused;

/// The values that names stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    values: BTreeMap<String, Operand>,
}

impl Scope {
    /// What a name stands for.
    pub(crate) fn get(&self, name: &str) -> Option<&Operand> {
        self.values.get(name)
    }

    /// Gives a name its meaning; a name has one.
    pub(crate) fn define(&mut self, name: &str, value: Operand) -> Result<(), ConvertError> {
        match self.values.insert(name.to_string(), value) {
            None => Ok(()),
            Some(_) => Err(refused(
                name,
                format!("`{name}` is defined twice"),
                "check the file with `onnx.checker.check_model`, or export it again",
            )),
        }
    }

    /// Gives a name a meaning inside an inner graph, whatever it means outside.
    pub(crate) fn shadow(&mut self, name: &str, value: Operand) {
        self.values.insert(name.to_string(), value);
    }

    /// Takes a name's meaning away, so that an inner graph can give it its own.
    pub(crate) fn forget(&mut self, name: &str) {
        self.values.remove(name);
    }
}
