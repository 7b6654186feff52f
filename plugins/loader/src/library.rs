//! Loading one library and checking that it is a plugin of this interface.

use std::path::Path;

use abi_stable::library::{LibraryError, lib_header_from_path};
use opml_graph::{Host, LogLevel};
use opml_plugin_abi::PluginRef;

use crate::mismatch::last_difference;
use crate::{PluginError, elf};

/// The root module of the library at `path`, which is absolute. The toolkit's full report of a mismatch is logged.
pub(crate) fn open(path: &Path, host: &dyn Host) -> Result<PluginRef, PluginError> {
    let file = path.to_path_buf();
    match path.metadata() {
        Err(_) => return Err(PluginError::NoFile { path: file }),
        Ok(metadata) if !metadata.is_file() => return Err(PluginError::NotAFile { path: file }),
        Ok(_) => {}
    }
    let unloadable = |reason: String| PluginError::NotALibrary {
        path: path.to_path_buf(),
        reason,
    };
    if let Some((actual, stated)) = elf::cut_short(path).map_err(|error| unloadable(error.to_string()))? {
        return Err(unloadable(format!("it is cut short: {actual} bytes of {stated}")));
    }
    // The loader that a root module's type brings along is one for the whole process: it would give the first plugin again.
    let module = lib_header_from_path(path).and_then(|header| header.init_root_module::<PluginRef>());
    module.map_err(|error| {
        host.log(LogLevel::Debug, &format!("{}: {error}", path.display()));
        explain(path, error)
    })
}

fn explain(path: &Path, error: LibraryError) -> PluginError {
    let file = path.to_path_buf();
    match error {
        LibraryError::OpenError { err, .. } => PluginError::NotALibrary {
            reason: system_words(path, &err.to_string()),
            path: file,
        },
        LibraryError::GetSymbolError { .. } => PluginError::NotAPlugin { path: file },
        LibraryError::IncompatibleVersionNumber {
            expected_version,
            actual_version,
            ..
        } => PluginError::Version {
            path: file,
            expected: expected_version.to_string(),
            found: actual_version.to_string(),
        },
        LibraryError::AbiInstability(report) => {
            let (expected, found) = last_difference(&report.to_string());
            PluginError::Layout {
                path: file,
                expected,
                found,
            }
        }
        LibraryError::InvalidAbiHeader(header) => {
            let ours = abi_stable::library::AbiHeader::VALUE;
            PluginError::Toolkit {
                path: file,
                expected: format!("{}.{}", ours.abi_major, ours.abi_minor),
                found: format!("{}.{}", header.abi_major, header.abi_minor),
            }
        }
        LibraryError::InvalidCAbi { expected, found } => PluginError::Layout {
            path: file,
            expected: format!("`{expected}`"),
            found: format!("`{found}`"),
        },
        LibraryError::RootModule { err, .. } => PluginError::Start {
            path: file,
            reason: one_line(&err.to_string()),
        },
        LibraryError::ParseVersionError(error) => PluginError::Start {
            path: file,
            reason: one_line(&error.to_string()),
        },
        LibraryError::Many(errors) => match errors.into_iter().next() {
            Some(first) => explain(path, first),
            None => PluginError::NotAPlugin { path: file },
        },
    }
}

/// The system's message without the path that it repeats.
fn system_words(path: &Path, message: &str) -> String {
    let message = one_line(message);
    let repeated = format!("{}: ", path.display());
    message.strip_prefix(&repeated).map(str::to_owned).unwrap_or(message)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
