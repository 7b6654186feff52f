//! Bytes that are signed or not, as one input's type says.

use crate::signature::{any, wrong_type};
use crate::{AdmitError, DType, Record};

/// Whether input `input`, which must be i8 or u8, is signed.
pub(crate) fn byte_type(record: &Record, input: usize) -> Result<bool, AdmitError> {
    match any(record, input)?.dtype {
        DType::I8 => Ok(true),
        DType::U8 => Ok(false),
        given => Err(wrong_type(input, DType::I8, given)),
    }
}

/// Byte `place`; 0 past the end.
#[inline(always)]
pub(crate) fn byte(bytes: &[u8], place: usize, signed: bool) -> i32 {
    let byte = bytes.get(place).copied().unwrap_or(0);
    if signed { i32::from(byte as i8) } else { i32::from(byte) }
}
