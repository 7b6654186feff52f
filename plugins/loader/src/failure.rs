//! Numeric errors as the framework's, naming the plugin.

use std::sync::Arc;

use opml_engine::VmError;
use opml_graph::{ComputeError, ConvertError};
use opml_plugin_abi::{Error, code};

/// Whose methods are called, for messages.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Arc<str>);

impl Caller {
    pub(crate) fn new(plugin: &str) -> Caller {
        Caller(plugin.into())
    }

    pub(crate) fn plugin(&self) -> &str {
        &self.0
    }

    /// What happened in `method`, in a line.
    pub(crate) fn reason(&self, method: &str, error: &Error) -> String {
        let Error {
            message, place, help, ..
        } = error;
        let at = if place.is_empty() {
            String::new()
        } else {
            format!(" at {place}")
        };
        if error.code == code::PANICKED {
            return format!("plugin `{}` panicked in `{method}`{at}: {message}", self.0);
        }
        let help = if help.is_empty() {
            String::new()
        } else {
            format!("; {help}")
        };
        format!("plugin `{}` failed in `{method}`{at}: {message}{help}", self.0)
    }

    pub(crate) fn vm(&self, method: &str, error: Error) -> VmError {
        let [first, second] = error.figures;
        match error.code {
            code::REGION => VmError::Region {
                address: first as u32,
                length: second as usize,
            },
            code::BACKWARD => VmError::Backward {
                at: first,
                asked: second,
            },
            code::WITNESS => VmError::Witness {
                reason: error.message.into(),
            },
            code::GUEST => VmError::Guest {
                reason: error.message.into(),
            },
            _ => VmError::Backend {
                reason: self.reason(method, &error),
            },
        }
    }

    pub(crate) fn compute(&self, method: &str, error: Error) -> ComputeError {
        let [first, second] = error.figures;
        match error.code {
            code::NOT_ADMITTED => ComputeError::NotAdmitted {
                tag: error.operator,
                reason: error.message.into(),
            },
            code::SIZE => ComputeError::Size {
                tag: error.operator,
                what: error.message.into(),
                expected: first as usize,
                actual: second as usize,
            },
            _ => ComputeError::Backend {
                reason: self.reason(method, &error),
            },
        }
    }

    pub(crate) fn convert(&self, method: &str, error: Error) -> ConvertError {
        if error.code == code::PANICKED {
            return ConvertError {
                code: 1,
                message: self.reason(method, &error),
                place: String::new(),
                help: "this is a defect of the plugin".into(),
            };
        }
        ConvertError {
            code: if error.code == code::USER { 2 } else { 1 },
            message: error.message.into(),
            place: error.place.into(),
            help: error.help.into(),
        }
    }

    /// For methods of the framework that cannot fail: this thread ends with the plugin's words.
    pub(crate) fn expect<T>(&self, method: &str, result: Result<T, Error>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => panic!("{}", self.reason(method, &error)),
        }
    }
}
