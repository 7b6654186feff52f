use std::collections::BTreeMap;

use crate::Strategy;

/// What owners of one strategy gained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// How many.
    pub owners: u64,
    /// Wei in all, gas paid.
    pub sum: i128,
    /// Wei of the one that fared worst.
    pub worst: i128,
    /// Wei of the one that fared best.
    pub best: i128,
    /// Owners that ended with more than they began with.
    pub richer: u64,
    /// Gas in all.
    pub gas: u64,
}

impl Entry {
    /// Wei of one owner in the mean.
    pub fn mean(&self) -> i128 {
        self.sum / i128::from(self.owners.max(1))
    }

    fn enter(&mut self, gain: i128, gas: u64) {
        let first = self.owners == 0;
        self.worst = if first { gain } else { self.worst.min(gain) };
        self.best = if first { gain } else { self.best.max(gain) };
        self.owners += 1;
        self.sum += gain;
        self.richer += u64::from(gain > 0);
        self.gas += gas;
    }
}

/// The books of a simulation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// By strategy.
    pub entries: BTreeMap<Strategy, Entry>,
    /// Tasks played.
    pub tasks: u64,
    /// Games played in them.
    pub games: u64,
    /// Tasks that ended with the true result.
    pub answered: u64,
    /// Tasks that ended without a result, the fee given back.
    pub refunded: u64,
    /// Seconds from the request to the end of the task that took longest.
    pub longest: u64,
    /// Wei that nobody has any more.
    pub burnt: u128,
    /// What must never happen, and did.
    pub violations: Vec<String>,
}

impl Ledger {
    pub(crate) fn enter(&mut self, strategy: Strategy, gain: i128, gas: u64) {
        self.entries.entry(strategy).or_default().enter(gain, gas);
    }
}
