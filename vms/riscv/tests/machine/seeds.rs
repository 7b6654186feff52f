//! Seeds of random tests.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

/// Runs `test` on the seeds 0 … `count` − 1; with `OPML_FUZZ_SECONDS=n` set, goes on for n seconds with seeds that no run
/// before had. The seed of a failure is printed.
pub(crate) fn random_seeds(count: u64, test: impl Fn(u64)) {
    let tried = |seed| {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| test(seed))) {
            eprintln!("the seed of this failure: {seed}");
            resume_unwind(panic);
        }
    };
    (0..count).for_each(tried);
    let Ok(seconds) = std::env::var("OPML_FUZZ_SECONDS") else {
        return;
    };
    let seconds = seconds.parse().expect("OPML_FUZZ_SECONDS is a number of seconds");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let mut seed = now.expect("a clock past 1970").as_nanos() as u64;
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(seconds) {
        tried(seed);
        seed = seed.wrapping_add(1);
    }
}
