use std::sync::Arc;

use bytes::Bytes;
use opml_commit::Root;
use opml_engine::Store;
use opml_graph::{CarryStart, Constant, ConstantFeed, EntryRule, LoopFeed, LoopHeader, LoopModel};

use crate::EntryError;
use crate::content::{packed, put_graph_inputs};

/// How a request enters a loop, with the constants that the loop starts from.
#[derive(Clone, Debug)]
pub(crate) struct LoopEntry {
    model: Arc<LoopModel>,
    header: LoopHeader,
    rule: EntryRule,
}

impl LoopEntry {
    pub(crate) fn new(model: Arc<LoopModel>, packed: bool) -> Result<LoopEntry, EntryError> {
        Ok(LoopEntry {
            header: model.header(packed)?,
            rule: model.entry_rule(),
            model,
        })
    }

    /// Loop header ‖ entry rule.
    pub(crate) fn header(&self) -> Vec<u8> {
        [self.header.to_bytes(), self.rule.to_bytes()].concat()
    }

    pub(crate) fn program(&self) -> Root {
        self.header.program()
    }

    /// Puts constants, carry and feed in the store, beside a request's values, and gives the inputs' root.
    pub(crate) fn request(&self, values: &[Root], store: &dyn Store) -> Result<Root, EntryError> {
        for start in &self.model.starts {
            if let CarryStart::Constant(constant) = start {
                put_constant(constant, store);
            }
        }
        if let LoopFeed::Constant(passes) = &self.model.feed {
            passes.iter().for_each(|fed| put_fed(fed, store));
            let leaves: Vec<Root> = passes.iter().map(ConstantFeed::root).collect();
            if let opml_graph::Feed::Constant(root) = &self.rule.feed {
                put_elements(*root, &leaves, store);
            }
        }
        let mut sink = |root: Root, elements: &[Root]| put_elements(root, elements, store);
        let (carry, feed) = self.rule.enter(&self.header, values, &mut sink)?;
        Ok(put_graph_inputs(store, &carry, &feed))
    }
}

fn put_constant(constant: &Constant, store: &dyn Store) {
    store.put(constant.root, constant.bytes.clone());
}

fn put_fed(fed: &ConstantFeed, store: &dyn Store) {
    let elements: Vec<Root> = match fed {
        ConstantFeed::None => return,
        ConstantFeed::Values(values) => {
            values.iter().for_each(|value| put_constant(value, store));
            values.iter().map(|value| value.root).collect()
        }
        ConstantFeed::Passes(passes) => {
            passes.iter().for_each(|fed| put_fed(fed, store));
            passes.iter().map(ConstantFeed::root).collect()
        }
    };
    put_elements(fed.root(), &elements, store);
}

/// A vector is held under its root, but when it is its only element.
fn put_elements(root: Root, elements: &[Root], store: &dyn Store) {
    if elements != [root] {
        store.put(root, Bytes::from(packed(elements)));
    }
}
