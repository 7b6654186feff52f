//! A request's input, from what a user has to the bytes that the model takes.

mod idx;
mod npy;
mod picture;
mod quantize;
mod values;

use std::path::Path;

use opml_graph::Port;
use opml_pipeline::InputSpec;

use crate::failure::Failure;

pub(crate) use idx::read_labelled;
pub(crate) use quantize::{dequantize, quantize};
pub(crate) use values::read_values;

/// Numbers as a file holds them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Numbers {
    /// Real numbers, to be quantised as the port says.
    Real(Vec<f64>),
    /// 8-bit samples of pictures: real number = sample / 255.
    Samples(Vec<u8>),
}

impl Numbers {
    pub(crate) fn len(&self) -> usize {
        match self {
            Numbers::Real(numbers) => numbers.len(),
            Numbers::Samples(samples) => samples.len(),
        }
    }

    /// Pieces of these sizes, whose sum is the number of elements.
    fn split(&self, sizes: &[usize]) -> Vec<Numbers> {
        let mut from = 0;
        let mut next = |size: &usize| {
            let range = from..from + size;
            from += size;
            match self {
                Numbers::Real(numbers) => Numbers::Real(numbers[range].to_vec()),
                Numbers::Samples(samples) => Numbers::Samples(samples[range].to_vec()),
            }
        };
        sizes.iter().map(&mut next).collect()
    }

    /// The real numbers that these stand for.
    pub(crate) fn to_real(&self) -> Vec<f64> {
        match self {
            Numbers::Real(numbers) => numbers.clone(),
            Numbers::Samples(samples) => samples.iter().map(|sample| f64::from(*sample) / 255.0).collect(),
        }
    }
}

/// Reads a spec's input for `port`: the right number of elements, as real numbers or samples.
fn read_input(input: &InputSpec, port: &Port) -> Result<Numbers, Failure> {
    let (numbers, dims, origin) = read_anything(input, port)?;
    let expected = port.shape.elements() as usize;
    if numbers.len() != expected {
        let dims = dims.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let message = format!(
            "{origin} has shape [{dims}] ({} elements), the model's input `{}` is {} ({expected} elements)",
            numbers.len(),
            port.name,
            port.shape
        );
        return Err(Failure::user(message));
    }
    Ok(numbers)
}

/// All numbers of a file or list, however many.
fn read_numbers(input: &InputSpec, port: &Port) -> Result<Numbers, Failure> {
    read_anything(input, port).map(|(numbers, ..)| numbers)
}

/// Numbers, their dimensions, and what to call them.
fn read_anything(input: &InputSpec, port: &Port) -> Result<(Numbers, Vec<usize>, String), Failure> {
    match input {
        InputSpec::Inline(numbers) => Ok((Numbers::Real(numbers.clone()), vec![numbers.len()], "input".to_string())),
        InputSpec::File(path) => {
            let (numbers, dims) = read_file(path, port)?;
            Ok((numbers, dims, format!("the input {}", path.display())))
        }
        InputSpec::Prompt(_) => Err(Failure::user("input: a text is a whole request, not a value of one")),
        InputSpec::Several(_) => Err(Failure::user(
            "input: one value is due, not a list of values".to_string(),
        )),
    }
}

fn read_file(path: &Path, port: &Port) -> Result<(Numbers, Vec<usize>), Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::unreadable("input", path, error))?;
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("png") => picture::read(&bytes, port).map_err(|reason| Failure::unreadable("input", path, reason)),
        Some("npy") => npy::read(&bytes).map_err(|reason| Failure::unreadable("input", path, reason)),
        Some("json") => json(&bytes).map_err(|reason| Failure::unreadable("input", path, reason)),
        _ => Err(Failure::user(format!(
            "cannot read the input {}: its name must end in .png, .npy or .json",
            path.display()
        ))),
    }
}

fn json(bytes: &[u8]) -> Result<(Numbers, Vec<usize>), String> {
    fn flatten(value: &serde_json::Value, numbers: &mut Vec<f64>) -> Result<(), String> {
        match value {
            serde_json::Value::Array(values) => values.iter().try_for_each(|value| flatten(value, numbers)),
            serde_json::Value::Number(number) => number
                .as_f64()
                .map(|number| numbers.push(number))
                .ok_or_else(|| format!("{number} is out of range")),
            other => Err(format!("`{other}` is not a number")),
        }
    }
    let value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let mut numbers = Vec::new();
    flatten(&value, &mut numbers)?;
    let dims = vec![numbers.len()];
    Ok((Numbers::Real(numbers), dims))
}
