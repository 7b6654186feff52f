use std::collections::BTreeMap;

use opml_commit::Root;

use crate::Action;
use crate::agent::subject;

/// Seconds after the first refusal; twice as many after each further one.
const FIRST_WAIT: u64 = 12;
/// Refusals after which an action is given up: more than an hour of waiting in all, and more games than a clock can grow by.
const MOST_REFUSALS: u32 = 10;

/// Which actions were refused, and when each may be tried again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patience {
    refusals: BTreeMap<(&'static str, Root), (u32, u64)>,
}

impl Patience {
    /// Whether the action called `name` about `subject` may be tried now.
    pub(crate) fn allows(&self, name: &'static str, subject: &Root, now: u64) -> bool {
        let refused = self.refusals.get(&(name, *subject));
        refused.is_none_or(|(times, until)| *times < MOST_REFUSALS && now >= *until)
    }

    /// Takes note of a refusal; says whether it is the first.
    pub(crate) fn refuse(&mut self, action: &Action, now: u64) -> bool {
        let entry = self.refusals.entry((action.name(), subject(action))).or_default();
        entry.1 = now + (FIRST_WAIT << entry.0.min(16));
        entry.0 += 1;
        entry.0 == 1
    }

    /// When the next refused action may be tried again.
    pub(crate) fn ends(&self, now: u64) -> Option<u64> {
        let waiting = self
            .refusals
            .values()
            .filter(|(times, until)| *times < MOST_REFUSALS && *until > now);
        waiting.map(|(_, until)| *until).min()
    }
}
