//! What a person sees while the program works.

mod digit;
mod format;
mod narrator;
mod output;
mod place;
mod progress;
mod tail;

pub(crate) use digit::draw;
pub(crate) use format::{GWEI, bytes, count, ether, seconds, short};
pub(crate) use narrator::{BAD, DIM, GOOD, HEAD, Narrator};
pub(crate) use output::described;
pub(crate) use place::place;
pub(crate) use progress::TerminalHost;
pub(crate) use tail::Tail;
