use std::sync::Arc;

use opml_engine::RunWatch;
use opml_graph::Host;

/// What the work is called.
const WHAT: &str = "running the machine";

/// A host that hears of runs in steps.
pub(super) struct RunProgress(pub(super) Arc<dyn Host>);

impl RunWatch for RunProgress {
    fn goes_on(&self, steps: u64) -> bool {
        self.0.progress(WHAT, steps, 0);
        !self.0.cancelled()
    }

    fn rests(&self, steps: u64) {
        self.0.progress(WHAT, steps, steps);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use opml_graph::LogLevel;

    use super::*;

    /// A host that notes what it is told, and cancels or not.
    struct Note {
        told: Mutex<Vec<(String, u64, u64)>>,
        cancelled: bool,
    }

    impl Host for Note {
        fn log(&self, _level: LogLevel, _message: &str) {}

        fn progress(&self, what: &str, done: u64, total: u64) {
            let mut told = self.told.lock().expect("nobody panicked");
            told.push((what.into(), done, total));
        }

        fn cancelled(&self) -> bool {
            self.cancelled
        }

        fn threads(&self) -> usize {
            1
        }
    }

    #[test]
    fn a_host_is_told_and_asked() {
        for cancelled in [false, true] {
            let note = Arc::new(Note {
                told: Mutex::default(),
                cancelled,
            });
            let progress = RunProgress(note.clone());
            assert_eq!(progress.goes_on(5), !cancelled);
            progress.rests(7);
            let told = note.told.lock().expect("nobody panicked");
            assert_eq!(*told, [(WHAT.into(), 5, 0), (WHAT.into(), 7, 7)]);
        }
    }
}
