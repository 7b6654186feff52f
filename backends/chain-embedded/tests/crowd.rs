//! One honest party against a crowd: all games are resolved, the honest side ends richer, and the delay stays within its bound.

mod counter;

use counter::{ETHER, PURSE, World};
use opml_contracts::{Service, Transport};
use opml_engine::Winner;
use opml_player::{
    Account, Agent, Arena, Chain, Challenger, Chronicle, Fate, Party, PlayerEvent, Proposer, Requester, Terms, ask,
};

const CROWD: usize = 100;
const PASSES: u64 = 37;
const STEPS: u64 = 300;

/// A lie of its own for each liar: pass and step.
fn lie(number: usize) -> [u64; 2] {
    let number = number as u64;
    [number * 7 % PASSES, number * 31 % STEPS]
}

/// What a played crowd left.
struct Crowded {
    world: opml_player::World,
    events: Vec<PlayerEvent>,
    /// Seconds from the request to the task's end.
    delay: u64,
    burnt: u128,
}

fn played(world: &mut World, proposers: Vec<Party>, challengers: Vec<Party>) -> Crowded {
    let request = world.request();
    let header = world.party(opml_player::Role::Proposer, None).entrance.header();
    let mut events: Vec<PlayerEvent> = Vec::new();
    let asked = ask(&mut world.chain, &request, header, &mut events).expect("asked");
    let begun = world.chain.now().expect("the time");
    let mut known = opml_player::World::default();
    known.follow(asked.model, request.terms.clone());
    let mut proposers: Vec<Proposer> = proposers
        .into_iter()
        .map(|party| Proposer::new(party, asked.model))
        .collect();
    let mut challengers: Vec<Challenger> = challengers
        .into_iter()
        .map(|party| Challenger::new(party, asked.model))
        .collect();
    let mut requester = Requester::new(request.requester);
    let mut agents: Vec<&mut dyn Agent> = Vec::new();
    agents.extend(proposers.iter_mut().map(|agent| agent as &mut dyn Agent));
    agents.extend(challengers.iter_mut().map(|agent| agent as &mut dyn Agent));
    agents.push(&mut requester);
    let mut arena = Arena::new(&mut world.chain, Chronicle::new(known, asked.block), &mut events);
    arena.run(&mut agents).expect("it is played");
    assert_eq!(arena.refusals(), [], "nobody is refused anything");
    let known = arena.chronicle().world().clone();
    let ended = world.chain.now().expect("the time");
    let burnt = world.chain.read(&Service::burntCall {}).expect("it can be read");
    let burnt = u128::try_from(burnt).expect("less than all ether");
    assert_eq!(world.held(), burnt, "everything is paid out, and what is left is burnt");
    Crowded {
        world: known,
        events,
        delay: ended - begun,
        burnt,
    }
}

/// Wei that an account has more than at its beginning, gas paid.
fn gain(world: &mut World, account: &Account) -> i128 {
    world.chain.transport().balance(account).expect("a balance") as i128 - PURSE as i128
}

/// The bound of `specs/money.md`: posting, the window, and both sides' allowances in all stages with so many games.
fn most_delay(terms: &Terms, posting: u64, games: u64) -> u64 {
    let stages = 0..terms.stages.len() as u8;
    posting + terms.window + 2 * stages.map(|stage| terms.allowance(stage, games)).sum::<u64>()
}

fn gas_of(crowded: &Crowded, account: &Account) -> u64 {
    let spent = crowded.events.iter().map(|event| match event {
        PlayerEvent::Sent { account: by, gas, .. } if by == account => *gas,
        _ => 0,
    });
    spent.sum()
}

#[test]
fn a_hundred_false_challenges_make_an_honest_proposer_richer() {
    let mut world = World::new(PASSES, None, STEPS);
    let honest = world.party(opml_player::Role::Proposer, None);
    let crowd: Vec<Party> = (0..CROWD).map(|number| world.newcomer(Some(&lie(number)))).collect();
    let accounts: Vec<Account> = crowd.iter().map(|party| party.account).collect();
    let crowded = played(&mut world, vec![honest.clone()], crowd);
    assert_eq!(crowded.world.games().count(), CROWD);
    for view in crowded.world.games() {
        let resolution = view.resolution.expect("resolved");
        assert_eq!(resolution.winner, Some(Winner::Defender), "{view:?}");
    }
    let final_result = crowded.world.results().find(|result| result.fate == Fate::Final);
    assert_eq!(final_result.expect("a final result").value, world.truth());
    let request = world.request();
    assert!(
        crowded.delay <= most_delay(&request.terms, 0, CROWD as u64),
        "{} s",
        crowded.delay
    );
    let gained = gain(&mut world, &honest.account);
    let stakes = CROWD as i128 * (ETHER / 10 - ETHER / 40) as i128;
    assert!(gained > stakes / 2, "the stakes of all games, less gas: {gained}");
    for account in &accounts {
        let lost = gain(&mut world, account);
        assert!(
            lost < -((ETHER / 10) as i128),
            "a false challenge costs its bond: {lost}"
        );
    }
    assert_eq!(crowded.burnt, CROWD as u128 * (ETHER / 40));
    println!(
        "{CROWD} false challenges: delay {} s, honest gas {} an attacker, attacker's own {}, the honest side gains {} ether",
        crowded.delay,
        gas_of(&crowded, &honest.account) / CROWD as u64,
        accounts.iter().map(|account| gas_of(&crowded, account)).sum::<u64>() / CROWD as u64,
        gained as f64 / ETHER as f64,
    );
}

#[test]
fn a_hundred_lying_results_make_an_honest_challenger_richer() {
    let mut world = World::new(PASSES, None, STEPS);
    let honest = world.party(opml_player::Role::Challenger, None);
    let crowd: Vec<Party> = (0..CROWD).map(|number| world.newcomer(Some(&lie(number)))).collect();
    let accounts: Vec<Account> = crowd.iter().map(|party| party.account).collect();
    let crowded = played(&mut world, crowd, vec![honest.clone()]);
    assert_eq!(crowded.world.results().count(), CROWD);
    assert!(crowded.world.results().all(|result| result.fate == Fate::Dead));
    assert!(crowded.world.tasks().all(|task| task.refunded));
    let request = world.request();
    let bound = most_delay(&request.terms, request.posting_time, CROWD as u64);
    assert!(crowded.delay <= bound, "{} s", crowded.delay);
    let gained = gain(&mut world, &honest.account);
    let bounties = CROWD as i128 * (ETHER / 2 - ETHER / 40) as i128;
    assert!(gained > bounties * 9 / 10, "half of every bond, less gas: {gained}");
    for account in &accounts {
        let lost = gain(&mut world, account);
        assert!(lost < -(ETHER as i128), "a lying result costs its bond: {lost}");
    }
    println!(
        "{CROWD} lying results: delay {} s, honest gas {} an attacker, attacker's own {}, the honest side gains {} ether",
        crowded.delay,
        gas_of(&crowded, &honest.account) / CROWD as u64,
        accounts.iter().map(|account| gas_of(&crowded, account)).sum::<u64>() / CROWD as u64,
        gained as f64 / ETHER as f64,
    );
}

#[test]
fn both_at_once_with_an_honest_proposer_among_the_liars() {
    let mut world = World::new(PASSES, None, STEPS);
    let server = world.party(opml_player::Role::Proposer, None);
    let verifier = world.party(opml_player::Role::Challenger, None);
    let mut proposers: Vec<Party> = (0..7).map(|number| world.newcomer(Some(&lie(number)))).collect();
    proposers.insert(4, server.clone());
    let mut challengers: Vec<Party> = (7..14).map(|number| world.newcomer(Some(&lie(number)))).collect();
    challengers.push(verifier.clone());
    let crowded = played(&mut world, proposers, challengers);
    let fates: Vec<(bool, Fate)> = crowded
        .world
        .results()
        .map(|result| (result.proposer == server.account, result.fate))
        .collect();
    for (honest, fate) in fates {
        assert_eq!(fate, if honest { Fate::Final } else { Fate::Dead });
    }
    for account in [server.account, verifier.account] {
        assert!(gain(&mut world, &account) > 0, "honest parties end richer");
    }
}
