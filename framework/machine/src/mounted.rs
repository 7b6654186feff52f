use std::sync::OnceLock;

use bytes::Bytes;
use opml_commit::{CHUNK_BYTES, Root, SLOT_BYTES, SLOT_HEIGHT, SlotTree, chunk_zero};
use opml_engine::{Region, VmError};

use crate::sparse_tree::SparseTree;

enum Tree {
    /// One region that begins the slot.
    Prefix(SlotTree),
    Sparse(SparseTree),
}

/// What a slot held before the first step: regions, and their tree once somebody asks for a node of it.
#[derive(Default)]
pub(crate) struct Mounted {
    /// `(offset in the slot, bytes)`, ascending, disjoint, none empty.
    pub(crate) regions: Vec<(usize, Bytes)>,
    root: Option<Root>,
    tree: OnceLock<Tree>,
}

impl Mounted {
    /// Mounts those of `regions` that lie in slot number `slot`.
    pub(crate) fn new(slot: u32, regions: &[Region]) -> Result<Self, VmError> {
        let here: Vec<&Region> = regions.iter().filter(|region| region.address >> 28 == slot).collect();
        let mut mounted = Mounted::default();
        for region in &here {
            let refused = VmError::Region {
                address: region.address,
                length: region.bytes.len(),
            };
            let offset = region.address & 0x0fff_ffff;
            let fits = u64::from(offset) + region.bytes.len() as u64 <= SLOT_BYTES;
            if !fits || (region.slot_root.is_some() && (offset != 0 || here.len() != 1)) {
                return Err(refused);
            }
            mounted.root = region.slot_root;
            if region.bytes.is_empty() {
                continue;
            }
            let start = offset as usize;
            let place = mounted.regions.partition_point(|(before, _)| *before < start);
            let overlaps_left = place > 0 && {
                let (before, bytes) = &mounted.regions[place - 1];
                before + bytes.len() > start
            };
            let overlaps_right = mounted
                .regions
                .get(place)
                .is_some_and(|(after, _)| start + region.bytes.len() > *after);
            if overlaps_left || overlaps_right {
                return Err(refused);
            }
            mounted.regions.insert(place, (start, region.bytes.clone()));
        }
        Ok(mounted)
    }

    /// The bytes that begin the slot.
    pub(crate) fn leading(&self) -> Bytes {
        match self.regions.first() {
            Some((0, bytes)) => bytes.clone(),
            _ => Bytes::new(),
        }
    }

    /// Whether any region lies in the `length` bytes at `offset`.
    pub(crate) fn overlaps(&self, offset: usize, length: usize) -> bool {
        let first = self.first_past(offset);
        self.regions
            .get(first)
            .is_some_and(|(start, _)| *start < offset + length)
    }

    /// What is mounted in the `length` bytes at `offset`: pieces by their distance from there, ascending.
    pub(crate) fn parts(&self, offset: usize, length: usize) -> impl Iterator<Item = (usize, &[u8])> {
        let end = offset + length;
        self.regions[self.first_past(offset)..]
            .iter()
            .take_while(move |(start, _)| *start < end)
            .map(move |(start, bytes)| {
                let from = offset.max(*start);
                let to = end.min(start + bytes.len());
                (from - offset, &bytes[from - start..to - start])
            })
    }

    /// Copies the mounted bytes at `offset` into `target`; leaves the absent ones.
    pub(crate) fn copy_to(&self, offset: usize, target: &mut [u8]) {
        for (at, bytes) in self.parts(offset, target.len()) {
            target[at..at + bytes.len()].copy_from_slice(bytes);
        }
    }

    /// The place of the first region that ends past `offset`.
    fn first_past(&self, offset: usize) -> usize {
        self.regions
            .partition_point(|(start, bytes)| start + bytes.len() <= offset)
    }

    /// Whether nothing is mounted, so that every node is that of zeros.
    pub(crate) fn is_empty(&self) -> bool {
        self.regions.is_empty()
    }

    /// The node `(height, index)` of the slot, height at most 21.
    pub(crate) fn node(&self, height: u8, index: u64) -> Root {
        match self.root {
            Some(root) if height == SLOT_HEIGHT => root,
            _ if self.is_empty() => chunk_zero(height),
            _ => match self.tree.get_or_init(|| self.build()) {
                Tree::Prefix(tree) => tree.node(height, index),
                Tree::Sparse(tree) => tree.node(height, index),
            },
        }
    }

    fn build(&self) -> Tree {
        if let [(0, bytes)] = self.regions.as_slice() {
            return Tree::Prefix(SlotTree::new(bytes));
        }
        let mut indices: Vec<usize> = self
            .regions
            .iter()
            .flat_map(|(start, bytes)| start / CHUNK_BYTES..(start + bytes.len()).div_ceil(CHUNK_BYTES))
            .collect();
        indices.dedup();
        Tree::Sparse(SparseTree::new(indices.into_iter().map(|index| {
            let mut chunk = [0; CHUNK_BYTES];
            self.copy_to(index * CHUNK_BYTES, &mut chunk);
            (index as u64, chunk)
        })))
    }
}
