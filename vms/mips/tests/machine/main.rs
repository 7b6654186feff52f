//! The machine against its definition, its witnesses and its vectors.

mod backend;
mod every_way;
mod known_bases;
mod lockstep;
mod malicious;
mod page;
mod pitfalls;
mod random;
mod tables;
mod translation;
mod vectors;
mod whole_runs;
mod witness;
mod words;
