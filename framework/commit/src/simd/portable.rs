use sha3::{Digest, Keccak256};

use crate::Root;

/// See [`super::KeccakKernel::hash`].
pub(super) fn hash<const BYTES: usize>(messages: &[[u8; BYTES]], roots: &mut [Root]) {
    for (message, root) in messages.iter().zip(roots) {
        root.0 = Keccak256::digest(message).into();
    }
}
