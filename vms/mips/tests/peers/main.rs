//! The machine against machines that nobody here wrote (`specs/mips-peers.md`).

mod batch;
mod cases;
mod difference;
mod guest;
mod kernels;
mod presence;
mod qemu;
mod qemu_cases;
#[path = "../machine/random.rs"]
#[allow(dead_code)]
mod random;
mod trace;
mod unicorn;
mod unicorn_cases;
mod visible;
