//! Runs in every way that there is, which must all end alike.

use opml_commit::Root;
use opml_engine::{Machine, VmRules};
use opml_machine::Memory;
use opml_mips::{Fault, Mips, MipsMachine, State};

use crate::random::region;

/// Memory with `program` at 0x1000 and eight words of `input` in slot 4.
pub(crate) fn memory(program: &[u32], input: &[u32]) -> Memory {
    let bytes = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut image = vec![0; 0x1000];
    image.extend(bytes(program));
    let regions = [region(0, image), region(0x4000_0000, bytes(input))];
    Memory::new(&regions).expect("the regions are disjoint")
}

/// The entry state with registers set.
pub(crate) fn entry(registers: &[(usize, u32)]) -> State {
    let mut state = State::entry();
    registers
        .iter()
        .for_each(|(number, value)| state.registers[*number] = *value);
    state
}

/// Does one step by the definition, in the machine that long runs use, and from its witness.
pub(crate) fn step(state: &State, memory: &Memory) -> MipsMachine {
    let mut plain = MipsMachine::at(state.clone(), memory.fork());
    let before = plain.root();
    let witness = plain.prove_step().expect("every step has a witness");
    plain.run_plainly(1);
    let mut fast = MipsMachine::at(state.clone(), memory.fork());
    fast.run_to(1).expect("forward");
    assert_eq!(fast.processor(), plain.processor());
    assert_eq!(fast.root(), plain.root());
    assert_eq!(Mips.replay(&witness), Ok((before, plain.root())));
    plain
}

/// The state after `word` alone, with registers set before.
pub(crate) fn execute(word: u32, registers: &[(usize, u32)]) -> State {
    step(&entry(registers), &memory(&[word], &[])).processor().clone()
}

/// The fault that `word` ends with; checks that nothing else changed.
pub(crate) fn fault(word: u32, registers: &[(usize, u32)]) -> u8 {
    fault_from(&entry(registers), &memory(&[word], &[]))
}

/// The fault that a step ends with; checks that nothing else changed.
pub(crate) fn fault_from(state: &State, memory: &Memory) -> u8 {
    let mut machine = step(state, memory);
    let after = machine.processor().clone();
    assert!(after.exited, "no fault");
    let expected = State {
        exited: true,
        exit_code: after.exit_code,
        ..state.clone()
    };
    assert_eq!(after, expected);
    assert_eq!(machine.memory().root(), memory.fork().root());
    after.exit_code
}

/// How a program ended: the step, the exit code, the state root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) step: u64,
    pub(crate) code: u8,
    pub(crate) root: Root,
}

fn end(machine: &mut MipsMachine) -> Option<End> {
    machine.halted_at().map(|step| End {
        step,
        code: machine.processor().exit_code,
        root: machine.root(),
    })
}

/// Runs a program to its end by the definition, at once, up to a limit, in pieces, and from a fork; each must end at the same
/// step. Gives that step and its exit code.
pub(crate) fn run(state: &State, memory: &Memory, limit: u64) -> (u64, u8) {
    let machine = || MipsMachine::at(state.clone(), memory.fork());
    let mut plain = machine();
    while plain.halted_at().is_none() && plain.step() < limit {
        plain.run_plainly(1);
    }
    let expected = end(&mut plain).unwrap_or_else(|| panic!("it does not end within {limit} steps"));

    let mut halted = machine();
    halted.run_until_halt(limit).expect("forward");
    assert_eq!(
        (end(&mut halted), halted.step()),
        (Some(expected), expected.step),
        "run_until_halt"
    );
    halted.run_until_halt(limit).expect("it stays halted");
    assert_eq!(
        (end(&mut halted), halted.step()),
        (Some(expected), expected.step),
        "run_until_halt again"
    );

    let mut past = machine();
    past.run_to(limit + 7).expect("forward");
    assert_eq!(
        (end(&mut past), past.step()),
        (Some(expected), limit + 7),
        "run_to past the end"
    );

    let mut pieces = machine();
    let mut piece = 1;
    while pieces.halted_at().is_none() {
        let goal = pieces.step() + piece;
        pieces.run_to(goal).expect("forward");
        piece = 3 * piece + 1;
    }
    assert_eq!(end(&mut pieces), Some(expected), "run_to in pieces");

    let mut just_before = machine();
    just_before.run_until_halt(expected.step - 1).expect("forward");
    assert_eq!((just_before.halted_at(), just_before.step()), (None, expected.step - 1));
    let before = just_before.root();
    let witness = just_before.prove_step().expect("every step has a witness");
    assert_eq!(
        Mips.replay(&witness),
        Ok((before, expected.root)),
        "the last step's witness"
    );
    let mut fork = just_before.fork();
    fork.run_until_halt(limit).expect("forward");
    assert_eq!(
        (fork.halted_at(), fork.root()),
        (Some(expected.step), expected.root),
        "a fork"
    );
    (expected.step, expected.code)
}

/// Runs a program that never ends: after `steps` steps every way is at the same state, and not halted.
pub(crate) fn run_endlessly(state: &State, memory: &Memory, steps: u64) {
    let machine = || MipsMachine::at(state.clone(), memory.fork());
    let mut plain = machine();
    plain.run_plainly(steps);
    assert_eq!(plain.halted_at(), None);
    let mut to = machine();
    to.run_to(steps).expect("forward");
    let mut until = machine();
    until.run_until_halt(steps).expect("forward");
    for fast in [&mut to, &mut until] {
        assert_eq!((fast.step(), fast.halted_at()), (steps, None));
        assert_eq!(fast.processor(), plain.processor());
        assert_eq!(fast.root(), plain.root());
    }
}

/// The exit code of a fault.
pub(crate) const fn code(fault: Fault) -> u8 {
    fault as u8
}
