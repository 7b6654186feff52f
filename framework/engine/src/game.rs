use std::sync::Arc;

use crate::moves::{self, AfterNarrow, Winner};
use crate::{Claim, MoveError, Opened, Phase, PipelineError, Point, Position, StageRules, Verdict};
use opml_commit::Root;

/// One dispute over one claim, as the chain keeps it: a pure state machine (`specs/game.md`).
#[derive(Clone)]
pub struct Game {
    position: Position,
    arity: u64,
    pipeline: Arc<[Arc<dyn StageRules>]>,
    outcome: Option<Winner>,
}

impl Game {
    /// A game over `claim`; `pipeline` is outermost first and ends in the machine stage.
    pub fn new(claim: &Claim, arity: u64, pipeline: Vec<Arc<dyn StageRules>>) -> Result<Game, PipelineError> {
        if !arity.is_power_of_two() || !(2..=256).contains(&arity) {
            return Err(PipelineError::Arity(arity));
        }
        if pipeline.is_empty() || pipeline.len() > 256 {
            return Err(PipelineError::Length(pipeline.len()));
        }
        for (stage, rules) in pipeline.iter().enumerate() {
            let last = stage + 1 == pipeline.len();
            if rules.is_machine() != last {
                let reason = match last {
                    true => "is the last one and must run the machine",
                    false => "runs the machine and must be the last one",
                };
                return Err(PipelineError::Stage {
                    stage,
                    kind: rules.kind(),
                    reason,
                });
            }
        }
        Ok(Game {
            position: Position::start(0, claim.hash()),
            arity,
            pipeline: pipeline.into(),
            outcome: None,
        })
    }

    /// What is in dispute now.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// Children per reveal.
    pub fn arity(&self) -> u64 {
        self.arity
    }

    /// The stages, outermost first.
    pub fn pipeline(&self) -> &[Arc<dyn StageRules>] {
        &self.pipeline
    }

    /// Who has won, once someone has.
    pub fn outcome(&self) -> Option<Winner> {
        self.outcome
    }

    /// The rules of the stage in play.
    pub fn rules(&self) -> &dyn StageRules {
        let last = self.pipeline.len() - 1;
        self.pipeline[usize::from(self.position.stage).min(last)].as_ref()
    }

    /// What a reveal must show now, in order.
    pub fn points(&self) -> Vec<Point> {
        moves::points(&self.position, self.arity, self.rules().is_machine())
    }

    /// The defender opens the stage.
    pub fn open(&mut self, claim: &Claim, payload: &[u8]) -> Result<Opened, MoveError> {
        self.check(Phase::Open)?;
        self.check_claim(claim)?;
        let opened = self.rules().open(self.arity, claim, payload)?;
        self.position = moves::open(&self.position, &opened)?;
        Ok(opened)
    }

    /// The defender shows what lies below, or between.
    pub fn reveal(&mut self, roots: &[Root]) -> Result<(), MoveError> {
        self.check(Phase::Reveal)?;
        self.position = moves::reveal(&self.position, self.arity, self.rules().is_machine(), roots)?;
        Ok(())
    }

    /// The challenger names the first wrong child of the revealed `roots`.
    pub fn reject(&mut self, roots: &[Root], child: u64) -> Result<(), MoveError> {
        self.check(Phase::Reject)?;
        self.position = moves::reject(&self.position, self.arity, self.rules().is_machine(), roots, child)?;
        Ok(())
    }

    /// Anyone narrows to the one part that is left.
    pub fn narrow(&mut self, claim: &Claim, payload: &[u8]) -> Result<Verdict, MoveError> {
        self.check(Phase::Narrow)?;
        self.check_claim(claim)?;
        let verdict = self.rules().narrow(claim, &self.position, payload)?;
        match moves::narrow(&self.position, self.pipeline.len(), &verdict)? {
            AfterNarrow::Next(position) => self.position = position,
            AfterNarrow::Over(winner) => self.outcome = Some(winner),
        }
        Ok(verdict)
    }

    /// The side whose clock runs has let it run out.
    pub fn timeout(&mut self) -> Result<Winner, MoveError> {
        self.check(self.position.phase)?;
        let winner = moves::timeout(&self.position);
        self.outcome = Some(winner);
        Ok(winner)
    }

    fn check(&self, phase: Phase) -> Result<(), MoveError> {
        match self.outcome {
            Some(winner) => Err(MoveError::Over { winner }),
            None if self.position.phase != phase => Err(MoveError::Phase {
                expected: self.position.phase,
                actual: phase,
            }),
            None => Ok(()),
        }
    }

    fn check_claim(&self, claim: &Claim) -> Result<(), MoveError> {
        let actual = claim.hash();
        match actual == self.position.claim {
            true => Ok(()),
            false => Err(MoveError::Claim {
                expected: self.position.claim,
                actual,
            }),
        }
    }
}
