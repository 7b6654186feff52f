use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use opml_commit::{CHUNK_BYTES, MEMORY_HEIGHT, Root, SLOT_HEIGHT, chunk_zero};
use opml_engine::{Region, VmError};

use crate::flat::{FlatView, Image};
use crate::mounted::Mounted;
use crate::view::MemoryView;
use crate::writable::Writable;
use crate::{SLOTS, heap, is_writable};

/// The sixteen slots of a machine.
///
/// Cloning ([`Memory::fork`]) copies no page; roots cost what changed since the last one.
pub struct Memory {
    slots: Arc<Slots>,
    leading: [Bytes; SLOTS],
    writable: Mutex<Writable>,
    /// Heap over the slot roots as of the last root; `None` before the first.
    top: Option<[Root; 2 * SLOTS]>,
}

/// What was mounted, shared by all forks.
struct Slots {
    mounted: [Arc<Mounted>; SLOTS],
    /// The form that every fork maps, once somebody asks for one; `None` in it where it cannot be had.
    image: OnceLock<Option<Image>>,
}

/// The chunk that holds `address`.
pub(crate) fn read_chunk(mounted: &[Arc<Mounted>; SLOTS], writable: &Writable, address: u32) -> [u8; CHUNK_BYTES] {
    let mut chunk = [0; CHUNK_BYTES];
    if is_writable(address) {
        writable.copy_to(address & !127, &mut chunk);
    } else {
        mounted[(address >> 28) as usize].copy_to((address & 0x0fff_ff80) as usize, &mut chunk);
    }
    chunk
}

impl Memory {
    /// Memory with `regions` mounted and zeros elsewhere.
    ///
    /// Refused with [`VmError::Region`]: a region that crosses a slot's end or overlaps another, and a region with a known
    /// slot root that does not begin its slot or is not alone in it.
    pub fn new(regions: &[Region]) -> Result<Self, VmError> {
        let mut mounted: [Arc<Mounted>; SLOTS] = Default::default();
        for (slot, own) in (0..).zip(&mut mounted) {
            *own = Arc::new(Mounted::new(slot, regions)?);
        }
        let mut leading: [Bytes; SLOTS] = core::array::from_fn(|slot| mounted[slot].leading());
        leading[2] = Bytes::new();
        leading[3] = Bytes::new();
        let writable = Writable::new([Arc::clone(&mounted[2]), Arc::clone(&mounted[3])]);
        Ok(Memory {
            slots: Arc::new(Slots {
                mounted,
                image: OnceLock::new(),
            }),
            leading,
            writable: Mutex::new(writable),
            top: None,
        })
    }

    /// An independent copy; pages are shared until one side touches them.
    pub fn fork(&self) -> Self {
        Memory {
            slots: Arc::clone(&self.slots),
            leading: self.leading.clone(),
            writable: Mutex::new(self.lock().fork()),
            top: self.top,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Writable> {
        let mut writable = self.writable.lock().unwrap_or_else(PoisonError::into_inner);
        writable.settle();
        writable
    }

    fn own(&mut self) -> &mut Writable {
        let writable = self.writable.get_mut().unwrap_or_else(PoisonError::into_inner);
        writable.settle();
        writable
    }

    /// Word access for a running program.
    pub fn view(&mut self) -> MemoryView<'_> {
        let writable = self.writable.get_mut().unwrap_or_else(PoisonError::into_inner);
        writable.settle();
        MemoryView {
            leading: core::array::from_fn(|slot| self.leading[slot].as_ref()),
            mounted: &self.slots.mounted,
            writable,
        }
    }

    /// The flat form for a running program: made on the first request, brought up to date on every one. `None` where the
    /// platform has none or the system refuses; the program then runs on [`Memory::view`].
    ///
    /// It costs address space for 2^32 bytes, and memory for what is mounted once among all forks, unless that lies in a
    /// shared mapping of a file already, and for each memory of its own the pages of slots 2 and 3 that were written.
    pub fn flat(&mut self) -> Option<FlatView<'_>> {
        let Slots { mounted, image } = &*self.slots;
        let image = image.get_or_init(|| Image::new(mounted)).as_ref()?;
        let writable = self.writable.get_mut().unwrap_or_else(PoisonError::into_inner);
        writable.settle();
        writable.flat(image)
    }

    /// Whether there is a flat form.
    pub fn is_flat(&self) -> bool {
        self.lock().is_flat()
    }

    /// Gives the flat form back to the system, if there is one; the next [`Memory::flat`] makes another.
    pub fn drop_flat(&mut self) {
        self.own().drop_flat();
    }

    /// The bytes that the written pages of this memory take, without those that a fork shares: about what has been touched
    /// since the last fork. The flat form is not counted.
    pub fn own_bytes(&self) -> usize {
        self.lock().own_bytes()
    }

    /// The bytes mounted at the beginning of a read-only slot; empty for slots 2 and 3 and for numbers above 15.
    pub fn leading(&self, slot: usize) -> Bytes {
        self.leading.get(slot).cloned().unwrap_or_default()
    }

    /// The memory root.
    pub fn root(&mut self) -> Root {
        self.refresh()[1]
    }

    fn refresh(&mut self) -> &[Root; 2 * SLOTS] {
        let changed = self.own().rehash();
        let slots = match self.top {
            None => 0..SLOTS,
            Some(_) if changed => 2..4,
            Some(_) => 0..0,
        };
        let roots: Vec<(usize, Root)> = slots
            .map(|slot| (SLOTS + slot, self.slot_node(slot, SLOT_HEIGHT, 0)))
            .collect();
        let top = self.top.get_or_insert([Root::ZERO; 2 * SLOTS]);
        roots.iter().for_each(|(place, root)| top[*place] = *root);
        heap::rehash(
            &mut [top],
            SLOT_HEIGHT,
            roots.iter().map(|(place, _)| (0, *place)).collect(),
        );
        top
    }

    fn slot_node(&self, slot: usize, height: u8, index: u64) -> Root {
        match slot {
            2 | 3 => self.lock().node(slot - 2, height, index),
            _ => self.slots.mounted[slot].node(height, index),
        }
    }

    /// The root of memory-tree node `(height, index)`; outside the tree that of zeros.
    pub fn node(&mut self, height: u8, index: u64) -> Root {
        let inside = height <= MEMORY_HEIGHT && index >> (MEMORY_HEIGHT - height) == 0;
        if !inside {
            return chunk_zero(height.min(63));
        }
        let top = self.refresh();
        if height >= SLOT_HEIGHT {
            return top[heap::place(MEMORY_HEIGHT - height, index)];
        }
        let within = SLOT_HEIGHT - height;
        self.slot_node((index >> within) as usize, height, index & ((1 << within) - 1))
    }

    /// The siblings of memory-tree node `(height, index)` up to the memory root, bottom-up; 25 − height of them.
    pub fn path(&mut self, height: u8, index: u64) -> Vec<Root> {
        (height..MEMORY_HEIGHT)
            .map(|level| self.node(level, (index >> (level - height)) ^ 1))
            .collect()
    }

    /// The chunk that holds `address`.
    pub fn chunk(&self, address: u32) -> [u8; CHUNK_BYTES] {
        read_chunk(&self.slots.mounted, &self.lock(), address)
    }

    /// The bytes from `address` on, `length` of them or as many as there are up to the end of the address space.
    pub fn read(&self, address: u32, length: usize) -> Vec<u8> {
        let length = (length as u64).min((1 << 32) - u64::from(address)) as usize;
        let mut bytes = vec![0; length];
        let writable = self.lock();
        let mut at = address as usize;
        let mut rest = bytes.as_mut_slice();
        while !rest.is_empty() {
            let (slot, offset) = (at >> 28, at & 0x0fff_ffff);
            let (own, after) = rest.split_at_mut(rest.len().min((1 << 28) - offset));
            match slot {
                2 | 3 => writable.copy_to(at as u32, own),
                _ => self.slots.mounted[slot].copy_to(offset, own),
            }
            at += own.len();
            rest = after;
        }
        bytes
    }

    /// Overwrites memory. Refused with [`VmError::Region`] unless all of it lies in slots 2 and 3.
    pub fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), VmError> {
        let end = u64::from(address) + bytes.len() as u64;
        if !is_writable(address) || end > 0x4000_0000 {
            return Err(VmError::Region {
                address,
                length: bytes.len(),
            });
        }
        self.own().overwrite(address, bytes);
        Ok(())
    }
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        self.fork()
    }
}
