//! Plays a whole game in memory: two parties, one state machine, no chain and no clocks.

use std::sync::Arc;

use opml_commit::Root;

use crate::{
    Claim, Fault, Game, MoveError, Phase, Point, Stage, StageError, Store, Trace, Verdict, Winner, first_difference,
};

/// How a challenger chooses what to reject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// He compares with his own trace. When nothing differs he has no case and takes the first child.
    Compare,
    /// He heads for these parts, one a stage, whatever his own trace says: only a liar does this.
    Steer(Vec<u64>),
}

/// One side of a rehearsed game.
pub struct Party<'a> {
    /// Its stages, outermost first.
    pub stages: &'a [Arc<dyn Stage>],
    /// Its store; nothing is shared with the other side.
    pub store: &'a dyn Store,
    /// Its lie, if any.
    pub fault: Option<Fault>,
    /// How it challenges.
    pub choice: Choice,
}

/// A move that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The stage.
    pub stage: u8,
    /// The kind of move, by the phase it answers.
    pub phase: Phase,
    /// Bytes of payload or roots.
    pub bytes: usize,
}

/// Why a side had no move and lost by its clock.
#[derive(Debug)]
pub enum Stuck {
    /// It could not compute its side.
    Stage(StageError),
    /// What it had was refused.
    Move(MoveError),
}

/// How a rehearsed game went.
#[derive(Debug)]
pub struct Rehearsal {
    /// Who won.
    pub winner: Winner,
    /// The moves, in order.
    pub moves: Vec<Move>,
    /// Why the loser's clock ran out, if it did.
    pub stuck: Option<Stuck>,
}

impl Rehearsal {
    /// Reveals that were answered.
    pub fn rounds(&self) -> usize {
        self.moves.iter().filter(|made| made.phase == Phase::Reject).count()
    }
}

struct Seat<'a> {
    party: &'a Party<'a>,
    fault: Option<Fault>,
    trace: Option<Box<dyn Trace>>,
}

impl<'a> Seat<'a> {
    fn new(party: &'a Party<'a>) -> Seat<'a> {
        Seat {
            party,
            fault: party.fault.clone(),
            trace: None,
        }
    }

    fn trace(&mut self, stage: usize, claim: &Claim) -> Result<&mut dyn Trace, Stuck> {
        if self.trace.is_none() {
            let stage = &self.party.stages[stage];
            let trace = stage.open(claim, self.party.store, self.fault.as_ref());
            self.trace = Some(trace.map_err(Stuck::Stage)?);
        }
        let trace = self.trace.as_mut().map(|trace| trace.as_mut() as &mut dyn Trace);
        Ok(trace.expect("it was opened above"))
    }

    fn descend(&mut self, part: u64) {
        self.fault = self.fault.as_ref().and_then(|fault| fault.within(part));
        self.trace = None;
    }
}

/// Plays `game` over `claim` to its end. A side without a legal move loses by its clock.
pub fn rehearse(mut game: Game, claim: Claim, defender: &Party<'_>, challenger: &Party<'_>) -> Rehearsal {
    let (mut defender, mut challenger) = (Seat::new(defender), Seat::new(challenger));
    let mut table = Table {
        claim,
        shown: Vec::new(),
        moves: Vec::new(),
    };
    loop {
        let made = match game.position().phase {
            Phase::Open => table.open(&mut game, &mut defender),
            Phase::Reveal => table.reveal(&mut game, &mut defender),
            Phase::Reject => table.reject(&mut game, &mut challenger),
            Phase::Narrow => table.narrow(&mut game, &mut defender, &mut challenger),
        };
        let stuck = made.err();
        let winner = match (&stuck, game.outcome()) {
            (_, Some(winner)) => winner,
            (Some(_), None) => crate::moves::timeout(game.position()),
            (None, None) => continue,
        };
        return Rehearsal {
            winner,
            moves: table.moves,
            stuck,
        };
    }
}

/// What both sides see.
struct Table {
    claim: Claim,
    shown: Vec<Root>,
    moves: Vec<Move>,
}

impl Table {
    fn record(&mut self, game: &Game, bytes: usize) {
        self.moves.push(Move {
            stage: game.position().stage,
            phase: game.position().phase,
            bytes,
        });
    }

    fn open(&mut self, game: &mut Game, defender: &mut Seat<'_>) -> Result<(), Stuck> {
        let store = defender.party.store;
        let trace = defender.trace(stage_of(game), &self.claim)?;
        let opening = trace.opening(game.arity(), store).map_err(Stuck::Stage)?;
        self.record(game, opening.payload.len());
        game.open(&self.claim, &opening.payload)
            .map(|_| ())
            .map_err(Stuck::Move)
    }

    fn reveal(&mut self, game: &mut Game, defender: &mut Seat<'_>) -> Result<(), Stuck> {
        let trace = defender.trace(stage_of(game), &self.claim)?;
        self.shown = trace.reveal(&game.points()).map_err(Stuck::Stage)?;
        self.record(game, self.shown.len() * 32);
        game.reveal(&self.shown).map_err(Stuck::Move)
    }

    fn reject(&mut self, game: &mut Game, challenger: &mut Seat<'_>) -> Result<(), Stuck> {
        let child = match &challenger.party.choice {
            Choice::Compare => {
                let points: Vec<Point> = game.points();
                let trace = challenger.trace(stage_of(game), &self.claim)?;
                let own = trace.reveal(&points).map_err(Stuck::Stage)?;
                first_difference(game.rules().is_machine(), &self.shown, &own).unwrap_or(0)
            }
            Choice::Steer(path) => {
                let position = game.position();
                let width = position.width / crate::division(position, game.arity());
                let goal = path.get(stage_of(game)).copied().unwrap_or(0);
                goal.saturating_sub(position.lower) / width.max(1)
            }
        };
        self.record(game, self.shown.len() * 32);
        game.reject(&self.shown, child).map_err(Stuck::Move)
    }

    fn narrow(&mut self, game: &mut Game, defender: &mut Seat<'_>, challenger: &mut Seat<'_>) -> Result<(), Stuck> {
        let (stage, part) = (stage_of(game), game.position().lower);
        let store = defender.party.store;
        let trace = defender.trace(stage, &self.claim)?;
        let narrowed = trace.narrow(part, store).map_err(Stuck::Stage)?;
        self.record(game, narrowed.payload.len());
        let verdict = game.narrow(&self.claim, &narrowed.payload).map_err(Stuck::Move)?;
        if let Verdict::Claim(next) = verdict {
            // The challenger's own narrowing puts what the next stage reads into his store; if it fails, he will be stuck
            // at his own next move and not here.
            let store = challenger.party.store;
            if let Ok(trace) = challenger.trace(stage, &self.claim) {
                let _ = trace.narrow(part, store);
            }
            defender.descend(part);
            challenger.descend(part);
            self.claim = next;
        }
        Ok(())
    }
}

fn stage_of(game: &Game) -> usize {
    usize::from(game.position().stage)
}
