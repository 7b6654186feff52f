//! How values are stored: plain floats, and the block quantisations of the GGML project (described in its documentation
//! of tensor encodings).

mod canonical;
mod k_scales;
mod legacy;
mod super_blocks;
mod unpacked;

use crate::blocks::{BlockFormat, ScaleType};

pub(crate) use canonical::canonical;
pub(crate) use unpacked::{Unpacked, unpack};

/// A stored type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoredType {
    /// binary32.
    F32,
    /// binary16.
    F16,
    /// The upper half of binary32.
    Bf16,
    /// 32 values in 18 bytes: scale, 4-bit codes around 8.
    Q4_0,
    /// 32 values in 20 bytes: scale, minimum, 4-bit codes.
    Q4_1,
    /// 32 values in 22 bytes: scale, 5-bit codes around 16.
    Q5_0,
    /// 32 values in 24 bytes: scale, minimum, 5-bit codes.
    Q5_1,
    /// 32 values in 34 bytes: scale, signed bytes.
    Q8_0,
    /// 256 values in 84 bytes: 2-bit codes, 16 blocks of 16 with scales and minimums.
    Q2K,
    /// 256 values in 110 bytes: 3-bit codes around 4, 16 blocks of 16 with scales.
    Q3K,
    /// 256 values in 144 bytes: 4-bit codes, 8 blocks of 32 with scales and minimums.
    Q4K,
    /// 256 values in 176 bytes: 5-bit codes, 8 blocks of 32 with scales and minimums.
    Q5K,
    /// 256 values in 210 bytes: 6-bit codes around 32, 16 blocks of 16 with scales.
    Q6K,
}

use StoredType::*;

/// What a GGUF file calls the types that are read.
const GGUF: [(u32, StoredType); 13] = [
    (0, F32),
    (1, F16),
    (2, Q4_0),
    (3, Q4_1),
    (6, Q5_0),
    (7, Q5_1),
    (8, Q8_0),
    (10, Q2K),
    (11, Q3K),
    (12, Q4K),
    (13, Q5K),
    (14, Q6K),
    (30, Bf16),
];

/// What a GGUF file calls the types that are not read.
const REFUSED: [(u32, &str); 21] = [
    (4, "Q4_2"),
    (5, "Q4_3"),
    (9, "Q8_1"),
    (15, "Q8_K"),
    (16, "IQ2_XXS"),
    (17, "IQ2_XS"),
    (18, "IQ3_XXS"),
    (19, "IQ1_S"),
    (20, "IQ4_NL"),
    (21, "IQ3_S"),
    (22, "IQ2_S"),
    (23, "IQ4_XS"),
    (24, "I8"),
    (25, "I16"),
    (26, "I32"),
    (27, "I64"),
    (28, "F64"),
    (29, "IQ1_M"),
    (34, "TQ1_0"),
    (35, "TQ2_0"),
    (39, "MXFP4"),
];

impl StoredType {
    /// All types.
    pub const ALL: [StoredType; 13] = [F32, F16, Bf16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2K, Q3K, Q4K, Q5K, Q6K];

    /// The type of this number in a GGUF file, if it is read.
    pub fn from_gguf(number: u32) -> Option<StoredType> {
        GGUF.iter()
            .find(|(known, _)| *known == number)
            .map(|(_, stored)| *stored)
    }

    /// Its number in a GGUF file.
    pub fn gguf(self) -> u32 {
        GGUF.iter()
            .find(|(_, stored)| *stored == self)
            .map_or(u32::MAX, |(number, _)| *number)
    }

    /// What a type of this number is called, read or not.
    pub fn gguf_name(number: u32) -> &'static str {
        let refused = || {
            REFUSED
                .iter()
                .find(|(known, _)| *known == number)
                .map(|(_, name)| *name)
        };
        StoredType::from_gguf(number)
            .map(StoredType::name)
            .or_else(refused)
            .unwrap_or("an unknown type")
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            F32 => "F32",
            F16 => "F16",
            Bf16 => "BF16",
            Q4_0 => "Q4_0",
            Q4_1 => "Q4_1",
            Q5_0 => "Q5_0",
            Q5_1 => "Q5_1",
            Q8_0 => "Q8_0",
            Q2K => "Q2_K",
            Q3K => "Q3_K",
            Q4K => "Q4_K",
            Q5K => "Q5_K",
            Q6K => "Q6_K",
        }
    }

    /// Values that are stored together.
    pub fn block(self) -> usize {
        match self {
            F32 | F16 | Bf16 => 1,
            Q4_0 | Q4_1 | Q5_0 | Q5_1 | Q8_0 => 32,
            Q2K | Q3K | Q4K | Q5K | Q6K => 256,
        }
    }

    /// Bytes of [`StoredType::block`] values.
    pub fn block_bytes(self) -> usize {
        match self {
            F32 => 4,
            F16 | Bf16 => 2,
            Q4_0 => 18,
            Q4_1 => 20,
            Q5_0 => 22,
            Q5_1 => 24,
            Q8_0 => 34,
            Q2K => 84,
            Q3K => 110,
            Q4K => 144,
            Q5K => 176,
            Q6K => 210,
        }
    }

    /// The block format that holds its values exactly; `None` for plain floats.
    pub fn format(self) -> Option<BlockFormat> {
        let format = |bits, block, scale, zero, minimums| BlockFormat {
            bits,
            block,
            scale,
            zero,
            minimums,
        };
        let (half, single) = (ScaleType::F16, ScaleType::F32);
        Some(match self {
            F32 | F16 | Bf16 => return None,
            Q4_0 => format(4, 32, half, 8, false),
            Q4_1 => format(4, 32, half, 0, true),
            Q5_0 => format(8, 32, half, 16, false),
            Q5_1 => format(8, 32, half, 0, true),
            Q8_0 => format(8, 32, half, 128, false),
            Q2K => format(4, 16, single, 0, true),
            Q3K => format(4, 16, single, 4, false),
            Q4K => format(4, 32, single, 0, true),
            Q5K => format(8, 32, single, 0, true),
            Q6K => format(8, 16, single, 32, false),
        })
    }
}
