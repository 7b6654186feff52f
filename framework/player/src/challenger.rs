use opml_commit::Root;

use crate::proposer::evaluated;
use crate::side::Side;
use crate::{Account, Action, Agent, Fate, GameId, Observer, Party, PlayerError, ResultView, Role, World};

/// A verifier: recomputes every task of a model, disputes each live result that differs, and plays all its games.
pub struct Challenger {
    side: Side,
    model: Root,
    only: Option<Target>,
}

/// Which results a challenger disputes, of those that differ from its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Those with this output.
    Output(Root),
    /// Those of this account.
    Proposer(Account),
}

impl Target {
    fn includes(&self, result: &ResultView) -> bool {
        match self {
            Target::Output(output) => result.output == *output,
            Target::Proposer(account) => result.proposer == *account,
        }
    }
}

impl Challenger {
    /// A verifier of a model.
    pub fn new(party: Party, model: Root) -> Challenger {
        Challenger {
            side: Side::new(party, Role::Challenger),
            model,
            only: None,
        }
    }

    /// The same, who disputes these results and no others.
    pub fn against(self, target: Target) -> Challenger {
        Challenger {
            only: Some(target),
            ..self
        }
    }

    /// Whether the result can still be challenged by this account.
    fn is_open(&self, world: &World, result: &ResultView, now: u64) -> bool {
        let Some((task, terms)) = world.task(&result.task).zip(world.terms(&result.task)) else {
            return false;
        };
        let game = GameId {
            result: result.result,
            challenger: self.account(),
        };
        result.fate == Fate::Live
            && self.only.is_none_or(|only| only.includes(result))
            && task.model == self.model
            && task.settled.is_none()
            && now <= result.posted_at.saturating_add(terms.window)
            && world.game(&game.hash()).is_none()
            && self.side.patience.allows("challenge", &result.result, now)
    }

    fn next_challenge(
        &mut self,
        world: &World,
        now: u64,
        observer: &mut dyn Observer,
    ) -> Result<Option<Action>, PlayerError> {
        for result in world
            .results()
            .filter(|result| self.is_open(world, result, now))
            .collect::<Vec<_>>()
        {
            let Some((task, terms)) = world.task(&result.task).zip(world.terms(&result.task)) else {
                continue;
            };
            if evaluated(&mut self.side, task, terms, observer)? != result.output {
                let bond = terms.challenger_bond;
                let result = result.result;
                return Ok(Some(Action::Challenge { result, bond }));
            }
        }
        Ok(None)
    }
}

impl Agent for Challenger {
    fn role(&self) -> Role {
        Role::Challenger
    }

    fn account(&self) -> Account {
        self.side.desk.party().account
    }

    fn stage_kind(&self, stage: u8) -> &'static str {
        self.side.desk.party().stage_kind(stage)
    }

    fn next(&mut self, world: &World, now: u64, observer: &mut dyn Observer) -> Result<Option<Action>, PlayerError> {
        if let Some(action) = self.side.next(world, now, observer)? {
            return Ok(Some(action));
        }
        if let Some(action) = self.next_challenge(world, now, observer)? {
            return Ok(Some(action));
        }
        Ok(self
            .side
            .next_close(world, now)
            .or_else(|| self.side.next_withdrawal(world, now)))
    }

    fn accepted(&mut self, action: &Action) {
        self.side.accepted(action);
    }

    fn refused(&mut self, action: &Action, reason: &str, world: &World, now: u64, observer: &mut dyn Observer) {
        self.side.refused(action, reason, world, now, observer);
    }

    fn wakes(&self, world: &World, now: u64) -> Option<u64> {
        self.side.wakes(world, now)
    }
}
