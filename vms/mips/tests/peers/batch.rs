//! What is run in both machines: pages of memory, and states to start from.

use bytes::Bytes;
use opml_engine::Region;
use opml_machine::Memory;
use opml_mips::State;

/// Bytes of a page.
pub(crate) const PAGE: u32 = 0x1000;

/// Whole pages.
pub(crate) struct Pages {
    pub(crate) address: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Pages {
    /// Pages that begin with `bytes`.
    pub(crate) fn new(address: u32, mut bytes: Vec<u8>) -> Self {
        bytes.resize(bytes.len().next_multiple_of(PAGE as usize), 0);
        Pages { address, bytes }
    }

    /// Whether programs may write them: by the machine's rule.
    pub(crate) fn writable(&self) -> bool {
        opml_machine::is_writable(self.address)
    }

    fn holds(&self, address: u32) -> bool {
        address
            .checked_sub(self.address)
            .is_some_and(|offset| (offset as usize) < self.bytes.len())
    }
}

/// Cases over one memory; each begins with it as it is here.
pub(crate) struct Batch {
    /// By ascending address.
    pub(crate) pages: Vec<Pages>,
    /// States outside delay slots, with no linked word.
    pub(crate) cases: Vec<State>,
}

impl Batch {
    /// Our machine's memory at the beginning of each case.
    pub(crate) fn memory(&self) -> Memory {
        let regions: Vec<Region> = self
            .pages
            .iter()
            .map(|pages| Region {
                address: pages.address,
                bytes: Bytes::from(pages.bytes.clone()),
                slot_root: None,
            })
            .collect();
        Memory::new(&regions).expect("the pages are disjoint")
    }

    /// Whether the peers have memory at `address`.
    pub(crate) fn maps(&self, address: u32) -> bool {
        self.pages.iter().any(|pages| pages.holds(address))
    }

    /// The writable pages.
    pub(crate) fn writable(&self) -> impl Iterator<Item = &Pages> {
        self.pages.iter().filter(|pages| pages.writable())
    }

    /// Bytes of all writable pages.
    pub(crate) fn writable_bytes(&self) -> usize {
        self.writable().map(|pages| pages.bytes.len()).sum()
    }
}
