//! Tells the compiler which guest image to embed: the one that `vms/guest/images/mips` names by its root.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let images = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../vms/guest/images");
    let name = images.join("mips");
    let root = std::fs::read_to_string(&name).map_err(|error| format!("{}: {error}", name.display()))?;
    let root = root.trim();
    let image = images.join(format!("{root}.bin"));
    println!("cargo:rerun-if-changed={}", name.display());
    println!("cargo:rerun-if-changed={}", image.display());
    println!("cargo:rustc-env=OPML_MIPS_ROOT={root}");
    println!("cargo:rustc-env=OPML_MIPS_IMAGE={}", image.display());
    Ok(())
}
