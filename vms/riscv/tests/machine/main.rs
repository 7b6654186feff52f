//! The machine against its definition, its witnesses and its vectors.

mod backend;
mod lockstep;
mod official;
mod random;
mod vectors;
mod witness;
