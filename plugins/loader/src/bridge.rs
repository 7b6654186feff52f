//! What a plugin calls back: the host and the sink. A panic on this side is held until the plugin has returned.

use std::any::Any;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;

use opml_graph::LogLevel;
use opml_plugin_abi::abi_stable::std_types::{RResult, RSlice, RStr};
use opml_plugin_abi::{Error, Host, Sink, code, level};

type Payload = Box<dyn Any + Send>;

/// The calling program, lent to a plugin for one call.
pub(crate) struct HostBridge<'a> {
    host: &'a dyn opml_graph::Host,
    panicked: Mutex<Option<Payload>>,
}

impl<'a> HostBridge<'a> {
    pub(crate) fn new(host: &'a dyn opml_graph::Host) -> HostBridge<'a> {
        HostBridge {
            host,
            panicked: Mutex::new(None),
        }
    }

    /// Goes on with a panic of the host that the plugin must not see.
    pub(crate) fn finish(self) {
        let panicked = self
            .panicked
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(payload) = panicked {
            resume_unwind(payload);
        }
    }

    fn call<T>(&self, fallback: T, ask: impl FnOnce(&dyn opml_graph::Host) -> T) -> T {
        catch_unwind(AssertUnwindSafe(|| ask(self.host))).unwrap_or_else(|payload| {
            let mut panicked = self.panicked.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            panicked.get_or_insert(payload);
            fallback
        })
    }
}

impl Host for HostBridge<'_> {
    fn log(&self, importance: u32, message: RStr<'_>) {
        let importance = match importance {
            level::DEBUG => LogLevel::Debug,
            level::INFO => LogLevel::Info,
            _ => LogLevel::Warning,
        };
        self.call((), |host| host.log(importance, message.as_str()));
    }

    fn progress(&self, what: RStr<'_>, done: u64, total: u64) {
        self.call((), |host| host.progress(what.as_str(), done, total));
    }

    fn cancelled(&self) -> bool {
        let broken = self
            .panicked
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .is_some();
        broken || self.call(true, |host| host.cancelled())
    }

    fn threads(&self) -> usize {
        self.call(1, |host| host.threads())
    }
}

/// The writer that takes a plugin's output, lent for one call.
pub(crate) struct SinkBridge<'a> {
    out: &'a mut dyn Write,
    failed: Option<io::Error>,
    panicked: Option<Payload>,
}

impl<'a> SinkBridge<'a> {
    pub(crate) fn new(out: &'a mut dyn Write) -> SinkBridge<'a> {
        SinkBridge {
            out,
            failed: None,
            panicked: None,
        }
    }

    /// The writer's own failure, if any; goes on with a panic of the writer.
    pub(crate) fn finish(self) -> Option<io::Error> {
        if let Some(payload) = self.panicked {
            resume_unwind(payload);
        }
        self.failed
    }

    fn taken(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.failed.is_some() || self.panicked.is_some() {
            return Err(io::Error::other("nothing more is taken after a failure"));
        }
        match catch_unwind(AssertUnwindSafe(|| self.out.write_all(bytes))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                let told = io::Error::other(error.to_string());
                self.failed = Some(error);
                Err(told)
            }
            Err(payload) => {
                self.panicked = Some(payload);
                Err(io::Error::other("the program that takes the output failed"))
            }
        }
    }
}

impl Sink for SinkBridge<'_> {
    fn write(&mut self, bytes: RSlice<'_, u8>) -> RResult<(), Error> {
        let taken = self.taken(bytes.as_slice());
        taken
            .map_err(|error| Error::new(code::FAILED, error.to_string()))
            .into()
    }
}
