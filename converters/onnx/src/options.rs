use std::collections::BTreeMap;
use std::path::PathBuf;

use opml_graph::{ConvertError, Quantization};
use opml_ops::DType;
use serde_json::{Map, Value};

use crate::error::refused;

/// How the range of an activation is taken from the calibration samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RangeMethod {
    /// From the least to the greatest value seen.
    MinMax,
    /// Without the outermost values, one in ten thousand at either end.
    Percentile,
    /// So that the mean square of what rounding and cutting change is least.
    MeanSquare,
}

/// What is quantised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Every value, from the input to the output.
    Whole,
    /// Products and convolutions by constants; everything between them stays f32.
    Products,
}

/// Post-training quantisation to int8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quantize {
    pub(crate) scheme: Scheme,
    pub(crate) calibration: PathBuf,
    pub(crate) method: RangeMethod,
}

/// What decides about shapes and is not in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shapes {
    /// Inputs' dimensions.
    pub(crate) shapes: BTreeMap<String, Vec<usize>>,
    /// Numbers for symbolic dimensions.
    pub(crate) dimensions: BTreeMap<String, usize>,
    /// Inputs that are constants.
    pub(crate) values: BTreeMap<String, Vec<f64>>,
    /// Inputs that are given as integers.
    pub(crate) inputs: BTreeMap<String, Integers>,
    /// The outputs that count, and how they are given; all of them as they are when none is named.
    pub(crate) outputs: Vec<(String, Form)>,
}

/// Integers that stand for real numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Integers {
    pub(crate) dtype: DType,
    pub(crate) quantization: Quantization,
}

/// How an output is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// As it is.
    Plain,
    /// Where along an axis its greatest elements lie.
    ArgMax(i64),
    /// As integers.
    Integers(Integers),
}

/// The converter's options: the spec's `model` section without `converter` and `source`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) quantize: Option<Quantize>,
    pub(crate) shapes: Shapes,
}

const WHAT_TO_WRITE: &str = "quantize: { scheme: int8, calibration: <samples.npy> }";

impl Options {
    /// Reads the JSON object; an empty text is an empty object.
    pub(crate) fn parse(json: &str) -> Result<Options, ConvertError> {
        let json = if json.trim().is_empty() { "{}" } else { json };
        let value: Value = serde_json::from_str(json)
            .map_err(|error| refused("", format!("the options are not JSON: {error}"), ""))?;
        let options = object(&value, "")?;
        known_keys(
            options,
            "",
            &["quantize", "shapes", "dimensions", "values", "inputs", "outputs"],
        )?;
        let quantize = match options.get("quantize") {
            None | Some(Value::Null) => None,
            Some(quantize) => Some(Quantize::parse(quantize)?),
        };
        let shapes = Shapes {
            shapes: named(options, "shapes", "a list of sizes", sizes)?,
            dimensions: named(options, "dimensions", "a size", size)?,
            values: named(options, "values", "a number or a list of numbers", numbers)?,
            inputs: named(
                options,
                "inputs",
                "`type` u8 or i8, a `scale` above 0 and a `zero_point` of that type",
                integers,
            )?,
            outputs: outputs(options)?,
        };
        Ok(Options { quantize, shapes })
    }
}

/// The map of names at `key`, each value read by `read`.
fn named<T>(
    options: &Map<String, Value>,
    key: &str,
    what: &str,
    read: fn(&Value) -> Option<T>,
) -> Result<BTreeMap<String, T>, ConvertError> {
    let Some(value) = options.get(key).filter(|value| !value.is_null()) else {
        return Ok(BTreeMap::new());
    };
    let entry = |(name, value): (&String, &Value)| {
        let place = format!("{key}.{name}");
        let wrong = || refused(&place, format!("`{place}` must be {what}"), "");
        read(value).map(|value| (name.clone(), value)).ok_or_else(wrong)
    };
    object(value, key)?.iter().map(entry).collect()
}

/// The outputs: a list of names, or a map of forms.
fn outputs(options: &Map<String, Value>) -> Result<Vec<(String, Form)>, ConvertError> {
    let wrong = || {
        refused(
            "outputs",
            "`outputs` must be a list of names, or a map of names to forms",
            "",
        )
    };
    match options.get("outputs") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => {
            let names = list.iter().map(|name| Some((name.as_str()?.to_owned(), Form::Plain)));
            names.collect::<Option<Vec<_>>>().ok_or_else(wrong)
        }
        Some(_) => {
            let what = "`argmax` with an axis, or integers: a `type`, a `scale` and a `zero_point`";
            Ok(named(options, "outputs", what, form)?.into_iter().collect())
        }
    }
}

fn form(value: &Value) -> Option<Form> {
    let axis = value
        .get("argmax")
        .filter(|_| value.as_object().is_some_and(|map| map.len() == 1));
    match axis {
        Some(axis) => axis.as_i64().map(Form::ArgMax),
        None => integers(value).map(Form::Integers),
    }
}

fn integers(value: &Value) -> Option<Integers> {
    let map = value.as_object()?;
    if map
        .keys()
        .any(|key| !["type", "scale", "zero_point"].contains(&key.as_str()))
    {
        return None;
    }
    let (dtype, range) = match map.get("type")?.as_str()? {
        "u8" => (DType::U8, 0..=255),
        "i8" => (DType::I8, -128..=127),
        _ => return None,
    };
    let scale = map.get("scale")?.as_f64()? as f32;
    let zero_point = match map.get("zero_point") {
        Some(zero_point) => zero_point.as_i64()?,
        None => 0,
    };
    (scale > 0.0 && scale.is_finite() && range.contains(&zero_point)).then_some(Integers {
        dtype,
        quantization: Quantization {
            scale,
            zero_point: zero_point as i32,
        },
    })
}

fn size(value: &Value) -> Option<usize> {
    let size = value.as_u64().filter(|size| *size <= u64::from(u32::MAX))?;
    usize::try_from(size).ok()
}

fn sizes(value: &Value) -> Option<Vec<usize>> {
    value.as_array()?.iter().map(size).collect()
}

/// A number, `true` or `false`, or a list of them at any depth.
fn numbers(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::Bool(flag) => Some(vec![f64::from(u8::from(*flag))]),
        Value::Array(list) => Some(list.iter().map(numbers).collect::<Option<Vec<_>>>()?.concat()),
        value => value.as_f64().map(|number| vec![number]),
    }
}

impl Quantize {
    fn parse(value: &Value) -> Result<Quantize, ConvertError> {
        let options = object(value, "quantize")?;
        known_keys(options, "quantize", &["scheme", "calibration", "method"])?;
        let scheme = text(options, "scheme")?;
        let scheme = match one_of("quantize.scheme", scheme.unwrap_or("int8"), &["int8", "int8-products"])? {
            "int8-products" => Scheme::Products,
            _ => Scheme::Whole,
        };
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
        let method = match one_of("quantize.method", method, &["minmax", "percentile", "mse"])? {
            "percentile" => RangeMethod::Percentile,
            "mse" => RangeMethod::MeanSquare,
            _ => RangeMethod::MinMax,
        };
        if scheme == Scheme::Whole && method == RangeMethod::MeanSquare {
            return Err(refused(
                "quantize.method",
                "the scheme `int8` takes no ranges by `mse`",
                "write `method: percentile`, or `scheme: int8-products`",
            ));
        }
        Ok(Quantize {
            scheme,
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
            (
                "`quantize.scheme` cannot be `fp16`".into(),
                "valid: `int8`, `int8-products`".into()
            )
        );
    }

    #[test]
    fn shapes_and_values_are_read() {
        let options = Options::parse(
            r#"{"shapes": {"x": [1, 3]}, "dimensions": {"width": 8}, "values": {"rate": 16000, "on": [[true], [0.5]]}}"#,
        );
        let shapes = options.unwrap().shapes;
        assert_eq!(shapes.shapes["x"], [1, 3]);
        assert_eq!(shapes.dimensions["width"], 8);
        assert_eq!(
            (&shapes.values["rate"][..], &shapes.values["on"][..]),
            (&[16000.0][..], &[1.0, 0.5][..])
        );
        assert_eq!(
            error(r#"{"shapes": {"x": [0.5]}}"#).0,
            "`shapes.x` must be a list of sizes"
        );
        assert_eq!(error(r#"{"dimensions": {"n": -1}}"#).0, "`dimensions.n` must be a size");
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
