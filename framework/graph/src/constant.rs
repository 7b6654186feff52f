use bytes::Bytes;
use opml_commit::{Root, slot_root, slot_root_on};

/// A constant tensor, by content.
#[derive(Clone, Debug)]
pub struct Constant {
    /// The root of its slot.
    pub root: Root,
    /// Its bytes; none of a deferred one.
    pub bytes: Bytes,
    size: usize,
}

impl Constant {
    /// Hashes `bytes`.
    pub fn new(bytes: Bytes) -> Constant {
        Constant::stated(slot_root(&bytes), bytes)
    }

    /// Takes the root of `bytes` as it is stated.
    pub fn stated(root: Root, bytes: Bytes) -> Constant {
        Constant {
            root,
            size: bytes.len(),
            bytes,
        }
    }

    /// Hashes `bytes` on so many threads and does not hold them: whoever writes the model's file makes them again then
    /// (see [`write_model_set_with`](crate::write_model_set_with)).
    pub fn deferred(bytes: &[u8], threads: usize) -> Constant {
        Constant {
            root: slot_root_on(threads, bytes),
            bytes: Bytes::new(),
            size: bytes.len(),
        }
    }

    /// Its size in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether its bytes are not held.
    pub fn is_deferred(&self) -> bool {
        self.bytes.len() != self.size
    }
}
