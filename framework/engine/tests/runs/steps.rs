use std::sync::atomic::Ordering;

use opml_commit::{Root, keccak256};
use opml_engine::{Change, FaultPart, Lie, Run, StageError};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::jumper::{EndsWell, Jumper, state};
use crate::play::{Side, play, towards};

fn root(step: u64, halt: u64) -> Root {
    keccak256(&state(step, halt, 0))
}

/// Plays a game; checks that the run's own count of steps is the machine's, and that it is at most 1.2 runs.
fn check(side: Side, arity: u64, halt: u64, child: impl FnMut(u64, u64, u64) -> u64) {
    let (machine, executed) = Jumper::boot(halt);
    let mut run = Run::honest(machine);
    play(&mut run, &EndsWell, (side, arity, halt), |step| root(step, halt), child);
    assert_eq!(run.executed(), executed.load(Ordering::Relaxed));
    assert!(
        run.executed() <= halt + halt / 5,
        "{side:?}, arity {arity}: {} steps for a run of {halt}",
        run.executed()
    );
}

const SIDES: [Side; 2] = [Side::Defender, Side::Challenger];
const ARITIES: [u64; 4] = [2, 4, 8, 16];

/// Around every power of two, since those decide how snapshots and revealed steps lie to one another.
fn telling_lengths() -> impl Iterator<Item = u64> {
    (10..=34).flat_map(|power| {
        let steps = 1u64 << power;
        [steps, steps + 1, 2 * steps - 1]
    })
}

#[test]
fn a_game_costs_at_most_a_fifth_more_than_its_run() {
    for halt in telling_lengths().filter(|halt| *halt <= 1 << 34) {
        for (side, arity) in SIDES.into_iter().flat_map(|side| ARITIES.map(|arity| (side, arity))) {
            for step in [0, halt / 3, halt / 2, halt - 1, halt] {
                check(side, arity, halt, towards(step));
            }
            for part in [1, arity / 2, arity - 1] {
                check(side, arity, halt, |_, _, parts| part.min(parts - 1));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn random_games_cost_at_most_a_fifth_more_than_their_run(
        halt in (10u32..34, any::<u64>()).prop_map(|(power, low)| (1 << power) + low % (1 << power)),
        arity in 0usize..4,
        step in any::<u64>(),
        defends in any::<bool>(),
    ) {
        let side = if defends { Side::Defender } else { Side::Challenger };
        check(side, ARITIES[arity], halt, towards(step % halt));
    }
}

/// A wider reveal asks for more states between two snapshots than a narrower one.
#[test]
fn a_game_of_the_widest_arity_costs_at_most_two_runs() {
    for halt in telling_lengths() {
        for step in [0, halt / 3, halt - 1] {
            let (machine, _) = Jumper::boot(halt);
            let mut run = Run::honest(machine);
            let game = (Side::Defender, 256, halt);
            play(&mut run, &EndsWell, game, |step| root(step, halt), towards(step));
            assert!(
                run.executed() <= 2 * halt,
                "{} steps for a run of {halt}",
                run.executed()
            );
        }
    }
}

#[test]
fn a_straight_run_starts_over() {
    let (machine, executed) = Jumper::boot(1 << 20);
    let mut run = Run::straight(machine);
    assert_eq!(run.halt().expect("it halts"), 1 << 20);
    assert_eq!(run.executed(), 1 << 20);
    assert_eq!(run.roots_at(&[1000]).expect("the state"), [root(1000, 1 << 20)]);
    assert_eq!(run.executed(), (1 << 20) + 1000);
    assert_eq!(executed.load(Ordering::Relaxed), run.executed());
}

#[test]
fn a_lie_costs_what_follows_it() {
    let (machine, executed) = Jumper::boot(1 << 30);
    let step = 3 << 28;
    let lie = Lie {
        step,
        change: Change::Corrupt(FaultPart::ProgramCounter),
    };
    let mut run = Run::lying(machine, lie).expect("the step exists");
    assert_eq!(run.executed(), 1 << 30);
    assert_eq!(run.halt().expect("it halts"), 1 << 30);
    // From the snapshot at the lie's step on.
    assert_eq!(run.executed(), (1 << 30) + (1 << 28));
    assert_eq!(executed.load(Ordering::Relaxed), run.executed());
    let roots = run.roots_at(&[step, step + 1, 1 << 30]).expect("the states");
    let expected =
        [(step, 0), (step + 1, 1), (1 << 30, 1)].map(|(step, flips)| keccak256(&state(step, 1 << 30, flips)));
    assert_eq!(roots, expected);
    assert_eq!(run.executed(), (1 << 30) + (1 << 28) + 1);
}

#[test]
fn a_lie_after_the_halt_is_refused() {
    let (machine, _) = Jumper::boot(5);
    let lie = Lie {
        step: 5,
        change: Change::Corrupt(FaultPart::ProgramCounter),
    };
    let Err(StageError::Fault { reason }) = Run::lying(machine, lie) else {
        panic!("it is refused as a fault");
    };
    assert_eq!(reason, "names step 5, but the program has 5 steps, 0 to 4");
}
