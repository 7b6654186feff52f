use std::sync::OnceLock;

use bytes::Bytes;
use opml_commit::{Root, SLOT_BYTES, SLOT_HEIGHT, chunk_zero};
use opml_engine::{Region, VmError};

use crate::mounted_tree::{MountedTree, nodes_of_pages};
use crate::page::{PAGE_BYTES, PAGE_HEIGHT};

/// What a slot held before the first step: regions, and their tree once somebody asks for a node of it.
#[derive(Default)]
pub(crate) struct Mounted {
    /// `(offset in the slot, bytes)`, ascending, disjoint, none empty.
    pub(crate) regions: Vec<(usize, Bytes)>,
    root: Option<Root>,
    tree: OnceLock<MountedTree>,
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
            _ if height >= PAGE_HEIGHT => self.tree.get_or_init(|| self.build()).node(height, index),
            _ => self.node_in_page(height, index),
        }
    }

    fn build(&self) -> MountedTree {
        let pages_of = |(start, bytes): &(usize, Bytes)| start / PAGE_BYTES..(start + bytes.len()).div_ceil(PAGE_BYTES);
        let mut pages: Vec<usize> = self.regions.iter().flat_map(pages_of).collect();
        pages.dedup();
        MountedTree::new(&pages, |page, bytes| self.copy_to(page * PAGE_BYTES, bytes))
    }

    /// The node `(height, index)`, height at most 5.
    fn node_in_page(&self, height: u8, index: u64) -> Root {
        let within = PAGE_HEIGHT - height;
        let start = (index >> within) as usize * PAGE_BYTES;
        if !self.overlaps(start, PAGE_BYTES) {
            return chunk_zero(height);
        }
        let mut bytes = [0; PAGE_BYTES];
        self.copy_to(start, &mut bytes);
        nodes_of_pages(&bytes, height)[index as usize & ((1 << within) - 1)]
    }
}
