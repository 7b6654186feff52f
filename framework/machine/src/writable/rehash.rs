use std::sync::Arc;

use opml_commit::{CHUNK_BYTES, Root, SLOT_HEIGHT, chunk_zero, hash_chunks};

use super::{DIRECTORY_HEIGHT, Directory, FAN_OUT, FAN_OUT_HEIGHT, Nodes, PAGES, Writable};
use crate::heap;
use crate::mounted::Mounted;
use crate::page::{CHUNKS, PAGE_HEIGHT, PageNodes};

/// Pages that are hashed together: few enough that their chunks stay in the processor's cache.
const GROUP: usize = 64;

/// A page's tree while it is rehashed.
struct Job {
    number: u32,
    nodes: Box<PageNodes>,
}

impl Writable {
    /// Rehashes everything that changed since the last time; says whether anything had.
    pub(crate) fn rehash(&mut self) -> bool {
        let mut numbers = core::mem::take(&mut self.dirty);
        if numbers.is_empty() {
            return false;
        }
        numbers.sort_unstable();
        let roots: Vec<Root> = numbers
            .chunks(GROUP)
            .flat_map(|group| self.rehash_pages(group))
            .collect();
        let pages: Vec<(usize, Root)> = numbers.iter().map(|number| *number as usize).zip(roots).collect();
        let directories = self.rehash_directories(&pages);
        self.rehash_tops(&directories);
        true
    }

    /// Rehashes pages; gives their roots.
    fn rehash_pages(&mut self, numbers: &[u32]) -> Vec<Root> {
        let mut jobs = Vec::with_capacity(numbers.len());
        let mut changed = Vec::new();
        let mut hashed = Vec::new();
        let mut chunks: Vec<[u8; CHUNK_BYTES]> = Vec::new();
        for (index, &number) in numbers.iter().enumerate() {
            let page = self.page_mut(number as usize);
            let (dirty, mut nodes) = page.take_nodes();
            for chunk in (0..CHUNKS).filter(|chunk| dirty >> chunk & 1 == 1) {
                let place = (index, CHUNKS + chunk);
                changed.push(place);
                if page.is_zero(chunk) {
                    nodes[place.1] = chunk_zero(0);
                } else {
                    chunks.push(page.chunk(chunk));
                    hashed.push(place);
                }
            }
            jobs.push(Job { number, nodes });
        }
        let mut leaves = vec![Root::ZERO; chunks.len()];
        hash_chunks(&chunks, &mut leaves);
        for ((index, place), leaf) in hashed.into_iter().zip(leaves) {
            jobs[index].nodes[place] = leaf;
        }
        let mut heaps: Vec<&mut [Root]> = jobs.iter_mut().map(|job| job.nodes.as_mut_slice()).collect();
        heap::rehash(&mut heaps, 0, changed);
        let keep = |job: Job| {
            let root = job.nodes[1];
            self.page_mut(job.number as usize).put_nodes(job.nodes);
            root
        };
        jobs.into_iter().map(keep).collect()
    }

    /// Rehashes the directories over `pages`, whose roots are new; gives the directories' roots.
    fn rehash_directories(&mut self, pages: &[(usize, Root)]) -> Vec<(usize, Root)> {
        let mut indices: Vec<usize> = pages.iter().map(|(number, _)| number / FAN_OUT).collect();
        indices.dedup();
        for &index in &indices {
            let base = Arc::clone(&self.bases[index / FAN_OUT]);
            let nodes = &mut self.directory(index).nodes;
            nodes.get_or_insert_with(|| nodes_of(&base, DIRECTORY_HEIGHT, (index % FAN_OUT) as u64));
        }
        let mut heaps: Vec<&mut [Root]> = Vec::with_capacity(indices.len());
        for directory in changed_directories(&mut self.directories, &indices) {
            heaps.extend(
                directory
                    .nodes
                    .as_mut()
                    .map(|nodes| Arc::make_mut(nodes).as_mut_slice()),
            );
        }
        let mut changed = Vec::with_capacity(pages.len());
        let mut heap = 0;
        for (number, root) in pages {
            heap += usize::from(indices[heap] != number / FAN_OUT);
            let place = FAN_OUT + number % FAN_OUT;
            heaps[heap][place] = *root;
            changed.push((heap, place));
        }
        heap::rehash(&mut heaps, PAGE_HEIGHT, changed);
        let roots = heaps.iter().map(|nodes| nodes[1]);
        indices.iter().copied().zip(roots).collect()
    }

    /// Rehashes the trees above `directories`, whose roots are new.
    fn rehash_tops(&mut self, directories: &[(usize, Root)]) {
        for slot in [0, 1] {
            let own = directories.iter().filter(|(index, _)| index / FAN_OUT == slot);
            let own: Vec<(usize, Root)> = own.map(|(index, root)| (FAN_OUT + index % FAN_OUT, *root)).collect();
            if own.is_empty() {
                continue;
            }
            let base = &self.bases[slot];
            let top = self.tops[slot].get_or_insert_with(|| nodes_of(base, SLOT_HEIGHT, 0));
            let nodes = Arc::make_mut(top);
            own.iter().for_each(|(place, root)| nodes[*place] = *root);
            let changed = own.iter().map(|(place, _)| (0, *place)).collect();
            heap::rehash(&mut [nodes], DIRECTORY_HEIGHT, changed);
        }
    }

    /// The node `(height, index)` of slot 2 + `slot` as of the last rehash; height at most 21.
    pub(crate) fn node(&self, slot: usize, height: u8, index: u64) -> Root {
        let rehashed = match height {
            0..PAGE_HEIGHT => {
                let number = slot * (PAGES / 2) + (index >> (PAGE_HEIGHT - height)) as usize;
                self.page(number).and_then(|page| page.node(height, index))
            }
            PAGE_HEIGHT..DIRECTORY_HEIGHT => {
                let directory = slot * FAN_OUT + (index >> (DIRECTORY_HEIGHT - height)) as usize;
                let nodes = self.directories[directory]
                    .as_ref()
                    .and_then(|directory| directory.nodes.as_ref());
                nodes.map(|nodes| nodes[heap::place(DIRECTORY_HEIGHT - height, index)])
            }
            _ => self.tops[slot]
                .as_ref()
                .map(|nodes| nodes[heap::place(SLOT_HEIGHT - height, index)]),
        };
        rehashed.unwrap_or_else(|| self.bases[slot].node(height, index))
    }
}

/// The directories with those `indices`, which ascend.
fn changed_directories<'a>(
    directories: &'a mut [Option<Arc<Directory>>],
    indices: &'a [usize],
) -> impl Iterator<Item = &'a mut Directory> {
    let mut next = indices.iter().peekable();
    let changed = directories
        .iter_mut()
        .enumerate()
        .filter(move |(index, _)| next.next_if(|own| *own == index).is_some());
    changed.filter_map(|(_, directory)| directory.as_mut().map(Arc::make_mut))
}

/// The heap of the `FAN_OUT_HEIGHT` levels below node `(height, index)` of what was mounted.
fn nodes_of(base: &Mounted, height: u8, index: u64) -> Arc<Nodes> {
    let leaf_height = height - FAN_OUT_HEIGHT;
    let mut nodes = [Root::ZERO; 2 * FAN_OUT];
    for (place, below) in (FAN_OUT..).zip(index << FAN_OUT_HEIGHT..(index + 1) << FAN_OUT_HEIGHT) {
        nodes[place] = base.node(leaf_height, below);
    }
    let leaves = (FAN_OUT..2 * FAN_OUT).map(|place| (0, place)).collect();
    heap::rehash(&mut [&mut nodes], leaf_height, leaves);
    Arc::new(nodes)
}
