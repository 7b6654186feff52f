//! A converter plugin: a logistic regression of scikit-learn, stored as JSON, becomes a model of three operators.

mod regression;

use std::io::Write;
use std::path::Path;

use opml_graph::{ConvertError, Converter, Host, write_model};

pub use regression::Regression;
use regression::{KIND, refused};

opml_plugin_export::plugin! {
    name: "sklearn",
    description: "The converter of logistic regressions of scikit-learn",
    converters: [Sklearn],
}

/// Makes models of logistic regressions. It takes no options.
pub struct Sklearn;

impl Converter for Sklearn {
    fn name(&self) -> &str {
        "sklearn"
    }

    fn accepts(&self, head: &[u8], name: &str) -> bool {
        name.ends_with(".json") && head.windows(KIND.len()).any(|part| part == KIND.as_bytes())
    }

    fn convert(&self, source: &Path, options: &str, out: &mut dyn Write, _: &dyn Host) -> Result<(), ConvertError> {
        let model = read(source, options)?.model()?;
        let file = write_model(&model).map_err(|error| refused("", error, ""))?;
        out.write_all(&file).map_err(|error| ConvertError {
            code: 1, // not the user's doing
            ..refused("", format!("the model file cannot be written: {error}"), "")
        })
    }

    fn reference(
        &self,
        source: &Path,
        options: &str,
        inputs: &[&[u8]],
        _: &dyn Host,
    ) -> Result<Vec<Vec<u8>>, ConvertError> {
        let outputs = read(source, options)?.probabilities(&inputs.concat())?;
        Ok(vec![outputs.into_iter().flat_map(f32::to_le_bytes).collect()])
    }
}

fn read(source: &Path, options: &str) -> Result<Regression, ConvertError> {
    if options != "{}" {
        let help = "leave `converter` and `source` only";
        return Err(refused("model", "a regression is converted as it is", help));
    }
    let text = std::fs::read_to_string(source);
    Regression::parse(&text.map_err(|error| refused("", format!("cannot be read: {error}"), ""))?)
}
