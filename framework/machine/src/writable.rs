mod flat_form;
mod rehash;

use std::sync::Arc;

use opml_commit::Root;

use flat_form::Flat;

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
    /// By page number: 1 + its place in `working`; 0 when it is at rest or absent. Empty while there are none.
    table: Box<[u32]>,
    working: Vec<Box<Page>>,
    directories: Vec<Option<Arc<Directory>>>,
    /// The trees above the directories; `None` while nothing below was ever rehashed.
    tops: [Option<Arc<Nodes>>; 2],
    /// Numbers of the pages with a changed chunk, each once.
    dirty: Vec<u32>,
    flat: Option<Flat>,
}

#[inline]
fn number_of(address: u32) -> usize {
    (address >> 12) as usize & (PAGES - 1)
}

/// Where page `number` begins in its slot.
fn offset_of(number: usize) -> usize {
    number % (PAGES / 2) * PAGE_BYTES
}

/// Page `number` as it was mounted.
fn mounted_page(base: &Mounted, number: usize) -> Box<Page> {
    let mut bytes = [0; PAGE_BYTES];
    base.copy_to(offset_of(number), &mut bytes);
    Box::new(Page::new(number as u32, &bytes))
}

impl Writable {
    pub(crate) fn new(bases: [Arc<Mounted>; 2]) -> Self {
        Writable {
            bases,
            table: Box::default(),
            working: Vec::new(),
            directories: vec![None; 2 * FAN_OUT],
            tops: [None, None],
            dirty: Vec::new(),
            flat: None,
        }
    }

    /// An independent copy without the flat form; the pages are shared until one side touches them.
    pub(crate) fn fork(&mut self) -> Self {
        self.rest();
        Writable {
            bases: self.bases.clone(),
            table: Box::default(),
            working: Vec::new(),
            directories: self.directories.clone(),
            tops: self.tops.clone(),
            dirty: self.dirty.clone(),
            flat: None,
        }
    }

    /// Puts all pages into their directories.
    fn rest(&mut self) {
        for page in core::mem::take(&mut self.working) {
            let number = page.number as usize;
            self.table[number] = 0;
            self.directory(number / FAN_OUT).pages[number % FAN_OUT] = Some(Arc::new(page));
        }
    }

    /// Overwrites bytes, which do not leave slots 2 and 3.
    pub(crate) fn overwrite(&mut self, address: u32, bytes: &[u8]) {
        let mut rest = bytes;
        let mut number = number_of(address);
        let mut from = address as usize % PAGE_BYTES;
        while !rest.is_empty() {
            let (own, after) = rest.split_at(rest.len().min(PAGE_BYTES - from));
            let mut page = [0; PAGE_BYTES];
            match self.page(number) {
                Some(present) => present.copy_to(&mut page),
                None => self.base(number).copy_to(offset_of(number), &mut page),
            }
            page[from..from + own.len()].copy_from_slice(own);
            self.set_page(number, &page);
            if let Some(flat) = &mut self.flat {
                flat.note_stale(number as u32);
            }
            (rest, from) = (after, 0);
            number += 1;
        }
    }

    /// Gives page `number` these bytes; marks the chunks that differ as changed.
    fn set_page(&mut self, number: usize, bytes: &[u8; PAGE_BYTES]) {
        let differs = match self.page(number) {
            Some(page) => page.difference(bytes),
            None => mounted_page(self.base(number), number).difference(bytes),
        };
        if differs == 0 {
            return;
        }
        let page = self.page_mut(number);
        page.copy_from(bytes);
        let first = page.dirty == 0;
        page.dirty |= differs;
        if first {
            self.dirty.push(number as u32);
        }
    }

    /// The bytes that the pages of this memory take, without those that another memory has too.
    pub(crate) fn own_bytes(&self) -> usize {
        let own = self
            .directories
            .iter()
            .flatten()
            .filter(|directory| Arc::strong_count(directory) == 1)
            .flat_map(|directory| directory.pages.iter().flatten());
        let resting = own.filter(|page| Arc::strong_count(page) == 1).map(|page| &***page);
        let working = self.working.iter().map(|page| &**page);
        resting.chain(working).map(Page::own_bytes).sum()
    }

    fn directory(&mut self, index: usize) -> &mut Directory {
        let directory = self.directories[index].get_or_insert_with(|| {
            Arc::new(Directory {
                pages: vec![None; FAN_OUT],
                nodes: None,
            })
        });
        Arc::make_mut(directory)
    }

    fn base(&self, number: usize) -> &Mounted {
        &self.bases[number / (PAGES / 2)]
    }

    /// Takes page `number`, which is not in `working`, into it; an absent page is made. Gives its place.
    fn take(&mut self, number: usize) -> usize {
        let resting = match &mut self.directories[number / FAN_OUT] {
            Some(directory) if directory.pages[number % FAN_OUT].is_some() => {
                Arc::make_mut(directory).pages[number % FAN_OUT].take()
            }
            _ => None,
        };
        let page = match resting {
            Some(shared) => Arc::try_unwrap(shared).unwrap_or_else(|shared| Box::clone(&shared)),
            None => mounted_page(self.base(number), number),
        };
        if let Some(flat) = &mut self.flat {
            flat.note_stale(number as u32);
        }
        if self.table.is_empty() {
            self.table = vec![0; PAGES].into_boxed_slice();
        }
        self.working.push(page);
        self.table[number] = self.working.len() as u32;
        self.working.len() - 1
    }

    /// The place of page `number` in `working`; 2^32 − 1 and above when it is not there.
    #[inline(always)]
    fn place(&self, number: usize) -> usize {
        (self.table.get(number).map_or(0, |place| *place) as usize).wrapping_sub(1)
    }

    /// Page `number` where it is, to be changed by others than a running program; an absent page is made.
    fn page_mut(&mut self, number: usize) -> &mut Page {
        let place = self.place(number);
        if place < self.working.len() {
            return &mut self.working[place];
        }
        let base = Arc::clone(&self.bases[number / (PAGES / 2)]);
        let own = self.directory(number / FAN_OUT).pages[number % FAN_OUT]
            .get_or_insert_with(|| Arc::new(mounted_page(&base, number)));
        let page: &mut Box<Page> = Arc::make_mut(own);
        page
    }

    /// Whether page `number` has bytes other than absent ones.
    fn is_present(&self, number: usize) -> bool {
        self.page(number).is_some() || self.base(number).overlaps(offset_of(number), PAGE_BYTES)
    }

    /// The word that holds `address`.
    #[inline(always)]
    pub(crate) fn load(&mut self, address: u32) -> u32 {
        let place = self.place(number_of(address));
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
        let place = self.place(number_of(address));
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
        let number = number_of(address);
        let place = match self.place(number) {
            place if place < self.working.len() => place,
            _ => self.take(number),
        };
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
        match self.working.get(self.place(number)) {
            Some(page) => Some(page),
            None => {
                let directory = self.directories[number / FAN_OUT].as_ref()?;
                directory.pages[number % FAN_OUT].as_ref().map(|page| &***page)
            }
        }
    }

    /// Copies the bytes from `address` on, which do not leave slots 2 and 3, over zeros.
    pub(crate) fn copy_to(&self, address: u32, bytes: &mut [u8]) {
        let mut number = number_of(address);
        let mut from = address as usize % PAGE_BYTES;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (own, after) = rest.split_at_mut(rest.len().min(PAGE_BYTES - from));
            match self.page(number) {
                Some(page) => page.copy_part_to(from, own),
                None => self.base(number).copy_to(offset_of(number) + from, own),
            }
            (rest, from) = (after, 0);
            number += 1;
        }
    }
}
