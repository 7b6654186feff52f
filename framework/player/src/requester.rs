use opml_commit::Root;

use crate::patience::Patience;
use crate::{Account, Action, Agent, Observer, PlayerError, PlayerEvent, Role, TaskView, World};

/// Who asked: takes its fee back from a task that has no result in time.
pub struct Requester {
    account: Account,
    patience: Patience,
}

impl Requester {
    /// The requester of all tasks of this account.
    pub fn new(account: Account) -> Requester {
        Requester {
            account,
            patience: Patience::default(),
        }
    }

    /// Tasks of its own that have no result.
    fn unanswered<'w>(&self, world: &'w World) -> impl Iterator<Item = &'w TaskView> {
        let account = self.account;
        let own = world.tasks().filter(move |task| task.requester == account);
        own.filter(|task| task.settled.is_none() && !task.refunded && task.live.is_empty())
    }
}

impl Agent for Requester {
    fn role(&self) -> Role {
        Role::Requester
    }

    fn account(&self) -> Account {
        self.account
    }

    fn next(&mut self, world: &World, now: u64, _: &mut dyn Observer) -> Result<Option<Action>, PlayerError> {
        let late = self
            .unanswered(world)
            .find(|task| now > task.deadline && self.patience.allows("refund", &task.task, now));
        let owed = world.credit(&self.account) > 0 && self.patience.allows("withdraw", &Root::ZERO, now);
        Ok(match (late, owed) {
            (Some(task), _) => Some(Action::Refund { task: task.task }),
            (None, true) => Some(Action::Withdraw),
            (None, false) => None,
        })
    }

    fn refused(&mut self, action: &Action, reason: &str, _: &World, now: u64, observer: &mut dyn Observer) {
        if self.patience.refuse(action, now) {
            observer.saw(&PlayerEvent::Stuck {
                by: Role::Requester,
                reason: reason.into(),
            });
        }
    }

    fn wakes(&self, world: &World, now: u64) -> Option<u64> {
        let deadlines = self.unanswered(world).map(|task| task.deadline.saturating_add(1));
        deadlines
            .filter(|deadline| *deadline > now)
            .chain(self.patience.ends(now))
            .min()
    }
}
