//! The one tree: Keccak roots, paths and multiproofs of byte slots and of vectors of roots (`specs/tree.md`).
//!
//! A tensor, a machine's slot and a machine's memory are nodes of the same 25-high byte tree; a trace is a vector of
//! roots. Everything here is a pure function of bytes; nothing knows what the bytes mean.

mod batch;
mod byte_tree;
mod elided;
mod header;
mod keccak;
mod levels;
mod multiproof;
mod path;
mod root;
#[allow(unsafe_code)]
mod simd;
mod vector;
mod zero;

pub use batch::{fold_pairs, hash_chunks, hash_pairs};
pub use byte_tree::{SlotTree, slot_root, slot_root_on, subtree_root};
pub use elided::{ElidedPath, ElidedPathError};
pub use header::{domain_tag, hash_words};
pub use keccak::{Keccak256, hashed_bytes, keccak256, node};
pub use multiproof::{MultiproofError, multiproof, multiproof_root};
pub use path::{fold, fold_chunk_zeros};
pub use root::Root;
pub use simd::KeccakKernel;
pub use vector::{VectorTree, height_of};
pub use zero::{chunk_zero, vector_zero};

/// Bytes in a chunk, the leaf of a byte tree.
pub const CHUNK_BYTES: usize = 128;
/// Height of a slot's tree: 2^21 chunks.
pub const SLOT_HEIGHT: u8 = 21;
/// Height of the memory tree: sixteen slots.
pub const MEMORY_HEIGHT: u8 = 25;
/// Bytes in a slot.
pub const SLOT_BYTES: u64 = 1 << 28;
/// The most bytes a value may have.
pub const MAX_VALUE_BYTES: u64 = SLOT_BYTES - CHUNK_BYTES as u64;
