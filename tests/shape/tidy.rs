//! Small rules that keep the tree a pleasure to read.

use std::path::{Path, PathBuf};

/// A file that must be scrolled to be understood is two files.
const LINES_MAX: usize = 600;

/// All files below our source folders with one of `extensions`.
fn files(extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> =
        ["crates", "tests", "xtask", "bench"].iter().map(|folder| super::root().join(folder)).collect();
    while let Some(folder) = waiting.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target" && name != "corpus") {
                    waiting.push(path);
                }
            } else if path.extension().is_some_and(|found| extensions.iter().any(|it| found == *it)) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(super::root()).unwrap_or(path).display().to_string()
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for path in files(&["rs"]) {
        assert!(text(&path).starts_with("//!"), "{} does not begin with //!", shown(&path));
    }
}

#[test]
fn no_source_file_is_too_long() {
    for path in files(&["rs"]) {
        let lines = text(&path).lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines, more than {LINES_MAX}", shown(&path));
    }
}

#[test]
fn no_float_flows_where_money_does() {
    for path in files(&["rs"]) {
        let name = shown(&path);
        let money = [
            "types",
            "ledger",
            "proof",
            "registry",
            "engine",
            "store",
            "store-sqlite",
            "store-postgres",
            "report",
            "package",
            "layout",
            "conformance",
            "sim",
            "life",
            "press",
        ];
        // What draws pages and fills cells takes floats; these turn whole lengths and checked figures into them.
        if ["crates/press/src/pdf/paint.rs", "crates/press/src/xlsx/cell.rs"].contains(&name.as_str()) {
            continue;
        }
        if !money.iter().any(|krate| name.starts_with(&format!("crates/{krate}/"))) {
            continue;
        }
        for (number, line) in (1..).zip(text(&path).lines()) {
            let code = line.split("//").next().unwrap_or_default();
            let float = ["f32", "f64"].iter().any(|kind| {
                code.split(|c: char| !c.is_alphanumeric() && c != '_')
                    .any(|word| word == *kind || word.ends_with(&format!("_{kind}")))
            });
            assert!(!float, "{name}:{number}: a float: {}", line.trim());
        }
    }
}

/// What the compiler cannot check lies where somebody looks for it: calls of code compiled for vector instructions,
/// and the C library. Each block says why it holds.
#[test]
fn unsafe_code_is_where_it_belongs_and_says_why() {
    const HOMES: [&str; 2] = ["crates/mac/src/bitslice/simd.rs", "crates/terminal-c/src/"];
    let mut found = 0;
    for path in files(&["rs"]) {
        let name = shown(&path);
        let text = text(&path);
        let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
        // Spelled apart, so that this file does not find itself.
        let [block, any] = [["unsa", "fe {"], ["unsa", "fe"]].map(|halves| halves.concat());
        let is_any =
            |line: &str| code(line).split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == any);
        let lines: Vec<&str> = text.lines().collect();
        for (i, line) in lines.iter().enumerate().filter(|(_, line)| is_any(line)) {
            found += 1;
            let home = HOMES.iter().any(|home| name.starts_with(home));
            assert!(home, "{name}:{}: the compiler checks no such code, so only in {HOMES:?}", i + 1);
            if code(line).contains(&block) {
                // The block's line, or the comment before its statement.
                let reason = lines[i.saturating_sub(4)..i].iter().any(|line| line.contains("// SAFETY: "));
                assert!(reason, "{name}:{}: say `// SAFETY: ` and why it holds", i + 1);
            }
        }
    }
    assert!(found > 0);
}

#[test]
fn nothing_is_left_for_later_without_an_owner() {
    // Spelled apart, so that this file does not find itself.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]].map(|halves| halves.concat());
    let macros = [["todo", "!"], ["unimplemented", "!"], ["#[ig", "nore"]].map(|halves| halves.concat());
    for path in files(&["rs", "toml", "sql"]) {
        for (number, line) in (1..).zip(text(&path).lines()) {
            let word = |mark: &String| line.split(|c: char| !c.is_ascii_uppercase()).any(|word| word == mark);
            let found = marks.iter().find(|mark| word(mark)).or(macros.iter().find(|it| line.contains(*it)));
            assert!(found.is_none(), "{}:{number}: {}", shown(&path), line.trim());
        }
    }
}

#[test]
fn migrations_mirror_each_other() {
    let names = |database: &str| {
        let folder = super::root().join("migrations").join(database);
        let mut names: Vec<String> = folder
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let sqlite = names("sqlite");
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, names("postgres"), "the same numbers and names for both databases");
    for (name, number) in sqlite.iter().zip(1..) {
        assert!(name.starts_with(&format!("{number:04}_")), "{name} is not number {number:04}");
    }
}

#[test]
fn every_outside_crate_is_named_once_with_a_reason() {
    let manifest = text(&super::root().join("Cargo.toml"));
    let dependencies = manifest.split("[workspace.dependencies]").nth(1).unwrap();
    let dependencies = dependencies.split("\n[").next().unwrap();
    for line in dependencies.lines().filter(|line| line.contains(" = ") && !line.contains("path =")) {
        let family = ["hex", "arrow-schema", "tracing-subscriber", "anyhow", "proptest", "thiserror"];
        let name = line.split(" = ").next().unwrap().trim();
        assert!(line.contains('#') || family.contains(&name), "{name} is here without a reason");
    }
    for path in files(&["toml"]).iter().filter(|path| path.ends_with("Cargo.toml")) {
        let name = shown(path);
        if name == "Cargo.toml" || name.starts_with("bench/") || name.contains("/fuzz/") {
            continue;
        }
        let own_version = text(path)
            .lines()
            .find(|line| line.contains("version = \"") && line.contains('{'))
            .map(str::to_owned);
        assert_eq!(own_version, None, "{name}: say `workspace = true`");
    }
}

#[test]
fn every_relative_link_in_the_documents_leads_somewhere() {
    let root = super::root();
    let mut documents: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
        .iter()
        .map(|name| root.join(name))
        .collect();
    for folder in ["docs", "docs/adr", "docs/design", "fixtures", "bench"] {
        let entries = root.join(folder).read_dir().unwrap().map(|entry| entry.unwrap().path());
        documents.extend(entries.filter(|path| path.extension().is_some_and(|it| it == "md")));
    }
    for document in documents {
        let folder = document.parent().unwrap();
        let body = text(&document);
        for link in body.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            assert!(folder.join(path).exists(), "{}: {link} leads nowhere", shown(&document));
        }
    }
}
