use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use opml_engine::StageError;
use opml_stages::PassWatch;

/// Notes when each pass was through, and hands on what it sees.
pub(super) struct PassTimes {
    next: Option<Arc<dyn PassWatch>>,
    ends: Mutex<Vec<Instant>>,
}

impl PassTimes {
    pub(super) fn new(next: Option<Arc<dyn PassWatch>>) -> PassTimes {
        PassTimes {
            next,
            ends: Mutex::new(Vec::new()),
        }
    }

    /// Seconds of the last `count` passes; `None` when there were not more than so many.
    pub(super) fn of_last(&self, count: usize) -> Option<f64> {
        let ends = self.ends.lock().ok()?;
        let (last, before) = (ends.last()?, ends.len().checked_sub(count + 1)?);
        Some(last.duration_since(*ends.get(before)?).as_secs_f64())
    }
}

impl PassWatch for PassTimes {
    fn passed(&self, done: u64, passes: u64, carry: &[Option<Bytes>]) -> Result<(), StageError> {
        if let Ok(mut ends) = self.ends.lock() {
            ends.push(Instant::now());
        }
        match &self.next {
            Some(next) => next.passed(done, passes, carry),
            None => Ok(()),
        }
    }
}
