//! Moves that the rules refuse, each by its named error, and none of which changes anything.

use crate::setup::{self, Setup};
use opml_commit::{Root, VectorTree, node};
use opml_engine::counter::{CounterInstructionRules, CounterLoopRules, word_of};
use opml_engine::moves;
use opml_engine::{
    Claim, Game, MemoryStore, MoveError, Opened, Phase, PipelineError, Position, Trace, Winner, first_difference,
};
use proptest::prelude::*;

/// An honest game of `[loop, instruction]`, its claim, and the defender's trace of the first stage.
fn begun(setup: &Setup, arity: u64) -> (Game, Claim, Box<dyn Trace>, MemoryStore) {
    let store = MemoryStore::default();
    setup.program.put(&store);
    let claim = Claim {
        program: setup.program.root(),
        inputs: word_of(setup.value),
        output: word_of(setup.program.run(setup.value)),
    };
    let trace = setup.stages[0]
        .open(&claim, &store, None)
        .expect("the program is in the store");
    (setup.game(&claim, arity), claim, trace, store)
}

fn refused(game: &mut Game, make: impl FnOnce(&mut Game) -> Result<(), MoveError>) -> MoveError {
    let before = *game.position();
    let error = make(game).expect_err("the rules refuse this");
    assert_eq!(*game.position(), before, "a refused move changes nothing");
    assert_eq!(game.outcome(), None);
    error
}

#[test]
fn pipelines_end_in_their_only_machine() {
    let claim = Claim {
        program: Root::ZERO,
        inputs: Root::ZERO,
        output: Root::ZERO,
    };
    let machine = || std::sync::Arc::new(CounterInstructionRules) as std::sync::Arc<dyn opml_engine::StageRules>;
    let passes = || std::sync::Arc::new(CounterLoopRules) as std::sync::Arc<dyn opml_engine::StageRules>;
    let refusal = |arity, pipeline| Game::new(&claim, arity, pipeline).err();
    assert_eq!(refusal(4, vec![]), Some(PipelineError::Length(0)));
    assert!(matches!(
        refusal(4, vec![passes()]),
        Some(PipelineError::Stage { stage: 0, .. })
    ));
    assert!(matches!(
        refusal(4, vec![machine(), machine()]),
        Some(PipelineError::Stage { stage: 0, .. })
    ));
    for arity in [0, 1, 3, 512] {
        assert_eq!(refusal(arity, vec![machine()]), Some(PipelineError::Arity(arity)));
    }
    assert!(refusal(256, vec![passes(), machine()]).is_none());
}

type AnyMove = fn(&mut Game, &Claim) -> Result<(), MoveError>;

#[test]
fn every_move_outside_its_phase_is_refused() {
    let setup = setup::looped(5, 6);
    let (mut game, claim, mut trace, store) = begun(&setup, 4);
    let check = |game: &mut Game, due: Phase| {
        let moves: [(Phase, AnyMove); 4] = [
            (Phase::Open, |game, claim| game.open(claim, &[]).map(|_| ())),
            (Phase::Reveal, |game, _| game.reveal(&[])),
            (Phase::Reject, |game, _| game.reject(&[], 0)),
            (Phase::Narrow, |game, claim| game.narrow(claim, &[]).map(|_| ())),
        ];
        for (phase, make) in moves.into_iter().filter(|(phase, _)| *phase != due) {
            let error = refused(game, |game| make(game, &claim));
            assert_eq!(
                error,
                MoveError::Phase {
                    expected: due,
                    actual: phase
                }
            );
        }
    };
    check(&mut game, Phase::Open);
    let opening = trace.opening(4, &store).expect("honest");
    assert_eq!(game.open(&claim, &opening.payload), Ok(opening.opened));
    check(&mut game, Phase::Reveal);
    let roots = trace.reveal(&game.points()).expect("honest");
    game.reveal(&roots).expect("legal");
    check(&mut game, Phase::Reject);
    game.reject(&roots, 0).expect("legal");
    let roots = trace.reveal(&game.points()).expect("honest");
    game.reveal(&roots).expect("legal");
    game.reject(&roots, 1).expect("legal");
    check(&mut game, Phase::Narrow);

    assert_eq!(game.timeout(), Ok(Winner::Challenger), "the defender's clock runs");
    let over = MoveError::Over {
        winner: Winner::Challenger,
    };
    assert_eq!(game.narrow(&claim, &[]), Err(over.clone()));
    assert_eq!(game.timeout(), Err(over));
}

#[test]
fn another_claim_is_refused() {
    let setup = setup::looped(5, 6);
    let (mut game, claim, mut trace, store) = begun(&setup, 4);
    let payload = trace.opening(4, &store).expect("honest").payload;
    let other = Claim {
        output: word_of(1),
        ..claim
    };
    let error = refused(&mut game, |game| game.open(&other, &payload).map(|_| ()));
    assert_eq!(
        error,
        MoveError::Claim {
            expected: claim.hash(),
            actual: other.hash()
        }
    );
}

#[test]
fn wrong_children_are_refused_with_what_they_hash_to() {
    let setup = setup::looped(5, 6);
    let (mut game, claim, mut trace, store) = begun(&setup, 4);
    let payload = trace.opening(4, &store).expect("honest").payload;
    game.open(&claim, &payload).expect("legal");
    let roots = trace.reveal(&game.points()).expect("honest");
    assert_eq!(
        refused(&mut game, |game| game.reveal(&roots[..3])),
        MoveError::ChildCount { expected: 4, actual: 3 }
    );
    let mut wrong = roots.clone();
    wrong[1].0[31] ^= 1;
    assert_eq!(
        refused(&mut game, |game| game.reveal(&wrong)),
        MoveError::ChildrenMismatch {
            expected: game.position().disputed,
            actual: VectorTree::new(wrong.clone()).root(),
        }
    );
    game.reveal(&roots).expect("legal");
    assert!(matches!(
        refused(&mut game, |game| game.reject(&wrong, 1)),
        MoveError::ShownMismatch { .. }
    ));
    assert_eq!(
        refused(&mut game, |game| game.reject(&roots, 4)),
        MoveError::ChildOutOfRange { child: 4, count: 4 }
    );
    assert_eq!(
        refused(&mut game, |game| game.reject(&roots, 3)),
        MoveError::PartOutOfRange { part: 6, count: 5 }
    );
}

#[test]
fn junk_past_the_last_part_is_refused() {
    let leaves: Vec<Root> = (1..=8).map(word_of).collect();
    let disputed = VectorTree::new(leaves.clone()).root();
    let opened = Opened {
        anchor: disputed,
        disputed,
        count: 5,
        width: 8,
        absent: Root::ZERO,
    };
    let position = moves::open(&Position::start(0, Root::ZERO), &opened).expect("it is to be opened");
    let pairs: Vec<Root> = leaves.chunks(2).map(|pair| node(&pair[0], &pair[1])).collect();
    let absent = node(&Root::ZERO, &Root::ZERO);
    assert_eq!(
        moves::reveal(&position, 4, false, &pairs),
        Err(MoveError::AbsentChild {
            child: 3,
            expected: absent,
            actual: pairs[3]
        })
    );
    assert!(moves::reveal(&position, 2, false, &VectorTree::new(pairs.clone()).path(0, 0)).is_err());
    let halves = [node(&pairs[0], &pairs[1]), node(&pairs[2], &pairs[3])];
    let shown = moves::reveal(&position, 2, false, &halves).expect("both halves have real parts");
    let right = moves::reject(&shown, 2, false, &halves, 1).expect("part 4 is real");
    assert_eq!(
        moves::reveal(&right, 2, false, &pairs[2..]),
        Err(MoveError::AbsentChild {
            child: 1,
            expected: absent,
            actual: pairs[3]
        }),
        "the junk cannot be shown: the defender's clock runs out"
    );
}

#[test]
fn a_last_stage_that_gives_a_claim_is_refused() {
    let claim = Claim {
        program: Root::ZERO,
        inputs: Root::ZERO,
        output: Root::ZERO,
    };
    let position = Position {
        phase: Phase::Narrow,
        stage: 1,
        ..Position::start(0, claim.hash())
    };
    assert_eq!(
        moves::narrow(&position, 2, &opml_engine::Verdict::Claim(claim)),
        Err(MoveError::NoFurtherStage { stages: 2 })
    );
}

#[test]
fn every_cut_or_lengthened_payload_is_refused() {
    for setup in setup::all() {
        let (mut game, claim, mut trace, store) = begun(&setup, 2);
        let payload = trace.opening(2, &store).expect("honest").payload;
        for length in 0..payload.len() {
            refused(&mut game, |game| game.open(&claim, &payload[..length]).map(|_| ()));
        }
        refused(&mut game, |game| {
            game.open(&claim, &[&payload[..], &[0]].concat()).map(|_| ())
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A machine defender who shows garbage states loses to a challenger who names the first wrong segment.
    #[test]
    fn garbage_states_lose(steps in 2u64..40, garbage in any::<u64>(), arity in prop::sample::select(vec![2u64, 4, 16])) {
        let setup = setup::machine(steps);
        let (mut game, claim, mut trace, store) = begun(&setup, arity);
        let mut his = setup.stages[0].open(&claim, &store, None).expect("honest");
        let payload = trace.opening(arity, &store).expect("honest").payload;
        game.open(&claim, &payload).expect("legal");
        let mut shows_garbage = true;
        while game.position().phase == Phase::Reveal {
            let points = game.points();
            let own = his.reveal(&points).expect("honest");
            let shown = match std::mem::take(&mut shows_garbage) {
                true => (0..own.len() as u64).map(|place| word_of(garbage ^ place)).collect(),
                false => trace.reveal(&points).expect("honest"),
            };
            game.reveal(&shown).expect("states are not checked");
            let child = first_difference(true, &shown, &own).expect("a machine always has one");
            game.reject(&shown, child).expect("legal");
        }
        let payload = his.narrow(game.position().lower, &store).expect("the agreed state is his").payload;
        game.narrow(&claim, &payload).expect("the witness is of the agreed state");
        prop_assert_eq!(game.outcome(), Some(Winner::Challenger));
    }

    /// No payload of any bytes panics.
    #[test]
    fn any_payload_is_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for setup in [setup::machine(3), setup::looped(3, 2)] {
            let (mut game, claim, _, _) = begun(&setup, 2);
            prop_assert!(game.open(&claim, &bytes).is_err());
            let position = Position { phase: Phase::Narrow, lower: 1, ..*game.position() };
            prop_assert!(game.rules().narrow(&claim, &position, &bytes).is_err());
        }
    }
}
