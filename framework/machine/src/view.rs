use crate::memory::read_chunk;
use crate::mounted::Mounted;
use crate::writable::Writable;
use crate::{SLOTS, Words, is_writable};
use std::sync::Arc;

/// Word access for a running program: one look-up a load or store.
pub struct MemoryView<'a> {
    /// By slot: the bytes that begin it; empty for slots 2 and 3.
    pub(crate) leading: [&'a [u8]; SLOTS],
    pub(crate) mounted: &'a [Arc<Mounted>; SLOTS],
    pub(crate) writable: &'a mut Writable,
}

impl MemoryView<'_> {
    /// The little-endian word that holds `address`; its two lowest bits are ignored.
    #[inline(always)]
    pub fn load(&mut self, address: u32) -> u32 {
        let offset = (address & 0x0fff_fffc) as usize;
        let rest = self.leading[(address >> 28) as usize].get(offset..);
        match rest.and_then(|bytes| bytes.first_chunk::<4>()) {
            Some(bytes) => u32::from_le_bytes(*bytes),
            None if is_writable(address) => self.writable.load(address),
            None => self.load_mounted(address),
        }
    }

    #[cold]
    #[inline(never)]
    fn load_mounted(&self, address: u32) -> u32 {
        let chunk = read_chunk(self.mounted, self.writable, address);
        chunk
            .as_chunks::<4>()
            .0
            .get((address >> 2 & 31) as usize)
            .map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// Writes those bits of `word` that `mask` has set into the word that holds `address`. Outside slots 2 and 3 nothing
    /// happens.
    #[inline(always)]
    pub fn store(&mut self, address: u32, word: u32, mask: u32) {
        if is_writable(address) {
            self.writable.store(address, word, mask);
        }
    }
}

impl Words for MemoryView<'_> {
    #[inline(always)]
    fn load(&mut self, address: u32) -> u32 {
        MemoryView::load(self, address)
    }

    #[inline(always)]
    fn store(&mut self, address: u32, word: u32, mask: u32) {
        MemoryView::store(self, address, word, mask);
    }
}
