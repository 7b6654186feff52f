//! Proposer and challenger, playing through the [`Chain`] trait.
//!
//! [`play`] takes one task from its request to its end. The parties share nothing but the chain: each has its own store and
//! its own pipeline, and knows of a game what events tell it. A party may lie: all its work is then computed with its fault.

mod account;
mod action;
mod chain;
mod dispute;
mod error;
mod event;
mod observer;
mod party;
mod play;
mod seat;
mod table;
mod terms;
mod view;

pub use account::Account;
pub use action::{Action, GameId, Move};
pub use chain::{BlockId, Chain, ChainError, Observed, Receipt, Registration};
pub use error::PlayerError;
pub use event::Event;
pub use observer::{Observer, PlayerEvent};
pub use party::{Entrance, Party, Role};
pub use play::{Outcome, Request, play};
pub use terms::{Clock, Terms};
pub use view::{Resolution, View};
