//! What an import may hold and do beyond what its file's size explains, so that a small file is refused where it means a large computation.

use super::problem::{Outcome, Problem};

/// Bytes of computed constants whatever the file's size.
const LEAST_BYTES: u64 = 1 << 29;
/// Work units on constants whatever the file's size: about a second.
const LEAST_WORK: u64 = 1 << 31;
/// Bytes of computed constants, and work units, for each byte of the file's constants.
const BYTES_FOR_EACH: u64 = 8;
const WORK_FOR_EACH: u64 = 256;
/// Nodes of the file that are imported, each as often as its loop passes it, and passes.
const MOST_VISITS: u64 = 1 << 18;
/// Nodes of the model.
const MOST_NODES: usize = 1 << 18;

/// What is left.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    most_bytes: u64,
    bytes: u64,
    most_work: u64,
    work: u64,
    visits: u64,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            most_bytes: LEAST_BYTES,
            bytes: 0,
            most_work: LEAST_WORK,
            work: 0,
            visits: 0,
        }
    }
}

impl Budget {
    /// The file has constants of so many bytes more.
    pub(super) fn grant(&mut self, bytes: u64) {
        self.most_bytes = self.most_bytes.saturating_add(bytes.saturating_mul(BYTES_FOR_EACH));
        self.most_work = self.most_work.saturating_add(bytes.saturating_mul(WORK_FOR_EACH));
    }

    /// A constant of so many bytes is computed.
    pub(super) fn hold(&mut self, bytes: u64) -> Outcome<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        match self.bytes > self.most_bytes {
            true => Err(Problem::new(format!(
                "the model's constant expressions have more than {} bytes together",
                self.most_bytes
            ))),
            false => Ok(()),
        }
    }

    /// A computation of so many work units is done on constants.
    pub(super) fn work(&mut self, units: u64) -> Outcome<()> {
        self.work = self.work.saturating_add(units);
        match self.work > self.most_work {
            true => Err(Problem::new(format!(
                "the model's constant expressions take more than {} units of work together",
                self.most_work
            ))
            .with_help("fold constants when exporting (onnx-simplifier does it)")),
            false => Ok(()),
        }
    }

    /// A node of the file is imported, or a pass of a loop begun.
    pub(super) fn visit(&mut self) -> Outcome<()> {
        self.visits += 1;
        match self.visits > MOST_VISITS {
            true => Err(Problem::new(format!(
                "with all passes of its loops the model has more than {MOST_VISITS} nodes and passes"
            ))),
            false => Ok(()),
        }
    }

    /// The model has so many nodes.
    pub(super) fn check_nodes(nodes: usize) -> Outcome<()> {
        match nodes > MOST_NODES {
            true => Err(Problem::new(format!(
                "the model would have more than {MOST_NODES} nodes"
            ))),
            false => Ok(()),
        }
    }
}
