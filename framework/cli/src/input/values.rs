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
        (all, [first, ..]) => consecutive(all, first, ports),
    }
}

/// All values one after another, out of one file or list of numbers.
fn consecutive(input: &InputSpec, first: &Port, ports: &[Port]) -> Result<Vec<Numbers>, Failure> {
    let numbers = super::read_numbers(input, first)?;
    let sizes: Vec<usize> = ports.iter().map(|port| port.shape.elements() as usize).collect();
    let all: usize = sizes.iter().sum();
    if numbers.len() != all {
        return Err(Failure::user(format!(
            "input: there are {} elements, the {} values of a request have {all}: {}",
            numbers.len(),
            ports.len(),
            named(ports)
        )));
    }
    Ok(numbers.split(&sizes))
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
