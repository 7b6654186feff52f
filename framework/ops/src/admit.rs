use core::fmt;

use crate::{DType, MAX_SCRATCH_BYTES, MAX_VALUE_BYTES, RecordError, Shape};

/// Why a record is not a node that an operator can compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdmitError {
    /// No operator has this tag.
    Tag(u32),
    /// The record itself is malformed.
    Record(RecordError),
    /// The operator takes another number of inputs.
    InputCount {
        /// What it takes.
        expected: usize,
        /// What the record has.
        given: usize,
    },
    /// An input has the wrong element type.
    InputType {
        /// Which.
        input: usize,
        /// What the operator takes.
        expected: DType,
        /// What the record says.
        given: DType,
    },
    /// An input has the wrong number of dimensions.
    InputRank {
        /// Which.
        input: usize,
        /// What the operator takes.
        expected: usize,
        /// What the record says.
        given: usize,
    },
    /// An input's dimensions do not fit the other inputs and attributes.
    InputShape {
        /// Which.
        input: usize,
        /// What follows from the rest of the record.
        expected: Shape,
        /// What the record says.
        given: Shape,
    },
    /// The output is not what follows from inputs and attributes.
    Output {
        /// The type that follows.
        dtype: DType,
        /// The dimensions that follow.
        shape: Shape,
    },
    /// An attribute is outside its range.
    Attribute {
        /// Its word.
        place: usize,
        /// Its name.
        name: &'static str,
        /// Its value, read as signed.
        value: i32,
        /// What it must be.
        rule: &'static str,
    },
    /// A sliding window does not fit the padded image even once, or the attributes give a size that is no shape.
    Window,
    /// A value is larger than a slot may hold.
    ValueSize {
        /// Its bytes.
        bytes: u32,
    },
    /// The block size is outside 2^7 … 2^28.
    BlockLog2(u32),
    /// `scratch_bytes` is too small, or more than the machine has.
    Scratch {
        /// What the operator needs.
        needed: u64,
        /// What the record says.
        given: u32,
    },
    /// The output does not start as the input that the operator works from, if it works from one.
    OutputInitial(Option<usize>),
}

impl fmt::Display for AdmitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AdmitError::Tag(tag) => write!(formatter, "no operator has the tag {tag}"),
            AdmitError::Record(error) => error.fmt(formatter),
            AdmitError::InputCount { expected, given } => {
                write!(formatter, "the operator takes {expected} inputs, not {given}")
            }
            AdmitError::InputType { input, expected, given } => {
                write!(
                    formatter,
                    "input {input} must be {}, not {}",
                    expected.name(),
                    given.name()
                )
            }
            AdmitError::InputRank { input, expected, given } => {
                write!(formatter, "input {input} must have {expected} dimensions, not {given}")
            }
            AdmitError::InputShape { input, expected, given } => {
                write!(formatter, "input {input} must have shape {expected}, not {given}")
            }
            AdmitError::Output { dtype, shape } => write!(formatter, "the output must be {} {shape}", dtype.name()),
            AdmitError::Attribute {
                place,
                name,
                value,
                rule,
            } => {
                write!(formatter, "attribute {place} ({name}) is {value}; it must be {rule}")
            }
            AdmitError::Window => formatter.write_str("the window does not fit the padded image, or a size overflows"),
            AdmitError::ValueSize { bytes } => {
                write!(formatter, "a value has at most {MAX_VALUE_BYTES} bytes, not {bytes}")
            }
            AdmitError::BlockLog2(log2) => write!(formatter, "block_log2 must lie in 7 … 28, not be {log2}"),
            AdmitError::Scratch { needed, given } => write!(
                formatter,
                "scratch_bytes is {given}; it must lie in {needed} … {MAX_SCRATCH_BYTES}"
            ),
            AdmitError::OutputInitial(None) => formatter.write_str("the operator's output cannot start as an input"),
            AdmitError::OutputInitial(Some(input)) => {
                write!(formatter, "the operator's output must start as input {input}")
            }
        }
    }
}

impl core::error::Error for AdmitError {}

impl From<RecordError> for AdmitError {
    fn from(error: RecordError) -> AdmitError {
        AdmitError::Record(error)
    }
}
