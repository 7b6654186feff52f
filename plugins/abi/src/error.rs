use std::fmt;

use abi_stable::StableAbi;
use abi_stable::std_types::RString;

/// Error codes. A host that does not know a code treats it as [`FAILED`](code::FAILED).
pub mod code {
    /// Something else went wrong; the message says what.
    pub const FAILED: u32 = 1;
    /// The user's source, options or input are wrong.
    pub const USER: u32 = 2;
    /// The plugin panicked; `place` is the source line.
    pub const PANICKED: u32 = 3;
    /// The bytes given are not what the method takes.
    pub const MALFORMED: u32 = 4;
    /// A region does not fit the memory map; figures: address, bytes.
    pub const REGION: u32 = 16;
    /// A machine was asked to run backward; figures: present step, asked step.
    pub const BACKWARD: u32 = 17;
    /// A step witness is invalid; the message is the reason.
    pub const WITNESS: u32 = 18;
    /// The guest ended wrongly; the message is how.
    pub const GUEST: u32 = 19;
    /// An operator refuses the record; `operator` is its tag, the message the reason.
    pub const NOT_ADMITTED: u32 = 32;
    /// A value has another size than the record states; figures: expected bytes, actual bytes; `operator` is its tag, the
    /// message names the value.
    pub const SIZE: u32 = 33;
}

/// Why a call failed.
#[repr(C)]
#[derive(Clone, Debug, PartialEq, Eq, StableAbi)]
pub struct Error {
    /// One of [`code`].
    pub code: u32,
    /// The tag of the operator that is meant; 0 when none is.
    pub operator: u32,
    /// What is wrong.
    pub message: RString,
    /// Where; empty when nothing can be said.
    pub place: RString,
    /// What to do about it; empty when nothing can be said.
    pub help: RString,
    /// Numbers, by code; zeros otherwise.
    pub figures: [u64; 2],
}

impl Error {
    /// An error with a code and a message, and nothing else.
    pub fn new(code: u32, message: impl Into<String>) -> Error {
        Error {
            code,
            operator: 0,
            message: RString::from(message.into()),
            place: RString::new(),
            help: RString::new(),
            figures: [0; 2],
        }
    }

    /// The same with `place`.
    pub fn at(self, place: impl Into<String>) -> Error {
        Error {
            place: RString::from(place.into()),
            ..self
        }
    }

    /// The same with `help`.
    pub fn with_help(self, help: impl Into<String>) -> Error {
        Error {
            help: RString::from(help.into()),
            ..self
        }
    }

    /// The same of the operator with this tag.
    pub fn of_operator(self, operator: u32) -> Error {
        Error { operator, ..self }
    }

    /// The same with `figures`.
    pub fn with_figures(self, figures: [u64; 2]) -> Error {
        Error { figures, ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
