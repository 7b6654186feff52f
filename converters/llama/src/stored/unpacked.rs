use super::StoredType;
use super::legacy::{unpack_q4, unpack_q5, unpack_q8_0};
use super::super_blocks::{unpack_q2_k, unpack_q3_k, unpack_q4_k, unpack_q5_k, unpack_q6_k};

/// The most values of a stored block.
const MOST: usize = 256;
/// The most scales of a stored block.
const MOST_SCALES: usize = 16;

/// A stored block with each value's code in a byte and each scale in its format's type (an f16's bits in the lower half).
pub(crate) struct Unpacked {
    pub(crate) codes: [u8; MOST],
    pub(crate) scales: [u32; MOST_SCALES],
    pub(crate) minimums: [u32; MOST_SCALES],
}

impl Unpacked {
    pub(crate) fn new() -> Unpacked {
        Unpacked {
            codes: [0; MOST],
            scales: [0; MOST_SCALES],
            minimums: [0; MOST_SCALES],
        }
    }
}

/// Unpacks one block of a quantised type: `bytes` are `stored.block_bytes()`, and the first `stored.block()` codes and as
/// many scales and minimums as that has blocks of its format are written. A plain float type writes nothing.
pub(crate) fn unpack(stored: StoredType, bytes: &[u8], to: &mut Unpacked) {
    match stored {
        StoredType::F32 | StoredType::F16 | StoredType::Bf16 => {}
        StoredType::Q4_0 => unpack_q4(bytes, false, to),
        StoredType::Q4_1 => unpack_q4(bytes, true, to),
        StoredType::Q5_0 => unpack_q5(bytes, false, to),
        StoredType::Q5_1 => unpack_q5(bytes, true, to),
        StoredType::Q8_0 => unpack_q8_0(bytes, to),
        StoredType::Q2K => unpack_q2_k(bytes, to),
        StoredType::Q3K => unpack_q3_k(bytes, to),
        StoredType::Q4K => unpack_q4_k(bytes, to),
        StoredType::Q5K => unpack_q5_k(bytes, to),
        StoredType::Q6K => unpack_q6_k(bytes, to),
    }
}
