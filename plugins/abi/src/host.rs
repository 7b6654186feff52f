use abi_stable::sabi_trait;
use abi_stable::sabi_types::RRef;
use abi_stable::std_types::RStr;

/// Levels of log lines.
pub mod level {
    /// For those who look for a fault.
    pub const DEBUG: u32 = 0;
    /// For everyone.
    pub const INFO: u32 = 1;
    /// Something is not as it should be.
    pub const WARNING: u32 = 2;
}

/// What long work asks of, and tells, the program that runs it. Callable from any thread, during the call only.
#[sabi_trait]
pub trait Host: Send + Sync {
    /// Says a line; `level` is one of [`level`].
    fn log(&self, level: u32, message: RStr<'_>);

    /// `done` of `total` units of `what` are finished.
    fn progress(&self, what: RStr<'_>, done: u64, total: u64);

    /// Whether the user asked to stop; long work asks often and ends soon after.
    fn cancelled(&self) -> bool;

    /// Threads that the work may use, at least one.
    #[sabi(last_prefix_field)]
    fn threads(&self) -> usize;
}

/// A host, lent for one call.
pub type HostRef<'a> = Host_TO<'a, RRef<'a, ()>>;
