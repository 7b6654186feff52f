//! The one place that maps memory.
#![allow(unsafe_code)]

use core::ffi::c_void;
use core::ptr::{NonNull, null_mut};
use std::io;

use rustix::mm::{
    MapFlags, MprotectFlags, MremapFlags, ProtFlags, mmap, mmap_anonymous, mprotect, mremap, mremap_fixed, munmap,
};

use super::FlatView;
use super::image::{Image, Piece, Source};
use crate::is_writable;
use crate::page::PAGE_BYTES;

const GUEST_BYTES: usize = 1 << 32;
/// The address of slots 2 and 3 and their bytes.
const WRITABLE: usize = 0x2000_0000;
const WRITABLE_BYTES: usize = FlatView::PAGES * PAGE_BYTES;
/// Zeros past the guest: the largest host page there is.
const TAIL_BYTES: usize = 1 << 16;
const RESERVED_BYTES: usize = FlatView::PAGES + GUEST_BYTES + TAIL_BYTES;

/// A guest's address space in one piece: a byte per page of slots 2 and 3 that says whether it was written, then 2^32 bytes,
/// then zeros. Nobody else has its pages of slots 2 and 3.
pub(crate) struct Mapping {
    start: NonNull<u8>,
}

// SAFETY: the mapping is memory that this value owns; nothing in it is bound to a thread.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps an image. `None` where the system refuses.
    pub(crate) fn new(image: &Image) -> Option<Self> {
        let reserved = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: the system chooses a free place.
        let start = unsafe { mmap_anonymous(null_mut(), RESERVED_BYTES, ProtFlags::READ, reserved) }.ok()?;
        let mapping = Mapping {
            start: NonNull::new(start.cast())?,
        };
        match mapping.fill(image) {
            Ok(()) => Some(mapping),
            Err(_) => {
                // A refused change may leave a hole, where another thread may have got memory since: what is left is not
                // unmapped.
                core::mem::forget(mapping);
                None
            }
        }
    }

    fn at(&self, offset: usize) -> *mut c_void {
        debug_assert!(offset <= RESERVED_BYTES);
        self.start.as_ptr().wrapping_add(offset).cast()
    }

    fn fill(&self, image: &Image) -> io::Result<()> {
        let writable = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: both ranges lie in the reservation, which nobody else knows yet.
        unsafe {
            mprotect(self.at(0), FlatView::PAGES, writable)?;
            mprotect(self.at(FlatView::PAGES + WRITABLE), WRITABLE_BYTES, writable)?;
        }
        image.pieces.iter().try_for_each(|piece| self.map(image, piece))
    }

    fn map(&self, image: &Image, piece: &Piece) -> io::Result<()> {
        let place = self.at(FlatView::PAGES + piece.address);
        match &piece.source {
            Source::Copy(offset) => {
                let (access, kind) = if is_writable(piece.address as u32) {
                    (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
                } else {
                    (ProtFlags::READ, MapFlags::SHARED)
                };
                let kind = kind | MapFlags::FIXED | MapFlags::NORESERVE;
                // SAFETY: a piece lies between two addresses of the guest, so in the reservation, which nobody else knows yet.
                unsafe { mmap(place, piece.length, access, kind, &image.file, *offset) }?;
            }
            Source::Shared(bytes) => {
                let shared = bytes.as_ptr().cast_mut().cast();
                // SAFETY: the new place as above. With an old length of 0 the shared mapping that `bytes` lie in stays as it
                // is and its pages appear at the new place too (`can_duplicate`), there only to be read.
                unsafe {
                    mremap_fixed(shared, 0, piece.length, MremapFlags::MAYMOVE, place)?;
                    mprotect(place, piece.length, MprotectFlags::READ)?;
                }
            }
        }
        Ok(())
    }

    /// The address of the guest's address 0.
    pub(super) fn base(&mut self) -> *mut u8 {
        self.at(FlatView::PAGES).cast()
    }

    /// The numbers of the pages of slots 2 and 3 that were written since the last time, ascending.
    pub(crate) fn take_written(&mut self) -> Vec<u32> {
        // SAFETY: the first `PAGES` bytes are mapped writable, and only this value's exclusive borrower writes them.
        let written = unsafe { self.start.cast::<[u8; FlatView::PAGES]>().as_mut() };
        let mut numbers = Vec::new();
        for (number, group) in (0u32..).step_by(512).zip(written.as_chunks_mut::<512>().0) {
            if group.iter().fold(0, |any, byte| any | byte) != 0 {
                let own = (number..).zip(&*group).filter(|(_, byte)| **byte != 0);
                numbers.extend(own.map(|(number, _)| number));
                *group = [0; 512];
            }
        }
        numbers
    }

    fn place(&self, number: usize) -> NonNull<[u8; PAGE_BYTES]> {
        let offset = FlatView::PAGES + WRITABLE + number % FlatView::PAGES * PAGE_BYTES;
        // SAFETY: the offset lies in the reservation.
        unsafe { self.start.add(offset) }.cast()
    }

    /// The bytes of page `number` of slots 2 and 3.
    pub(crate) fn page(&self, number: usize) -> &[u8; PAGE_BYTES] {
        // SAFETY: the page is mapped readable, and only this value's exclusive borrower writes it.
        unsafe { self.place(number).as_ref() }
    }

    /// The bytes of page `number` of slots 2 and 3.
    pub(crate) fn page_mut(&mut self, number: usize) -> &mut [u8; PAGE_BYTES] {
        // SAFETY: the page is mapped writable, and this value is borrowed exclusively.
        unsafe { self.place(number).as_mut() }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the whole reservation is this value's, and nothing borrows it.
        let unmapped = unsafe { munmap(self.at(0), RESERVED_BYTES) };
        debug_assert!(unmapped.is_ok(), "{unmapped:?}");
    }
}

/// Whether the system maps the pages of `bytes`, which lie in one shared mapping, a second time.
pub(super) fn can_duplicate(bytes: &[u8]) -> bool {
    if bytes.is_empty() {
        return false;
    }
    let shared = bytes.as_ptr().cast_mut().cast();
    // SAFETY: with an old length of 0 a shared mapping stays as it is (since Linux 4.14 any other is refused), and its pages
    // appear at a free place too. Nothing has seen that place when it is unmapped.
    unsafe {
        match mremap(shared, 0, bytes.len(), MremapFlags::MAYMOVE) {
            Ok(second) => munmap(second, bytes.len()).is_ok(),
            Err(_) => false,
        }
    }
}
