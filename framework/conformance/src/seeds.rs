use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A random test: calls `run` with the seeds 0 to `count` − 1, then, when `OPML_FUZZ_SECONDS` is set, with fresh seeds for as
/// many seconds. A failure prints its seed; `OPML_FUZZ_SEED` runs that one alone.
///
/// # Panics
/// When `run` does, and when either variable is set to no number.
pub fn each_seed(count: u64, mut run: impl FnMut(u64)) {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(
            text.parse::<u64>()
                .unwrap_or_else(|_| panic!("{name} is {text:?}, not a number")),
        )
    };
    let mut with = |seed| {
        let name = NameOnPanic(seed);
        run(seed);
        drop(name);
    };
    if let Some(seed) = number("OPML_FUZZ_SEED") {
        return with(seed);
    }
    (0..count).for_each(&mut with);
    let Some(seconds) = number("OPML_FUZZ_SECONDS") else {
        return;
    };
    let end = Instant::now() + Duration::from_secs(seconds);
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let mut seed = clock.as_nanos() as u64;
    while Instant::now() < end {
        with(seed);
        seed = seed.wrapping_add(1);
    }
}

/// Prints its seed when a panic passes it.
struct NameOnPanic(u64);

impl Drop for NameOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("it failed with OPML_FUZZ_SEED={}", self.0);
        }
    }
}
