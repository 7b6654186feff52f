//! A bound on memory that holds at every allocation: libFuzzer's own looks at the resident set once a second.

use std::alloc::System;

use cap::Cap;

/// The most bytes that a target may hold at once.
pub const LIMIT_BYTES: usize = 1 << 30;

/// The allocator of every target: an allocation beyond [`LIMIT_BYTES`] fails, which aborts and so is a finding.
pub type Limited = Cap<System>;

/// The allocator, for `#[global_allocator]`.
pub const fn limited() -> Limited {
    Cap::new(System, LIMIT_BYTES)
}
