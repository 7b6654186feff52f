//! `opml-run`.
fn main() {}
