//! `contracts/src/vms/Mips.sol` against `opml_mips`: the same two roots, or a refusal by both.

mod cases;
mod malformed;
mod pitfalls;
mod random;
mod runs;
mod shapes;
mod vectors;
