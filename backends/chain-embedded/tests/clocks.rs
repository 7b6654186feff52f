//! Clocks to the second: what is in time, what is late, who is charged, and when a clock begins anew.

mod counter;

use counter::table::Table;
use opml_chain_embedded::Checkpoint;
use opml_commit::Root;
use opml_engine::{Opening, Phase, Position, Verdict, moves};
use opml_player::{Account, Chain, GameId, Move};

/// Two games were opened on the task: base and one unit (`World::request`).
const ALLOWANCE: u64 = 3600 + 60;
/// Seconds between two blocks.
const BLOCK: u64 = 12;

/// One game, moved from position to position.
struct Course {
    table: Table,
    opening: Opening,
    roots: Vec<Root>,
}

impl Course {
    fn new() -> Course {
        let table = Table::new(21, 20, &[13, 7]);
        let store = table.liar.store.clone();
        let mut trace = table.trace();
        let opening = trace.opening(16, store.as_ref()).expect("it opens");
        let opened = moves::open(&table.position, &opening.opened).expect("a move");
        let roots = trace.reveal(&moves::points(&opened, 16, false)).expect("its roots");
        Course { table, opening, roots }
    }

    /// Seconds since the game's present turn began, if a block came now.
    fn since(&mut self) -> u64 {
        let GameId { result, challenger } = self.table.games[0];
        let read = opml_contracts::Service::gameOfCall {
            id: opml_contracts::Game::GameId {
                result: result.0.into(),
                challenger: challenger.0.into(),
            },
        };
        self.table.world.chain.read(&read).expect("a game").since.to::<u64>()
    }

    /// Plays a move in a block `seconds` after the turn began; says how it was refused.
    fn play_after(&mut self, seconds: u64, by: Account, made: &Move) -> Result<(), String> {
        let time = self.since() + seconds;
        self.table.world.chain.transport().set_next_time(time);
        self.table
            .play(by, 0, made.clone())
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    fn back_to(&mut self, checkpoint: &Checkpoint) {
        self.table.world.chain.transport().reorganise(checkpoint);
    }

    /// The move is in time for `left` seconds and no more, when the clock runs out and not before; it is made in the last one.
    fn exactly(&mut self, left: u64, by: Account, made: &Move, used_before: u64) {
        let stranger = self.table.world.requester;
        let timeout = Move::Timeout {
            position: self.table.position,
        };
        let before = self.table.world.chain.transport().checkpoint();
        let late = self.play_after(left + 1, by, made).expect_err("it is late");
        let used = used_before + left + 1;
        assert!(
            late.contains(&format!("ClockRunOut(used = {used}, allowance = {ALLOWANCE})")),
            "{late}"
        );
        self.back_to(&before);
        let early = self.play_after(left, stranger, &timeout).expect_err("it is early");
        let used = used - 1;
        assert!(
            early.contains(&format!("ClockStillRuns(used = {used}, allowance = {ALLOWANCE})")),
            "{early}"
        );
        self.back_to(&before);
        self.play_after(left + 1, stranger, &timeout)
            .expect("the clock has run out");
        self.back_to(&before);
        self.play_after(left, by, made).expect("the last second is in time");
    }
}

#[test]
fn every_turn_is_in_time_until_its_clocks_last_second() {
    let mut course = Course::new();
    let (liar, challenger) = (course.table.liar.account, course.table.world.challenger);
    let open = course.table.open(&course.opening);
    course.exactly(ALLOWANCE, liar, &open, 0);
    course.table.position = moves::open(&course.table.position, &course.opening.opened).expect("a move");
    // The whole allowance is used: the next move must come in the very second.
    let reveal = course.table.reveal(&course.roots);
    course.exactly(0, liar, &reveal, ALLOWANCE);
    course.table.position = moves::reveal(&course.table.position, 16, false, &course.roots).expect("a move");
    // The challenger's clock is full: what the defender used is not charged to him.
    let reject = course.table.reject(&course.roots, 6);
    course.exactly(ALLOWANCE, challenger, &reject, 0);
    course.table.position = moves::reject(&course.table.position, 16, false, &course.roots, 6).expect("a move");
    assert_eq!(course.table.position.phase, Phase::Reveal);
    // Nor what he used to the defender.
    let mut trace = course.table.trace();
    let pair = trace
        .reveal(&moves::points(&course.table.position, 16, false))
        .expect("its roots");
    let reveal = course.table.reveal(&pair);
    course.exactly(0, liar, &reveal, ALLOWANCE);
}

#[test]
fn what_a_side_uses_adds_up_and_a_stage_begins_with_full_clocks() {
    let mut course = Course::new();
    let (liar, challenger) = (course.table.liar.account, course.table.world.challenger);
    let open = course.table.open(&course.opening);
    course.play_after(1000, liar, &open).expect("in time");
    course.table.position = moves::open(&course.table.position, &course.opening.opened).expect("a move");
    let reveal = course.table.reveal(&course.roots);
    course.play_after(600, liar, &reveal).expect("in time");
    course.table.position = moves::reveal(&course.table.position, 16, false, &course.roots).expect("a move");
    let reject = course.table.reject(&course.roots, 6);
    course.play_after(2000, challenger, &reject).expect("in time");
    course.table.position = moves::reject(&course.table.position, 16, false, &course.roots, 6).expect("a move");
    let mut trace = course.table.trace();
    let pair = trace
        .reveal(&moves::points(&course.table.position, 16, false))
        .expect("its roots");
    let reveal = course.table.reveal(&pair);
    course.exactly(ALLOWANCE - 1600, liar, &reveal, 1600);
    course.table.position = moves::reveal(&course.table.position, 16, false, &pair).expect("a move");
    let reject = course.table.reject(&pair, 1);
    course.exactly(ALLOWANCE - 2000, challenger, &reject, 2000);
    course.table.position = moves::reject(&course.table.position, 16, false, &pair, 1).expect("a move");
    assert_eq!(
        (course.table.position.phase, course.table.position.lower),
        (Phase::Narrow, 13)
    );

    let store = course.table.liar.store.clone();
    let narrowed = trace.narrow(13, store.as_ref()).expect("it narrows");
    let narrow = Move::Narrow {
        position: course.table.position,
        claim: course.table.claim,
        payload: narrowed.payload,
    };
    // While anyone may narrow, the defender's clock runs.
    course.exactly(0, challenger, &narrow, ALLOWANCE);
    let Verdict::Claim(claim) = narrowed.verdict else {
        panic!("a pass is a claim")
    };
    let fault = course.table.liar.fault.clone().and_then(|fault| fault.within(13));
    let inner = course.table.liar.stages[1].clone();
    let mut trace = inner.open(&claim, store.as_ref(), fault.as_ref()).expect("it opens");
    course.opening = trace.opening(16, store.as_ref()).expect("it opens");
    (course.table.claim, course.table.position) = (claim, Position::start(1, claim.hash()));
    let open = course.table.open(&course.opening);
    course.exactly(ALLOWANCE, liar, &open, 0);
}

#[test]
fn a_game_opened_later_lengthens_the_turn_under_way() {
    let mut course = Course::new();
    let liar = course.table.liar.account;
    let open = course.table.open(&course.opening);
    let before = course.table.world.chain.transport().checkpoint();
    course.play_after(ALLOWANCE + 60, liar, &open).expect_err("two games");
    course.back_to(&before);
    let third = course.table.world.chain.transport().create_account(counter::PURSE);
    let result = course.table.games[0].result;
    let challenge = opml_player::Action::Challenge {
        result,
        bond: counter::ETHER / 10,
    };
    course.table.world.chain.act(&third, &challenge).expect("challenged");
    assert!(course.table.world.chain.now().expect("the time") < course.since() + ALLOWANCE - BLOCK);
    let before = course.table.world.chain.transport().checkpoint();
    let late = course.play_after(ALLOWANCE + 61, liar, &open).expect_err("three games");
    assert!(late.contains(&format!("allowance = {}", ALLOWANCE + 60)), "{late}");
    course.back_to(&before);
    course.play_after(ALLOWANCE + 60, liar, &open).expect("three games");
}
