use opml_commit::Root;
use opml_engine::{Claim, MoveError, Phase, Position, Winner, moves};

use crate::{Event, GameId, Terms};

/// How a game ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Who won; nobody when the game was closed.
    pub winner: Option<Winner>,
    /// Whether a clock decided it.
    pub by_timeout: bool,
}

/// A stage that a game has left behind: its claim, and the part that was disputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Narrowing {
    /// The stage's claim.
    pub claim: Claim,
    /// The part.
    pub part: u64,
}

/// A game as events tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The game.
    pub id: GameId,
    /// Its hash, by which events name it.
    pub game: Root,
    /// Children per reveal.
    pub arity: u64,
    /// The pipeline's length.
    pub stages: usize,
    /// The stages that it has left behind, outermost first.
    pub narrowed: Vec<Narrowing>,
    /// The claim of the stage in play.
    pub claim: Claim,
    /// What is in dispute now.
    pub position: Position,
    /// What was last revealed.
    pub shown: Vec<Root>,
    /// How it ended, once it has.
    pub resolution: Option<Resolution>,
    /// When the present turn began, in seconds.
    pub since: u64,
    /// Seconds that the defender and the challenger have used in the present stage.
    pub used: [u64; 2],
}

impl View {
    /// A game that begins at a result's claim.
    pub fn begin(id: GameId, terms: &Terms, claim: Claim, position: Position, time: u64) -> View {
        View {
            id,
            game: id.hash(),
            arity: u64::from(terms.arity),
            stages: terms.stages.len(),
            narrowed: Vec::new(),
            claim,
            position,
            shown: Vec::new(),
            resolution: None,
            since: time,
            used: [0; 2],
        }
    }

    /// Takes note of an event of this game, at `time`. An error means that the chain and this program disagree on the rules.
    pub fn see(&mut self, event: &Event, time: u64) -> Result<(), MoveError> {
        let turn = usize::from(self.is_challengers_turn());
        match event {
            Event::Opened { position, .. } => self.position = *position,
            Event::Revealed { roots, .. } => {
                self.position = moves::reveal(&self.position, self.arity, self.is_machine(), roots)?;
                self.shown.clone_from(roots);
            }
            Event::Rejected { child, .. } => {
                self.position = moves::reject(&self.position, self.arity, self.is_machine(), &self.shown, *child)?;
            }
            Event::Narrowed { position, claim, .. } => {
                self.narrowed.push(Narrowing {
                    claim: self.claim,
                    part: self.position.lower,
                });
                self.position = *position;
                self.claim = *claim;
                (self.since, self.used) = (time, [0; 2]);
                return Ok(());
            }
            Event::Resolved { winner, by_timeout, .. } => {
                self.resolution = Some(Resolution {
                    winner: *winner,
                    by_timeout: *by_timeout,
                });
            }
            _ => return Ok(()),
        }
        self.used[turn] += time.saturating_sub(self.since);
        self.since = time;
        Ok(())
    }

    /// Whether the stage in play is the machine stage.
    pub fn is_machine(&self) -> bool {
        usize::from(self.position.stage) + 1 == self.stages
    }

    /// Whether it is the challenger's turn; otherwise it is the defender's.
    pub fn is_challengers_turn(&self) -> bool {
        self.position.phase == Phase::Reject
    }

    /// Whether nobody has ended it.
    pub fn is_open(&self) -> bool {
        self.resolution.is_none()
    }

    /// The last second of the present turn, when `games` were ever opened on the task.
    pub fn turn_ends(&self, terms: &Terms, games: u64) -> u64 {
        let used = self.used[usize::from(self.is_challengers_turn())];
        let left = terms.allowance(self.position.stage, games).saturating_sub(used);
        self.since.saturating_add(left)
    }
}
