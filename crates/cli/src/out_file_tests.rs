//! Where an output file may go, and what is left when it is not finished.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it stands")]

use std::io::Write as _;

use tempfile::TempDir;

use super::*;

fn write(place: &Path) -> Result<(), CliError> {
    let mut out = OutFile::create(place)?;
    out.file().write_all(b"new").unwrap();
    out.finish()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap();
    let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_appears_whole_and_touches_no_other() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    for name in ["a.csv", "a.partial"] {
        std::fs::write(at(name), "old").unwrap();
    }
    std::os::unix::fs::symlink("a.csv", at("link.csv")).unwrap();
    write(&at("link.csv")).unwrap();
    write(&at("b.csv")).unwrap();
    assert_eq!(names(dir.path()), ["a.csv", "a.partial", "b.csv", "link.csv"]);
    for (name, expected) in [("a.csv", "new"), ("a.partial", "old"), ("b.csv", "new"), ("link.csv", "new")] {
        assert_eq!(std::fs::read_to_string(at(name)).unwrap(), expected, "{name}");
    }
    assert!(at("link.csv").is_symlink());
}

#[test]
fn what_is_not_finished_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("a.csv"), "old").unwrap();
    let mut out = OutFile::create(&dir.path().join("a.csv")).unwrap();
    out.file().write_all(b"half").unwrap();
    drop(out);
    assert_eq!(names(dir.path()), ["a.csv"]);
    assert_eq!(std::fs::read_to_string(dir.path().join("a.csv")).unwrap(), "old");
}

#[test]
fn a_device_is_written_into_and_stays() {
    write(Path::new("/dev/null")).unwrap();
    assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
}

#[test]
fn a_place_that_cannot_hold_a_file_is_the_callers_fault() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    for (place, words) in [
        ("", "this is a folder"),
        ("absent/a.csv", "absent: there is no such file or folder"),
        ("file/a.csv", "file: not a folder"),
        ("file/below/a.csv", "below: there is no such file or folder"),
    ] {
        let refused = write(&dir.path().join(place)).unwrap_err();
        assert!(matches!(&refused, CliError::Usage(said) if said.contains(words)), "{place}: {refused}");
    }
}
