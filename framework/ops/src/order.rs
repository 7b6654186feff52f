//! Which of two elements comes first.

use crate::DType;
use crate::scalar::{Bool, F32, I8, I16, I32, I64, Scalar, U8};

/// Elements of a tensor in an order: the greatest first, or the least. NaN comes before every number either way.
#[derive(Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) dtype: DType,
    pub(crate) largest: bool,
}

impl Order<'_> {
    /// A key of element `place`: a greater one comes first.
    pub(crate) fn key(&self, place: usize) -> i64 {
        let key = match self.dtype {
            DType::F32 => {
                let value = F32::at(self.bytes, place);
                if value.is_nan() {
                    return i64::MAX;
                }
                // Bits in the order of the numbers; both zeros are equal.
                let bits = value.to_bits() as i32;
                i64::from(if bits < 0 { -(bits & i32::MAX) } else { bits })
            }
            DType::Bool => Bool::at(self.bytes, place),
            DType::I8 => I8::at(self.bytes, place),
            DType::U8 => U8::at(self.bytes, place),
            DType::I16 => I16::at(self.bytes, place),
            DType::I32 => I32::at(self.bytes, place),
            DType::I64 => I64::at(self.bytes, place),
        };
        if self.largest { key } else { !key }
    }
}
