use opml_graph::ConvertError;

/// The source or the options are wrong; `place` names the node, tensor or key, `help` what to do.
pub(crate) fn refused(place: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> ConvertError {
    ConvertError {
        code: 2,
        message: message.into(),
        place: place.into(),
        help: help.into(),
    }
}

/// Something failed that the user's input did not cause.
pub(crate) fn failed(message: impl Into<String>) -> ConvertError {
    ConvertError {
        code: 1,
        message: message.into(),
        place: String::new(),
        help: String::new(),
    }
}
