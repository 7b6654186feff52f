use core::fmt;

use crate::AdmitError;

/// Why an operator did not run. An admitted record over values of its sizes always runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunError {
    /// The record is not admitted.
    Admit(AdmitError),
    /// An input is absent or has another size than the record says.
    Input {
        /// Which.
        input: usize,
        /// The bytes that the record states.
        expected: u32,
        /// The bytes given.
        given: usize,
    },
    /// The asked range is not part of the output, or not of whole elements.
    Range {
        /// Its first byte.
        start: usize,
        /// Its bytes.
        bytes: usize,
    },
    /// Less scratch than the record states.
    Scratch {
        /// The bytes needed.
        needed: u64,
        /// The bytes given.
        given: usize,
    },
    /// A node of a whole graph is not admitted.
    Node {
        /// Its place in the node table.
        node: u32,
        /// Why.
        error: AdmitError,
    },
    /// A node of a whole graph refers to bytes that do not exist, that lie in its own output, or to a later node.
    Reference {
        /// Its place in the node table.
        node: u32,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Admit(error) => error.fmt(formatter),
            RunError::Input { input, expected, given } => {
                write!(formatter, "input {input} must have {expected} bytes, not {given}")
            }
            RunError::Range { start, bytes } => {
                write!(
                    formatter,
                    "{bytes} bytes from byte {start} are not elements of the output"
                )
            }
            RunError::Scratch { needed, given } => {
                write!(formatter, "{needed} bytes of scratch are needed, not {given}")
            }
            RunError::Node { node, error } => write!(formatter, "node {node} of the whole graph: {error}"),
            RunError::Reference { node } => {
                write!(
                    formatter,
                    "node {node} of the whole graph refers to a value that it cannot read"
                )
            }
        }
    }
}

impl core::error::Error for RunError {}

impl From<AdmitError> for RunError {
    fn from(error: AdmitError) -> RunError {
        RunError::Admit(error)
    }
}
