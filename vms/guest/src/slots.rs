//! The memory map as slices. This is the only file, besides the start code, that contains `unsafe`.

use core::ops::Range;
use core::slice;

use opml_ops::{MAX_INPUTS, MAX_SCRATCH_BYTES, MAX_VALUE_BYTES, Record};

const SLOT_BYTES: usize = 1 << 28;
const RECORD: *const Record = 0x1000_0000 as *const _;
const CALL: *const [u8; 16] = 0x1800_0000 as *const _;
const SCRATCH: *mut u8 = 0x2010_0000 as *mut _;
const OUTPUT: *mut u8 = 0x3000_0000 as *mut _;
#[cfg(not(target_endian = "little"))]
compile_error!("the record is read in place: the machine must be little-endian");
const FIRST_INPUT: usize = 0x4000_0000;

/// The node record and the words of the call chunk.
pub(crate) fn record_and_call() -> (&'static Record, &'static [u8; 16]) {
    // SAFETY: both lie in slot 1, which the machine maps whole (absent bytes are zero) and which nothing can write; a
    // record is 256 words, aligned here, and every word is a valid one.
    unsafe { (&*RECORD, &*CALL) }
}

/// Calls `run` with the inputs, the part `range` of the output, its first byte's place, and the scratch.
///
/// The result is `run`'s, or 1 when the record states sizes that no slot holds.
pub(crate) fn with_values(
    record: &Record,
    range: Range<usize>,
    run: impl FnOnce(&[&[u8]], &mut [u8], usize, &mut [u8]) -> u32,
) -> u32 {
    let largest = MAX_VALUE_BYTES as usize;
    let scratch = record.scratch_bytes();
    let count = record.input_count();
    let too_large = (0..count).any(|input| record.input_bytes(input) as usize > largest);
    if too_large || range.start > range.end || range.end > largest || scratch > MAX_SCRATCH_BYTES {
        return 1;
    }
    let mut inputs: [&[u8]; MAX_INPUTS] = [&[]; MAX_INPUTS];
    for (slot, input) in inputs.iter_mut().enumerate().take(count) {
        let address = FIRST_INPUT + slot * SLOT_BYTES;
        // SAFETY: slots 4 to 15 are mapped whole and nothing can write them; the length is below a slot's.
        *input = unsafe { slice::from_raw_parts(address as *const u8, record.input_bytes(slot) as usize) };
    }
    // SAFETY: slot 3 is mapped whole and writable; the range ends inside it; this is the only reference into it, as this
    // function is called once.
    let output = unsafe { slice::from_raw_parts_mut(OUTPUT.add(range.start), range.len()) };
    // SAFETY: slot 2 above the stack is mapped and writable; the length ends at most at the slot's end; the stack grows
    // down from below it; this is the only reference into it.
    let scratch = unsafe { slice::from_raw_parts_mut(SCRATCH, scratch as usize) };
    run(inputs.get(..count).unwrap_or(&[]), output, range.start, scratch)
}
