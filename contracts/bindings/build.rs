//! Writes the list of machine contracts to embed: those that `artifacts/machines.json` names.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../artifacts");
    let folder = folder.canonicalize()?;
    let named = folder.join("machines.json");
    println!("cargo:rerun-if-changed={}", named.display());
    let machines: BTreeMap<String, String> = serde_json::from_slice(&fs::read(&named)?)?;
    let entry = |(machine, contract): (&String, &String)| {
        let artifact = folder.join(format!("{contract}.json"));
        format!("    ({machine:?}, {contract:?}, include_str!({artifact:?})),\n")
    };
    let list: String = machines.iter().map(entry).collect();
    let target = PathBuf::from(std::env::var("OUT_DIR")?).join("machines.rs");
    fs::write(target, format!("&[\n{list}]\n"))?;
    Ok(())
}
