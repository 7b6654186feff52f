use std::io::Write;
use std::path::Path;

use opml_graph::{ConvertError, Converter, Host, Model, write_model};

use crate::assemble::assemble;
use crate::document::Document;
use crate::refusal::refused;

/// What its files' names end in.
const SUFFIX: &str = ".graph.json";

/// Makes models of graphs written by hand. It takes no options.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextConverter;

impl TextConverter {
    /// The model that a text describes.
    pub fn model(&self, text: &str) -> Result<Model, ConvertError> {
        let document: Document = serde_json::from_str(text).map_err(|error| {
            refused(
                "",
                error.to_string(),
                "specs/text-graph.md says what a graph is written like",
            )
        })?;
        assemble(&document)
    }
}

impl Converter for TextConverter {
    fn name(&self) -> &str {
        "text"
    }

    fn accepts(&self, _head: &[u8], name: &str) -> bool {
        name.ends_with(SUFFIX)
    }

    fn convert(&self, source: &Path, options: &str, out: &mut dyn Write, _host: &dyn Host) -> Result<(), ConvertError> {
        let options: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(options).map_err(|error| refused("model", error.to_string(), ""))?;
        if let Some(key) = options.keys().next() {
            return Err(refused(
                format!("model.{key}"),
                "a graph in text is converted as it is",
                format!("leave out `{key}`"),
            ));
        }
        let text =
            std::fs::read_to_string(source).map_err(|error| refused("", format!("cannot be read: {error}"), ""))?;
        let model = self.model(&text)?;
        let file = write_model(&model).map_err(|error| refused("", error.to_string(), ""))?;
        out.write_all(&file).map_err(|error| ConvertError {
            code: 1,
            message: format!("the model file cannot be written: {error}"),
            place: String::new(),
            help: String::new(),
        })
    }

    fn reference(
        &self,
        _source: &Path,
        _options: &str,
        _inputs: &[&[u8]],
        _host: &dyn Host,
    ) -> Result<Vec<Vec<u8>>, ConvertError> {
        Err(refused(
            "",
            "a graph in text has no float form to compare with",
            "evaluate a model that was converted from a float one",
        ))
    }
}
