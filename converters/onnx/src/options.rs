use std::path::PathBuf;

use opml_graph::ConvertError;
use serde_json::{Map, Value};

use crate::error::refused;

/// How the range of an activation is taken from the calibration samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RangeMethod {
    /// From the least to the greatest value seen.
    MinMax,
    /// Without the outermost values, one in ten thousand at either end.
    Percentile,
}

/// Post-training quantisation to int8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quantize {
    pub(crate) calibration: PathBuf,
    pub(crate) method: RangeMethod,
}

/// The converter's options: the spec's `model` section without `converter` and `source`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) quantize: Option<Quantize>,
}

const WHAT_TO_WRITE: &str = "quantize: { scheme: int8, calibration: <samples.npy> }";

impl Options {
    /// Reads the JSON object; an empty text is an empty object.
    pub(crate) fn parse(json: &str) -> Result<Options, ConvertError> {
        let json = if json.trim().is_empty() { "{}" } else { json };
        let value: Value = serde_json::from_str(json)
            .map_err(|error| refused("", format!("the options are not JSON: {error}"), ""))?;
        let options = object(&value, "")?;
        known_keys(options, "", &["quantize"])?;
        let quantize = match options.get("quantize") {
            None | Some(Value::Null) => None,
            Some(quantize) => Some(Quantize::parse(quantize)?),
        };
        Ok(Options { quantize })
    }

    /// The quantisation, without which nothing can be converted.
    pub(crate) fn required_quantize(&self) -> Result<&Quantize, ConvertError> {
        self.quantize.as_ref().ok_or_else(|| {
            refused(
                "quantize",
                "float models are not yet supported: the model must be quantised to int8",
                format!("write `{WHAT_TO_WRITE}` under `model`, where <samples.npy> holds some typical inputs"),
            )
        })
    }
}

impl Quantize {
    fn parse(value: &Value) -> Result<Quantize, ConvertError> {
        let options = object(value, "quantize")?;
        known_keys(options, "quantize", &["scheme", "calibration", "method"])?;
        let scheme = text(options, "scheme")?;
        one_of("quantize.scheme", scheme.unwrap_or("int8"), &["int8"])?;
        let calibration = text(options, "calibration")?
            .filter(|path| !path.is_empty())
            .ok_or_else(|| {
                refused(
                    "quantize.calibration",
                    "`quantize` needs `calibration`, an .npy file of sample inputs",
                    format!("write `{WHAT_TO_WRITE}`"),
                )
            })?;
        let method = text(options, "method")?.unwrap_or("minmax");
        let method = match one_of("quantize.method", method, &["minmax", "percentile"])? {
            "percentile" => RangeMethod::Percentile,
            _ => RangeMethod::MinMax,
        };
        Ok(Quantize {
            calibration: calibration.into(),
            method,
        })
    }
}

fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, ConvertError> {
    let what = if place.is_empty() { "the options" } else { place };
    value
        .as_object()
        .ok_or_else(|| refused(place, format!("{what} must be a map of keys"), ""))
}

fn text<'a>(options: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, ConvertError> {
    let place = format!("quantize.{key}");
    match options.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(refused(&place, format!("`{place}` must be a text"), "")),
    }
}

fn known_keys(options: &Map<String, Value>, place: &str, known: &[&str]) -> Result<(), ConvertError> {
    let Some(unknown) = options.keys().find(|key| !known.contains(&key.as_str())) else {
        return Ok(());
    };
    let place = match place {
        "" => unknown.clone(),
        place => format!("{place}.{unknown}"),
    };
    Err(refused(
        &place,
        format!("unknown option `{place}`"),
        suggestion(unknown, known),
    ))
}

fn one_of<'a>(place: &str, given: &'a str, known: &[&str]) -> Result<&'a str, ConvertError> {
    if known.contains(&given) {
        return Ok(given);
    }
    Err(refused(
        place,
        format!("`{place}` cannot be `{given}`"),
        suggestion(given, known),
    ))
}

/// Names the known word nearest to `given`, or all of them when none is near.
fn suggestion(given: &str, known: &[&str]) -> String {
    let distance = |word: &&&str| strsim::damerau_levenshtein(given, word);
    match known.iter().min_by_key(distance) {
        Some(word) if distance(&word) <= given.len().div_ceil(2) => format!("did you mean `{word}`?"),
        _ => format!("valid: `{}`", known.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> (String, String) {
        let error = Options::parse(json).unwrap_err();
        assert_eq!(error.code, 2);
        (error.message, error.help)
    }

    #[test]
    fn a_full_object_is_read() {
        let options = Options::parse(
            r#"{"quantize": {"scheme": "int8", "calibration": "/samples.npy", "method": "percentile"}}"#,
        );
        let quantize = options.unwrap().quantize.unwrap();
        assert_eq!(
            (quantize.calibration.to_str(), quantize.method),
            (Some("/samples.npy"), RangeMethod::Percentile)
        );
    }

    #[test]
    fn unknown_keys_are_named_with_the_nearest_valid_one() {
        let suggested = error(r#"{"quantise": {}}"#);
        assert_eq!(
            suggested,
            ("unknown option `quantise`".into(), "did you mean `quantize`?".into())
        );
        let suggested = error(r#"{"quantize": {"scheme": "int8", "calibraton": "x"}}"#);
        assert_eq!(
            suggested,
            (
                "unknown option `quantize.calibraton`".into(),
                "did you mean `calibration`?".into()
            )
        );
        let listed = error(r#"{"quantize": {"scheme": "fp16", "calibration": "x"}}"#);
        assert_eq!(
            listed,
            ("`quantize.scheme` cannot be `fp16`".into(), "valid: `int8`".into())
        );
    }

    #[test]
    fn a_float_model_is_told_what_to_write() {
        for json in ["", "{}", r#"{"quantize": null}"#] {
            let error = Options::parse(json).unwrap().required_quantize().unwrap_err();
            assert_eq!(
                error.message,
                "float models are not yet supported: the model must be quantised to int8"
            );
            assert!(
                error.help.contains("quantize: { scheme: int8, calibration:"),
                "{}",
                error.help
            );
        }
    }

    #[test]
    fn wrong_types_are_refused() {
        assert_eq!(error("[]").0, "the options must be a map of keys");
        assert_eq!(error(r#"{"quantize": 8}"#).0, "quantize must be a map of keys");
        assert_eq!(
            error(r#"{"quantize": {"calibration": 3}}"#).0,
            "`quantize.calibration` must be a text"
        );
        assert!(error("{").0.starts_with("the options are not JSON"));
        assert!(
            error(r#"{"quantize": {"scheme": "int8"}}"#)
                .0
                .contains("needs `calibration`")
        );
    }
}
