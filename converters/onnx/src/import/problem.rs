/// Why a node cannot be imported; the importer adds which node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What is wrong.
    pub(crate) message: String,
    /// What would help; empty when nothing can be said.
    pub(crate) help: String,
    /// Whether it is that a value is larger than a slot and cannot be cut; the importer adds which tensor.
    pub(crate) is_uncut: bool,
}

impl Problem {
    /// Something is wrong, and this is all there is to say.
    pub(crate) fn new(message: impl Into<String>) -> Problem {
        Problem {
            message: message.into(),
            help: String::new(),
            is_uncut: false,
        }
    }

    /// What would help.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Problem {
        self.help = help.into();
        self
    }

    /// It is about a value that cannot be cut.
    pub(crate) fn about_an_uncut_value(mut self) -> Problem {
        self.is_uncut = true;
        self
    }
}

/// An attribute has a value that is not supported.
pub(crate) fn unsupported(attribute: &str, value: impl std::fmt::Display, known: &str) -> Problem {
    Problem::new(format!(
        "the attribute `{attribute}` is `{value}`, which is not supported"
    ))
    .with_help(match known {
        "" => String::new(),
        known => format!("supported: {known}"),
    })
}

/// What an import step gives.
pub(crate) type Outcome<T> = Result<T, Problem>;
