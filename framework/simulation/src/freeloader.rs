use opml_commit::Root;
use opml_player::{Account, Action, Agent, Fate, Observer, PlayerError, ResultView, Role, World};

/// Posts what somebody else has posted, as soon as it sees it, and hopes for the fee. It has no work to defend anything with.
pub struct Freeloader {
    account: Account,
    model: Root,
    refused: bool,
}

impl Freeloader {
    /// A freeloader on a model's tasks.
    pub fn new(account: Account, model: Root) -> Freeloader {
        Freeloader {
            account,
            model,
            refused: false,
        }
    }

    fn own<'w>(&self, world: &'w World) -> Option<&'w ResultView> {
        world.results().find(|result| result.proposer == self.account)
    }
}

impl Agent for Freeloader {
    fn role(&self) -> Role {
        Role::Proposer
    }

    fn account(&self) -> Account {
        self.account
    }

    fn next(&mut self, world: &World, now: u64, _: &mut dyn Observer) -> Result<Option<Action>, PlayerError> {
        if self.refused {
            return Ok(None);
        }
        let Some(own) = self.own(world) else {
            let seen = world.results().find(|result| {
                let task = world.task(&result.task);
                task.is_some_and(|task| task.model == self.model && task.settled.is_none() && now <= task.deadline)
            });
            let posted = seen.and_then(|seen| Some((seen, world.task(&seen.task)?, world.terms(&seen.task)?)));
            return Ok(posted.map(|(seen, task, terms)| Action::Propose {
                task: seen.task,
                value: seen.value.clone(),
                salt: Root::ZERO,
                earlier: task.live.last().copied().unwrap_or(Root::ZERO),
                bond: terms.proposer_bond,
            }));
        };
        let settled = world.task(&own.task).is_some_and(|task| task.settled.is_some());
        if own.fate == Fate::Live && settled {
            return Ok(Some(Action::Settle { result: own.result }));
        }
        let open = world
            .games()
            .find(|view| view.id.result == own.result && view.is_open());
        if let Some(view) = open.filter(|_| own.fate == Fate::Released) {
            return Ok(Some(Action::Close { game: view.id }));
        }
        let owed = own.fate != Fate::Live && world.credit(&self.account) > 0;
        Ok(owed.then_some(Action::Withdraw))
    }

    fn refused(&mut self, _: &Action, _: &str, _: &World, _: u64, _: &mut dyn Observer) {
        self.refused = true;
    }

    fn wakes(&self, world: &World, now: u64) -> Option<u64> {
        // When everybody else is gone, its own result is the earliest: it may wait for its window.
        let own = self.own(world).filter(|own| own.fate == Fate::Live)?;
        let terms = world.terms(&own.task)?;
        let ends = own.posted_at.saturating_add(terms.window).saturating_add(1);
        (ends > now).then_some(ends)
    }
}
