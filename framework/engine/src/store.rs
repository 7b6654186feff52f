use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;
use opml_commit::Root;

/// Contents by root: values by slot root, and preimages of hashed headers and vectors.
pub trait Store: Send + Sync {
    /// The bytes whose root this is, if held.
    fn get(&self, root: &Root) -> Option<Bytes>;

    /// Holds `bytes` under `root`; the caller vouches for the pair.
    fn put(&self, root: Root, bytes: Bytes);
}

/// A store in memory.
#[derive(Default)]
pub struct MemoryStore(Mutex<HashMap<Root, Bytes>>);

impl Store for MemoryStore {
    fn get(&self, root: &Root) -> Option<Bytes> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .get(root)
            .cloned()
    }

    fn put(&self, root: Root, bytes: Bytes) {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .insert(root, bytes);
    }
}
