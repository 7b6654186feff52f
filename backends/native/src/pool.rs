//! Threads that wait for work, so that a node of a few microseconds is worth sharing.

use std::sync::{Mutex, OnceLock, PoisonError};

use rayon_core::{ThreadPool, ThreadPoolBuilder};

/// The threads of this process that help whoever calls, started when they are first needed; none where the system gives none.
fn helpers() -> Option<&'static ThreadPool> {
    static HELPERS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let pool = HELPERS.get_or_init(|| {
        let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
        let builder = ThreadPoolBuilder::new().num_threads(processors.saturating_sub(1).max(1));
        builder
            .thread_name(|number| format!("opml-native-{number}"))
            .build()
            .ok()
    });
    pool.as_ref()
}

/// Does every piece of work on this thread and at most `threads − 1` others, each taking the next piece when it has done one: a thread that
/// comes late has less to do. Returns when all is done; a panic in a piece goes on here.
pub(crate) fn all<W: FnOnce() + Send>(works: Vec<W>, threads: usize) {
    let others = threads.min(works.len()).saturating_sub(1);
    let Some(pool) = helpers().filter(|_| others > 0) else {
        return works.into_iter().for_each(|work| work());
    };
    let queue = Mutex::new(works.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(work) = next() {
            work();
        }
    };
    pool.in_place_scope(|scope| {
        for _ in 0..others {
            scope.spawn(|_| work());
        }
        work();
    });
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::all;

    #[test]
    fn every_piece_is_done_once_by_no_more_threads_than_said() {
        for threads in [0, 1, 2, 3, 9] {
            let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let mut done = [0; 40];
            let (running, most) = (&running, &most);
            let works = done.iter_mut().map(|done| {
                move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    *done += 1;
                    running.fetch_sub(1, Ordering::SeqCst);
                }
            });
            all(works.collect(), threads);
            assert_eq!(done, [1; 40]);
            assert!(most.load(Ordering::SeqCst) <= threads.max(1));
        }
    }

    #[test]
    fn a_panic_goes_on_in_the_caller_and_helpers_live_on() {
        for _ in 0..3 {
            let works = (0..8).map(|place| move || assert!(place != 5, "piece {place}"));
            let caught = std::panic::catch_unwind(|| all(works.collect(), 3)).unwrap_err();
            assert_eq!(caught.downcast_ref::<String>().expect("a message"), "piece 5");
        }
        let mut done = [false; 8];
        all(done.iter_mut().map(|done| move || *done = true).collect(), 3);
        assert_eq!(done, [true; 8]);
    }
}
