//! The kernels of the benchmark compute what they say, in known numbers of steps.

#[path = "../../benches/kernels/src/exp.rs"]
mod exp;
#[path = "../../benches/kernels/src/matmul_f32.rs"]
mod matmul_f32;
#[path = "../../benches/kernels/src/matmul_i8.rs"]
mod matmul_i8;
#[path = "../../benches/kernels/src/softmax.rs"]
mod softmax;

use bytes::Bytes;
use opml_commit::keccak256;
use opml_engine::{Machine, Region};
use opml_machine::Memory;
use opml_mips::MipsMachine;

const IMAGE: &[u8] = include_bytes!("../../benches/kernels/kernels.bin");

/// Bytes of a slot: every value, in no simple order.
fn bytes(factor: u32) -> Vec<u8> {
    (0..128u32 << 10)
        .map(|place| (place.wrapping_mul(factor) >> 13) as u8)
        .collect()
}

fn left() -> Vec<u8> {
    bytes(2_654_435_761)
}

fn right() -> Vec<u8> {
    bytes(2_246_822_519)
}

/// The machine after `kernel` has run `times` times.
fn run(kernel: u32, times: u32) -> MipsMachine {
    let region = |address, bytes: Vec<u8>| Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    };
    let call = [kernel, times].iter().flat_map(|word| word.to_le_bytes()).collect();
    let regions = [
        region(0, IMAGE.to_vec()),
        region(0x1800_0000, call),
        region(0x4000_0000, left()),
        region(0x5000_0000, right()),
    ];
    let mut machine = MipsMachine::new(Memory::new(&regions).expect("the regions are disjoint"));
    machine.run_until_halt(1 << 32).expect("forward");
    machine
}

/// The output of `kernel`, which runs `steps` steps a time.
fn output(kernel: u32, length: usize, steps: u64) -> Vec<u8> {
    let (once, twice) = (run(kernel, 1), run(kernel, 2));
    let ends = [&once, &twice].map(|machine| (machine.processor().exit_code, machine.halted_at()));
    let [(0, Some(first)), (0, Some(both))] = ends else {
        panic!("kernel {kernel} ends with {ends:?}");
    };
    assert_eq!(both - first, steps, "steps of kernel {kernel}");
    let output = once.read(0x3000_0000, length);
    assert_eq!(output, twice.read(0x3000_0000, length));
    output
}

#[test]
fn matmul_i8_is_the_operator() {
    let (left, right) = (left(), right());
    let mut expected = vec![0; matmul_i8::PRODUCT];
    let inputs = matmul_i8::inputs(&left, &right);
    assert!(matmul_i8::run(&matmul_i8::record(), &inputs, &mut expected));
    assert_eq!(output(0, expected.len(), 464_857), expected);
}

#[test]
fn matmul_f32_rounds_as_hardware_does() {
    let (mut x, mut weights) = ([0.0; matmul_f32::X], [0.0; matmul_f32::WEIGHTS]);
    matmul_f32::floats(&left(), &mut x);
    matmul_f32::floats(&right(), &mut weights);
    let mut expected = vec![0; 1024];
    matmul_f32::run(&x, &weights, &mut expected);
    assert_eq!(output(1, expected.len(), 2_084_259), expected);
}

#[test]
fn softmax_rounds_as_hardware_does() {
    let mut x = [0.0; softmax::X];
    softmax::floats(&left(), &mut x);
    let mut expected = vec![0; 2048];
    softmax::run(&x, &mut expected);
    let floats = expected.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let sum: f32 = floats.sum();
    assert!((sum - 4.0).abs() < 1e-4, "four rows sum to {sum}");
    assert_eq!(output(2, expected.len(), 872_828), expected);
}

#[test]
fn exp_is_near_the_true_power() {
    for place in 0..=8700 {
        let x = -(place as f32) / 100.0;
        let (own, wanted) = (f64::from(exp::exp(x)), f64::from(x).exp());
        assert!((own / wanted - 1.0).abs() < 3e-7, "exp({x}) = {own}, not {wanted}");
    }
}

#[test]
fn memcpy_copies() {
    assert_eq!(output(3, 128 << 10, 196_659), left());
}

#[test]
fn keccak_is_keccak_256() {
    let expected = keccak256(&left()[..4080]).0.to_vec();
    assert_eq!(output(4, 32, 1_236_004), expected);
}

#[test]
fn other_kernels_are_refused() {
    let machine = run(5, 1);
    assert_eq!(machine.processor().exit_code, 2);
}
