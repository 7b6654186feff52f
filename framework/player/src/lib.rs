//! Proposers and challengers, playing through the [`Chain`] trait.
//!
//! An [`Agent`] acts on what the chain's events say, and on nothing else: it serves any number of tasks and plays any number of games at
//! the same time, and one that is made anew goes on where the last one stopped. [`Arena`] runs agents on one chain; [`play`] takes one task
//! from its request to its end. Parties share nothing but the chain: each has its own store and its own pipeline. A party may lie:
//! all its work is then computed with its fault.

mod account;
mod action;
mod agent;
mod answer;
mod arena;
mod chain;
mod challenger;
mod chronicle;
mod desk;
mod error;
mod event;
mod observer;
mod party;
mod patience;
mod play;
mod proposer;
mod requester;
mod side;
mod terms;
mod traces;
mod view;
mod world;

pub use account::Account;
pub use action::{Action, GameId, Move};
pub use agent::Agent;
pub use arena::Arena;
pub use chain::{BlockId, Chain, ChainError, Observed, Receipt, Registration};
pub use challenger::{Challenger, Target};
pub use chronicle::Chronicle;
pub use error::PlayerError;
pub use event::Event;
pub use observer::{Observer, PlayerEvent};
pub use party::{Entrance, Party, Role};
pub use play::{Asked, Outcome, Request, ask, go_on, play};
pub use proposer::Proposer;
pub use requester::Requester;
pub use terms::{Clock, Terms};
pub use view::{Narrowing, Resolution, View};
pub use world::{Fate, ResultView, TaskView, World};
