//! The one place that maps memory.
#![allow(unsafe_code)]

use core::ffi::c_void;
use core::ptr::{NonNull, null_mut};
use std::io;

use rustix::mm::{
    Advice, MapFlags, MprotectFlags, MremapFlags, ProtFlags, madvise, mmap, mmap_anonymous, mprotect, mremap,
    mremap_fixed, munmap,
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
/// Bytes of a huge page, which the guest's address 0 is a multiple of in the host. So many precede it, too.
const HUGE_BYTES: usize = 1 << 21;
/// So many bytes that begin slots 2 and 3 get small pages, which are cheaper for those who write little. Who writes further
/// on writes much.
const SMALL_BYTES: usize = 1 << 22;
const HUGE_PAGES: usize = HUGE_BYTES / PAGE_BYTES;
const RESERVED_BYTES: usize = 2 * HUGE_BYTES + GUEST_BYTES + TAIL_BYTES;

/// A guest's address space in one piece: a byte per page of slots 2 and 3 that says whether it was written, then 2^32 bytes,
/// then zeros. Nobody else has its pages of slots 2 and 3.
pub(crate) struct Mapping {
    start: NonNull<u8>,
    /// The guest's address 0.
    base: NonNull<u8>,
}

// SAFETY: the mapping is memory that this value owns; nothing in it is bound to a thread.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps an image. `None` where the system refuses.
    pub(crate) fn new(image: &Image) -> Option<Self> {
        let reserved = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: the system chooses a free place.
        let start = unsafe { mmap_anonymous(null_mut(), RESERVED_BYTES, ProtFlags::READ, reserved) }.ok()?;
        let start = NonNull::new(start.cast::<u8>())?;
        let before = start.addr().get();
        let to_base = (before + FlatView::PAGES).next_multiple_of(HUGE_BYTES) - before;
        let mapping = Mapping {
            start,
            // SAFETY: less than two huge pages and so inside the reservation.
            base: unsafe { start.add(to_base) },
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

    /// The place of a guest address.
    fn at(&self, address: usize) -> *mut c_void {
        debug_assert!(address < GUEST_BYTES);
        self.base.as_ptr().wrapping_add(address).cast()
    }

    fn written(&self) -> *mut [u8; FlatView::PAGES] {
        self.base.as_ptr().wrapping_sub(FlatView::PAGES).cast()
    }

    fn fill(&self, image: &Image) -> io::Result<()> {
        let writable = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: both ranges lie in the reservation, which nobody else knows yet.
        unsafe {
            mprotect(self.written().cast(), FlatView::PAGES, writable)?;
            mprotect(self.at(WRITABLE), WRITABLE_BYTES, writable)?;
        }
        for slot in [WRITABLE, WRITABLE + WRITABLE_BYTES / 2] {
            // SAFETY: a range of slots 2 and 3, whose bytes stay as they are. A refusal is of no consequence.
            let _ = unsafe {
                madvise(
                    self.at(slot + SMALL_BYTES),
                    WRITABLE_BYTES / 2 - SMALL_BYTES,
                    Advice::LinuxHugepage,
                )
            };
        }
        image.pieces.iter().try_for_each(|piece| self.map(image, piece))
    }

    fn map(&self, image: &Image, piece: &Piece) -> io::Result<()> {
        let place = self.at(piece.address);
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
        self.base.as_ptr()
    }

    /// The numbers of the pages of slots 2 and 3 that were written since the last time, ascending.
    pub(crate) fn take_written(&mut self) -> Vec<u32> {
        // SAFETY: the bytes are mapped writable, and only this value's exclusive borrower accesses them.
        let written = unsafe { &mut *self.written() };
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

    /// Asks for huge pages where at least half of one will be written, `numbers` being the pages, ascending.
    pub(crate) fn ask_for_huge_pages(&mut self, numbers: &[u32]) {
        for group in numbers.chunk_by(|left, right| left / HUGE_PAGES as u32 == right / HUGE_PAGES as u32) {
            if group.len() >= HUGE_PAGES / 2 {
                let first = group[0] as usize / HUGE_PAGES * HUGE_PAGES;
                // SAFETY: a range of slots 2 and 3, whose bytes stay as they are. A refusal is of no consequence.
                let _ = unsafe { madvise(self.place(first).cast(), HUGE_BYTES, Advice::LinuxHugepage) };
            }
        }
    }

    fn place(&self, number: usize) -> *mut [u8; PAGE_BYTES] {
        self.at(WRITABLE + number % FlatView::PAGES * PAGE_BYTES).cast()
    }

    /// The bytes of page `number` of slots 2 and 3.
    pub(crate) fn page(&self, number: usize) -> &[u8; PAGE_BYTES] {
        // SAFETY: the page is mapped readable, and only this value's exclusive borrower writes it.
        unsafe { &*self.place(number) }
    }

    /// The bytes of page `number` of slots 2 and 3.
    pub(crate) fn page_mut(&mut self, number: usize) -> &mut [u8; PAGE_BYTES] {
        // SAFETY: the page is mapped writable, and this value is borrowed exclusively.
        unsafe { &mut *self.place(number) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the whole reservation is this value's, and nothing borrows it.
        let unmapped = unsafe { munmap(self.start.as_ptr().cast(), RESERVED_BYTES) };
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
