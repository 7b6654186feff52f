use std::path::PathBuf;

use tempfile::TempDir;

/// A folder of this process's own, for what is read from files only.
pub struct Folder(TempDir);

impl Folder {
    /// An empty folder, in memory where the system has such a place.
    ///
    /// # Panics
    /// When no folder can be made.
    pub fn new() -> Folder {
        let fast = std::path::Path::new("/dev/shm");
        let folder = match fast.is_dir() {
            true => TempDir::new_in(fast),
            false => TempDir::new(),
        };
        Folder(folder.expect("a folder for temporary files"))
    }

    /// The path of a file of this name, which need not be there.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Removes a file, if it is there.
    ///
    /// # Panics
    /// When it cannot be removed.
    pub fn remove(&self, name: &str) {
        let path = self.path(name);
        if path.exists() {
            std::fs::remove_file(path).expect("a temporary file can be removed");
        }
    }

    /// Writes a file and gives its path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a temporary file can be written");
        path
    }
}

impl Default for Folder {
    fn default() -> Folder {
        Folder::new()
    }
}
