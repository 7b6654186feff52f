//! The chain's game against the engine's: every damaged move is refused and changes nothing, and games share openings.

mod counter;

use counter::table::Table;
use opml_chain_embedded::GAS_PRICE;
use opml_commit::Root;
use opml_engine::{Opening, Phase, Position, Verdict, Winner, moves};
use opml_player::{ChainError, Event, Move};

#[test]
fn damaged_moves_are_refused_and_change_nothing() {
    let mut table = Table::new(21, 20, &[13, 7]);
    let (liar, challenger) = (table.liar.account, table.world.challenger);
    let store = table.liar.store.clone();
    let mut trace = table.trace();
    let opening = trace.opening(16, store.as_ref()).expect("it opens");

    let early = table.reveal(&[Root::ZERO; 16]);
    table.refused(liar, early, "WrongPhase(phase = 1, needed = 2)");
    let mut foreign = table.claim;
    foreign.output.0[0] ^= 1;
    let other_claim = Move::Open {
        position: table.position,
        claim: foreign,
        payload: opening.payload.clone(),
    };
    table.refused(liar, other_claim, "NotTheClaim");
    for place in 0..opening.payload.len() {
        let mut payload = opening.payload.clone();
        payload[place] ^= 1;
        let damaged = Opening { payload, ..opening };
        let made = table.open(&damaged);
        assert!(table.play(liar, 0, made).is_err(), "byte {place} was changed");
    }
    let surplus = Opening {
        payload: [&opening.payload[..], &[0]].concat(),
        ..opening
    };
    let made = table.open(&surplus);
    table.refused(liar, made, "PayloadSurplus(left = 1)");
    let made = table.open(&opening);
    table.play(liar, 0, made).expect("opened");
    table.position = moves::open(&table.position, &opening.opened).expect("a move");

    // 21 passes lie below 32 leaves: of 16 children of 2 leaves each, 11 are real and the last of those is half empty.
    let roots = trace
        .reveal(&moves::points(&table.position, 16, false))
        .expect("its roots");
    for (damage, name) in [
        (3, "NotTheDisputed"),
        (10, "NotTheDisputed"),
        (11, "NotAbsent(child = 11"),
        (15, "NotAbsent"),
    ] {
        let mut damaged = roots.clone();
        damaged[damage].0[31] ^= 1;
        let made = table.reveal(&damaged);
        table.refused(liar, made, name);
    }
    let made = table.reveal(&roots[..15]);
    table.refused(liar, made, "WrongRootCount(given = 15, needed = 16)");
    let made = table.reveal(&roots);
    table.refused(challenger, made.clone(), "NotTheMover");
    table.play(liar, 0, made).expect("revealed");
    table.position = moves::reveal(&table.position, 16, false, &roots).expect("a move");

    let stale = Move::Open {
        position: Position::start(0, table.claim.hash()),
        claim: table.claim,
        payload: opening.payload.clone(),
    };
    table.refused(liar, stale, "NotThePosition");
    let mut moved = table.position;
    moved.count += 1;
    let elsewhere = Move::Reject {
        position: moved,
        roots: roots.clone(),
        child: 6,
    };
    table.refused(challenger, elsewhere, "NotThePosition");

    let mut others = roots.clone();
    others.swap(0, 1);
    let made = table.reject(&others, 6);
    table.refused(challenger, made, "NotTheRevealed");
    let made = table.reject(&roots, 11);
    table.refused(challenger, made, "NoSuchPart(child = 11, part = 22, count = 21)");
    let made = table.reject(&roots, 16);
    table.refused(challenger, made, "NoSuchPart(child = 16");
    let made = table.reject(&roots, 6);
    table.refused(liar, made.clone(), "NotTheMover");
    table.play(challenger, 0, made).expect("rejected");
    table.position = moves::reject(&table.position, 16, false, &roots, 6).expect("a move");
    assert_eq!(
        (table.position.lower, table.position.width, table.position.phase),
        (12, 2, Phase::Reveal)
    );
    let stored = opml_contracts::Service::gameOfCall {
        id: opml_contracts::Game::GameId {
            result: table.games[0].result.0.into(),
            challenger: table.games[0].challenger.0.into(),
        },
    };
    let stored = table.world.chain.read(&stored).expect("a game");
    assert_eq!(stored.position.0, table.position.hash().0);
}

#[test]
fn a_second_game_cannot_be_shown_another_trace() {
    let mut table = Table::new(21, 20, &[13, 7]);
    let liar = table.liar.account;
    let store = table.liar.store.clone();
    let opening = table.trace().opening(16, store.as_ref()).expect("it opens");
    let made = table.open(&opening);
    table.play(liar, 0, made.clone()).expect("opened");

    // Another trace that ends in the same output: a second lie before the first one.
    let mut twisted: Vec<Root> = table.trace().reveal(&leaves(21)).expect("its leaves");
    twisted[2].0[31] ^= 1;
    let tree = opml_commit::VectorTree::new(twisted);
    let mut payload = opening.payload[..48].to_vec();
    for root in std::iter::once(tree.root()).chain(tree.path(0, 20)) {
        payload.extend_from_slice(&root.0);
    }
    let other = Opening { payload, ..opening };
    let twisted = table.open(&other);
    let refused = table.play(liar, 1, twisted).expect_err("the first opening binds");
    assert!(refused.to_string().contains("NotTheSharedOpening"), "{refused}");
    table.play(liar, 1, made).expect("the same again");
}

fn leaves(count: u64) -> Vec<opml_engine::Point> {
    (0..count)
        .map(|index| opml_engine::Point::Node { height: 0, index })
        .collect()
}

#[test]
fn too_little_gas_is_never_a_verdict() {
    let mut table = Table::new(1, 1, &[0, 0]);
    let liar = table.liar.account;
    let store = table.liar.store.clone();
    let (outer, inner) = (table.liar.stages[0].clone(), table.liar.stages[1].clone());
    let mut fault = table.liar.fault.clone();
    let mut trace = outer
        .open(&table.claim, store.as_ref(), fault.as_ref())
        .expect("it opens");
    let opening = trace.opening(16, store.as_ref()).expect("it opens");
    let made = table.open(&opening);
    table.play(liar, 0, made).expect("opened");
    table.position = moves::open(&table.position, &opening.opened).expect("a move");
    let narrowed = trace.narrow(0, store.as_ref()).expect("it narrows");
    let made = Move::Narrow {
        position: table.position,
        claim: table.claim,
        payload: narrowed.payload,
    };
    table.play(liar, 0, made).expect("narrowed");
    let Verdict::Claim(claim) = narrowed.verdict else {
        panic!("a pass is a claim")
    };
    (table.claim, table.position) = (claim, Position::start(1, claim.hash()));
    fault = fault.and_then(|fault| fault.within(0));
    let mut trace = inner.open(&claim, store.as_ref(), fault.as_ref()).expect("it opens");
    let opening = trace.opening(16, store.as_ref()).expect("it opens");
    let made = table.open(&opening);
    table.play(liar, 0, made).expect("opened");
    table.position = moves::open(&table.position, &opening.opened).expect("a move");
    let step = Move::Narrow {
        position: table.position,
        claim,
        payload: trace.narrow(0, store.as_ref()).expect("its witness").payload,
    };

    // Anyone may prove the step; whoever has too little gas for it proves nothing.
    let mut failed = 0;
    for gas in (25_000..).step_by(500) {
        let poor = table.world.chain.transport().create_account(gas * GAS_PRICE);
        match table.play(poor, 0, step.clone()) {
            Err(ChainError::Funds { .. } | ChainError::Halted { .. } | ChainError::Refused { .. }) => failed += 1,
            Err(other) => panic!("{other}"),
            Ok(receipt) => {
                let resolved = Event::Resolved {
                    game: table.games[0].hash(),
                    winner: Some(Winner::Challenger),
                    by_timeout: false,
                };
                assert!(receipt.events.contains(&resolved), "{receipt:?}");
                assert!(u128::from(receipt.gas) <= gas);
                break;
            }
        }
    }
    assert!(failed > 50, "{failed}");
}
