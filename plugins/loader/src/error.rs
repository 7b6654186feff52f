use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// What a plugin can provide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A compute backend.
    Compute,
    /// A kind of machine.
    Vm,
    /// A converter.
    Converter,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::Compute => "compute backend",
            Kind::Vm => "virtual machine",
            Kind::Converter => "converter",
        })
    }
}

/// Why a plugin, or what it should provide, cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PluginError {
    /// No searched folder has the plugin.
    #[error(
        "plugin `{name}` was not found in {}; build it with `cargo build -p opml-plugin-{name}`, or name its folder in OPML_PLUGIN_DIR",
        list(places)
    )]
    Missing {
        /// The name asked for.
        name: String,
        /// The folders searched, in order.
        places: Vec<PathBuf>,
    },
    /// The name has characters that no plugin's name has.
    #[error("`{name}` is no plugin name: use lower-case letters, digits, `-` and `_`, or give a path to a library")]
    Name {
        /// The name asked for.
        name: String,
    },
    /// There is nothing at the path.
    #[error("there is no plugin at {}", path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// The path is a folder or a device.
    #[error("{} is not a file; name the plugin's library itself", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The system cannot load the file.
    #[error("{} cannot be loaded as a library: {reason}", path.display())]
    NotALibrary {
        /// The path.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The library has no root module.
    #[error("{} is a library but no plugin: it exports no root module (a plugin calls `opml_plugin_export::plugin!`)", path.display())]
    NotAPlugin {
        /// The path.
        path: PathBuf,
    },
    /// The library was built with another release of the interface toolkit.
    #[error("{} was built with another version of abi_stable (this program needs {expected}, it has {found}); rebuild the plugin", path.display())]
    Toolkit {
        /// The path.
        path: PathBuf,
        /// What this program uses.
        expected: String,
        /// What the library uses.
        found: String,
    },
    /// The library was built for another version of the interface.
    #[error("{} was built for plugin interface {found}, this program has {expected}; rebuild the plugin from this program's source", path.display())]
    Version {
        /// The path.
        path: PathBuf,
        /// This program's version.
        expected: String,
        /// The library's version.
        found: String,
    },
    /// The library's idea of the interface differs.
    #[error("{} was built for another plugin interface (expected {expected}; found {found}); rebuild the plugin from this program's source", path.display())]
    Layout {
        /// The path.
        path: PathBuf,
        /// What this program has at the difference.
        expected: String,
        /// What the library has there.
        found: String,
    },
    /// The library could not make its root module.
    #[error("{} failed to start: {reason}", path.display())]
    Start {
        /// The path.
        path: PathBuf,
        /// Its own words.
        reason: String,
    },
    /// The plugin failed when it was asked what it provides.
    #[error("plugin `{plugin}` cannot be used: {reason}")]
    Failed {
        /// The plugin's name.
        plugin: String,
        /// What happened.
        reason: String,
    },
    /// Two plugins provide the same.
    #[error("{kind} `{name}` is provided by two plugins, {} and {}; name only one of them", first.display(), second.display())]
    Duplicate {
        /// What is provided twice.
        kind: Kind,
        /// Its name.
        name: String,
        /// The plugin that was loaded first.
        first: PathBuf,
        /// The other one.
        second: PathBuf,
    },
    /// No loaded plugin provides what is asked.
    #[error("no loaded plugin provides the {kind} `{name}`; {}", offered(available))]
    NotProvided {
        /// What is asked.
        kind: Kind,
        /// Its name.
        name: String,
        /// The names of that kind that are provided.
        available: Vec<String>,
    },
}

fn list(places: &[PathBuf]) -> String {
    if places.is_empty() {
        return "no folder at all".into();
    }
    let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    places.join(", ")
}

fn offered(available: &[String]) -> String {
    if available.is_empty() {
        return "none is loaded: add the plugin that does to `plugins`".into();
    }
    format!("there are: {}", available.join(", "))
}
