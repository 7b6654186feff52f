use std::env;
use std::env::consts::{DLL_EXTENSION, DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use crate::PluginError;

/// The environment variable with folders that are searched first, separated as in `PATH`.
pub const PLUGIN_DIR: &str = "OPML_PLUGIN_DIR";

/// The file name of the plugin `name`: `libopml_plugin_<name>.so`, or what the system calls such a file.
pub fn library_name(name: &str) -> String {
    format!("{DLL_PREFIX}opml_plugin_{}{DLL_SUFFIX}", name.replace('-', "_"))
}

/// The folders in which plugins are looked for, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPath(Vec<PathBuf>);

impl SearchPath {
    /// These folders only.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> SearchPath {
        let mut kept: Vec<PathBuf> = Vec::new();
        for folder in folders {
            if !folder.as_os_str().is_empty() && !kept.contains(&folder) {
                kept.push(folder);
            }
        }
        SearchPath(kept)
    }

    /// `$OPML_PLUGIN_DIR`; then, with the folder of the running program: its `deps`, itself, `deps` beside it, and
    /// `lib/opml` beside it, where an installation keeps its plugins.
    ///
    /// `deps` comes first because a build refreshes the libraries there, and not always the copies beside the program.
    pub fn standard() -> SearchPath {
        let named = env::var_os(PLUGIN_DIR).unwrap_or_default();
        let program = env::current_exe().ok();
        let beside = program
            .as_deref()
            .and_then(Path::parent)
            .map(around)
            .unwrap_or_default();
        SearchPath::new(env::split_paths(&named).chain(beside))
    }

    /// The folders.
    pub fn folders(&self) -> &[PathBuf] {
        &self.0
    }

    /// The library that `plugin` means: a path when it has a separator or ends as a library's name does, relative ones
    /// from the current folder; otherwise a name that is looked for.
    pub fn locate(&self, plugin: &str) -> Result<PathBuf, PluginError> {
        if is_path(plugin) {
            return Ok(PathBuf::from(plugin));
        }
        let legal = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter);
        if plugin.is_empty() || !plugin.chars().all(legal) {
            return Err(PluginError::Name { name: plugin.into() });
        }
        let file = library_name(plugin);
        let mut candidates = self.0.iter().map(|folder| folder.join(&file));
        candidates
            .find(|path| path.is_file())
            .ok_or_else(|| PluginError::Missing {
                name: plugin.into(),
                places: self.0.clone(),
            })
    }
}

fn is_path(plugin: &str) -> bool {
    let path = Path::new(plugin);
    path.components().count() > 1
        || plugin.ends_with(std::path::is_separator)
        || path.extension().is_some_and(|extension| extension == DLL_EXTENSION)
}

fn around(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.join("deps"), folder.to_path_buf()];
    if let Some(above) = folder.parent() {
        folders.extend([above.join("deps"), above.join("lib").join("opml")]);
    }
    folders
}
