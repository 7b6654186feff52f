use opml_commit::Root;

/// A stage's clock: each side's allowance in it is `base + unit · (games on the task − 1)` seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Seconds with one game on the task.
    pub base: u64,
    /// Seconds that each further game adds.
    pub unit: u64,
}

/// What a model is registered with (`specs/money.md`): its program, its judges and its stakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The first stage's program.
    pub program: Root,
    /// Kinds of the stages, outermost first; the last one is the machine stage.
    pub stages: Vec<String>,
    /// The machine's name.
    pub vm: String,
    /// The guest image's slot root.
    pub image: Root,
    /// Children per reveal: a power of two from 2 to 256.
    pub arity: u16,
    /// Bytes of each request value.
    pub input_bytes: Vec<u32>,
    /// Bytes of the output.
    pub output_bytes: u32,
    /// Whether requests may name values by root only.
    pub inputs_offchain: bool,
    /// Seconds in which a result may be challenged.
    pub window: u64,
    /// One a stage.
    pub clocks: Vec<Clock>,
    /// Wei.
    pub proposer_bond: u128,
    /// Wei.
    pub challenger_bond: u128,
}

impl Terms {
    /// Seconds that a side has in a stage when `games` were ever opened on the task.
    pub fn allowance(&self, stage: u8, games: u64) -> u64 {
        let clock = self.clocks.get(usize::from(stage)).copied();
        clock.map_or(0, |clock| {
            let grown = clock.unit.saturating_mul(games.saturating_sub(1));
            clock.base.saturating_add(grown).min(CLOCK_LIMIT)
        })
    }
}

/// The most seconds that an allowance grows to.
const CLOCK_LIMIT: u64 = 180 * 24 * 3600;

#[cfg(test)]
mod tests {
    use opml_commit::Root;

    use super::{Clock, Terms};

    #[test]
    fn an_allowance_grows_with_the_games_up_to_its_limit() {
        let terms = Terms {
            program: Root::ZERO,
            stages: vec!["instruction".into()],
            vm: "a machine".into(),
            image: Root::ZERO,
            arity: 16,
            input_bytes: Vec::new(),
            output_bytes: 1,
            inputs_offchain: false,
            window: 3600,
            clocks: vec![Clock { base: 600, unit: 7 }],
            proposer_bond: 4,
            challenger_bond: 1,
        };
        let days = 24 * 3600;
        for (games, seconds) in [(0, 600), (1, 600), (2, 607), (101, 1300), (u64::MAX, 180 * days)] {
            assert_eq!(terms.allowance(0, games), seconds);
        }
        assert_eq!(terms.allowance(1, 1), 0, "there is no such stage");
    }
}
