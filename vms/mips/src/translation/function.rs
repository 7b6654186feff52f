//! Machine code that can be called. This is the only file of the crate that contains `unsafe`.
#![allow(unsafe_code)]

use core::mem::transmute;

use memmap2::{Mmap, MmapMut};

use super::frame::Frame;

/// A compiled region: pages that hold its code and can be executed.
pub(super) struct Function {
    code: Mmap,
}

impl Function {
    /// Puts `code` where it can be executed; `None` when the system gives no such memory.
    ///
    /// # Safety
    ///
    /// `code` is what [`compile`](super::compile::compile) gave.
    pub(super) unsafe fn new(code: &[u8]) -> Option<Function> {
        let mut pages = MmapMut::map_anon(code.len()).ok()?;
        pages.copy_from_slice(code);
        let code = pages.make_exec().ok()?;
        Some(Function { code })
    }

    /// Runs the region.
    ///
    /// # Safety
    ///
    /// `frame.base` is that of a [`FlatView`](opml_machine::FlatView) that nobody else uses meanwhile.
    pub(super) unsafe fn call(&self, frame: &mut Frame) {
        // SAFETY: the pages hold a whole function of this signature that lives as long as they do.
        let function = unsafe { transmute::<*const u8, unsafe extern "sysv64" fn(*mut Frame)>(self.code.as_ptr()) };
        // SAFETY: the code reads and writes the frame, reads the flat memory anywhere and writes its slots 2 and 3 and
        // written pages only: those are the caller's to give.
        unsafe { function(frame) }
    }
}
