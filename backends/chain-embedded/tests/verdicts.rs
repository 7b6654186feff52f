//! Whole tasks on the embedded chain with the counter machine: who wins, and who is paid what.

mod counter;

use counter::{ETHER, PURSE, World};
use opml_chain_embedded::EmbeddedChain;
use opml_contracts::{Service, Transport};
use opml_engine::Winner;
use opml_player::{Outcome, Party, PlayerEvent, Role, play};

const FEE: i128 = ETHER as i128 / 100;
const PROPOSER_BOND: i128 = ETHER as i128;
const CHALLENGER_BOND: i128 = ETHER as i128 / 10;
const BURNT_SHARE: i128 = CHALLENGER_BOND / 4;

/// What the requester, the proposer and the challenger gained, and what is burnt.
#[derive(Debug, PartialEq)]
struct Books([i128; 4]);

const UNDISPUTED: Books = Books([-FEE, FEE, 0, 0]);
const DEFENDER_WON: Books = Books([-FEE, FEE + CHALLENGER_BOND - BURNT_SHARE, -CHALLENGER_BOND, BURNT_SHARE]);
const CHALLENGER_WON: Books = Books([
    0,
    -PROPOSER_BOND,
    PROPOSER_BOND / 2 - BURNT_SHARE,
    PROPOSER_BOND / 2 + BURNT_SHARE,
]);

fn played(world: &mut World, proposer: &Party, challenger: Option<&Party>) -> (Outcome, Vec<PlayerEvent>) {
    let mut events = Vec::new();
    let request = world.request();
    let outcome = play(&mut world.chain, &request, proposer, challenger, &mut events).expect("it is played");
    (outcome, events)
}

/// What a party gained or lost beside its gas.
fn gain(world: &mut World, role: Role, events: &[PlayerEvent]) -> i128 {
    let account = world.party(role, None).account;
    let gas: u128 = events
        .iter()
        .map(|event| match event {
            PlayerEvent::Sent { by, gas_cost, .. } if *by == role => *gas_cost,
            _ => 0,
        })
        .sum();
    let balance = world.chain.transport().balance(&account).expect("a balance");
    (balance + gas) as i128 - PURSE as i128
}

fn books(world: &mut World, events: &[PlayerEvent]) -> Books {
    let burnt = world.chain.read(&Service::burntCall {}).expect("it can be read");
    let burnt = u128::try_from(burnt).expect("less than all ether");
    assert_eq!(world.held(), burnt, "everything is paid out, and what is left is burnt");
    let [requester, proposer, challenger] =
        [Role::Requester, Role::Proposer, Role::Challenger].map(|role| gain(world, role, events));
    Books([requester, proposer, challenger, burnt as i128])
}

fn check(world: &mut World, lies: [Option<&[u64]>; 2], winner: Option<Winner>, books_then: Books) -> Vec<PlayerEvent> {
    let proposer = world.party(Role::Proposer, lies[0]);
    let challenger = world.party(Role::Challenger, lies[1]);
    let (outcome, events) = played(world, &proposer, Some(&challenger));
    assert_eq!(
        outcome
            .resolution
            .map(|resolution| (resolution.winner, resolution.by_timeout)),
        winner.map(|winner| (Some(winner), false)),
        "{events:#?}"
    );
    assert_eq!(outcome.is_final, winner != Some(Winner::Challenger));
    assert_eq!(outcome.value[..] == world.truth()[..], outcome.is_final);
    assert_eq!(books(world, &events), books_then);
    events
}

#[test]
fn a_result_that_nobody_challenges_becomes_final() {
    let mut world = World::new(5, None, 100);
    let proposer = world.party(Role::Proposer, None);
    let (outcome, events) = played(&mut world, &proposer, None);
    assert_eq!(outcome.resolution, None);
    assert!(outcome.is_final);
    assert_eq!(outcome.value, world.truth());
    assert_eq!(books(&mut world, &events), UNDISPUTED);
}

#[test]
fn two_honest_parties_do_not_dispute() {
    check(&mut World::new(5, None, 100), [None, None], None, UNDISPUTED);
}

#[test]
fn a_lying_proposer_loses_wherever_it_lies() {
    for (passes, steps, path) in [
        (1, 1, &[0, 0][..]),
        (1, 100, &[0, 99]),
        (5, 100, &[4, 0]),
        (5, 100, &[0, 57]),
        (37, 300, &[21, 254]),
        (16, 256, &[15, 255]),
        (300, 3, &[200, 1]),
    ] {
        let mut world = World::new(passes, None, steps);
        check(&mut world, [Some(path), None], Some(Winner::Challenger), CHALLENGER_WON);
    }
}

#[test]
fn a_lying_challenger_loses_wherever_it_lies() {
    for (passes, steps, path) in [(1, 100, &[0, 50][..]), (5, 100, &[2, 99]), (37, 300, &[36, 0])] {
        let mut world = World::new(passes, None, steps);
        check(&mut world, [None, Some(path)], Some(Winner::Defender), DEFENDER_WON);
    }
}

#[test]
fn a_claim_that_no_work_leads_to_is_rejected() {
    for path in [&[][..], &[3]] {
        let mut world = World::new(5, None, 100);
        check(&mut world, [Some(path), None], Some(Winner::Challenger), CHALLENGER_WON);
    }
}

#[test]
fn three_stages_narrow_one_after_the_other() {
    let path = &[6, 2, 41][..];
    let mut world = World::new(9, Some(3), 60);
    let events = check(&mut world, [Some(path), None], Some(Winner::Challenger), CHALLENGER_WON);
    let stages: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            PlayerEvent::Moved {
                stage,
                kind: "narrow",
                position,
                ..
            } => Some((*stage, position.lower)),
            _ => None,
        })
        .collect();
    assert_eq!(stages, [("task", 6), ("loop", 2), ("instruction", 41)]);
    let mut world = World::new(9, Some(3), 60);
    check(&mut world, [None, Some(path)], Some(Winner::Defender), DEFENDER_WON);
}

#[test]
fn whoever_stops_answering_loses_by_the_clock() {
    for answers in 0..4 {
        let mut world = World::new(37, None, 300);
        let mut proposer = world.party(Role::Proposer, None);
        proposer.stalls_after = Some(answers);
        let challenger = world.party(Role::Challenger, Some(&[36, 250]));
        let (outcome, events) = played(&mut world, &proposer, Some(&challenger));
        let resolution = outcome.resolution.expect("a game");
        assert_eq!(
            (resolution.winner, resolution.by_timeout),
            (Some(Winner::Challenger), true)
        );
        assert_eq!(books(&mut world, &events), CHALLENGER_WON);

        let mut world = World::new(37, None, 300);
        let proposer = world.party(Role::Proposer, Some(&[36, 250]));
        let mut challenger = world.party(Role::Challenger, None);
        challenger.stalls_after = Some(answers);
        let (outcome, events) = played(&mut world, &proposer, Some(&challenger));
        let resolution = outcome.resolution.expect("a game");
        assert_eq!(
            (resolution.winner, resolution.by_timeout),
            (Some(Winner::Defender), true)
        );
        assert_eq!(books(&mut world, &events), DEFENDER_WON);
    }
}

#[test]
fn a_dispute_of_six_rounds_is_cheap() {
    let mut world = World::new(8, None, 100_000);
    let events = check(
        &mut world,
        [Some(&[5, 77_777]), None],
        Some(Winner::Challenger),
        CHALLENGER_WON,
    );
    let kinds = |wanted: &str| {
        events
            .iter()
            .filter(|event| matches!(event, PlayerEvent::Moved { kind, .. } if *kind == wanted))
            .count()
    };
    assert_eq!(kinds("reveal"), 6);
    assert_eq!(kinds("reject"), 6);
    // From the challenge to the winner's money; what the requester does about its fee is not the dispute's.
    let disputed = events.iter().skip_while(|event| {
        !matches!(
            event,
            PlayerEvent::Sent {
                action: "challenge",
                ..
            }
        )
    });
    let gas_total: u64 = disputed
        .map(|event| match event {
            PlayerEvent::Sent { by, gas, .. } if *by != Role::Requester => *gas,
            _ => 0,
        })
        .sum();
    assert!(gas_total <= 1_000_000, "{gas_total}");
}

/// Where calldata is dearer, each transaction costs what it does or what its bytes do, whichever is more: so what a dispute costs there is
/// known from what it costs here.
#[test]
fn a_higher_floor_for_calldata_is_paid_by_the_transactions_below_it() {
    let sent = |chain: EmbeddedChain| {
        let mut world = World::on(chain, 37, Some(5), 300);
        let (liar, honest) = (
            world.party(Role::Proposer, Some(&[3, 2, 100])),
            world.party(Role::Challenger, None),
        );
        let (_, events) = played(&mut world, &liar, Some(&honest));
        let sent = events.iter().filter_map(|event| match event {
            PlayerEvent::Sent {
                action,
                gas,
                calldata_bytes,
                ..
            } => Some((*action, *gas, *calldata_bytes)),
            _ => None,
        });
        sent.collect::<Vec<_>>()
    };
    let today = sent(EmbeddedChain::default());
    let scheduled = sent(EmbeddedChain::default().with_calldata_floor(64));
    let expected: Vec<_> = today
        .iter()
        .map(|(action, gas, bytes)| (*action, (*gas).max(21_000 + 64 * bytes), *bytes))
        .collect();
    assert_eq!(scheduled, expected);
    assert!(today != scheduled, "some transaction is below the floor");
}
