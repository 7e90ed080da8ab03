//! Files that are committed and made again by the tests: `UPDATE_FIXTURES=1` writes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of fixtures: each file named for its defect, with the expected message beside.
pub(crate) struct Folder {
    path: PathBuf,
    extension: &'static str,
    seen: BTreeSet<String>,
    update: bool,
}

/// Whether the tests should write instead of compare.
fn updating() -> bool {
    std::env::var_os("UPDATE_FIXTURES").is_some()
}

/// The root of the project.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The committed file holds `bytes`.
pub(crate) fn check_file(path: &Path, bytes: &[u8]) {
    if updating() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let found = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(found == bytes, "{} is not what this test makes; UPDATE_FIXTURES=1 writes it", path.display());
}

impl Folder {
    /// The folder `fixtures/<name>`, whose files end in `extension`.
    pub(crate) fn new(name: &str, extension: &'static str) -> Self {
        let path = root().join("fixtures").join(name);
        Self { path, extension, seen: BTreeSet::new(), update: updating() }
    }

    /// One fixture: the committed file holds `bytes`, and the file beside it the `message` that they get.
    pub(crate) fn check(&mut self, name: &str, bytes: &[u8], message: &str) {
        assert!(self.seen.insert(name.to_owned()), "{name} is there twice");
        check_file(&self.path.join(format!("{name}.{}", self.extension)), bytes);
        let beside = self.path.join(format!("{name}.expected"));
        if self.update {
            fs::write(&beside, format!("{message}\n")).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap();
        assert_eq!(message, expected.trim_end_matches('\n'), "{name}");
    }

    /// Nothing lies in the folder that was not checked.
    pub(crate) fn finish(self) {
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(&self.path).unwrap() {
            let path = entry.unwrap().path();
            let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
            if [self.extension, "expected"].contains(&extension) {
                found.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
            }
        }
        assert_eq!(found, self.seen, "{}", self.path.display());
    }
}
