use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::Translation;
use super::compile::is_possible;
use super::function::Function;
use super::region::Region;

/// Executions of a block before a region is compiled from it.
const WARM_UP: u32 = 1 << 14;
/// Heat of an address from which nothing is compiled, or not yet.
const NEVER: u32 = u32::MAX;
/// The largest image that is translated, in bytes; what real guests have lies far below.
const LARGEST_IMAGE: usize = 2 << 20;
/// The most instructions that are compiled for one image, counted in every region that has them.
const MOST_INSTRUCTIONS: u32 = 1 << 20;
/// The most regions that are compiled for one image: each is a mapping of its own.
const MOST_REGIONS: u32 = 4096;

/// Compiled regions of an image, made where the program spends its time, beside the program: by a thread of its own.
pub(crate) struct Translations(Arc<Shared>);

struct Shared {
    when: Translation,
    /// Empty when nothing is ever compiled.
    image: Vec<u8>,
    /// By address / 4: executions until a region is compiled from there; 0 when it is, or is to be compiled on the spot.
    heat: Box<[AtomicU32]>,
    /// By address / 4: the region that begins there.
    functions: Box<[OnceLock<Function>]>,
    /// Instructions compiled so far, and regions.
    compiled: AtomicU32,
    regions: AtomicU32,
    /// Whether a thread is compiling.
    is_busy: AtomicBool,
}

impl Translations {
    /// Of an image that begins at address 0; nothing is compiled yet.
    pub(crate) fn new(image: &[u8], when: Translation) -> Self {
        let is_wanted = when != Translation::Never && is_possible() && image.len() <= LARGEST_IMAGE;
        let image = if is_wanted { image.to_vec() } else { Vec::new() };
        let first_heat = if when == Translation::AtOnce { 0 } else { WARM_UP };
        Translations(Arc::new(Shared {
            when,
            heat: image
                .as_chunks::<4>()
                .0
                .iter()
                .map(|_| AtomicU32::new(first_heat))
                .collect(),
            functions: image.as_chunks::<4>().0.iter().map(|_| OnceLock::new()).collect(),
            image,
            compiled: AtomicU32::new(0),
            regions: AtomicU32::new(0),
            is_busy: AtomicBool::new(false),
        }))
    }

    /// Instructions compiled so far.
    pub(crate) fn instructions(&self) -> u32 {
        self.0.compiled.load(Ordering::Relaxed)
    }

    /// The fewest steps of a run for which the memory is mapped; `None` when nothing is ever compiled.
    pub(super) fn least_steps(&self) -> Option<u64> {
        (!self.0.image.is_empty()).then(|| self.0.when.least_steps())
    }

    /// Counts an execution of the block at `pc`; says whether its region is there.
    #[inline(always)]
    pub(crate) fn warm(&self, pc: u32) -> bool {
        let Some(heat) = self.0.heat.get(index(pc)) else {
            return false;
        };
        let left = heat.load(Ordering::Acquire);
        match left {
            0 => return true,
            1 => self.request(pc),
            NEVER => {}
            _ => heat.store(left - 1, Ordering::Relaxed),
        }
        false
    }

    /// Whether the region at `pc` is there, or is to be compiled on the spot.
    #[inline]
    pub(super) fn is_hot(&self, pc: u32) -> bool {
        let heat = self.0.heat.get(index(pc));
        heat.is_some_and(|heat| heat.load(Ordering::Acquire) == 0)
    }

    /// The region that begins at `pc`.
    #[inline]
    pub(super) fn function(&self, pc: u32) -> Option<&Function> {
        let function = self.0.functions.get(index(pc))?;
        match function.get() {
            None if self.is_hot(pc) => {
                self.0.make(pc);
                function.get()
            }
            found => found,
        }
    }

    /// Has the region at `pc` compiled beside the program; later, when another one is being compiled.
    #[cold]
    fn request(&self, pc: u32) {
        let heat = &self.0.heat[index(pc)];
        if self.0.is_busy.swap(true, Ordering::Acquire) {
            return heat.store(WARM_UP / 4, Ordering::Relaxed);
        }
        heat.store(NEVER, Ordering::Relaxed);
        let shared = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("translation".into());
        let spawned = thread.spawn(move || {
            shared.make(pc);
            shared.is_busy.store(false, Ordering::Release);
        });
        if spawned.is_err() {
            self.0.is_busy.store(false, Ordering::Release);
        }
    }
}

impl Shared {
    /// Compiles the region at `pc`. The other blocks in it have to warm up anew: most ways to them lead through it now.
    fn make(&self, pc: u32) {
        let region = Region::discover(&self.image, pc);
        let function = region.as_ref().and_then(|region| self.compiled(region));
        let heat = &self.heat[index(pc)];
        let (Some(region), Some(function)) = (region, function) else {
            return heat.store(NEVER, Ordering::Relaxed);
        };
        for block in &region.blocks {
            let own = index(block.place.pc);
            let heat = self.heat[own].load(Ordering::Relaxed);
            if heat != 0 && heat != NEVER {
                self.heat[own].store(WARM_UP, Ordering::Relaxed);
            }
        }
        let _ = self.functions[index(pc)].set(function);
        heat.store(0, Ordering::Release);
    }

    fn compiled(&self, region: &Region) -> Option<Function> {
        let instructions = region.instructions() as u32;
        let before = self.compiled.fetch_add(instructions, Ordering::Relaxed);
        let is_within = before.saturating_add(instructions) <= MOST_INSTRUCTIONS
            && self.regions.fetch_add(1, Ordering::Relaxed) < MOST_REGIONS;
        if !is_within {
            self.compiled.fetch_sub(instructions, Ordering::Relaxed);
            return None;
        }
        Function::of(region)
    }
}

/// The index of an address's word; of a misaligned one, none.
#[inline(always)]
fn index(pc: u32) -> usize {
    pc.rotate_right(2) as usize
}
