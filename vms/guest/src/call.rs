//! The call chunk.

use core::ops::Range;

use opml_ops::Record;

const NODE: u32 = 1;
const BLOCK: u32 = 2;
const GRAPH: u32 = 3;

/// The bytes of slot 3 that this call asks for; `None` when the chunk and the record do not belong together.
pub(crate) fn output_range(record: &Record, call: &[u8; 16]) -> Option<Range<usize>> {
    let word = |place: usize| {
        let bytes = call.get(4 * place..)?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*bytes))
    };
    let bytes = record.output_bytes();
    if word(2)? as usize != record.input_count() || word(3)? != bytes {
        return None;
    }
    let bytes = bytes as usize;
    match word(0)? {
        NODE | GRAPH => Some(0..bytes),
        BLOCK => {
            let block = 1usize.checked_shl(record.block_log2())?;
            let start = block.checked_mul(word(1)? as usize)?;
            (start < bytes).then(|| start..bytes.min(start.saturating_add(block)))
        }
        _ => None,
    }
}
