use std::collections::{BTreeMap, BTreeSet};

use opml_graph::ConvertError;

use super::operand::Operand;
use crate::error::refused;

/// The values that names stand for; what an inner graph does not name itself means what it means outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope<'a> {
    values: BTreeMap<String, Operand>,
    /// Names that mean nothing here until they are given a meaning, whatever they mean outside.
    forgotten: BTreeSet<String>,
    outside: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    /// The scope of a graph inside.
    pub(crate) fn inside(&self) -> Scope<'_> {
        Scope {
            outside: Some(self),
            ..Scope::default()
        }
    }

    /// What a name stands for.
    pub(crate) fn get(&self, name: &str) -> Option<&Operand> {
        let mut scope = self;
        loop {
            if let Some(value) = scope.values.get(name) {
                return Some(value);
            }
            if scope.forgotten.contains(name) {
                return None;
            }
            scope = scope.outside?;
        }
    }

    /// Gives a name its meaning; a name has one.
    pub(crate) fn define(&mut self, name: &str, value: Operand) -> Result<(), ConvertError> {
        match self.get(name) {
            None => {
                self.values.insert(name.to_string(), value);
                Ok(())
            }
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
        self.forgotten.insert(name.to_string());
    }
}
