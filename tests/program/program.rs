//! Starting the real program, one centre a test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
pub(crate) use tongclear_tests::program;

/// The folders of the vault that a night fills.
pub(crate) const RESULTS: [&str; 10] = [
    "windows",
    "unpaid",
    "cards",
    "terminals",
    "continuity",
    "seen",
    "quality",
    "proofs",
    "reports",
    "results",
];

/// A centre in a folder of its own, which goes when the test ends.
pub(crate) struct Centre {
    pub(crate) dir: TempDir,
    /// What `--database` says; nothing for SQLite in the data folder.
    database: Option<String>,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Centre {
    /// A folder without a centre in it yet.
    pub(crate) fn absent() -> Self {
        Self { dir: TempDir::new().unwrap(), database: None }
    }

    /// The same, with its tables in `database`.
    pub(crate) fn absent_on(database: String) -> Self {
        Self { database: Some(database), ..Self::absent() }
    }

    /// A centre that knows the city at `city`: registry, keys and lists.
    pub(crate) fn of_city(city: &Path) -> Self {
        Self::absent().knows(city)
    }

    /// Makes the centre and tells it of a city.
    pub(crate) fn knows(self, city: &Path) -> Self {
        let centre = self;
        centre.done(&["init"]);
        centre.done(&["registry", "load", path(&city.join("registry"))]);
        centre.done(&["keys", "load", path(&city.join("keys.toml"))]);
        for list in sorted(&city.join("lists")) {
            centre.done(&["denylist", "load", path(&list)]);
        }
        centre
    }

    /// A second centre that is what the one in `data` is, to be worked on by itself.
    pub(crate) fn copy_of(data: &Path) -> Self {
        let centre = Self::absent();
        copy_folder(data, &centre.data());
        centre
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A command with this centre's data folder and passphrase.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--data").arg(self.data()).args(arguments).env("TONGCLEAR_PASSPHRASE", "correct horse");
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed; returns what it printed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}\n{}\n{}", ended.out, ended.err);
        ended.out
    }

    /// Runs a command with `--json` that must succeed; returns its result.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// Runs a command that must end with `code` and say every one of `words`.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let ended = self.run(arguments);
        assert_eq!(ended.code, code, "{arguments:?}\n{}\n{}", ended.out, ended.err);
        for word in words {
            assert!(
                ended.err.contains(word) || ended.out.contains(word),
                "{word:?} is not said:\n{}{}",
                ended.out,
                ended.err
            );
        }
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ended = Self {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
        ended
    }
}

/// Copies a folder with everything below it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in sorted(from) {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy_folder(&entry, &target);
        } else {
            std::fs::copy(&entry, &target).unwrap();
        }
    }
}

/// The files of a folder, by name.
pub(crate) fn sorted(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = dir.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
