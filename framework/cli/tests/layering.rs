//! Who may import whom (ARCHITECTURE.md, Rooms), held against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

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
    ("opml-onnx", &["opml-graph", "opml-ops"]),
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

fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new()
        .no_deps()
        .other_options(vec!["--offline".into()])
        .exec()
        .expect("cargo metadata");
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
