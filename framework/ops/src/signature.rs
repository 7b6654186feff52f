//! Reading a record's inputs as the types and dimensions that an operator takes.

use crate::{AdmitError, DType, Record, Shape, Value};

/// Refuses a record with another number of inputs.
pub(crate) fn expect_inputs(record: &Record, expected: usize) -> Result<(), AdmitError> {
    match record.input_count() {
        given if given == expected => Ok(()),
        given => Err(AdmitError::InputCount { expected, given }),
    }
}

/// The dimensions of input `input`, which must have this type.
pub(crate) fn typed(record: &Record, input: usize, expected: DType) -> Result<Shape, AdmitError> {
    let value = record.input(input).ok_or(AdmitError::InputCount {
        expected: input + 1,
        given: record.input_count(),
    })?;
    if value.dtype == expected {
        Ok(value.shape)
    } else {
        Err(AdmitError::InputType {
            input,
            expected,
            given: value.dtype,
        })
    }
}

/// The dimensions of input `input`, which must have this type and `RANK` dimensions.
pub(crate) fn dims<const RANK: usize>(record: &Record, input: usize, dtype: DType) -> Result<[u32; RANK], AdmitError> {
    let shape = typed(record, input, dtype)?;
    shape.dims().try_into().map_err(|_| AdmitError::InputRank {
        input,
        expected: RANK,
        given: shape.rank(),
    })
}

/// Refuses input `input` unless it has this type and these dimensions.
pub(crate) fn expect_shape(record: &Record, input: usize, dtype: DType, expected: Shape) -> Result<(), AdmitError> {
    let given = typed(record, input, dtype)?;
    if given == expected {
        Ok(())
    } else {
        Err(AdmitError::InputShape { input, expected, given })
    }
}

/// A shape from computed dimensions.
pub(crate) fn shape(dims: &[u32]) -> Result<Shape, AdmitError> {
    Shape::new(dims).map_err(|_| AdmitError::Window)
}

/// Attribute word `place` as a count in `1 … 65535`.
pub(crate) fn positive(record: &Record, place: usize, name: &'static str) -> Result<u32, AdmitError> {
    match record.attribute(place) {
        value @ 1..=0xffff => Ok(value),
        _ => Err(AdmitError::Attribute {
            place,
            name,
            value: record.signed_attribute(place),
            rule: "in 1 … 65535",
        }),
    }
}

/// Attribute word `place` as a count in `0 … 65535`.
pub(crate) fn padding(record: &Record, place: usize, name: &'static str) -> Result<u32, AdmitError> {
    match record.attribute(place) {
        value @ 0..=0xffff => Ok(value),
        _ => Err(AdmitError::Attribute {
            place,
            name,
            value: record.signed_attribute(place),
            rule: "in 0 … 65535",
        }),
    }
}

/// Attribute words `place` and `place + 1` as the bounds of an int8 result.
pub(crate) fn clamp_range(record: &Record, place: usize) -> Result<(i32, i32), AdmitError> {
    let minimum = record.signed_attribute(place);
    let maximum = record.signed_attribute(place + 1);
    if !(-128..=127).contains(&minimum) {
        return Err(AdmitError::Attribute {
            place,
            name: "minimum",
            value: minimum,
            rule: "in -128 … 127",
        });
    }
    if !(minimum..=127).contains(&maximum) {
        return Err(AdmitError::Attribute {
            place: place + 1,
            name: "maximum",
            value: maximum,
            rule: "in minimum … 127",
        });
    }
    Ok((minimum, maximum))
}

/// Input `input`, of whatever type.
pub(crate) fn any(record: &Record, input: usize) -> Result<Value, AdmitError> {
    record.input(input).ok_or(AdmitError::InputCount {
        expected: input + 1,
        given: record.input_count(),
    })
}

/// An input's type is not the one that is taken.
pub(crate) fn wrong_type(input: usize, expected: DType, given: DType) -> AdmitError {
    AdmitError::InputType { input, expected, given }
}

/// Attribute word `place` as an axis of `shape`.
pub(crate) fn axis(record: &Record, place: usize, shape: &Shape) -> Result<usize, AdmitError> {
    let axis = record.attribute(place) as usize;
    if axis < shape.rank() {
        Ok(axis)
    } else {
        Err(AdmitError::Attribute {
            place,
            name: "axis",
            value: record.signed_attribute(place),
            rule: "an axis of the input",
        })
    }
}

/// Attribute word `place` as the code of a function.
pub(crate) fn function<F>(record: &Record, place: usize, from_code: fn(u32) -> Option<F>) -> Result<F, AdmitError> {
    from_code(record.attribute(place)).ok_or(AdmitError::Attribute {
        place,
        name: "function",
        value: record.signed_attribute(place),
        rule: "the code of a function",
    })
}

/// Attribute word `place` as 0 or 1.
pub(crate) fn flag(record: &Record, place: usize, name: &'static str) -> Result<bool, AdmitError> {
    match record.attribute(place) {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(AdmitError::Attribute {
            place,
            name,
            value: record.signed_attribute(place),
            rule: "0 or 1",
        }),
    }
}

/// Whether the indices in input `input` have 64 bits; else they have 32.
pub(crate) fn index_type(record: &Record, input: usize) -> Result<bool, AdmitError> {
    match any(record, input)?.dtype {
        DType::I64 => Ok(true),
        DType::I32 => Ok(false),
        given => Err(wrong_type(input, DType::I64, given)),
    }
}
