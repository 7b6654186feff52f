use std::fmt;
use std::path::Path;

use opml_engine::StageError;

/// Why the program ends without what was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code: 2 the user's to mend, 1 anything else.
    pub(crate) code: u8,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it; may be empty.
    pub(crate) help: String,
}

impl Failure {
    /// A mistake of the user's.
    pub(crate) fn user(message: impl fmt::Display) -> Failure {
        Failure {
            code: 2,
            message: message.to_string(),
            help: String::new(),
        }
    }

    /// Anything else.
    pub(crate) fn other(message: impl fmt::Display) -> Failure {
        Failure {
            code: 1,
            message: message.to_string(),
            help: String::new(),
        }
    }

    /// The user pressed Ctrl-C.
    pub(crate) fn cancelled() -> Failure {
        Failure {
            code: 1,
            message: "stopped".into(),
            help: "nothing was left half-written".into(),
        }
    }

    /// A stage of a pipeline failed, or was stopped.
    pub(crate) fn of_stage(error: StageError) -> Failure {
        match error {
            StageError::Cancelled => Failure::cancelled(),
            other => Failure::other(other),
        }
    }

    /// Adds what to do about it.
    pub(crate) fn help(mut self, help: impl fmt::Display) -> Failure {
        self.help = help.to_string();
        self
    }

    /// Says what was being done.
    pub(crate) fn context(mut self, context: impl fmt::Display) -> Failure {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// A file of the user's that cannot be read.
    pub(crate) fn unreadable(what: &str, path: &Path, error: impl fmt::Display) -> Failure {
        Failure::user(format!("cannot read the {what} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if self.help.is_empty() {
            Ok(())
        } else {
            write!(formatter, "\n  help: {}", self.help)
        }
    }
}
