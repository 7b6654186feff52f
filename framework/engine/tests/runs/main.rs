//! What a run costs in a game: steps executed and bytes held.

mod bytes;
mod jumper;
mod play;
mod steps;
mod watch;
mod writer;
