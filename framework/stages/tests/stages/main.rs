//! The stages with the real machine, guest and native backend, on small models.

mod bench;
mod claims;
mod faults;
mod games;
mod in_place;
mod initial;
mod loops;
mod payloads;
