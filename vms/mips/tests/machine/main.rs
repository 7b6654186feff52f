//! The machine against its definition, its witnesses and its vectors.

mod backend;
mod lockstep;
mod random;
mod translation;
mod vectors;
mod witness;
