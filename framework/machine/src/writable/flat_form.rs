use super::{Page, Writable};
use crate::flat::{FlatView, Image, Mapping};

/// The flat form of the same memory.
pub(super) struct Flat {
    mapping: Mapping,
    /// Whether a program may have written to it since it was last compared with the pages.
    handed_out: bool,
    /// Numbers of the pages that may have changed since they were last copied to it.
    stale: Vec<u32>,
}

impl Flat {
    /// Notes that page `number` may change, or did, elsewhere than in the flat form.
    pub(super) fn note_stale(&mut self, number: u32) {
        self.stale.push(number);
    }
}

impl Writable {
    /// The flat form, with the memory's present bytes; `None` where it cannot be had.
    pub(crate) fn flat(&mut self, image: &Image) -> Option<FlatView<'_>> {
        self.rest();
        let mut flat = match self.flat.take() {
            Some(flat) => flat,
            None => Flat {
                mapping: self.mapping(image)?,
                handed_out: false,
                stale: Vec::new(),
            },
        };
        for number in core::mem::take(&mut flat.stale) {
            if let Some(page) = self.page(number as usize)
                && page.difference(flat.mapping.page(number as usize)) != 0
            {
                page.copy_to(flat.mapping.page_mut(number as usize));
            }
        }
        flat.handed_out = true;
        let flat = self.flat.insert(flat);
        Some(FlatView::new(&mut flat.mapping))
    }

    /// A mapping of the memory at rest.
    fn mapping(&self, image: &Image) -> Option<Mapping> {
        let mut mapping = Mapping::new(image)?;
        let numbers: Vec<u32> = self.present().map(|page| page.number).collect();
        mapping.ask_for_huge_pages(&numbers);
        self.present()
            .for_each(|page| page.copy_to(mapping.page_mut(page.number as usize)));
        Some(mapping)
    }

    /// Whether there is a flat form.
    pub(crate) fn is_flat(&self) -> bool {
        self.flat.is_some()
    }

    /// Unmaps the flat form, whose writes were taken over.
    pub(crate) fn drop_flat(&mut self) {
        self.flat = None;
    }

    /// Takes over what a program wrote to the flat form; the pages then have the memory's present bytes.
    pub(crate) fn settle(&mut self) {
        if !self.flat.as_ref().is_some_and(|flat| flat.handed_out) {
            return;
        }
        let Some(mut flat) = self.flat.take() else { return };
        flat.handed_out = false;
        for number in flat.mapping.take_written() {
            self.set_page(number as usize, flat.mapping.page(number as usize));
        }
        self.flat = Some(flat);
    }

    /// The pages at rest.
    fn present(&self) -> impl Iterator<Item = &Page> {
        let pages = self.directories.iter().flatten().flat_map(|directory| &directory.pages);
        pages.flatten().map(|page| &***page)
    }
}
