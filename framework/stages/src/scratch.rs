use bytes::Bytes;
use opml_commit::Root;
use opml_engine::{MemoryStore, Store};

/// A store over another one: it reads both and writes its own, which goes when it goes.
pub(crate) struct Scratch<'a> {
    own: MemoryStore,
    below: &'a dyn Store,
}

impl<'a> Scratch<'a> {
    pub(crate) fn over(below: &'a dyn Store) -> Scratch<'a> {
        Scratch {
            own: MemoryStore::default(),
            below,
        }
    }
}

impl Store for Scratch<'_> {
    fn get(&self, root: &Root) -> Option<Bytes> {
        self.own.get(root).or_else(|| self.below.get(root))
    }

    fn put(&self, root: Root, bytes: Bytes) {
        self.own.put(root, bytes);
    }
}
