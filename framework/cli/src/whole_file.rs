use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that appears whole or not at all: written under a temporary name, made durable, and renamed into place. Dropped
/// before that, it leaves nothing.
pub(crate) struct WholeFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl WholeFile {
    /// Begins the file at `path`, whose folder exists. It will be readable as the user's mask says.
    pub(crate) fn create(path: &Path) -> io::Result<WholeFile> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder(path))?;
        Ok(WholeFile {
            file,
            path: path.to_path_buf(),
        })
    }

    /// Where its content goes.
    pub(crate) fn writer(&mut self) -> &mut dyn Write {
        &mut self.file
    }

    /// Where its content can be read before it is in place.
    pub(crate) fn temporary_path(&self) -> &Path {
        self.file.path()
    }

    /// Makes the content durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.as_file().sync_all()
    }

    /// Puts the file in place; gives its bytes.
    pub(crate) fn place(self) -> io::Result<u64> {
        self.sync()?;
        let bytes = self.file.as_file().metadata()?.len();
        self.file.persist(&self.path)?;
        Ok(bytes)
    }
}

/// The folder of a file's path.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}
