use std::collections::VecDeque;

use opml_commit::Root;
use opml_engine::{Fault, Trace};

/// What a trace is of: a stage's claim, and the lie in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TraceKey {
    pub(crate) stage: u8,
    pub(crate) claim: Root,
    pub(crate) fault: Option<Fault>,
}

/// A party's traces, shared by all its games: of those that it holds the one used longest ago goes first.
pub(crate) struct Traces {
    held: VecDeque<(TraceKey, Box<dyn Trace>)>,
    most: usize,
}

impl Traces {
    /// Holds at most `most`, and at least the one in use.
    pub(crate) fn holding(most: usize) -> Traces {
        Traces {
            held: VecDeque::new(),
            most: most.max(1),
        }
    }

    /// The trace of `key`, which `open` begins when it is not held.
    pub(crate) fn get<E>(
        &mut self,
        key: TraceKey,
        open: impl FnOnce() -> Result<Box<dyn Trace>, E>,
    ) -> Result<&mut dyn Trace, E> {
        let found = self.held.iter().position(|(held, _)| *held == key);
        let entry = match found.and_then(|place| self.held.remove(place)) {
            Some(entry) => entry,
            None => (key, open()?),
        };
        self.held.push_front(entry);
        self.held.truncate(self.most);
        Ok(self.held[0].1.as_mut())
    }
}

#[cfg(test)]
mod tests {
    use opml_engine::{Narrowed, Opening, Point, StageError, Store};

    use super::*;

    struct Nothing;

    impl Trace for Nothing {
        fn opening(&mut self, _: u64, _: &dyn Store) -> Result<Opening, StageError> {
            Err(StageError::Cancelled)
        }

        fn reveal(&mut self, _: &[Point]) -> Result<Vec<Root>, StageError> {
            Ok(Vec::new())
        }

        fn narrow(&mut self, _: u64, _: &dyn Store) -> Result<Narrowed, StageError> {
            Err(StageError::Cancelled)
        }
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let mut traces = Traces::holding(2);
        let mut opened = Vec::new();
        for stage in [1, 2, 1, 3, 1, 2] {
            let key = TraceKey {
                stage,
                claim: Root::ZERO,
                fault: None,
            };
            let trace = traces.get(key, || {
                opened.push(stage);
                Ok::<_, StageError>(Box::new(Nothing) as Box<dyn Trace>)
            });
            trace.expect("it opens");
        }
        assert_eq!(opened, [1, 2, 3, 2]);
    }
}
