use opml_commit::{CHUNK_BYTES, Root};

use crate::heap;

/// Bytes in a page.
pub(crate) const PAGE_BYTES: usize = 4096;
/// Height of a page's tree: 32 chunks.
pub(crate) const PAGE_HEIGHT: u8 = 5;
const WORDS: usize = PAGE_BYTES / 4;
const CHUNK_WORDS: usize = CHUNK_BYTES / 4;
/// Chunks in a page.
pub(crate) const CHUNKS: usize = PAGE_BYTES / CHUNK_BYTES;
/// The tree over a page's chunks, as a heap.
pub(crate) type PageNodes = [Root; 2 * CHUNKS];

/// A page of a writable slot: little-endian words, the chunks changed since the last rehash, and the tree of then.
#[derive(Clone)]
pub(crate) struct Page {
    /// Its number among the pages of slots 2 and 3.
    pub(crate) number: u32,
    /// Bit c: chunk c changed since the last rehash.
    pub(crate) dirty: u32,
    pub(crate) words: [u32; WORDS],
    nodes: Option<Box<PageNodes>>,
}

impl Page {
    /// The page `number` with these bytes.
    pub(crate) fn new(number: u32, bytes: &[u8; PAGE_BYTES]) -> Self {
        let mut page = Page {
            number,
            dirty: 0,
            words: [0; WORDS],
            nodes: None,
        };
        page.copy_from(bytes);
        page
    }

    /// Overwrites the page's bytes; says nothing of what changed.
    pub(crate) fn copy_from(&mut self, bytes: &[u8; PAGE_BYTES]) {
        for (word, bytes) in self.words.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
    }

    /// The bytes of memory that the page takes.
    pub(crate) fn own_bytes(&self) -> usize {
        let nodes = if self.nodes.is_some() {
            size_of::<PageNodes>()
        } else {
            0
        };
        size_of::<Page>() + nodes
    }

    /// Which chunks differ from `bytes`: bit c for chunk c.
    pub(crate) fn difference(&self, bytes: &[u8; PAGE_BYTES]) -> u32 {
        let own = self.words.as_chunks::<CHUNK_WORDS>().0;
        let other = bytes.as_chunks::<4>().0.as_chunks::<CHUNK_WORDS>().0;
        own.iter().zip(other).rev().fold(0, |all, (own, other)| {
            let differs = own
                .iter()
                .zip(other)
                .fold(0, |any, (own, other)| any | (own ^ u32::from_le_bytes(*other)));
            all << 1 | u32::from(differs != 0)
        })
    }

    /// Copies the page's bytes.
    pub(crate) fn copy_to(&self, bytes: &mut [u8; PAGE_BYTES]) {
        for (bytes, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(self.words) {
            *bytes = word.to_le_bytes();
        }
    }

    /// Copies the page's bytes from the byte `from` on.
    pub(crate) fn copy_part_to(&self, from: usize, part: &mut [u8]) {
        let mut bytes = [0; PAGE_BYTES];
        self.copy_to(&mut bytes);
        part.copy_from_slice(&bytes[from..from + part.len()]);
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

    /// Whether the chunk `index` is zeros.
    pub(crate) fn is_zero(&self, index: usize) -> bool {
        self.words.as_chunks::<CHUNK_WORDS>().0[index % CHUNKS] == [0; CHUNK_WORDS]
    }

    /// Takes the tree to be rehashed, and which chunks changed: bit c for chunk c, all when there was no tree. They no longer
    /// count as changed.
    pub(crate) fn take_nodes(&mut self) -> (u32, Box<PageNodes>) {
        let dirty = core::mem::take(&mut self.dirty);
        match self.nodes.take() {
            Some(nodes) => (dirty, nodes),
            None => (u32::MAX, Box::new([Root::ZERO; 2 * CHUNKS])),
        }
    }

    /// Puts the rehashed tree back.
    pub(crate) fn put_nodes(&mut self, nodes: Box<PageNodes>) {
        self.nodes = Some(nodes);
    }

    /// The node `(height, index)` as of the last rehash, if the page was ever rehashed; height at most 5.
    pub(crate) fn node(&self, height: u8, index: u64) -> Option<Root> {
        let nodes = self.nodes.as_ref()?;
        Some(nodes[heap::place(PAGE_HEIGHT - height, index)])
    }
}
