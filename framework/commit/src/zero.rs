use std::sync::OnceLock;

use crate::{CHUNK_BYTES, Root, keccak256, node};

const HEIGHTS: usize = 64;

fn ladder(leaf: Root) -> [Root; HEIGHTS] {
    let mut roots = [leaf; HEIGHTS];
    for height in 1..HEIGHTS {
        roots[height] = node(&roots[height - 1], &roots[height - 1]);
    }
    roots
}

/// `CHUNK_ZERO[height]`: the root of an all-zero byte subtree; height at most 63.
pub fn chunk_zero(height: u8) -> Root {
    static LADDER: OnceLock<[Root; HEIGHTS]> = OnceLock::new();
    LADDER.get_or_init(|| ladder(keccak256(&[0; CHUNK_BYTES])))[usize::from(height)]
}

/// `VECTOR_ZERO[height]`: the root of a vector subtree all of whose leaves are absent; height at most 63.
pub fn vector_zero(height: u8) -> Root {
    static LADDER: OnceLock<[Root; HEIGHTS]> = OnceLock::new();
    LADDER.get_or_init(|| ladder(Root::ZERO))[usize::from(height)]
}
