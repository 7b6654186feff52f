use std::path::Path;

use opml_graph::{Host, open_model_set, verify_constants};

use crate::failure::Failure;
use crate::prepare::model_failure;
use crate::terminal::{TerminalHost, bytes, count};

/// Checks a model file whole and says what it holds.
pub(crate) fn verify(path: &Path) -> Result<(), Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let host = TerminalHost::new(false, threads);
    let set = open_model_set(path).map_err(|error| model_failure(path, error))?;
    // All graphs have the same constants.
    let Some(first) = set.graphs.first() else {
        return Err(Failure::other(format!(
            "{}: the model file has no graph",
            path.display()
        )));
    };
    verify_constants(first, threads, |done, total| {
        host.progress("verifying constants", done, total)
    })
    .map_err(|error| model_failure(path, error))?;
    let constant_bytes = first.constants.iter().map(|constant| constant.size() as u64).sum();
    anstream::println!("{}: valid", path.display());
    anstream::println!("  name        {}", first.name);
    anstream::println!("  parameters  {}", count(set.parameters()));
    anstream::println!("  constants   {} in {}", bytes(constant_bytes), first.constants.len());
    for (name, text) in &set.notes {
        anstream::println!("  note        {name}, {}", bytes(text.len() as u64));
    }
    for model in &set.graphs {
        anstream::println!("  program     {}", model.program());
        anstream::println!("  nodes       {}", count(model.nodes.len() as u64));
        for (kind, ports) in [
            ("carried", &model.carry),
            ("input", &model.feed),
            ("output", &model.outputs),
        ] {
            for port in ports {
                anstream::println!("  {kind:<11} {} {} {}", port.name, port.dtype.name(), port.shape);
            }
        }
    }
    Ok(())
}
