use sha3::{Digest, Keccak256 as Sponge};

use crate::Root;

/// Keccak-256 of one message.
pub fn keccak256(bytes: &[u8]) -> Root {
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
        self.0.update(bytes);
        self
    }

    /// The hash of what was appended.
    pub fn finish(self) -> Root {
        Root(self.0.finalize().into())
    }
}
