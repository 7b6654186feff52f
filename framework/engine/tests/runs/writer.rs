use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opml_commit::Root;
use opml_engine::{FaultPart, Machine, VmError};

/// Bytes that a page stands for.
pub(crate) const PAGE_BYTES: u64 = 1 << 20;

/// Pages that exist now, and the most that existed at once.
#[derive(Default)]
pub(crate) struct Census {
    present: AtomicU64,
    pub(crate) most: AtomicU64,
}

/// A page's content; pages are shared by forks until one writes.
struct Page {
    content: u64,
    census: Arc<Census>,
}

impl Page {
    fn new(content: u64, census: &Arc<Census>) -> Arc<Page> {
        let present = census.present.fetch_add(1, Ordering::Relaxed) + 1;
        census.most.fetch_max(present, Ordering::Relaxed);
        Arc::new(Page {
            content,
            census: Arc::clone(census),
        })
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.census.present.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A machine that writes a page every so many steps, one after the other and around again.
#[derive(Clone)]
pub(crate) struct Writer {
    step: u64,
    halt: u64,
    steps_per_write: u64,
    pages: Vec<Arc<Page>>,
    census: Arc<Census>,
}

/// The packed state of a machine of `pages` pages after `step` steps: each page's last writing, and whether it has halted.
pub(crate) fn state(step: u64, halt: u64, steps_per_write: u64, pages: u64) -> Vec<u8> {
    let step = step.min(halt);
    let writings = step / steps_per_write;
    let last = |page: u64| match writings.checked_sub(page + 1) {
        Some(since) => since / pages * pages + page + 1,
        None => 0,
    };
    let words = (0..pages).map(last).chain([step, u64::from(step == halt)]);
    words.flat_map(u64::to_be_bytes).collect()
}

impl Writer {
    pub(crate) fn boot(halt: u64, steps_per_write: u64, pages: u64) -> (Box<dyn Machine>, Arc<Census>) {
        let census = Arc::new(Census::default());
        let machine = Writer {
            step: 0,
            halt,
            steps_per_write,
            pages: (0..pages).map(|_| Page::new(0, &census)).collect(),
            census: Arc::clone(&census),
        };
        (Box::new(machine), census)
    }
}

impl Machine for Writer {
    fn step(&self) -> u64 {
        self.step
    }

    fn halted_at(&self) -> Option<u64> {
        (self.step >= self.halt).then_some(self.halt)
    }

    fn run_to(&mut self, step: u64) -> Result<(), VmError> {
        let written = |step: u64| step.min(self.halt) / self.steps_per_write;
        for writing in written(self.step)..written(step) {
            let place = (writing % self.pages.len() as u64) as usize;
            match Arc::get_mut(&mut self.pages[place]) {
                Some(page) => page.content = writing + 1,
                None => self.pages[place] = Page::new(writing + 1, &self.census),
            }
        }
        self.step = step;
        Ok(())
    }

    fn run_until_halt(&mut self, limit: u64) -> Result<(), VmError> {
        self.run_to(limit.min(self.halt).max(self.step))
    }

    fn state(&mut self) -> Vec<u8> {
        let step = self.step.min(self.halt);
        let contents = self.pages.iter().map(|page| page.content);
        let words = contents.chain([step, u64::from(step == self.halt)]);
        words.flat_map(u64::to_be_bytes).collect()
    }

    fn fork(&self) -> Box<dyn Machine> {
        Box::new(self.clone())
    }

    fn own_bytes(&self) -> u64 {
        let own = self.pages.iter().filter(|page| Arc::strong_count(page) == 1);
        own.count() as u64 * PAGE_BYTES
    }

    fn prove_step(&mut self) -> Result<Vec<u8>, VmError> {
        Ok(self.state())
    }

    fn prove_memory(&mut self, _height: u8, _index: u64) -> Vec<Root> {
        Vec::new()
    }

    fn memory_node(&mut self, _height: u8, _index: u64) -> Root {
        Root::ZERO
    }

    fn read(&self, _address: u32, length: usize) -> Vec<u8> {
        vec![0; length]
    }

    fn write(&mut self, _address: u32, _bytes: &[u8]) -> Result<(), VmError> {
        Ok(())
    }

    fn corrupt(&mut self, _part: &FaultPart) -> Result<(), VmError> {
        Ok(())
    }
}
