use std::time::Instant;

use opml_commit::Root;

use crate::side::Side;
use crate::{
    Account, Action, Agent, Fate, Observer, Party, PlayerError, PlayerEvent, ResultView, Role, TaskView, Terms, World,
};

/// A server: posts its result of every task of a model, defends it in all games, and collects what it is due.
pub struct Proposer {
    side: Side,
    model: Root,
}

impl Proposer {
    /// A server of a model.
    pub fn new(party: Party, model: Root) -> Proposer {
        Proposer {
            side: Side::new(party, Role::Proposer),
            model,
        }
    }

    fn own<'w>(&self, world: &'w World) -> impl Iterator<Item = &'w ResultView> {
        let account = self.account();
        world.results().filter(move |result| result.proposer == account)
    }

    fn next_proposal(
        &mut self,
        world: &World,
        now: u64,
        observer: &mut dyn Observer,
    ) -> Result<Option<Action>, PlayerError> {
        let (account, model) = (self.account(), self.model);
        let wanted = |task: &&TaskView| {
            let posted = world
                .results()
                .any(|result| result.task == task.task && result.proposer == account);
            task.model == model && task.settled.is_none() && !task.refunded && now <= task.deadline && !posted
        };
        for task in world.tasks().filter(wanted) {
            let Some(terms) = world.terms(&task.task) else {
                continue;
            };
            if self.side.patience.allows("propose", &task.task, now) {
                return self.propose(task, terms, observer).map(Some);
            }
        }
        Ok(None)
    }

    fn propose(&mut self, task: &TaskView, terms: &Terms, observer: &mut dyn Observer) -> Result<Action, PlayerError> {
        let output = evaluated(&mut self.side, task, terms, observer)?;
        let value = self.side.desk.party().store.get(&output);
        Ok(Action::Propose {
            task: task.task,
            value: value.ok_or(PlayerError::OutputMissing { root: output })?,
            salt: Root::ZERO,
            // Without a commitment a result is ordered by its posting, and so stands last.
            earlier: task.live.last().copied().unwrap_or(Root::ZERO),
            bond: terms.proposer_bond,
        })
    }

    /// Makes final what can be: its own result, when that is the earliest one.
    fn next_finality(&self, world: &World, now: u64) -> Option<Action> {
        let ready = |result: &&ResultView| {
            self.window_ends(world, result).is_some_and(|ends| now > ends)
                && self.side.patience.allows("finalise", &result.task, now)
        };
        let found = self.own(world).find(ready)?;
        Some(Action::Finalise { task: found.task })
    }

    /// The end of the window of its own earliest result, on which no game is open.
    fn window_ends(&self, world: &World, result: &ResultView) -> Option<u64> {
        let task = world.task(&result.task)?;
        let next = task.settled.is_none() && task.live.first() == Some(&result.result) && !world.has_open_games(result);
        let terms = world.terms(&result.task)?;
        next.then(|| result.posted_at.saturating_add(terms.window))
    }

    /// After finality: its own other results, and the contrary ones when its own is final, since their bonds are its.
    fn next_settlement(&self, world: &World, now: u64) -> Option<Action> {
        let account = self.account();
        let concerns = |result: &&ResultView| {
            let settled = world.task(&result.task).and_then(|task| task.settled);
            let winner = settled.and_then(|settled| world.result(&settled));
            result.fate == Fate::Live
                && winner.is_some_and(|winner| {
                    result.proposer == account || winner.proposer == account && winner.output != result.output
                })
                && self.side.patience.allows("settle", &result.result, now)
        };
        let found = world.results().find(concerns)?;
        Some(Action::Settle { result: found.result })
    }
}

impl Agent for Proposer {
    fn role(&self) -> Role {
        Role::Proposer
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
        if let Some(action) = self.next_proposal(world, now, observer)? {
            return Ok(Some(action));
        }
        let rest = self
            .next_finality(world, now)
            .or_else(|| self.next_settlement(world, now))
            .or_else(|| self.side.next_close(world, now));
        let busy = self.own(world).any(|result| result.fate == Fate::Live);
        Ok(rest.or_else(|| match busy {
            true => None,
            false => self.side.next_withdrawal(world, now),
        }))
    }

    fn accepted(&mut self, action: &Action) {
        self.side.accepted(action);
    }

    fn refused(&mut self, action: &Action, reason: &str, world: &World, now: u64, observer: &mut dyn Observer) {
        self.side.refused(action, reason, world, now, observer);
    }

    fn wakes(&self, world: &World, now: u64) -> Option<u64> {
        let windows = self.own(world).filter_map(|result| self.window_ends(world, result));
        let windows = windows.map(|ends| ends.saturating_add(1)).filter(|ends| *ends > now);
        windows.chain(self.side.wakes(world, now)).min()
    }
}

/// A side's own output of a task; the observer is told when it is computed.
pub(crate) fn evaluated(
    side: &mut Side,
    task: &TaskView,
    terms: &Terms,
    observer: &mut dyn Observer,
) -> Result<Root, PlayerError> {
    if let Some(output) = side.desk.known_output(&task.task) {
        return Ok(output);
    }
    let started = Instant::now();
    let output = side.desk.output(task, terms)?;
    observer.saw(&PlayerEvent::Evaluated {
        by: side.desk.role(),
        output,
        seconds: started.elapsed().as_secs_f64(),
    });
    Ok(output)
}
