use std::sync::Arc;

use opml_commit::{Root, SLOT_HEIGHT};

use crate::heap;
use crate::mounted::Mounted;
use crate::page::{PAGE_BYTES, PAGE_HEIGHT, Page};

/// Pages in slots 2 and 3 together.
const PAGES: usize = 1 << 17;
const FAN_OUT: usize = 256;
const FAN_OUT_HEIGHT: u8 = 8;
/// Height of a directory's tree: 256 pages.
const DIRECTORY_HEIGHT: u8 = PAGE_HEIGHT + FAN_OUT_HEIGHT;
type Nodes = [Root; 2 * FAN_OUT];

/// 256 neighbouring pages at rest and the tree above them as of the last rehash.
#[derive(Clone)]
struct Directory {
    #[expect(
        clippy::redundant_allocation,
        reason = "a page goes to rest and back without a copy of its bytes"
    )]
    pages: Vec<Option<Arc<Box<Page>>>>,
    nodes: Option<Arc<Nodes>>,
}

/// Slots 2 and 3: what was mounted there, overlaid with pages.
///
/// A page that the program touches is taken out of its directory into `working`, where this memory owns it and the
/// table finds it in one look-up; a fork puts all of them back to rest, where both sides share them until one writes.
pub(crate) struct Writable {
    bases: [Arc<Mounted>; 2],
    /// By page number: 1 + its place in `working`; 0 when it is at rest or absent.
    table: Box<[u32]>,
    working: Vec<Box<Page>>,
    directories: Vec<Option<Box<Directory>>>,
    /// The trees above the directories; `None` while nothing below was ever rehashed.
    tops: [Option<Arc<Nodes>>; 2],
    /// Numbers of the pages with a changed chunk, each once.
    dirty: Vec<u32>,
}

fn table() -> Box<[u32]> {
    vec![0; PAGES].into_boxed_slice()
}

#[inline]
fn number_of(address: u32) -> usize {
    (address >> 12) as usize & (PAGES - 1)
}

/// The heap of the `FAN_OUT_HEIGHT` levels below node `(height, index)` of what was mounted.
fn nodes_of(base: &Mounted, height: u8, index: u64) -> Arc<Nodes> {
    let mut nodes = [Root::ZERO; 2 * FAN_OUT];
    for depth in 0..=FAN_OUT_HEIGHT {
        for below in 0..1u64 << depth {
            nodes[heap::place(depth, below)] = base.node(height - depth, (index << depth) + below);
        }
    }
    Arc::new(nodes)
}

impl Writable {
    pub(crate) fn new(bases: [Arc<Mounted>; 2]) -> Self {
        Writable {
            bases,
            table: table(),
            working: Vec::new(),
            directories: vec![None; 2 * FAN_OUT],
            tops: [None, None],
            dirty: Vec::new(),
        }
    }

    /// An independent copy; the pages are shared until one side touches them.
    pub(crate) fn fork(&mut self) -> Self {
        for page in core::mem::take(&mut self.working) {
            let number = page.number as usize;
            self.table[number] = 0;
            self.rest(number, page);
        }
        Writable {
            bases: self.bases.clone(),
            table: table(),
            working: Vec::new(),
            directories: self.directories.clone(),
            tops: self.tops.clone(),
            dirty: self.dirty.clone(),
        }
    }

    fn rest(&mut self, number: usize, page: Box<Page>) {
        self.directory(number / FAN_OUT).pages[number % FAN_OUT] = Some(Arc::new(page));
    }

    fn directory(&mut self, index: usize) -> &mut Directory {
        self.directories[index].get_or_insert_with(|| {
            Box::new(Directory {
                pages: vec![None; FAN_OUT],
                nodes: None,
            })
        })
    }

    fn base(&self, number: usize) -> (&Mounted, usize) {
        (&self.bases[number / (PAGES / 2)], number % (PAGES / 2) * PAGE_BYTES)
    }

    /// Takes page `number`, which is not in `working`, into it; an absent page is made. Gives its place.
    fn take(&mut self, number: usize) -> usize {
        let resting = self.directories[number / FAN_OUT]
            .as_mut()
            .and_then(|directory| directory.pages[number % FAN_OUT].take());
        let page = match resting {
            Some(shared) => Arc::try_unwrap(shared).unwrap_or_else(|shared| Box::clone(&shared)),
            None => {
                let mut bytes = [0; PAGE_BYTES];
                let (base, offset) = self.base(number);
                base.copy_to(offset, &mut bytes);
                Box::new(Page::new(number as u32, &bytes))
            }
        };
        self.working.push(page);
        self.table[number] = self.working.len() as u32;
        self.working.len() - 1
    }

    /// The place of page `number` in `working`, where it is taken if it is not there.
    fn place(&mut self, number: usize) -> usize {
        match (self.table[number] as usize).checked_sub(1) {
            Some(place) => place,
            None => self.take(number),
        }
    }

    /// Whether page `number` has bytes other than absent ones.
    fn is_present(&self, number: usize) -> bool {
        let (base, offset) = self.base(number);
        self.page(number).is_some() || base.overlaps(offset, PAGE_BYTES)
    }

    /// The word that holds `address`.
    #[inline(always)]
    pub(crate) fn load(&mut self, address: u32) -> u32 {
        let place = (self.table[number_of(address)] as usize).wrapping_sub(1);
        match self.working.get(place) {
            Some(page) => page.words[address as usize >> 2 & 1023],
            None => self.load_resting(address),
        }
    }

    #[cold]
    #[inline(never)]
    fn load_resting(&mut self, address: u32) -> u32 {
        let number = number_of(address);
        if !self.is_present(number) {
            return 0;
        }
        let place = self.take(number);
        self.working[place].words[address as usize >> 2 & 1023]
    }

    /// Writes the bits of `mask` in the word that holds `address`.
    #[inline(always)]
    pub(crate) fn store(&mut self, address: u32, word: u32, mask: u32) {
        let place = (self.table[number_of(address)] as usize).wrapping_sub(1);
        match self.working.get_mut(place) {
            Some(page) if page.dirty >> (address >> 7 & 31) & 1 == 1 => {
                let own = &mut page.words[address as usize >> 2 & 1023];
                *own = *own & !mask | word & mask;
            }
            _ => self.store_first(address, word, mask),
        }
    }

    /// A store to a chunk that is not marked as changed, or to a page that is not in `working`.
    #[cold]
    #[inline(never)]
    fn store_first(&mut self, address: u32, word: u32, mask: u32) {
        let place = self.place(number_of(address));
        let page = &mut self.working[place];
        if page.dirty == 0 {
            self.dirty.push(page.number);
        }
        page.dirty |= 1 << (address >> 7 & 31);
        let own = &mut page.words[address as usize >> 2 & 1023];
        *own = *own & !mask | word & mask;
    }

    /// The page `number` where it is, if it was ever touched.
    fn page(&self, number: usize) -> Option<&Page> {
        match (self.table[number] as usize).checked_sub(1) {
            Some(place) => self.working.get(place).map(|page| &**page),
            None => {
                let directory = self.directories[number / FAN_OUT].as_ref()?;
                directory.pages[number % FAN_OUT].as_ref().map(|page| &***page)
            }
        }
    }

    /// Copies the chunk that holds `address`.
    pub(crate) fn chunk(&self, address: u32, chunk: &mut [u8; 128]) {
        let number = number_of(address);
        match self.page(number) {
            Some(page) => *chunk = page.chunk((address >> 7 & 31) as usize),
            None => {
                let (base, offset) = self.base(number);
                base.copy_to(offset + (address as usize & (PAGE_BYTES - 128)), chunk);
            }
        }
    }

    /// Rehashes everything that changed since the last time; says whether anything had.
    pub(crate) fn rehash(&mut self) -> bool {
        let mut numbers = core::mem::take(&mut self.dirty);
        numbers.sort_unstable();
        let mut directories: Vec<(usize, Root)> = Vec::new();
        for group in numbers.chunk_by(|left, right| left / FAN_OUT as u32 == right / FAN_OUT as u32) {
            let index = group[0] as usize / FAN_OUT;
            directories.push((index, self.rehash_directory(index, group)));
        }
        for slot in [0, 1] {
            let own: Vec<(usize, Root)> = directories
                .iter()
                .filter(|(index, _)| index / FAN_OUT == slot)
                .map(|(index, root)| (FAN_OUT + index % FAN_OUT, *root))
                .collect();
            if !own.is_empty() {
                let base = &self.bases[slot];
                let top = self.tops[slot].get_or_insert_with(|| nodes_of(base, SLOT_HEIGHT, 0));
                let nodes = Arc::make_mut(top);
                own.iter().for_each(|(place, root)| nodes[*place] = *root);
                heap::rehash(nodes, own.iter().map(|(place, _)| *place).collect());
            }
        }
        !directories.is_empty()
    }

    fn rehash_directory(&mut self, index: usize, numbers: &[u32]) -> Root {
        let mut changed: Vec<(usize, Root)> = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let number = number as usize;
            let place = self.place(number);
            changed.push((FAN_OUT + number % FAN_OUT, self.working[place].rehash()));
        }
        let base = Arc::clone(&self.bases[index / FAN_OUT]);
        let nodes = self
            .directory(index)
            .nodes
            .get_or_insert_with(|| nodes_of(&base, DIRECTORY_HEIGHT, (index % FAN_OUT) as u64));
        let nodes = Arc::make_mut(nodes);
        changed.iter().for_each(|(place, root)| nodes[*place] = *root);
        heap::rehash(nodes, changed.iter().map(|(place, _)| *place).collect());
        nodes[1]
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
