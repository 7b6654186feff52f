//! The interpreter equals the plain step at every step.

use opml_conformance::each_seed;
use opml_engine::Machine;
use opml_machine::Processor;
use opml_riscv::{RiscVMachine, State};

use crate::random::{Random, with_offset};

fn pair(state: State, random: &mut Random, program: &[u32]) -> (RiscVMachine, RiscVMachine) {
    let memory = random.memory(program);
    (
        RiscVMachine::at(state.clone(), memory.fork()),
        RiscVMachine::at(state, memory),
    )
}

fn run_both(fast: &mut RiscVMachine, plain: &mut RiscVMachine, steps: u64) {
    let goal = fast.step() + steps;
    fast.run_to(goal).expect("forward");
    plain.run_plainly(steps);
    assert_eq!(fast.processor(), plain.processor());
    assert_eq!(fast.halted_at(), plain.halted_at());
    assert_eq!(fast.root(), plain.root());
}

#[test]
fn random_programs_run_as_they_step() {
    each_seed(1500, |seed| {
        let mut random = Random(seed);
        let program = random.program(256);
        let state = random.state();
        let (mut fast, mut plain) = pair(state, &mut random, &program);
        for _ in 0..24 {
            let steps: u64 = random.pick(&[1, 1, 1, 2, 3, 5, 40]);
            run_both(&mut fast, &mut plain, steps);
            if fast.halted_at().is_some() {
                break;
            }
        }
    });
}

#[test]
fn random_programs_that_do_not_fault_stay_equal() {
    each_seed(1500, |seed| {
        let mut random = Random(seed);
        let program = harmless(&mut random);
        let mut state = random.state();
        (state.pc, state.exited) = (0x1000, false);
        state.registers[8] = 0x2000_1400;
        let (mut fast, mut plain) = pair(state, &mut random, &program);
        for _ in 0..12 {
            let steps: u64 = random.pick(&[1, 2, 7, 100, 333]);
            run_both(&mut fast, &mut plain, steps);
            assert_eq!(fast.halted_at(), None);
        }
    });
}

/// A program of computations, of branches and jumps inside it, and of loads and stores off register 8, which it leaves.
fn harmless(random: &mut Random) -> Vec<u32> {
    const WORDS: u32 = 256;
    const JAL: u32 = 0x6f;
    let mut program = Vec::new();
    for place in 0..WORDS - 1 {
        let word = random.legal();
        let word = if word >> 7 & 31 == 8 { word ^ 1 << 7 } else { word };
        let distance = (4 * random.below(WORDS)).wrapping_sub(4 * place);
        program.push(match word & 127 {
            0x03 | 0x23 => {
                let offset = random.below(2048) & !((1 << (word >> 12 & 3)) - 1);
                with_offset(word & !(31 << 15) | 8 << 15, offset)
            }
            0x67 => with_offset(word & !127 | JAL, distance),
            _ => with_offset(word, distance),
        });
    }
    program.push(with_offset(JAL, 0u32.wrapping_sub(4 * (WORDS - 1))));
    program
}

#[test]
fn a_run_stops_at_any_step_of_a_loop() {
    // x8 counts down from 5; then exit with code 3.
    let program = [
        0x0050_0413, // addi x8, x0, 5
        0xfff4_0413, // addi x8, x8, -1
        0xfe04_1ee3, // bne  x8, x0, the word before
        0x05d0_0893, // addi x17, x0, 93
        0x0030_0513, // addi x10, x0, 3
        0x0000_0073, // ecall
    ];
    let start = || RiscVMachine::new(Random(1).memory(&program));
    let mut plain = start();
    for steps in 0..30u64 {
        let mut fast = start();
        fast.run_to(steps).expect("forward");
        assert_eq!(fast.step(), steps);
        assert_eq!(fast.processor(), plain.processor(), "after {steps} steps");
        assert_eq!(fast.root(), plain.root());
        plain.run_plainly(1);
    }
    let mut fast = start();
    fast.run_until_halt(1000).expect("forward");
    assert_eq!((fast.step(), fast.halted_at()), (14, Some(14)));
    assert_eq!((fast.processor().exit_code, fast.processor().pc), (3, 0x1014));
    assert_eq!(plain.halted_at(), Some(14));
}

#[test]
fn code_ends_with_the_image() {
    let jump_past = [0x0080_006f]; // jal x0, 8: past the image, where the words are zero
    let mut machine = RiscVMachine::at(State::entry(), Random(2).memory(&jump_past));
    machine.run_until_halt(10).expect("forward");
    assert_eq!(
        (
            machine.halted_at(),
            machine.processor().exit_code,
            machine.processor().pc
        ),
        (Some(2), 129, 0x1008)
    );
}
