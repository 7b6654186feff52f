use opml_graph::Port;
use opml_pipeline::InputSpec;

use super::{Numbers, read_input};
use crate::failure::Failure;

/// Reads the values of a request, one a port. A list gives one value each; anything else is the only value, or all of them
/// one after another.
pub(crate) fn read_values(input: &InputSpec, ports: &[Port]) -> Result<Vec<Numbers>, Failure> {
    match (input, ports) {
        (InputSpec::Several(values), _) if values.len() == ports.len() => {
            let read = |(place, (value, port)): (usize, (&InputSpec, &Port))| match value {
                InputSpec::Several(_) => Err(Failure::user(format!(
                    "input[{place}]: a value is not a list of values"
                ))),
                one => read_input(one, port).map_err(|failure| failure.context(format_args!("input[{place}]"))),
            };
            values.iter().zip(ports).enumerate().map(read).collect()
        }
        (InputSpec::Several(values), _) => Err(Failure::user(format!(
            "input: there are {} values, a request takes {}: {}",
            values.len(),
            ports.len(),
            named(ports)
        ))),
        (one, [port]) => Ok(vec![read_input(one, port)?]),
        (InputSpec::Inline(numbers), []) if numbers.is_empty() => Ok(Vec::new()),
        (_, []) => Err(Failure::user(
            "input: the model takes no values; write `input: []`".to_string(),
        )),
        (all, [first, rest @ ..])
            if rest
                .iter()
                .all(|port| (port.dtype, port.shape) == (first.dtype, first.shape)) =>
        {
            consecutive(all, first, ports.len())
        }
        _ => Err(Failure::user(format!(
            "input: a request takes {} values, write a list of them: {}",
            ports.len(),
            named(ports)
        ))),
    }
}

/// `count` equal values out of one file or list of numbers.
fn consecutive(input: &InputSpec, port: &Port, count: usize) -> Result<Vec<Numbers>, Failure> {
    let numbers = super::read_numbers(input, port)?;
    let each = port.shape.elements() as usize;
    if numbers.len() != each * count {
        return Err(Failure::user(format!(
            "input: there are {} elements, a request takes {count} values of {each}",
            numbers.len()
        )));
    }
    Ok(numbers.split(each))
}

/// The ports by name and shape; of many only the first ones.
fn named(ports: &[Port]) -> String {
    const MOST: usize = 8;
    let mut names: Vec<String> = ports
        .iter()
        .take(MOST)
        .map(|port| format!("`{}` {} {}", port.name, port.dtype.name(), port.shape))
        .collect();
    if ports.len() > MOST {
        names.push("…".into());
    }
    names.join(", ")
}
