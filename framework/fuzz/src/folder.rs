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

    /// Writes a file and gives its path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("a temporary file can be written");
        path
    }
}

impl Default for Folder {
    fn default() -> Folder {
        Folder::new()
    }
}
