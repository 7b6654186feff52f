use opml_commit::{CHUNK_BYTES, Root, SLOT_HEIGHT, chunk_zero, fold_pairs, hash_chunks, hash_pairs};

use crate::page::{CHUNKS, PAGE_BYTES, PAGE_HEIGHT};

/// Pages that are hashed together: few enough that their chunks stay in the processor's cache.
const GROUP: usize = 64;

/// The byte tree over the pages of a slot that have mounted bytes, from the pages' roots up. What lies below is hashed again
/// when it is asked for: a page is 63 hashes, and all nodes of a slot would take half as many bytes as the slot.
pub(crate) struct MountedTree {
    /// By height above the pages: `(index, node)`, ascending.
    levels: Vec<Vec<(u64, Root)>>,
}

impl MountedTree {
    /// Hashes the pages with those numbers, ascending; `copy` copies a page's bytes over zeros.
    pub(crate) fn new(pages: &[usize], copy: impl Fn(usize, &mut [u8])) -> Self {
        let mut roots = Vec::with_capacity(pages.len());
        let mut bytes = Vec::new();
        for group in pages.chunks(GROUP) {
            bytes.clear();
            bytes.resize(group.len() * PAGE_BYTES, 0);
            for (page, bytes) in group.iter().zip(bytes.chunks_mut(PAGE_BYTES)) {
                copy(*page, bytes);
            }
            let nodes = nodes_of_pages(&bytes, PAGE_HEIGHT);
            roots.extend(group.iter().map(|page| *page as u64).zip(nodes));
        }
        let mut levels = vec![roots];
        for height in PAGE_HEIGHT..SLOT_HEIGHT {
            let above = above(&levels[levels.len() - 1], height);
            levels.push(above);
        }
        MountedTree { levels }
    }

    /// The node `(height, index)` of the slot, height from 5 to 21.
    pub(crate) fn node(&self, height: u8, index: u64) -> Root {
        let nodes = &self.levels[usize::from(height - PAGE_HEIGHT)];
        match nodes.binary_search_by_key(&index, |(index, _)| *index) {
            Ok(place) => nodes[place].1,
            Err(_) => chunk_zero(height),
        }
    }
}

/// The nodes of `height`, at most 5, over whole pages.
pub(crate) fn nodes_of_pages(bytes: &[u8], height: u8) -> Vec<Root> {
    let chunks = bytes.as_chunks::<CHUNK_BYTES>().0;
    debug_assert!(chunks.len().is_multiple_of(CHUNKS));
    let mut nodes = vec![Root::ZERO; chunks.len()];
    hash_chunks(chunks, &mut nodes);
    for _ in 0..height {
        fold_pairs(&mut nodes);
        nodes.truncate(nodes.len() / 2);
    }
    nodes
}

/// The parents of nodes of `height`.
fn above(below: &[(u64, Root)], height: u8) -> Vec<(u64, Root)> {
    let mut indices = Vec::with_capacity(below.len().div_ceil(2));
    let mut children = Vec::with_capacity(below.len() + 1);
    for pair in below.chunk_by(|left, right| left.0 >> 1 == right.0 >> 1) {
        let child = |side| {
            let own = pair.iter().find(|(index, _)| index & 1 == side);
            own.map_or_else(|| chunk_zero(height), |(_, node)| *node)
        };
        indices.push(pair[0].0 >> 1);
        children.extend([child(0), child(1)]);
    }
    let mut nodes = vec![Root::ZERO; indices.len()];
    hash_pairs(&children, &mut nodes);
    indices.into_iter().zip(nodes).collect()
}
