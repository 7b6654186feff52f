//! The dispute game, played with counters.

mod pairings;
mod refusals;
mod setup;
