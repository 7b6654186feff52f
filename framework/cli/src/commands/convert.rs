use std::path::Path;

use opml_pipeline::load_spec;

use crate::failure::Failure;
use crate::prepare::{convert_model, load_plugins};
use crate::terminal::{TerminalHost, bytes, count, seconds};

/// Converts a spec's model and writes the model file.
pub(crate) fn convert(spec: &Path, output: &Path, quiet: bool) -> Result<(), Failure> {
    let spec = load_spec(spec).map_err(Failure::user)?;
    let host = TerminalHost::new(quiet, std::thread::available_parallelism().map_or(1, usize::from));
    let plugins = load_plugins(&spec.plugins, &host)?;
    let converted = convert_model(&spec, &plugins, output, &host)?;
    host.clear();
    if !quiet {
        let (nodes, parameters) = (converted.nodes() as u64, converted.parameters);
        let (size, time) = (bytes(converted.file_bytes), seconds(converted.seconds));
        anstream::println!(
            "{}: {} nodes, {} parameters, {size} ({time})",
            output.display(),
            count(nodes),
            count(parameters)
        );
    }
    Ok(())
}
