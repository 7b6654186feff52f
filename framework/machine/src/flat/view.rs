//! Word access through the mapping's address.
#![allow(unsafe_code)]

use core::marker::PhantomData;

use crate::flat::Mapping;
use crate::{Memory, Words, is_writable};

/// The flat form of a memory while a program runs on it (see [`Memory::flat`]).
///
/// Translated code may work on it by address. For as long as the view is borrowed:
/// - each of the 2^32 bytes from [`base`](Self::base) on may be read; those of slots 2 and 3 may be written;
/// - who writes the byte of guest address `a` sets `written[(a - 0x2000_0000) >> 12]` to 1 too, in any order;
/// - `written` lies at `base - 131_072`.
///
/// Absent bytes read as zeros, as do 4096 bytes past the last address.
pub struct FlatView<'a> {
    base: *mut u8,
    memory: PhantomData<&'a mut Memory>,
}

impl FlatView<'_> {
    /// Guest pages of slots 2 and 3, a byte of [`written`](Self::written) each.
    pub const PAGES: usize = 1 << 17;

    pub(crate) fn new(mapping: &mut Mapping) -> Self {
        FlatView {
            base: mapping.base(),
            memory: PhantomData,
        }
    }

    /// The host address of guest address 0.
    #[inline]
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// The host address of the bytes that say which guest pages of slots 2 and 3 were written.
    #[inline]
    pub fn written(&self) -> *mut u8 {
        self.base.wrapping_sub(Self::PAGES)
    }
}

impl Words for FlatView<'_> {
    #[inline(always)]
    fn load(&mut self, address: u32) -> u32 {
        let offset = (address & !3) as usize;
        // SAFETY: the 2^32 bytes from `base` on are mapped readable while the memory is borrowed; the offset is below that
        // and a multiple of 4, and `base` is page-aligned.
        u32::from_le(unsafe { self.base.add(offset).cast::<u32>().read() })
    }

    #[inline(always)]
    fn store(&mut self, address: u32, word: u32, mask: u32) {
        if !is_writable(address) {
            return;
        }
        let new = self.load(address) & !mask | word & mask;
        let offset = (address & !3) as usize;
        let page = (address as usize >> 12) & (Self::PAGES - 1);
        // SAFETY: as in `load`, and slots 2 and 3 are mapped writable, as is `written`, whose `PAGES` bytes precede `base`. Slot 2
        // begins at page number 2^17, so that the low 17 bits are the page's place. The view is the only accessor: it
        // borrows the memory mutably.
        unsafe {
            self.base.add(offset).cast::<u32>().write(new.to_le());
            self.written().add(page).write(1);
        }
    }
}
