use opml_commit::Root;
use opml_engine::{Claim, Phase, Position, Winner};

use crate::Event;

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
    pub game: Root,
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
    pub fn begin(game: Root, claim: Claim, position: Position) -> View {
        View {
            game,
            claim,
            position,
            shown: Vec::new(),
            resolution: None,
        }
    }

    /// Takes note of an event; those of other games change nothing.
    pub fn see(&mut self, event: &Event) {
        match event {
            Event::Opened { game, position } | Event::Rejected { game, position, .. } if *game == self.game => {
                self.position = *position;
            }
            Event::Revealed { game, position, roots } if *game == self.game => {
                self.position = *position;
                self.shown.clone_from(roots);
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
    }

    /// Whether it is the challenger's turn; otherwise it is the defender's.
    pub fn is_challengers_turn(&self) -> bool {
        self.position.phase == Phase::Reject
    }
}
