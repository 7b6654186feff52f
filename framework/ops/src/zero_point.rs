//! Bytes that are signed or not, as one input's type says.

use crate::signature::{any, expect_shape, shape, wrong_type};
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

/// Whether there is an input 4, which must be one i32 for each output, to be added to its sum.
pub(crate) fn expect_initial(record: &Record, outputs: u32) -> Result<bool, AdmitError> {
    match record.input_count() {
        4 => Ok(false),
        5 => expect_shape(record, 4, DType::I32, shape(&[outputs])?).map(|()| true),
        given => Err(AdmitError::InputCount { expected: 4, given }),
    }
}

/// The sum that output `output` begins with.
#[inline(always)]
pub(crate) fn initial(bias: &[[u8; 4]], output: usize) -> i32 {
    i32::from_le_bytes(bias.get(output).copied().unwrap_or([0; 4]))
}
