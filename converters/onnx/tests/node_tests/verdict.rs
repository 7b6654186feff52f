use opml_graph::{Model, SilentHost, validate};
use opml_onnx::OnnxConverter;
use opml_ops::DType;
use serde_json::{Map, Value, json};

use crate::case::{Case, Tensor};
use crate::execution::outputs;

/// How a test ended.
pub(crate) enum Verdict {
    /// Every output is what ONNX expects.
    Passed,
    /// It is not, or the model is refused; why.
    Failed(String),
}

/// The ways to give the inputs, one after the other: a static graph needs to know those that decide about shapes.
const KNOWN: [fn(usize, &Tensor) -> bool; 4] = [
    |_, _| false,
    |place, tensor| place > 0 && tensor.dtype != DType::F32,
    |place, _| place > 0,
    |_, _| true,
];

/// Converts and runs a test, and compares.
pub(crate) fn of(case: &Case) -> Verdict {
    let mut refusal = String::new();
    for known in KNOWN {
        let known = known_inputs(case, known);
        match convert(case, &known, u64::MAX) {
            Ok(model) => return compare(case, &model, &known),
            Err(message) => {
                // The first refusal that is not about something that must be known is the one that counts.
                let wants_more = message.contains("must be known beforehand") || message.contains("dimension");
                refusal = message;
                if !wants_more {
                    break;
                }
            }
        }
    }
    Verdict::Failed(format!("is refused: {refusal}"))
}

/// How many models in parts gave what they give whole, and how many have a value that cannot be cut.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cuts {
    pub(crate) same: usize,
    pub(crate) uncut: usize,
}

/// Which inputs are known, by their place in [`KNOWN`], and the most bytes of a value: models of weights and of computed values in parts.
const CUTS: [(usize, u64); 5] = [(0, 256), (1, 256), (2, 64), (2, 256), (3, 64)];

/// Converts a test with values of a few bytes at most; outputs must be those of the whole to the last bit.
pub(crate) fn of_cuts(case: &Case, cuts: &mut Cuts) -> Result<(), String> {
    for (known, limit) in CUTS {
        let known = known_inputs(case, KNOWN[known]);
        let Ok(whole) = convert(case, &known, u64::MAX) else {
            continue;
        };
        let cut = match convert(case, &known, limit) {
            Ok(cut) => cut,
            Err(message)
                if message.contains("cannot be cut into parts") || message.contains("larger than a slot and") =>
            {
                cuts.uncut += 1;
                continue;
            }
            Err(message) => return Err(format!("is refused at {limit} bytes: {message}")),
        };
        if cut.program() == whole.program() {
            continue;
        }
        let feeds = feeds(case, &known);
        if outputs(&cut, &feeds) != outputs(&whole, &feeds) {
            return Err(format!("differs when its values have {limit} bytes at most"));
        }
        cuts.same += 1;
    }
    Ok(())
}

fn known_inputs(case: &Case, known: fn(usize, &Tensor) -> bool) -> Vec<bool> {
    let inputs = case.inputs.iter().enumerate();
    inputs.map(|(place, tensor)| known(place, tensor)).collect()
}

fn convert(case: &Case, known: &[bool], limit: u64) -> Result<Model, String> {
    let (mut shapes, mut values) = (Map::new(), Map::new());
    for (tensor, known) in case.inputs.iter().zip(known) {
        shapes.insert(tensor.name.clone(), json!(tensor.dims));
        if *known {
            values.insert(tensor.name.clone(), numbers(tensor));
        }
    }
    let options = json!({ "shapes": shapes, "values": values }).to_string();
    let model = OnnxConverter::new()
        .with_value_limit(limit)
        .model(&case.model, &options, &SilentHost)
        .map_err(|error| error.message)?;
    validate(&model).map_err(|error| format!("the model is not valid: {error}"))?;
    Ok(model)
}

fn numbers(tensor: &Tensor) -> Value {
    match tensor.dtype {
        DType::F32 => json!(floats(&tensor.bytes)),
        DType::I64 => json!(
            tensor
                .bytes
                .as_chunks()
                .0
                .iter()
                .map(|chunk| i64::from_le_bytes(*chunk))
                .collect::<Vec<_>>()
        ),
        DType::I32 => json!(
            tensor
                .bytes
                .as_chunks()
                .0
                .iter()
                .map(|chunk| i32::from_le_bytes(*chunk))
                .collect::<Vec<_>>()
        ),
        DType::I8 => json!(tensor.bytes.iter().map(|byte| *byte as i8).collect::<Vec<_>>()),
        _ => json!(tensor.bytes),
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|chunk| f32::from_le_bytes(*chunk))
        .collect()
}

fn feeds(case: &Case, known: &[bool]) -> Vec<Vec<u8>> {
    let feeds = case.inputs.iter().zip(known).filter(|(_, known)| !**known);
    feeds.map(|(tensor, _)| tensor.bytes.clone()).collect()
}

fn compare(case: &Case, model: &Model, known: &[bool]) -> Verdict {
    let results = outputs(model, &feeds(case, known));
    for (place, (expected, port)) in case.outputs.iter().zip(&model.outputs).enumerate() {
        let dims: Vec<usize> = port.shape.dims().iter().map(|dim| *dim as usize).collect();
        if (port.dtype, &dims) != (expected.dtype, &expected.dims) {
            return Verdict::Failed(format!(
                "gives output {place} as {:?} {dims:?}, not {:?} {:?}",
                port.dtype, expected.dtype, expected.dims
            ));
        }
        if let Some(difference) = difference(expected, &results[place]) {
            return Verdict::Failed(format!("differs in output {place}: {difference}"));
        }
    }
    Verdict::Passed
}

/// The first element that is not what is expected, within ONNX's own tolerances (10⁻³ relative, 10⁻⁷ absolute).
fn difference(expected: &Tensor, given: &[u8]) -> Option<String> {
    if expected.dtype != DType::F32 {
        let at = expected
            .bytes
            .iter()
            .zip(given)
            .position(|(expected, given)| expected != given)?;
        let element = at / expected.dtype.bytes() as usize;
        return Some(format!("element {element} has the bytes {:?}", given.get(at..at + 1)));
    }
    let pairs = floats(&expected.bytes).into_iter().zip(floats(given)).enumerate();
    let far = |expected: f32, given: f32| {
        let same = expected == given || (expected.is_nan() && given.is_nan());
        !(same || (expected - given).abs() <= 1e-7 + 1e-3 * expected.abs())
    };
    let (place, (expected, given)) = pairs
        .into_iter()
        .find(|(_, (expected, given))| far(*expected, *given))?;
    Some(format!("element {place} is {given}, not {expected}"))
}
