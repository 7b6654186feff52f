//! `contracts/src/vms/Mips.sol` against `opml_mips`: the same two roots, or a refusal by both.

mod cases;
#[path = "../../benches/step_gas/instructions.rs"]
mod instructions;
mod malformed;
mod operands;
mod pitfalls;
mod random;
mod runs;
mod shapes;
mod vectors;
