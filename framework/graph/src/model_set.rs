use std::collections::BTreeMap;

use crate::Model;

/// What a model file holds: one graph, or several that share their constants, and notes for the programs that use them.
#[derive(Clone, Debug)]
pub struct ModelSet {
    /// The graphs, at least one. Each has the same constants.
    pub graphs: Vec<Model>,
    /// Texts by name, for people and programs; not committed.
    pub notes: BTreeMap<String, String>,
}

impl From<Model> for ModelSet {
    fn from(model: Model) -> ModelSet {
        ModelSet {
            graphs: vec![model],
            notes: BTreeMap::new(),
        }
    }
}

impl ModelSet {
    /// The only graph, if there is no other.
    pub fn into_only(mut self) -> Option<Model> {
        self.graphs.pop().filter(|_| self.graphs.is_empty())
    }

    /// Elements of all constants.
    pub fn parameters(&self) -> u64 {
        // Graphs that share constants count them once: the greatest graph has nearly all.
        self.graphs.iter().map(Model::parameters).max().unwrap_or(0)
    }
}
