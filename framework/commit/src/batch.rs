use crate::keccak::count;
use crate::simd::{self, KeccakKernel};
use crate::{CHUNK_BYTES, Root};

/// Nodes that [`fold_pairs`] takes in one go: few enough that their children stay in the fastest cache.
const GROUP: usize = 64;

/// The leaves of chunks: `roots[i] = keccak256(chunks[i])`, several at a time where the processor can.
///
/// # Panics
/// When there are not as many roots as chunks.
pub fn hash_chunks(chunks: &[[u8; CHUNK_BYTES]], roots: &mut [Root]) {
    KeccakKernel::best().hash_chunks(chunks, roots);
}

/// The nodes over pairs of children: `nodes[i] = node(children[2i], children[2i + 1])`, several at a time where the
/// processor can. Children from different places may be gathered into one call: nothing relates one pair to the next.
///
/// # Panics
/// When there are not exactly twice as many children as nodes.
pub fn hash_pairs(children: &[Root], nodes: &mut [Root]) {
    KeccakKernel::best().hash_pairs(children, nodes);
}

/// As [`hash_pairs`] in place: puts the node over `level[2i]` and `level[2i + 1]` at `level[i]`. What lies in the upper
/// half afterwards has no meaning.
///
/// # Panics
/// When the number of roots is odd.
pub fn fold_pairs(level: &mut [Root]) {
    KeccakKernel::best().fold_pairs(level);
}

impl KeccakKernel {
    /// [`hash_chunks`] by this kernel.
    pub fn hash_chunks(self, chunks: &[[u8; CHUNK_BYTES]], roots: &mut [Root]) {
        self.hash(chunks, roots);
        count(size_of_val(chunks));
    }

    /// [`hash_pairs`] by this kernel.
    pub fn hash_pairs(self, children: &[Root], nodes: &mut [Root]) {
        self.hash(simd::pairs(children), nodes);
        count(size_of_val(children));
    }

    /// [`fold_pairs`] by this kernel.
    pub fn fold_pairs(self, level: &mut [Root]) {
        assert!(level.len().is_multiple_of(2), "nodes have two children each");
        let nodes = level.len() / 2;
        for first in (0..nodes).step_by(GROUP) {
            let taken = GROUP.min(nodes - first);
            let mut children = [Root::ZERO; 2 * GROUP];
            let children = &mut children[..2 * taken];
            children.copy_from_slice(&level[2 * first..][..2 * taken]);
            self.hash_pairs(children, &mut level[first..][..taken]);
        }
    }
}
