//! The memory map as slices.

use core::slice;

/// Bytes of either input and of the output.
pub(crate) const BYTES: usize = 128 << 10;
const SCRATCH_FLOATS: usize = 16 << 10;

const CALL: *const [u32; 2] = 0x1800_0000 as *const _;
const SCRATCH: *mut f32 = 0x2010_0000 as *mut _;
const OUTPUT: *mut u8 = 0x3000_0000 as *mut _;
const LEFT: *const u8 = 0x4000_0000 as *const _;
const RIGHT: *const u8 = 0x5000_0000 as *const _;

/// What the kernels read and write.
pub(crate) struct Memory {
    /// The beginning of slot 4.
    pub(crate) left: &'static [u8],
    /// The beginning of slot 5.
    pub(crate) right: &'static [u8],
    /// The beginning of slot 3.
    pub(crate) output: &'static mut [u8],
    /// The beginning of slot 2's scratch.
    pub(crate) scratch: &'static mut [f32],
}

/// The first two words of the call chunk, and the memory. Called once.
pub(crate) fn open() -> ([u32; 2], Memory) {
    // SAFETY: slots are mapped whole (absent bytes are zero) and the lengths are below a slot's; nothing can write slots 1, 4
    // and 5; these are the only references into slot 3 and into the scratch, as this function is called once; the stack grows
    // down from below the scratch; every address is aligned, and every word is a float.
    unsafe {
        let memory = Memory {
            left: slice::from_raw_parts(LEFT, BYTES),
            right: slice::from_raw_parts(RIGHT, BYTES),
            output: slice::from_raw_parts_mut(OUTPUT, BYTES),
            scratch: slice::from_raw_parts_mut(SCRATCH, SCRATCH_FLOATS),
        };
        (*CALL, memory)
    }
}
