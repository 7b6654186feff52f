//! Steps a second of the interpreter and of the plain step, on a dot product of bytes and on a copy of words; what a
//! fork, a root and a proof cost.

use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;
use opml_engine::{Machine, Region};
use opml_machine::Memory;
use opml_mips::MipsMachine;

fn main() {
    divan::main();
}

const fn i(op: u32, rs: u32, rt: u32, immediate: u32) -> u32 {
    op << 26 | rs << 21 | rt << 16 | immediate & 0xffff
}

const fn r(rs: u32, rt: u32, rd: u32, function: u32) -> u32 {
    rs << 21 | rt << 16 | rd << 11 | function
}

/// An endless dot product of signed bytes in slots 4 and 5.
const DOT: [u32; 11] = [
    i(0x0f, 0, 8, 0x4000),            // lui   r8, 0x4000
    i(0x0f, 0, 9, 0x5000),            // lui   r9, 0x5000
    i(0x0d, 8, 10, 1024),             // ori   r10, r8, 1024
    i(0x20, 8, 11, 0),                // lb    r11, 0(r8)
    i(0x20, 9, 12, 0),                // lb    r12, 0(r9)
    i(0x09, 8, 8, 1),                 // addiu r8, r8, 1
    i(0x09, 9, 9, 1),                 // addiu r9, r9, 1
    0x1c << 26 | r(11, 12, 13, 0x02), // mul r13, r11, r12
    i(0x05, 8, 10, -6i32 as u32),     // bne  r8, r10, the first lb
    r(14, 13, 14, 0x21),              // addu  r14, r14, r13
    i(0x02, 0, 0, 0x400),             // j     the beginning
];

/// An endless copy of words from slot 4 to slot 2.
const COPY: [u32; 9] = [
    i(0x0f, 0, 8, 0x4000),        // lui   r8, 0x4000
    i(0x0f, 0, 9, 0x2020),        // lui   r9, 0x2020
    i(0x0d, 8, 10, 1024),         // ori   r10, r8, 1024
    i(0x23, 8, 11, 0),            // lw    r11, 0(r8)
    i(0x09, 8, 8, 4),             // addiu r8, r8, 4
    i(0x2b, 9, 11, 0),            // sw    r11, 0(r9)
    i(0x05, 8, 10, -4i32 as u32), // bne  r8, r10, the lw
    i(0x09, 9, 9, 4),             // addiu r9, r9, 4
    i(0x02, 0, 0, 0x400),         // j     the beginning
];

fn machine(program: &[u32]) -> MipsMachine {
    let mut image = vec![0; 0x1000];
    program
        .iter()
        .for_each(|word| image.extend_from_slice(&word.to_le_bytes()));
    image.extend_from_slice(&[0; 4]);
    let region = |address, bytes: Vec<u8>| Region {
        address,
        bytes: Bytes::from(bytes),
        slot_root: None,
    };
    let regions = [
        region(0, image),
        region(0x4000_0000, vec![3; 1024]),
        region(0x5000_0000, vec![5; 1024]),
    ];
    MipsMachine::new(Memory::new(&regions).expect("the regions are disjoint"))
}

const PROGRAMS: [(&str, &[u32]); 2] = [("dot", &DOT), ("copy", &COPY)];

#[divan::bench(args = ["dot", "copy"], sample_count = 20)]
fn interpreter(bencher: Bencher<'_, '_>, name: &str) {
    const STEPS: u64 = 20_000_000;
    let mut machine = machine(program(name));
    bencher.counter(ItemsCount::new(STEPS)).bench_local(|| {
        let goal = machine.step() + STEPS;
        machine.run_to(goal).expect("it runs forward");
        assert_eq!(machine.halted_at(), None);
    });
}

#[divan::bench(args = ["dot", "copy"], sample_count = 10)]
fn plain_step(bencher: Bencher<'_, '_>, name: &str) {
    const STEPS: u64 = 1_000_000;
    let mut machine = machine(program(name));
    bencher
        .counter(ItemsCount::new(STEPS))
        .bench_local(|| machine.run_plainly(STEPS));
}

/// A machine whose slot 3 has 64 MiB of written pages.
fn large() -> MipsMachine {
    let mut machine = machine(&COPY);
    machine.write(0x3000_0000, &vec![7; 64 << 20]).expect("in slot 3");
    machine
}

#[divan::bench(sample_count = 20)]
fn fork_of_64_mib(bencher: Bencher<'_, '_>) {
    let machine = large();
    bencher.bench_local(|| machine.fork());
}

#[divan::bench(sample_count = 50)]
fn root_after_a_store(bencher: Bencher<'_, '_>) {
    let mut machine = machine(&COPY);
    machine.root();
    bencher.bench_local(|| {
        let goal = machine.step() + 5;
        machine.run_to(goal).expect("it runs forward");
        machine.root()
    });
}

#[divan::bench(sample_count = 50)]
fn proof_of_a_step(bencher: Bencher<'_, '_>) {
    let mut machine = machine(&COPY);
    machine.run_to(5).expect("it runs forward");
    bencher.bench_local(|| machine.prove_step());
}

fn program(name: &str) -> &'static [u32] {
    PROGRAMS
        .iter()
        .find(|(own, _)| *own == name)
        .map_or(&DOT, |(_, program)| *program)
}
