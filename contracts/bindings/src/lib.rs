//! The contracts' artifacts and their typed interface.
//!
//! [`ServiceChain`] implements the players' `Chain` once, over any [`Transport`]: a chain that can call, send and tell the
//! time. What a contract refuses with is decoded to its error's name and evidence.

mod actions;
mod artifact;
mod called;
mod deployment;
mod events;
mod refusals;
mod service;
mod service_chain;
mod transport;
mod words;

pub use artifact::{Artifact, ArtifactError};
pub use called::{Called, Registered, called};
pub use deployment::{Deployment, Installation, Part};
pub use events::decode as decode_event;
pub use refusals::Refusals;
pub use service::{Game, Service};
pub use service_chain::ServiceChain;
pub use transport::{Log, Outcome, Sent, Transaction, Transport, TransportError};
