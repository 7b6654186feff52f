//! The interpreter equals the plain step at every step.

use opml_conformance::each_seed;
use opml_engine::Machine;
use opml_mips::MipsMachine;

use crate::random::Random;

fn pair(random: &mut Random, program: &[u32]) -> (MipsMachine, MipsMachine) {
    let state = random.state();
    let memory = random.memory(program);
    (
        MipsMachine::at(state.clone(), memory.fork()),
        MipsMachine::at(state, memory),
    )
}

#[test]
fn random_words_run_as_by_the_definition() {
    each_seed(1500, |seed| {
        let mut random = Random(seed);
        let program = random.program(256);
        let (mut fast, mut plain) = pair(&mut random, &program);
        for _ in 0..24 {
            let steps: u64 = random.pick(&[1, 1, 1, 2, 3, 5, 40]);
            let goal = fast.step() + steps;
            fast.run_to(goal).expect("forward");
            plain.run_plainly(steps);
            assert_eq!(fast.processor(), plain.processor());
            assert_eq!(fast.halted_at(), plain.halted_at());
            assert_eq!(fast.root(), plain.root());
            if fast.halted_at().is_some() {
                break;
            }
        }
    });
}

#[test]
fn random_programs_without_faults_run_as_by_the_definition() {
    each_seed(1500, |seed| {
        let mut random = Random(seed);
        let program = harmless(&mut random);
        let (mut fast, mut plain) = pair(&mut random, &program);
        for _ in 0..12 {
            let steps: u64 = random.pick(&[1, 2, 7, 100, 333]);
            let goal = fast.step() + steps;
            fast.run_to(goal).expect("forward");
            plain.run_plainly(steps);
            assert_eq!(fast.processor(), plain.processor());
            assert_eq!(fast.root(), plain.root());
        }
    });
}

/// A program whose every pair of words is a computation, or a branch with a computation in its slot.
pub(crate) fn harmless(random: &mut Random) -> Vec<u32> {
    let mut program = Vec::new();
    while program.len() < 256 {
        let fields = random.next() & 0x03ff_0000;
        let computation = random.pick(&[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x20, 0x24, 0x22, 0x26]) << 26
            | fields
            | random.below(0x1_0000);
        let likely = random.pick(&[0x04, 0x05, 0x06, 0x07, 0x14, 0x15, 0x16, 0x17, 0x01]);
        let pair = 2 * (random.below(128)) as i32;
        let branch_fields = if likely == 1 {
            fields & 0x03e0_0000 | random.pick(&[0, 1, 2, 3, 16, 17, 18, 19]) << 16
        } else {
            fields
        };
        let branch = likely << 26 | branch_fields | (pair - program.len() as i32 - 1) as u32 & 0xffff;
        program.push(random.pick(&[branch, computation]));
        program.push(computation);
    }
    program
}

#[test]
fn a_run_stops_at_any_step_of_a_loop() {
    // r8 counts down from 5 in a loop with its decrement in the delay slot; then exit with code 3.
    let program = [
        0x2408_0005, // addiu r8, r0, 5
        0x1500_ffff, // bne r8, r0, itself
        0x2508_ffff, // addiu r8, r8, -1
        0x2402_1096, // addiu r2, r0, 4246
        0x2404_0003, // addiu r4, r0, 3
        0x0000_000c, // syscall
    ];
    let start = |random: &mut Random| MipsMachine::new(random.memory(&program));
    let mut plain = start(&mut Random(1));
    for steps in 0..30u64 {
        let mut fast = start(&mut Random(1));
        fast.run_to(steps).expect("forward");
        assert_eq!(fast.step(), steps);
        assert_eq!(fast.processor(), plain.processor(), "after {steps} steps");
        assert_eq!(fast.root(), plain.root());
        plain.run_plainly(1);
    }
    let mut fast = start(&mut Random(1));
    fast.run_until_halt(1000).expect("forward");
    assert_eq!((fast.step(), fast.halted_at()), (16, Some(16)));
    assert_eq!((fast.processor().exit_code, fast.processor().pc), (3, 0x1014));
    assert_eq!(plain.halted_at(), Some(16));
}
