//! The machine against its definition, its witnesses and its vectors.

mod backend;
mod every_way;
mod lockstep;
mod malicious;
mod pitfalls;
mod random;
mod vectors;
mod witness;
mod words;
