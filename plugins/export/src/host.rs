use opml_graph::{Host, LogLevel};
use opml_plugin_abi::{HostRef, level};

/// The program that called, for code on this side.
pub(crate) struct Caller<'a>(pub(crate) HostRef<'a>);

impl Host for Caller<'_> {
    fn log(&self, importance: LogLevel, message: &str) {
        let importance = match importance {
            LogLevel::Debug => level::DEBUG,
            LogLevel::Info => level::INFO,
            LogLevel::Warning => level::WARNING,
        };
        self.0.log(importance, message.into());
    }

    fn progress(&self, what: &str, done: u64, total: u64) {
        self.0.progress(what.into(), done, total);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }

    fn threads(&self) -> usize {
        self.0.threads().max(1)
    }
}
