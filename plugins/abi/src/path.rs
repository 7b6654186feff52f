//! Paths as bytes: those of the system where paths are bytes, UTF-8 elsewhere.

use std::path::{Path, PathBuf};

/// The bytes of a path; `None` when it has none that the other side could read.
pub fn path_to_bytes(path: &Path) -> Option<&[u8]> {
    #[cfg(unix)]
    let bytes = Some(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()));
    #[cfg(not(unix))]
    let bytes = path.to_str().map(str::as_bytes);
    bytes
}

/// The path of these bytes; `None` when they are none.
pub fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    #[cfg(unix)]
    let path = Some(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes));
    #[cfg(not(unix))]
    let path = std::str::from_utf8(bytes).ok();
    path.map(PathBuf::from)
}
