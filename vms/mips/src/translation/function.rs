//! Machine code that can be called. This is the only file of the crate that contains `unsafe`.
#![allow(unsafe_code)]

use core::mem::transmute;

use memmap2::{Mmap, MmapMut};
use opml_machine::FlatView;

use super::compile::compile;
use super::frame::Frame;
use super::region::Region;

/// A compiled region: pages that hold its code and can be executed.
pub(super) struct Function {
    code: Mmap,
}

impl Function {
    /// Compiles `region`; `None` when that cannot be done, or the system gives no memory for it.
    pub(super) fn of(region: &Region) -> Option<Function> {
        let code = compile(region)?;
        let mut pages = MmapMut::map_anon(code.len()).ok()?;
        pages.copy_from_slice(&code);
        let code = pages.make_exec().ok()?;
        Some(Function { code })
    }

    /// Runs the region on `memory`.
    pub(super) fn call(&self, frame: &mut Frame, memory: &mut FlatView<'_>) {
        frame.base = memory.base();
        // SAFETY: the pages hold what `compile` gave: a whole function of this signature, C's on the only platform that code
        // is made for; it lives as long as they do.
        let function = unsafe { transmute::<*const u8, unsafe extern "C" fn(*mut Frame)>(self.code.as_ptr()) };
        // SAFETY: the code reads and writes the frame, reads the flat memory anywhere, and writes its slots 2 and 3, noting the
        // pages: the view, borrowed here alone, permits that.
        unsafe { function(frame) }
    }
}
