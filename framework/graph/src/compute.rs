use bytes::Bytes;
use opml_commit::Root;
use opml_ops::Record;
use thiserror::Error;

/// Why a backend could not compute a node.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ComputeError {
    /// The operator's `admit` refuses the record.
    #[error("operator {tag}: {reason}")]
    NotAdmitted {
        /// The operator tag.
        tag: u32,
        /// Why.
        reason: String,
    },
    /// An input or the output does not have the bytes that the record states.
    #[error("operator {tag}: {what} has {actual} bytes, the record says {expected}")]
    Size {
        /// The operator tag.
        tag: u32,
        /// Which value.
        what: String,
        /// Bytes by the record.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
    /// The backend behind a plugin failed.
    #[error("{reason}")]
    Backend {
        /// Its own words.
        reason: String,
    },
}

/// The guest program of this backend's operators for one kind of machine.
#[derive(Clone, Debug)]
pub struct GuestImage {
    /// The machine's name: `"mips"`, …
    pub vm: String,
    /// The root of the slot that begins with the image.
    pub root: Root,
    /// Slot 0 from address 0.
    pub bytes: Bytes,
    /// The most steps that it takes for one of a node's work units, in blocks and as a whole.
    pub steps_per_unit: u64,
}

/// Runs operators natively, equal to `opml_ops` bit for bit.
pub trait ComputeBackend: Send + Sync {
    /// Its name in specs.
    fn name(&self) -> &str;

    /// Computes a node. `inputs` are in slot order, constants included; `output` has exactly the record's bytes and begins
    /// as the input that `output_initial` names, if any, else zero. That input is read in `output` only: among `inputs` there may be
    /// other bytes of its size instead. At most `threads` threads are used.
    fn run_node(
        &self,
        record: &Record,
        inputs: &[&[u8]],
        output: &mut [u8],
        threads: usize,
    ) -> Result<(), ComputeError>;

    /// The guest images with the same operators.
    fn guest_images(&self) -> Vec<GuestImage>;
}
