use serde::{Deserialize, Serialize};

/// The note `loop` of a model file: its graphs are the bodies of one loop, in order, and this is how tasks pass through them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoopNote {
    /// How many passes each graph has.
    pub passes: Vec<u64>,
    /// The carried values that a request gives, by name; all others start as zeros.
    pub request: Vec<String>,
    /// The carried value that is the result.
    pub output: String,
}

impl LoopNote {
    /// The note's name.
    pub const NAME: &'static str = "loop";

    /// Reads a note's text.
    pub fn from_text(text: &str) -> Result<LoopNote, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The note's text.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
