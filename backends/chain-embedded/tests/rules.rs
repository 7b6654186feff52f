//! The service's rules beyond one game: several results and games, orders, delegates, refusals.

mod counter;

use alloy_sol_types::SolCall;
use bytes::Bytes;
use counter::{ETHER, PURSE, World};
use opml_commit::{Root, slot_root};
use opml_contracts::{Outcome, Service, Transaction, Transport};
use opml_engine::counter::CounterProgram;
use opml_player::{Account, Action, Chain, ChainError, Event, GameId, Receipt, Role};

const WINDOW: u64 = 24 * 3600;
const BOND: u128 = ETHER;
const STAKE: u128 = ETHER / 10;
const BURNT_SHARE: u128 = STAKE / 4;

/// A world with a request in it.
struct Scene {
    world: World,
    task: Root,
    truth: Bytes,
    lie: Bytes,
}

impl Scene {
    fn new() -> Scene {
        let mut world = World::new(3, None, 20);
        let request = world.request();
        let model = world
            .chain
            .register(&world.requester, &request.terms)
            .expect("it registers")
            .model;
        let action = Action::Request {
            model,
            nonce: 1,
            deadline: world.chain.now().expect("the time") + 3 * WINDOW,
            header: world.party(Role::Proposer, None).entrance.header(),
            values: request.values,
            fee: request.fee,
        };
        let requester = world.requester;
        let receipt = world.chain.act(&requester, &action).expect("it is requested");
        let task = receipt.events.iter().find_map(|event| match event {
            Event::Requested { task, .. } => Some(*task),
            _ => None,
        });
        let truth = world.truth();
        let lie: Vec<u8> = truth.iter().map(|byte| byte ^ 1).collect();
        Scene {
            world,
            task: task.expect("its event"),
            truth: truth.into(),
            lie: lie.into(),
        }
    }

    fn account(&mut self) -> Account {
        self.world.chain.transport().create_account(PURSE)
    }

    fn act(&mut self, by: &Account, action: Action) -> Result<Receipt, ChainError> {
        self.world.chain.act(by, &action)
    }

    fn propose(&mut self, by: &Account, value: &Bytes, salt: Root, earlier: Root) -> Result<Root, ChainError> {
        let action = Action::Propose {
            task: self.task,
            value: value.clone(),
            salt,
            earlier,
            bond: BOND,
        };
        let receipt = self.act(by, action)?;
        let result = receipt.events.iter().find_map(|event| match event {
            Event::Proposed { result, .. } => Some(*result),
            _ => None,
        });
        Ok(result.expect("its event"))
    }

    fn challenge(&mut self, by: &Account, result: Root) -> Result<GameId, ChainError> {
        self.act(by, Action::Challenge { result, bond: STAKE })?;
        Ok(GameId {
            result,
            challenger: *by,
        })
    }

    /// Lets the side to move in a game that has just begun run out of time: the defender loses.
    fn win_by_clock(&mut self, by: &Account, id: GameId, claim: opml_engine::Claim, games: u64) -> Receipt {
        self.world
            .chain
            .advance(3600 + 60 * (games - 1) + 1)
            .expect("time passes");
        let position = opml_engine::Position::start(0, claim.hash());
        let moves = vec![opml_player::Move::Timeout { position }];
        self.act(by, Action::Play { game: id, moves })
            .expect("the clock has run out")
    }

    /// The task's live results are these, in this order.
    fn order(&mut self, expected: &[Root]) {
        let task = Service::taskOfCall {
            task: self.task.0.into(),
        };
        let mut next = self.world.chain.read(&task).expect("a task").earliest.0;
        for result in expected {
            assert_eq!(next, result.0);
            let stored = self.world.chain.read(&Service::resultOfCall { result: next.into() });
            next = stored.expect("a result").later.0;
        }
        assert_eq!(next, [0; 32], "nothing follows");
    }

    fn claim(&self, value: &Bytes) -> opml_engine::Claim {
        let store = opml_engine::MemoryStore::default();
        let party = self.world.party(Role::Proposer, None);
        let (program, inputs) = party
            .entrance
            .enter(&self.world.request().values, &store)
            .expect("it enters");
        opml_engine::Claim {
            program,
            inputs,
            output: slot_root(value),
        }
    }

    fn credit(&mut self, account: &Account) -> u128 {
        self.world.chain.credit(account).expect("a credit")
    }

    fn refused(&self, outcome: Result<impl std::fmt::Debug, ChainError>, name: &str) {
        match outcome {
            Err(ChainError::Refused { reason, .. }) => assert!(reason.starts_with(name), "{reason} is not {name}"),
            other => panic!("{other:?} is not refused with {name}"),
        }
    }

    /// Draws every credit; the service then holds what is burnt and `owed`.
    fn balance(&mut self, accounts: &[Account], owed: u128) {
        for account in accounts {
            if self.credit(account) > 0 {
                self.act(account, Action::Withdraw).expect("it is paid");
            }
        }
        let burnt = self.world.chain.read(&Service::burntCall {}).expect("it can be read");
        let burnt = u128::try_from(burnt).expect("less than all ether");
        assert_eq!(self.world.held(), burnt + owed);
    }
}

#[test]
fn finality_releases_equal_results_and_slashes_contrary_ones() {
    let mut scene = Scene::new();
    let [first, equal, contrary, doubter, denier] = [(); 5].map(|()| scene.account());
    let (truth, lie) = (scene.truth.clone(), scene.lie.clone());
    let one = scene.propose(&first, &truth, Root::ZERO, Root::ZERO).expect("posted");
    let two = scene.propose(&equal, &truth, Root::ZERO, one).expect("posted");
    let three = scene.propose(&contrary, &lie, Root::ZERO, two).expect("posted");
    let doubted = scene.challenge(&doubter, three).expect("challenged");
    let denied = scene.challenge(&denier, two).expect("challenged");
    let task = scene.task;
    let early = scene.act(&first, Action::Finalise { task });
    scene.refused(early, "WindowOpen");
    let early = scene.act(&first, Action::Settle { result: two });
    scene.refused(early, "NotFinal");
    let open = scene.act(&first, Action::Close { game: doubted });
    scene.refused(open, "NotClosable");
    scene.world.chain.advance(WINDOW + 1).expect("time passes");
    scene.act(&first, Action::Finalise { task }).expect("final");
    let late = scene.propose(&doubter, &truth, Root::ZERO, three);
    scene.refused(late, "TaskIsOver");

    scene.act(&doubter, Action::Settle { result: two }).expect("released");
    scene.act(&doubter, Action::Settle { result: three }).expect("slashed");
    let again = scene.act(&doubter, Action::Settle { result: three });
    scene.refused(again, "NotLive");
    scene.act(&first, Action::Close { game: doubted }).expect("closed");
    scene.act(&first, Action::Close { game: denied }).expect("closed");
    let again = scene.act(&first, Action::Close { game: denied });
    scene.refused(again, "NotClosable");
    let fee = ETHER / 100;
    assert_eq!(scene.credit(&first), BOND + fee + BOND / 2 - BURNT_SHARE);
    assert_eq!(scene.credit(&equal), BOND + STAKE - BURNT_SHARE);
    assert_eq!(scene.credit(&contrary), 0);
    assert_eq!(scene.credit(&doubter), STAKE);
    assert_eq!(scene.credit(&denier), 0);
    scene.balance(&[first, equal, contrary, doubter, denier], 0);
    let again = scene.act(&first, Action::Withdraw);
    scene.refused(again, "NothingToWithdraw");
}

#[test]
fn finality_waits_for_games_and_ends_verdicts() {
    let mut scene = Scene::new();
    let [honest, liar, doubter] = [(); 3].map(|()| scene.account());
    let (truth, lie) = (scene.truth.clone(), scene.lie.clone());
    let task = scene.task;
    let good = scene.propose(&honest, &truth, Root::ZERO, Root::ZERO).expect("posted");
    let bad = scene.propose(&liar, &lie, Root::ZERO, good).expect("posted");
    let game = scene.challenge(&doubter, bad).expect("challenged");
    let before = scene.world.chain.transport().checkpoint();
    scene.challenge(&doubter, good).expect("challenged");
    scene.world.chain.advance(WINDOW + 1).expect("time passes");
    let early = scene.act(&honest, Action::Finalise { task });
    scene.refused(early, "GamesOpen");
    scene.world.chain.transport().reorganise(&before);
    scene.world.chain.advance(WINDOW + 1).expect("time passes");
    scene
        .act(&honest, Action::Finalise { task })
        .expect("no game is open on it");
    let position = opml_engine::Position::start(0, scene.claim(&lie).hash());
    let moves = vec![opml_player::Move::Timeout { position }];
    let late = scene.act(&doubter, Action::Play { game, moves });
    scene.refused(late, "TaskIsOver");
    scene.act(&honest, Action::Settle { result: bad }).expect("slashed");
    scene.act(&doubter, Action::Close { game }).expect("closed");
    scene.balance(&[honest, liar, doubter], 0);
}

/// A model's name tells the code of its judges: other code at the same address is another model.
#[test]
fn a_model_is_named_by_the_code_of_its_stages() {
    let mut scene = Scene::new();
    let (terms, by) = (scene.world.request().terms, scene.account());
    let known = scene.world.chain.register(&by, &terms).expect("it is known");
    assert!(known.receipt.is_none(), "it is registered already");
    let stage = scene.world.chain.deployment().stages["task"];
    let code = scene.world.chain.transport().code(&stage).expect("its code");
    // One more byte, which is never run.
    let other = [&code[..], &[0]].concat();
    scene.world.chain.transport().place(&stage, other.into());
    let another = scene.world.chain.register(&by, &terms).expect("it registers");
    assert!(another.receipt.is_some() && another.model != known.model);
}

#[test]
fn the_first_lost_game_kills_the_result_and_the_others_are_closed() {
    let mut scene = Scene::new();
    let [liar, honest, one, two, three] = [(); 5].map(|()| scene.account());
    let (truth, lie) = (scene.truth.clone(), scene.lie.clone());
    let bad = scene.propose(&liar, &lie, Root::ZERO, Root::ZERO).expect("posted");
    let good = scene.propose(&honest, &truth, Root::ZERO, bad).expect("posted");
    let games = [&one, &two, &three].map(|by| scene.challenge(by, bad).expect("challenged"));
    let twice = scene.challenge(&one, bad);
    scene.refused(twice, "GameExists");
    let claim = scene.claim(&lie);
    // With three games on the task the allowance has grown by two units.
    scene.world.chain.advance(3600 + 60).expect("time passes");
    let moves = vec![opml_player::Move::Timeout {
        position: opml_engine::Position::start(0, claim.hash()),
    }];
    let early = scene.act(&one, Action::Play { game: games[1], moves });
    scene.refused(early, "ClockStillRuns");
    let receipt = scene.win_by_clock(&one, games[1], claim, 3);
    assert!(receipt.events.contains(&Event::Died { result: bad }));
    let late = scene.challenge(&honest, bad);
    scene.refused(late, "NotLive");
    for game in [games[0], games[2]] {
        scene.act(&honest, Action::Close { game }).expect("closed");
    }
    assert_eq!(scene.credit(&two), BOND / 2 + STAKE - BURNT_SHARE - 2 * BURNT_SHARE);
    assert_eq!(scene.credit(&one), STAKE);
    assert_eq!(scene.credit(&three), STAKE);
    // The true result is now the earliest.
    scene.world.chain.advance(WINDOW).expect("time passes");
    let task = scene.task;
    let receipt = scene.act(&one, Action::Finalise { task }).expect("final");
    assert!(receipt.events.contains(&Event::Finalised { task, result: good }));
    scene.balance(&[liar, honest, one, two, three], 0);
}

#[test]
fn a_commitment_decides_the_order() {
    let mut scene = Scene::new();
    let [quick, thief] = [(); 2].map(|()| scene.account());
    let truth = scene.truth.clone();
    let salt = Root([9; 32]);
    let words = [scene.task.0, slot_root(&truth).0, word_of(&quick), salt.0].concat();
    let commitment = opml_commit::keccak256(&words);
    scene.act(&quick, Action::Commit { commitment }).expect("recorded");
    let again = scene.act(&thief, Action::Commit { commitment });
    scene.refused(again, "CommitmentExists");
    let stolen = scene.propose(&thief, &truth, salt, Root::ZERO).expect("posted");
    let misplaced = scene.propose(&quick, &truth, salt, stolen);
    scene.refused(misplaced, "WrongPlace");
    let own = scene.propose(&quick, &truth, salt, Root::ZERO).expect("posted");
    let task = scene.world.chain.read(&Service::taskOfCall {
        task: scene.task.0.into(),
    });
    assert_eq!(task.expect("a task").earliest.0, own.0);
}

#[test]
fn a_commitment_that_waits_too_long_orders_nothing() {
    let mut scene = Scene::new();
    let [slow, other] = [(); 2].map(|()| scene.account());
    let truth = scene.truth.clone();
    let words = [scene.task.0, slot_root(&truth).0, word_of(&slow), [0; 32]].concat();
    let commitment = opml_commit::keccak256(&words);
    scene.act(&slow, Action::Commit { commitment }).expect("recorded");
    let first = scene.propose(&other, &truth, Root::ZERO, Root::ZERO).expect("posted");
    scene.world.chain.advance(3601).expect("time passes");
    let second = scene.propose(&slow, &truth, Root::ZERO, Root::ZERO).expect("posted");
    scene.order(&[first, second]);
}

#[test]
fn nobody_who_posts_or_dies_meanwhile_can_hold_up_a_result() {
    let mut scene = Scene::new();
    let [liar, quick, honest, challenger] = [(); 4].map(|()| scene.account());
    let (truth, lie) = (scene.truth.clone(), scene.lie.clone());
    let false_one = scene.propose(&liar, &lie, Root::ZERO, Root::ZERO).expect("posted");
    // The honest party means to stand after the lie; before it is heard another posts, and the lie dies.
    let between = scene.propose(&quick, &truth, Root::ZERO, false_one).expect("posted");
    let id = scene.challenge(&challenger, false_one).expect("challenged");
    let claim = scene.claim(&lie);
    scene.win_by_clock(&challenger, id, claim, 1);
    let own = scene.propose(&honest, &truth, Root::ZERO, false_one).expect("posted");
    scene.order(&[between, own]);
}

#[test]
fn a_liar_s_games_against_himself_do_not_eat_the_winner_s_gas() {
    let mut scene = Scene::new();
    let [liar, winner] = [(); 2].map(|()| scene.account());
    let lie = scene.lie.clone();
    let result = scene.propose(&liar, &lie, Root::ZERO, Root::ZERO).expect("posted");
    let id = scene.challenge(&winner, result).expect("challenged");
    // With refunds of a whole burnt share these would take all that is left of the bond.
    let others = BOND / 2 / BURNT_SHARE;
    let sybils: Vec<Account> = (0..others).map(|_| scene.account()).collect();
    let games: Vec<GameId> = sybils
        .iter()
        .map(|sybil| scene.challenge(sybil, result).expect("challenged"))
        .collect();
    let claim = scene.claim(&lie);
    scene.win_by_clock(&winner, id, claim, 1 + u64::try_from(others).expect("few"));
    let refund = (BOND / 2 - STAKE) / others;
    assert!(refund < BURNT_SHARE);
    let credit = scene.credit(&winner);
    assert_eq!(credit, STAKE - BURNT_SHARE + BOND / 2 - others * refund);
    assert!(credit >= STAKE + (STAKE - BURNT_SHARE));
    for game in games {
        scene.act(&winner, Action::Close { game }).expect("closed");
    }
    for sybil in &sybils {
        assert_eq!(scene.credit(sybil), STAKE - BURNT_SHARE + refund);
    }
    let everybody = [&[liar, winner], sybils.as_slice()].concat();
    let fee = scene.world.request().fee;
    scene.balance(&everybody, fee);
}

#[test]
fn the_fee_goes_back_only_after_the_deadline_and_without_a_live_result() {
    let mut scene = Scene::new();
    let requester = scene.world.requester;
    let task = scene.task;
    let early = scene.act(&requester, Action::Refund { task });
    scene.refused(early, "NotRefundable");
    let someone = scene.account();
    let truth = scene.truth.clone();
    scene.propose(&someone, &truth, Root::ZERO, Root::ZERO).expect("posted");
    scene.world.chain.advance(3 * WINDOW).expect("time passes");
    let late = scene.act(&requester, Action::Refund { task });
    scene.refused(late, "NotRefundable");
    let other = scene.account();
    let late = scene.propose(&other, &truth, Root::ZERO, Root::ZERO);
    scene.refused(late, "DeadlinePassed");
    scene
        .act(&other, Action::Finalise { task })
        .expect("final all the same");
    let over = scene.act(&requester, Action::Refund { task });
    scene.refused(over, "TaskIsOver");
    scene.balance(&[someone, requester], 0);
}

#[test]
fn only_parties_and_their_delegates_choose() {
    let mut scene = Scene::new();
    let [proposer, delegate, stranger, challenger] = [(); 4].map(|()| scene.account());
    let truth = scene.truth.clone();
    let result = scene
        .propose(&proposer, &truth, Root::ZERO, Root::ZERO)
        .expect("posted");
    let game = scene.challenge(&challenger, result).expect("challenged");
    let claim = scene.claim(&truth);
    let party = scene.world.party(Role::Proposer, None);
    party
        .entrance
        .enter(&scene.world.request().values, party.store.as_ref())
        .expect("it enters");
    party.store.put(claim.output, truth);
    let mut trace = party.stages[0]
        .open(&claim, party.store.as_ref(), None)
        .expect("it opens");
    let opening = trace.opening(16, party.store.as_ref()).expect("it opens");
    let position = opml_engine::Position::start(0, claim.hash());
    let open = |payload: Vec<u8>| Action::Play {
        game,
        moves: vec![opml_player::Move::Open {
            position,
            claim,
            payload,
        }],
    };
    let foreign = scene.act(&stranger, open(opening.payload.clone()));
    scene.refused(foreign, "NotTheMover");
    let damaged = scene.act(&proposer, open(opening.payload[1..].to_vec()));
    scene.refused(damaged, "NotTheValue");
    let data = Service::setDelegateCall {
        delegate: delegate.0.into(),
    };
    let service = scene.world.chain.deployment().service;
    let sent = scene.world.chain.transport().send(&Transaction {
        from: proposer,
        to: Some(service),
        value: 0,
        data: data.abi_encode().into(),
    });
    assert!(matches!(sent.expect("sent").outcome, Outcome::Returned(_)));
    scene
        .act(&delegate, open(opening.payload.clone()))
        .expect("the delegate moves");
    let again = scene.act(&proposer, open(opening.payload));
    scene.refused(again, "NotThePosition");
}

#[test]
fn a_forced_move_whose_effect_stands_is_skipped_in_a_batch() {
    let mut scene = Scene::new();
    let [proposer, challenger] = [(); 2].map(|()| scene.account());
    let lie = scene.lie.clone();
    let result = scene.propose(&proposer, &lie, Root::ZERO, Root::ZERO).expect("posted");
    let game = scene.challenge(&challenger, result).expect("challenged");
    let claim = scene.claim(&lie);
    scene.win_by_clock(&challenger, game, claim, 1);
    let timeout = opml_player::Move::Timeout {
        position: opml_engine::Position::start(0, claim.hash()),
    };
    let alone = vec![timeout.clone()];
    let refused = scene.act(&challenger, Action::Play { game, moves: alone });
    scene.refused(refused, "NotThePosition");
    let twice = vec![timeout.clone(), timeout];
    let receipt = scene
        .act(&challenger, Action::Play { game, moves: twice })
        .expect("skipped");
    assert_eq!(receipt.events, []);
}

#[test]
fn payments_sizes_and_bounds_are_exact() {
    let mut scene = Scene::new();
    let someone = scene.account();
    let task = scene.task;
    let (truth, lie) = (scene.truth.clone(), scene.lie.clone());
    let propose = |value: &Bytes, bond| Action::Propose {
        task,
        value: value.clone(),
        salt: Root::ZERO,
        earlier: Root::ZERO,
        bond,
    };
    let cheap = scene.act(&someone, propose(&truth, BOND - 1));
    scene.refused(
        cheap,
        "WrongPayment(sent = 999999999999999999, needed = 1000000000000000000)",
    );
    let long = Bytes::from([&truth[..], &[0]].concat());
    let padded = scene.act(&someone, propose(&long, BOND));
    scene.refused(padded, "WrongSize(value = 0, given = 9, needed = 8)");
    let result = scene.propose(&someone, &lie, Root::ZERO, Root::ZERO).expect("posted");
    let twice = scene.propose(&someone, &lie, Root::ZERO, Root::ZERO);
    scene.refused(twice, "ResultExists");
    let free = scene.act(&someone, Action::Challenge { result, bond: 0 });
    scene.refused(free, "WrongPayment");
    let nothing = scene.act(&someone, Action::Withdraw);
    scene.refused(nothing, "NothingToWithdraw");
    scene.world.chain.advance(WINDOW + 1).expect("time passes");
    let late = scene.challenge(&someone, result);
    scene.refused(late, "WindowClosed");

    let good = scene.world.request().terms;
    let mut bad = vec![good.clone(); 6];
    bad[0].window = 3599;
    bad[1].clocks[1].base = 599;
    bad[2].arity = 24;
    bad[3].challenger_bond = ETHER / 13;
    bad[4].proposer_bond = 4 * good.challenger_bond - 1;
    bad[5].output_bytes = 0;
    for terms in &bad {
        let refused = scene.world.chain.register(&someone, terms);
        scene.refused(refused, "OutOfBounds");
    }
    let mut headless = good.clone();
    headless.stages = vec!["task".into()];
    headless.clocks.truncate(1);
    let refused = scene.world.chain.register(&someone, &headless);
    scene.refused(refused, "MachineMustBeLast");
    let mut unknown = good;
    unknown.stages[0] = "taks".into();
    let refused = scene
        .world
        .chain
        .register(&someone, &unknown)
        .expect_err("there is no such stage");
    let text = "no stage named `taks` is deployed; there are: instruction, loop, task";
    assert_eq!(refused.to_string(), text);
}

#[test]
fn the_service_hashes_values_of_every_size_to_slot_roots() {
    let mut scene = Scene::new();
    let requester = scene.world.requester;
    let header = scene.world.party(Role::Proposer, None).entrance.header();
    let sizes = [1, 127, 128, 129, 255, 256, 257, 384, 385, 1000, 1024, 5000, 40_000];
    for (nonce, size) in (0..).zip(sizes) {
        let mut terms = scene.world.request().terms;
        terms.input_bytes = vec![size];
        let model = scene
            .world
            .chain
            .register(&requester, &terms)
            .expect("it registers")
            .model;
        let value: Bytes = (0..size).map(|at| (at * at + 7 * size) as u8).collect();
        let action = Action::Request {
            model,
            nonce,
            deadline: scene.world.chain.now().expect("the time") + WINDOW,
            header: header.clone(),
            values: vec![value.clone()],
            fee: 0,
        };
        let receipt = scene.act(&requester, action).expect("requested");
        let hashed = receipt.events.iter().any(|event| match event {
            Event::Requested { inputs, values, .. } => *inputs == slot_root(&value) && values[..] == [value.clone()],
            _ => false,
        });
        assert!(hashed, "{size} bytes: {receipt:?}");
    }
}

#[test]
fn a_request_names_its_program_and_is_made_once() {
    let mut scene = Scene::new();
    let requester = scene.world.requester;
    let request = scene.world.request();
    let model = scene
        .world
        .chain
        .register(&requester, &request.terms)
        .expect("it is registered")
        .model;
    let other = CounterProgram::Machine {
        multiplier: 1,
        addend: 1,
        steps: 1,
    };
    let deadline = scene.world.chain.now().expect("the time") + WINDOW;
    let ask = |header: Vec<u8>, values: Vec<Bytes>, nonce| Action::Request {
        model,
        nonce,
        deadline,
        header: header.into(),
        values,
        fee: 1,
    };
    let own = scene.world.party(Role::Proposer, None).entrance.header().to_vec();
    let foreign = scene.act(&requester, ask(other.repeated(3).preimage(), request.values.clone(), 2));
    scene.refused(foreign, "NotTheProgram");
    let short = scene.act(&requester, ask(own.clone(), vec![Bytes::from_static(b"inpu")], 2));
    scene.refused(short, "WrongSize(value = 0, given = 4, needed = 5)");
    let twice = scene.act(&requester, ask(own.clone(), request.values.clone(), 1));
    scene.refused(twice, "TaskExists");
    let receipt = scene.act(&requester, ask(own, request.values, 2)).expect("requested");
    let root = receipt.events.iter().find_map(|event| match event {
        Event::Requested { inputs, .. } => Some(*inputs),
        _ => None,
    });
    assert_eq!(root, Some(slot_root(b"input")));
}

fn word_of(account: &Account) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&account.0);
    word
}
