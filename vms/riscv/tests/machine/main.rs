//! The machine against its definition, its witnesses and its vectors.

mod backend;
mod lockstep;
mod random;
mod seeds;
mod vectors;
mod witness;
