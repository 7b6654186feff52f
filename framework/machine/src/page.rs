use opml_commit::{CHUNK_BYTES, Root, chunk_zero, keccak256};

use crate::heap;

/// Bytes in a page.
pub(crate) const PAGE_BYTES: usize = 4096;
/// Height of a page's tree: 32 chunks.
pub(crate) const PAGE_HEIGHT: u8 = 5;
const WORDS: usize = PAGE_BYTES / 4;
const CHUNK_WORDS: usize = CHUNK_BYTES / 4;
const CHUNKS: usize = PAGE_BYTES / CHUNK_BYTES;

/// A page of a writable slot: little-endian words, the chunks changed since the last rehash, and the tree of then.
#[derive(Clone)]
pub(crate) struct Page {
    /// Its number among the pages of slots 2 and 3.
    pub(crate) number: u32,
    /// Bit c: chunk c changed since the last rehash.
    pub(crate) dirty: u32,
    pub(crate) words: [u32; WORDS],
    nodes: Option<Box<[Root; 2 * CHUNKS]>>,
}

impl Page {
    /// The page `number` with these bytes.
    pub(crate) fn new(number: u32, bytes: &[u8; PAGE_BYTES]) -> Self {
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        Page {
            number,
            dirty: 0,
            words,
            nodes: None,
        }
    }

    /// The chunk `index` of the page.
    pub(crate) fn chunk(&self, index: usize) -> [u8; CHUNK_BYTES] {
        let mut chunk = [0; CHUNK_BYTES];
        let words = self.words.as_chunks::<CHUNK_WORDS>().0[index % CHUNKS];
        for (bytes, word) in chunk.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        chunk
    }

    /// Rehashes what changed and gives the page's root.
    pub(crate) fn rehash(&mut self) -> Root {
        if self.nodes.is_none() {
            self.dirty = u32::MAX;
        }
        let mut nodes = self.nodes.take().unwrap_or_else(|| Box::new([Root::ZERO; 2 * CHUNKS]));
        let changed: Vec<usize> = (0..CHUNKS).filter(|chunk| self.dirty >> chunk & 1 == 1).collect();
        for &index in &changed {
            let chunk = self.chunk(index);
            nodes[CHUNKS + index] = if chunk == [0; CHUNK_BYTES] {
                chunk_zero(0)
            } else {
                keccak256(&chunk)
            };
        }
        heap::rehash(
            nodes.as_mut_slice(),
            changed.iter().map(|chunk| CHUNKS + chunk).collect(),
        );
        self.dirty = 0;
        let root = nodes[1];
        self.nodes = Some(nodes);
        root
    }

    /// The node `(height, index)` as of the last rehash, if the page was ever rehashed; height at most 5.
    pub(crate) fn node(&self, height: u8, index: u64) -> Option<Root> {
        let nodes = self.nodes.as_ref()?;
        Some(nodes[heap::place(PAGE_HEIGHT - height, index)])
    }
}
