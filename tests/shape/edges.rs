//! Dependency direction is a test, not a wish (ARCHITECTURE.md, "Edges that must never appear").

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Everything each of our crates needs to build, its own kind and outside crates alike, direct or not.
fn reachable() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new().manifest_path(super::root().join("Cargo.toml")).exec().unwrap();
    let resolve = metadata.resolve.as_ref().unwrap();
    let name = |id: &cargo_metadata::PackageId| metadata[id].name.to_string();
    let direct: BTreeMap<String, BTreeSet<String>> = resolve
        .nodes
        .iter()
        .map(|node| {
            // What only tests or build scripts use shapes no product.
            let normal = node.deps.iter().filter(|dependency| {
                dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
            });
            (name(&node.id), normal.map(|dependency| name(&dependency.pkg)).collect())
        })
        .collect();
    metadata
        .workspace_packages()
        .iter()
        .map(|package| {
            let mut seen = BTreeSet::new();
            let mut waiting = vec![package.name.to_string()];
            while let Some(next) = waiting.pop() {
                for dependency in direct.get(&next).into_iter().flatten() {
                    if seen.insert(dependency.clone()) {
                        waiting.push(dependency.clone());
                    }
                }
            }
            (package.name.to_string(), seen)
        })
        .collect()
}

/// What a crate of ours may use of the others: the table of ARCHITECTURE.md.
const MAY_USE: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("mac", &["types"]),
    ("package", &["types", "mac"]),
    ("ledger", &["types"]),
    ("proof", &["types", "mac", "package", "ledger"]),
    ("registry", &["types", "ledger"]),
    ("store", &["types", "ledger", "access"]),
    ("store-sqlite", &["types", "ledger", "access", "store"]),
    ("store-postgres", &["types", "ledger", "access", "store"]),
    ("test-postgres", &[]),
    ("life", &["types", "ledger", "access", "store"]),
    (
        "engine",
        &[
            "types", "mac", "package", "ledger", "access", "life", "proof", "registry", "store", "iso20022",
            "columnar",
        ],
    ),
    ("columnar", &[]),
    ("sim", &["types", "mac", "package"]),
    ("card", &["types", "mac"]),
    ("reader", &["types", "mac", "card"]),
    ("test-pcscd", &[]),
    ("terminal", &["types", "mac", "package", "card"]),
    ("terminal-c", &["types", "mac", "package", "card", "terminal"]),
    ("layout", &["types", "mac", "package"]),
    ("conformance", &["types", "mac", "package", "ledger", "registry"]),
    ("iso20022", &["types"]),
    ("access", &["types", "ledger"]),
    ("authority", &["types"]),
    ("press", &["types"]),
    ("fleet", &["types", "mac", "package"]),
    (
        "desk",
        &[
            "types",
            "mac",
            "package",
            "ledger",
            "access",
            "authority",
            "life",
            "proof",
            "registry",
            "store",
            "engine",
            "columnar",
            "iso20022",
            "report",
            "press",
        ],
    ),
    (
        "portal",
        &[
            "types",
            "mac",
            "package",
            "ledger",
            "life",
            "proof",
            "registry",
            "store",
            "engine",
            "columnar",
            "iso20022",
            "report",
            "access",
            "authority",
            "desk",
            "press",
        ],
    ),
    ("report", &["types", "mac", "package", "ledger", "access", "life", "proof", "registry", "store"]),
];

#[test]
fn every_crate_uses_only_what_the_architecture_lets_it() {
    let reachable = reachable();
    for (krate, allowed) in MAY_USE {
        let used = &reachable[&format!("tongclear-{krate}")];
        for other in used.iter().filter_map(|name| name.strip_prefix("tongclear-")) {
            assert!(allowed.contains(&other), "tongclear-{krate} must not know tongclear-{other}");
        }
    }
    // A new crate must take its place in the table.
    for name in reachable.keys().filter_map(|name| name.strip_prefix("tongclear-")) {
        let known = MAY_USE.iter().any(|(krate, _)| *krate == name) || ["cli", "tests"].contains(&name);
        assert!(known, "tongclear-{name} is missing in the table of edges");
    }
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    // The outside crate, and the only crates of ours that may reach it.
    let rooms: &[(&str, &[&str])] = &[
        ("sqlx", &["store-sqlite", "store-postgres", "cli", "tests"]),
        ("rusqlite", &["terminal", "terminal-c", "cli", "tests"]),
        ("pcsc", &["reader", "cli", "tests"]),
        ("axum", &["portal", "cli", "tests"]),
        ("rcgen", &["authority", "desk", "portal", "cli", "tests"]),
        ("krilla", &["press", "desk", "portal", "cli", "tests"]),
        ("rust_xlsxwriter", &["press", "desk", "portal", "cli", "tests"]),
        ("timely", &["engine", "desk", "portal", "cli", "tests"]),
        ("rand_chacha", &["sim", "fleet", "cli", "tests"]),
    ];
    for (krate, used) in reachable() {
        let Some(krate) = krate.strip_prefix("tongclear-") else { continue };
        for (outside, allowed) in rooms {
            assert!(
                !used.contains(*outside) || allowed.contains(&krate),
                "tongclear-{krate} reaches {outside}"
            );
        }
    }
}

#[test]
fn pure_crates_have_no_runtime() {
    let reachable = reachable();
    for krate in [
        "types",
        "mac",
        "package",
        "card",
        "ledger",
        "access",
        "authority",
        "proof",
        "registry",
        "layout",
        "conformance",
        "iso20022",
        "press",
        "columnar",
    ] {
        for runtime in ["tokio", "async-std", "smol"] {
            assert!(
                !reachable[&format!("tongclear-{krate}")].contains(runtime),
                "tongclear-{krate} uses {runtime}"
            );
        }
    }
}
