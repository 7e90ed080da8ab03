//! Every folder of `fixtures/registry` is a registry whose name says what is special about it; `expected.txt` is
//! `accepted`, or every line of the refusal. With `UPDATE_FIXTURES=1` the expectations are written anew, to be read
//! before they are committed.

use std::fs;
use std::path::Path;

use tongclear_registry::Registry;

/// There are at least this many folders; fewer mean that the walk went astray.
const FOLDERS_MIN: usize = 15;

#[test]
fn every_fixture_is_accepted_or_refused_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/registry");
    let mut folders: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= FOLDERS_MIN, "{} folders", folders.len());
    let mut surprises = Vec::new();
    for folder in folders {
        let (got, expected) = (judge(&folder), folder.join("expected.txt"));
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            fs::write(&expected, &got).unwrap();
        }
        let expected = fs::read_to_string(expected).unwrap();
        if got != expected {
            surprises.push(format!("== {}\nexpected:\n{expected}got:\n{got}", folder.display()));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

fn judge(folder: &Path) -> String {
    let toml = fs::read_to_string(folder.join("registry.toml")).expect("registry.toml");
    let csv = fs::read(folder.join("terminals.csv")).expect("terminals.csv");
    match Registry::parse(&toml, &csv) {
        Ok(registry) => {
            let again = Registry::from_json(&registry.to_json()).expect("its own JSON");
            assert!(
                again == registry && again.changes_from(Some(&registry)).is_empty(),
                "{}",
                folder.display()
            );
            "accepted\n".to_owned()
        }
        Err(errors) => errors.iter().map(|error| format!("{error}\n")).collect(),
    }
}
