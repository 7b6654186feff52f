//! Programs that the speed of MIPS machines is measured with: one image, the kernel chosen by the call chunk.
//!
//! Exit codes: 0 the output is written; 1 an operator refused its record; 2 there is no such kernel; 101 a panic.
#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]

mod exp;
mod keccak;
mod matmul_f32;
mod matmul_i8;
mod memory;
mod softmax;
mod start;

use core::hint::black_box;
use core::panic::PanicInfo;

use memory::Memory;

/// Everything that the program does; the return value is the exit code.
fn program() -> u32 {
    let ([kernel, times], memory) = memory::open();
    match kernel {
        0 => int8_product(times, memory),
        1 => float_product(times, memory),
        2 => softmax(times, memory),
        3 => copy(times, memory),
        4 => hash(times, memory),
        _ => 2,
    }
}

fn int8_product(times: u32, memory: Memory) -> u32 {
    let record = matmul_i8::record();
    let inputs = matmul_i8::inputs(memory.left, memory.right);
    for _ in 0..times {
        if !matmul_i8::run(black_box(&record), &inputs, memory.output) {
            return 1;
        }
    }
    0
}

fn float_product(times: u32, memory: Memory) -> u32 {
    let (x, weights) = memory.scratch.split_at_mut(matmul_f32::X);
    let weights = &mut weights[..matmul_f32::WEIGHTS];
    matmul_f32::floats(memory.left, x);
    matmul_f32::floats(memory.right, weights);
    for _ in 0..times {
        matmul_f32::run(black_box(x), weights, memory.output);
    }
    0
}

fn softmax(times: u32, memory: Memory) -> u32 {
    let x = &mut memory.scratch[..softmax::X];
    softmax::floats(memory.left, x);
    for _ in 0..times {
        softmax::run(black_box(x), memory.output);
    }
    0
}

fn copy(times: u32, memory: Memory) -> u32 {
    for _ in 0..times {
        memory.output.copy_from_slice(black_box(memory.left));
    }
    0
}

fn hash(times: u32, memory: Memory) -> u32 {
    for _ in 0..times {
        let digest = keccak::hash(black_box(&memory.left[..keccak::MESSAGE]));
        memory.output[..32].copy_from_slice(&digest);
    }
    0
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    start::exit(101)
}
