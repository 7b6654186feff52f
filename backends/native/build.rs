//! Writes the list of guest images to embed: for each machine the one that `vms/guest/images/<machine>` names by its root.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../vms/guest/images");
    let folder = folder.canonicalize()?;
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_none() {
            entries.push(image(&folder, &path)?);
        }
    }
    entries.sort();
    let list = format!("&[\n{}]\n", entries.concat());
    fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("images.rs"), list)?;
    Ok(())
}

/// The list's entry of the machine that `name` is named after.
fn image(folder: &Path, name: &Path) -> Result<String, Box<dyn Error>> {
    let machine = name.file_name().unwrap_or_default();
    let root = fs::read_to_string(name)?;
    let root = root.trim();
    let bytes = root_bytes(root).ok_or_else(|| format!("{}: {root:?} is no root", name.display()))?;
    let image = folder.join(format!("{root}.bin"));
    if !image.exists() {
        return Err(format!("{} names {}, which is not there", name.display(), image.display()).into());
    }
    Ok(format!(
        "    ({machine:?}, Root({bytes:?}), include_bytes!({image:?})),\n"
    ))
}

/// The bytes of `0x` and 64 hexadecimal digits.
fn root_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 64)?;
    (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}
