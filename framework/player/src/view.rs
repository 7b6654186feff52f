use opml_commit::Root;
use opml_engine::{Claim, MoveError, Phase, Position, Winner, moves};

use crate::{Event, GameId};

/// How a game ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Who won; nobody when the game was closed.
    pub winner: Option<Winner>,
    /// Whether a clock decided it.
    pub by_timeout: bool,
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
    /// The claim of the stage in play.
    pub claim: Claim,
    /// What is in dispute now.
    pub position: Position,
    /// What was last revealed.
    pub shown: Vec<Root>,
    /// How it ended, once it has.
    pub resolution: Option<Resolution>,
}

impl View {
    /// A game that begins at a result's claim.
    pub fn begin(id: GameId, arity: u64, stages: usize, claim: Claim, position: Position) -> View {
        View {
            id,
            game: id.hash(),
            arity,
            stages,
            claim,
            position,
            shown: Vec::new(),
            resolution: None,
        }
    }

    /// Takes note of an event; those of other games change nothing. An error means that the chain and this program
    /// disagree on the rules.
    pub fn see(&mut self, event: &Event) -> Result<(), MoveError> {
        match event {
            Event::Opened { game, position } if *game == self.game => self.position = *position,
            Event::Revealed { game, roots } if *game == self.game => {
                self.position = moves::reveal(&self.position, self.arity, self.is_machine(), roots)?;
                self.shown.clone_from(roots);
            }
            Event::Rejected { game, child } if *game == self.game => {
                self.position = moves::reject(&self.position, self.arity, self.is_machine(), &self.shown, *child)?;
            }
            Event::Narrowed { game, position, claim } if *game == self.game => {
                self.position = *position;
                self.claim = *claim;
            }
            Event::Resolved {
                game,
                winner,
                by_timeout,
            } if *game == self.game => {
                self.resolution = Some(Resolution {
                    winner: *winner,
                    by_timeout: *by_timeout,
                });
            }
            _ => {}
        }
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
}
