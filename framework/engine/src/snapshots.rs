use std::collections::BTreeMap;

use crate::Machine;

/// The most bytes that the snapshots of one run may hold together beyond its entry state: 1 GiB. The end state counts, and is
/// held in any case.
pub const SNAPSHOT_BYTES: u64 = 1 << 30;
/// Steps between the first snapshots of a run; doubled whenever there are too many.
const FIRST_INTERVAL: u64 = 1 << 5;
/// The most snapshots at regular steps. When another one is due, every second one goes: so a run of T steps has one at least
/// every T/24 steps.
const MOST_REGULAR: usize = 48;

type States = BTreeMap<u64, Box<dyn Machine>>;

/// States of one run by their steps, kept so that later ones need not be computed from the beginning.
///
/// What they hold beyond the entry state is added up by [`Machine::own_bytes`]. Where it would pass the budget, regular
/// snapshots are thinned out, and what they would have saved is computed again.
pub(crate) struct Snapshots {
    /// The entry state, at step 0, and the end state once it is known.
    ends: States,
    /// States at multiples of the interval.
    regular: States,
    interval: u64,
    /// Up to this step no regular snapshot is due: each was taken or thinned out.
    settled: u64,
    /// The states that were asked for last, and the one from which they were reached.
    asked: States,
    bytes: u64,
    budget: u64,
}

impl Snapshots {
    /// Snapshots of a run from `entry`, a machine at step 0, which hold at most `budget` bytes beyond it.
    pub(crate) fn new(entry: Box<dyn Machine>, budget: u64) -> Snapshots {
        Snapshots::every(FIRST_INTERVAL, entry, budget)
    }

    /// No snapshots but the entry state and what is asked for.
    pub(crate) fn none(entry: Box<dyn Machine>) -> Snapshots {
        Snapshots::every(u64::MAX, entry, SNAPSHOT_BYTES)
    }

    fn every(interval: u64, entry: Box<dyn Machine>, budget: u64) -> Snapshots {
        Snapshots {
            ends: BTreeMap::from([(0, entry)]),
            regular: BTreeMap::new(),
            interval,
            settled: 0,
            asked: BTreeMap::new(),
            bytes: 0,
            budget,
        }
    }

    /// The last held state not after `step`, and its step.
    pub(crate) fn nearest(&self, step: u64) -> (u64, &dyn Machine) {
        let held = [&self.ends, &self.regular, &self.asked];
        let last = held.iter().filter_map(|states| states.range(..=step).next_back());
        let (at, state) = last.max_by_key(|(at, _)| **at).expect("the entry state is always held");
        (*at, state.as_ref())
    }

    /// The next step after `step` at which a regular snapshot is due.
    pub(crate) fn next_due(&self, step: u64) -> u64 {
        (step.max(self.settled) / self.interval + 1).saturating_mul(self.interval)
    }

    /// Takes a regular snapshot of the running machine at `step`, at which one is due.
    pub(crate) fn take(&mut self, step: u64, running: &dyn Machine) {
        self.settled = step;
        if self.regular.len() >= MOST_REGULAR {
            self.thin_out(running);
        }
        let own = self.make_room(running);
        if !self.has_room_for(own) {
            // Nothing is left to drop, so the next attempt can wait.
            self.interval = self.interval.saturating_mul(2);
        } else if step.is_multiple_of(self.interval) {
            self.bytes += own;
            self.regular.insert(step, running.fork());
        }
    }

    /// Forgets the states that were asked for before, but for the one at `start`, from which others will now be reached.
    pub(crate) fn ask_from(&mut self, start: u64) {
        let (kept, gone) = core::mem::take(&mut self.asked)
            .into_iter()
            .partition(|(step, _)| *step == start);
        self.asked = kept;
        self.release(gone);
    }

    /// Takes a snapshot of the running machine at `step`, which was asked for.
    pub(crate) fn take_asked(&mut self, step: u64, running: &dyn Machine) {
        if self.nearest(step).0 == step {
            return;
        }
        let own = self.make_room(running);
        if self.has_room_for(own) {
            self.bytes += own;
            self.asked.insert(step, running.fork());
        }
    }

    /// Holds the state in which the run ends; what `end` needed only to run goes with it.
    pub(crate) fn hold_end(&mut self, step: u64, end: Box<dyn Machine>) {
        self.bytes += self.make_room(end.as_ref());
        self.ends.insert(step, end.fork());
    }

    /// Forgets all states after `step`, the end state among them.
    pub(crate) fn forget_after(&mut self, step: u64) {
        let after = step.saturating_add(1);
        for states in [&mut self.ends, &mut self.regular, &mut self.asked].map(|states| states.split_off(&after)) {
            self.release(states);
        }
        self.settled = self.settled.min(step);
    }

    fn has_room_for(&self, bytes: u64) -> bool {
        self.bytes.saturating_add(bytes) <= self.budget
    }

    /// Thins out until the bytes that the running machine would add are within the budget, or no regular snapshot is left;
    /// gives those bytes.
    fn make_room(&mut self, running: &dyn Machine) -> u64 {
        loop {
            let own = running.own_bytes();
            if self.has_room_for(own) || self.regular.is_empty() {
                return own;
            }
            self.thin_out(running);
        }
    }

    /// Doubles the interval and drops the snapshots between.
    fn thin_out(&mut self, running: &dyn Machine) {
        let before = running.own_bytes();
        self.interval = self.interval.saturating_mul(2);
        let (kept, gone) = core::mem::take(&mut self.regular)
            .into_iter()
            .partition(|(step, _)| step.is_multiple_of(self.interval));
        self.regular = kept;
        self.release(gone);
        // What only the dropped ones and the running machine shared is now its own, and counted with its next snapshot.
        let inherited = running.own_bytes().saturating_sub(before);
        self.bytes = self.bytes.saturating_sub(inherited);
    }

    fn release(&mut self, states: States) {
        for state in states.into_values() {
            self.bytes = self.bytes.saturating_sub(state.own_bytes());
        }
    }
}
