//! Weights in blocks along the depth of a product, as the operator `matmul_blocks` takes them; and plain ones transposed.

mod coded_row;
mod dense;
mod embedding;
mod format;
mod panel;
mod quantize;
mod shares;
mod weights;

pub use embedding::Embedding;
pub use format::{BlockFormat, PANEL, ScaleType};
pub use quantize::Scheme;
pub use weights::Blocks;

pub(crate) use coded_row::{CodedRow, Coding};

/// The most bytes of one value of a graph: a slot without its last leaf.
pub const MOST_BYTES: u64 = (1 << 28) - 128;
