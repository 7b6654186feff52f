//! One test suite per trait, which every implementation runs.
