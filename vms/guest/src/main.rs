//! The program that runs inside the virtual machine (`specs/machine.md`): it reads the node record and the call chunk,
//! computes the output, or one block of it, into slot 3, and exits.
//!
//! Exit codes: 0 the output is written; 1 the operator refuses the record or the sizes; 2 the call chunk is unknown;
//! 101 a panic, which no admitted record reaches.
#![no_std]
#![no_main]
#![cfg_attr(target_arch = "mips", feature(asm_experimental_arch))]

mod call;
mod panic;
mod slots;
mod start;

/// Everything that the guest does; the return value is the exit code.
fn guest() -> u32 {
    let (record, call) = slots::record_and_call();
    let Some(range) = call::output_range(record, call) else {
        return 2;
    };
    slots::with_values(record, range, |inputs, output, start, scratch| {
        opml_ops::run(record, inputs, output, start, scratch).map_or(1, |()| 0)
    })
}
