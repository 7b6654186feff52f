use std::path::Path;

use opml_graph::{Host, open_model_file, verify_constants};

use crate::failure::Failure;
use crate::prepare::model_failure;
use crate::terminal::{TerminalHost, bytes, count};

/// Checks a model file whole and says what it holds.
pub(crate) fn verify(path: &Path) -> Result<(), Failure> {
    let host = TerminalHost::new(false, 1);
    let model = open_model_file(path).map_err(|error| model_failure(path, error))?;
    verify_constants(&model, |done, total| host.progress("verifying constants", done, total))
        .map_err(|error| model_failure(path, error))?;
    let constant_bytes = model.constants.iter().map(|constant| constant.bytes.len() as u64).sum();
    anstream::println!("{}: valid", path.display());
    anstream::println!("  name        {}", model.name);
    anstream::println!("  program     {}", model.program());
    anstream::println!("  nodes       {}", count(model.nodes.len() as u64));
    anstream::println!("  parameters  {}", count(model.parameters()));
    anstream::println!("  constants   {} in {}", bytes(constant_bytes), model.constants.len());
    for (kind, ports) in [("input", &model.feed), ("output", &model.outputs)] {
        for port in ports {
            anstream::println!("  {kind:<11} {} {} {}", port.name, port.dtype.name(), port.shape);
        }
    }
    Ok(())
}
