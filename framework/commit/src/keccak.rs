use std::sync::atomic::{AtomicU64, Ordering};

use sha3::{Digest, Keccak256 as Sponge};

use crate::Root;

static HASHED: AtomicU64 = AtomicU64::new(0);

/// Bytes that this process has hashed so far, for reports and benchmarks. A plugin's own copy of this crate counts its own.
pub fn hashed_bytes() -> u64 {
    HASHED.load(Ordering::Relaxed)
}

/// Counts `bytes` as hashed.
pub(crate) fn count(bytes: usize) {
    HASHED.fetch_add(bytes as u64, Ordering::Relaxed);
}

/// Keccak-256 of one message.
pub fn keccak256(bytes: &[u8]) -> Root {
    count(bytes.len());
    Root(Sponge::digest(bytes).into())
}

/// The inner node over two children.
pub fn node(left: &Root, right: &Root) -> Root {
    Keccak256::default().chain(left.0).chain(right.0).finish()
}

/// Keccak-256 of a message given in pieces.
#[derive(Clone, Default)]
pub struct Keccak256(Sponge);

impl Keccak256 {
    /// Appends `bytes` to the message.
    pub fn chain(mut self, bytes: impl AsRef<[u8]>) -> Self {
        count(bytes.as_ref().len());
        self.0.update(bytes);
        self
    }

    /// The hash of what was appended.
    pub fn finish(self) -> Root {
        Root(self.0.finalize().into())
    }
}
