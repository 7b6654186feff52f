//! Translated code equals the plain step, wherever a run is cut.

use std::sync::Arc;

use opml_conformance::each_seed;
use opml_engine::Machine;
use opml_mips::{Code, MipsMachine, Translation};

use crate::lockstep::harmless;
use crate::random::Random;

/// Runs a program translated and plainly, cut at random steps, until it halts or `cuts` cuts are done. Gives the steps done.
fn compare(seed: u64, program: impl Fn(&mut Random) -> Vec<u32>, cuts: usize, steps: &[u64]) -> u64 {
    let mut random = Random(seed);
    let program = program(&mut random);
    let state = random.state();
    let memory = random.memory(&program);
    let code = Arc::new(Code::new(&memory.leading(0), Translation::AtOnce));
    let mut fast = MipsMachine::with_code(state.clone(), memory.fork(), code);
    let mut plain = MipsMachine::at(state, memory);
    for _ in 0..cuts {
        let steps = random.pick(steps);
        fast.run_to(fast.step() + steps).expect("forward");
        plain.run_plainly(steps);
        assert_eq!(
            fast.processor(),
            plain.processor(),
            "seed {seed}, after step {}",
            plain.step()
        );
        assert_eq!(fast.halted_at(), plain.halted_at(), "seed {seed}");
        assert_eq!(fast.root(), plain.root(), "seed {seed}, after step {}", plain.step());
        if fast.halted_at().is_some() {
            break;
        }
    }
    plain.step()
}

#[test]
fn random_words() {
    each_seed(300, |seed| {
        compare(seed, |random| random.program(256), 12, &[1, 2, 3, 5, 40, 500]);
    });
}

#[test]
fn random_programs_that_do_not_fault() {
    let mut steps = 0;
    each_seed(60, |seed| {
        steps += compare(seed, harmless, 10, &[1, 2, 7, 100, 333, 5000, 20_000]);
    });
    assert!(steps > 100_000, "the programs end at once: {steps} steps in all");
}

#[test]
fn random_programs_that_call() {
    let mut steps = 0;
    each_seed(60, |seed| {
        steps += compare(seed, calling, 10, &[1, 2, 7, 100, 333, 5000, 20_000]);
    });
    assert!(steps > 500_000, "the programs end at once: {steps} steps in all");
}

const FUNCTIONS: u32 = 8;
const FUNCTION_WORDS: u32 = 28;

/// Functions that call later ones, in a loop without end: functions keep their return address in a register of their own, and
/// some lose it now and then.
fn calling(random: &mut Random) -> Vec<u32> {
    let mut program = Vec::new();
    for function in 0..FUNCTIONS {
        let link = 16 + function;
        let end = (program.len() as u32 + FUNCTION_WORDS) as usize;
        program.push(31 << 21 | link << 11 | 0x21); // addu link, r31, r0
        while program.len() < end - 4 {
            let slot = computation(random);
            let call =
                3 << 26 | (0x400 + random.below(FUNCTIONS - function) * FUNCTION_WORDS + function * FUNCTION_WORDS);
            let branch = random.pick(&[0x04, 0x05, 0x06, 0x07, 0x14, 0x15, 0x16, 0x17]) << 26
                | random.below(16) << 21
                | random.below(12) << 16
                | random.below(12).wrapping_sub(6) & 0xffff;
            // A function that calls itself never returns: later ones only, but for one call in eight.
            let calls_itself = call & 0xffff == 0x400 + function * FUNCTION_WORDS;
            match random.below(4) {
                0 if !calls_itself || random.below(8) == 0 => program.extend([call, slot]),
                1 => program.extend([branch, slot]),
                _ => program.push(slot),
            }
        }
        program.truncate(end - 4);
        program.push(link << 21 | 31 << 11 | 0x21); // addu r31, link, r0
        let back = if function == 0 {
            2 << 26 | 0x401
        } else {
            31 << 21 | 0x08
        };
        program.extend([computation(random), back, computation(random)]);
    }
    program
}

/// A computation on registers 1 to 15 that cannot fault.
fn computation(random: &mut Random) -> u32 {
    let [d, a, b] = [1 + random.below(15), random.below(16), random.below(16)];
    match random.below(6) {
        0 => random.pick(&[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e]) << 26 | a << 21 | d << 16 | random.below(0x1_0000),
        1 => random.pick(&[0x20, 0x24, 0x22, 0x26]) << 26 | a << 21 | d << 16 | random.below(0x1_0000),
        2 => 0x1c << 26 | a << 21 | b << 16 | d << 11 | 0x02,
        3 => random.pick(&[0x18, 0x19]) | a << 21 | b << 16,
        4 => random.pick(&[0x10, 0x12]) | d << 11,
        _ => random.pick(&[0x0a, 0x0b, 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2a, 0x2b]) | a << 21 | b << 16 | d << 11,
    }
}
