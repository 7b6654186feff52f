//! Platforms without the flat form.

use std::sync::Arc;

use crate::SLOTS;
use crate::mounted::Mounted;
use crate::page::PAGE_BYTES;

/// There is none.
pub(crate) enum Image {}

impl Image {
    pub(crate) fn new(_: &[Arc<Mounted>; SLOTS]) -> Option<Self> {
        None
    }
}

/// There is none.
pub(crate) enum Mapping {}

impl Mapping {
    pub(crate) fn new(image: &Image) -> Option<Self> {
        match *image {}
    }

    pub(super) fn base(&self) -> *mut u8 {
        match *self {}
    }

    pub(crate) fn take_written(&mut self) -> Vec<u32> {
        match *self {}
    }

    pub(crate) fn ask_for_huge_pages(&mut self, _: &[u32]) {
        match *self {}
    }

    pub(crate) fn page(&self, _: usize) -> &[u8; PAGE_BYTES] {
        match *self {}
    }

    pub(crate) fn page_mut(&mut self, _: usize) -> &mut [u8; PAGE_BYTES] {
        match *self {}
    }
}
