//! Who may import whom (ARCHITECTURE.md, Rooms), held against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Each room and the rooms of ours that it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("opml-ops", &[]),
    ("opml-commit", &[]),
    ("opml-engine", &["opml-commit"]),
    ("opml-graph", &["opml-ops", "opml-commit"]),
    ("opml-stages", &["opml-engine", "opml-graph", "opml-commit", "opml-ops"]),
    ("opml-machine", &["opml-engine", "opml-commit"]),
    ("opml-player", &["opml-engine", "opml-commit"]),
    ("opml-pipeline", &[]),
    ("opml-simulation", &["opml-player", "opml-engine", "opml-commit"]),
    (
        "opml-conformance",
        &[
            "opml-ops",
            "opml-commit",
            "opml-engine",
            "opml-graph",
            "opml-stages",
            "opml-machine",
            "opml-player",
            "opml-pipeline",
        ],
    ),
    ("opml-native", &["opml-graph", "opml-ops", "opml-commit"]),
    ("opml-contracts", &["opml-player", "opml-engine", "opml-commit"]),
    (
        "opml-chain-embedded",
        &["opml-player", "opml-contracts", "opml-engine", "opml-commit"],
    ),
    (
        "opml-chain-rpc",
        &["opml-player", "opml-contracts", "opml-engine", "opml-commit"],
    ),
    ("opml-anvil", &[]),
    ("opml-onnx", &["opml-graph", "opml-ops"]),
    ("opml-text", &["opml-graph", "opml-ops"]),
    ("opml-llama", &["opml-graph", "opml-ops"]),
    ("opml-mips", &["opml-machine", "opml-engine", "opml-commit"]),
    ("opml-riscv", &["opml-machine", "opml-engine", "opml-commit"]),
    ("opml-plugin-abi", &[]),
    (
        "opml-plugin-export",
        &[
            "opml-plugin-abi",
            "opml-engine",
            "opml-graph",
            "opml-commit",
            "opml-ops",
        ],
    ),
    (
        "opml-plugin-loader",
        &[
            "opml-plugin-abi",
            "opml-engine",
            "opml-graph",
            "opml-commit",
            "opml-ops",
        ],
    ),
];

/// Crates that may name concrete implementations: the command line, the plugins, and what only tests.
fn may_name_implementations(package: &str) -> bool {
    package == "opml-run" || package.starts_with("opml-plugin-") || package.ends_with("-test")
}

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.no_deps().other_options(vec!["--offline".into()]);
    command.exec().expect("cargo metadata")
}

fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let imports_of = |package: &cargo_metadata::Package| {
        let normal = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == DependencyKind::Normal);
        normal
            .map(|dependency| dependency.name.clone())
            .filter(|name| name.starts_with("opml-"))
            .collect()
    };
    metadata
        .packages
        .iter()
        .map(|package| (package.name.to_string(), imports_of(package)))
        .collect()
}

#[test]
fn rooms_import_only_what_they_may() {
    let rooms: BTreeMap<&str, &[&str]> = ROOMS.iter().copied().collect();
    for (package, imports) in imports() {
        match rooms.get(package.as_str()) {
            Some(allowed) => {
                let forbidden: Vec<_> = imports
                    .iter()
                    .filter(|import| !allowed.contains(&import.as_str()))
                    .collect();
                assert!(
                    forbidden.is_empty(),
                    "{package} imports {forbidden:?}; it may import {allowed:?}"
                );
            }
            None => assert!(
                may_name_implementations(&package),
                "{package} is in no room: give it one here and in ARCHITECTURE.md"
            ),
        }
    }
}

#[test]
fn every_room_exists() {
    let imports = imports();
    for (room, _) in ROOMS {
        assert!(
            imports.contains_key(*room),
            "{room} is gone: remove it here and from ARCHITECTURE.md"
        );
    }
}

/// The files below `folder` with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}

/// Code of the rooms and of the contracts names no machine, but for the machine's own (`vms/guest/machines` lists them).
#[test]
fn machines_are_named_in_their_own_rooms() {
    let metadata = metadata();
    let root = metadata.workspace_root.as_std_path();
    let machines = fs::read_to_string(root.join("vms/guest/machines")).expect("the guest's machines");
    let machines: Vec<&str> = machines.lines().filter_map(|line| line.split(' ').next()).collect();
    let mut sources = files(&root.join("contracts/src"), "sol");
    for package in &metadata.packages {
        if ROOMS.iter().any(|(room, _)| *room == package.name.as_str()) {
            let folder = package.manifest_path.parent().expect("a folder").as_std_path();
            sources.extend(files(&folder.join("src"), "rs"));
            sources.push(folder.join("build.rs"));
        }
    }
    assert!(sources.len() > 100, "{} sources", sources.len());
    for path in sources {
        let place = path
            .strip_prefix(root)
            .expect("below the root")
            .to_string_lossy()
            .to_lowercase();
        let text = fs::read_to_string(&path).unwrap_or_default().to_lowercase();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join("\n").replace('-', "");
        for machine in &machines {
            let own = place.contains(&format!("vms/{machine}"));
            assert!(own || !code.contains(machine), "{place} names {machine}");
        }
    }
}
