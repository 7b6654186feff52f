/// How important a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum LogLevel {
    /// For those who look for a fault.
    Debug = 0,
    /// For everyone.
    Info = 1,
    /// Something is not as it should be.
    Warning = 2,
}

/// What long work asks of, and tells, the program that runs it.
pub trait Host: Send + Sync {
    /// Says a line.
    fn log(&self, level: LogLevel, message: &str);

    /// `done` of `total` units of `what` are finished; `total` is 0 while it is not known.
    fn progress(&self, what: &str, done: u64, total: u64);

    /// Whether the user asked to stop; long work asks often and ends soon after.
    fn cancelled(&self) -> bool;

    /// Threads that the work may use, at least one.
    fn threads(&self) -> usize;
}

/// A host that says nothing and lends one thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilentHost;

impl Host for SilentHost {
    fn log(&self, _level: LogLevel, _message: &str) {}

    fn progress(&self, _what: &str, _done: u64, _total: u64) {}

    fn cancelled(&self) -> bool {
        false
    }

    fn threads(&self) -> usize {
        1
    }
}
