//! Where PostgreSQL's programs are, and as whom they run: the server refuses to run as root.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to do when there are none.
pub const HOW_TO_INSTALL: &str = "PostgreSQL's programs (initdb, pg_ctl, psql) are missing: run `cargo xtask test`, which installs them, or \
     `apt-get install postgresql`";

/// The folder of the newest `initdb`: Debian's `/usr/lib/postgresql/*/bin`, else the first in `PATH`.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let installed = Path::new("/usr/lib/postgresql").read_dir().ok();
    let versions = installed.into_iter().flatten().flatten().filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((number, entry.path().join("bin")))
    });
    let newest = versions.filter(|(_, bin)| has_initdb(bin)).max().map(|(_, bin)| bin);
    newest.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|bin| has_initdb(bin))
    })
}

fn has_initdb(bin: &Path) -> bool {
    bin.join("initdb").is_file()
}

/// Who runs the programs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum User {
    /// Ourselves.
    Myself,
    /// User and group that root becomes.
    Other(u32, u32),
    /// Root of a user namespace in which there is nobody else (`unshare -r`): one more namespace gives it another name.
    Renamed,
}

impl User {
    /// Who `folder` is made for, which is given to them: ourselves, or, when we are root, `postgres`, or, without one,
    /// `nobody`.
    pub(crate) fn owning(folder: &Path) -> Self {
        if std::fs::metadata("/proc/self").expect("/proc/self says who we are").uid() != 0 {
            return Self::Myself;
        }
        let accounts = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd can be read");
        let ids = |name: &str| {
            let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2).map(|id| id.parse().ok());
            Some((fields.next()??, fields.next()??))
        };
        let ids = ids("postgres").or_else(|| ids("nobody"));
        let (user, group) = ids.expect("/etc/passwd has neither postgres nor nobody");
        match std::os::unix::fs::chown(folder, Some(user), Some(group)) {
            Ok(()) => Self::Other(user, group),
            Err(_) => Self::Renamed,
        }
    }

    /// `program` as the user, in `folder`, in a language whose messages we know.
    pub(crate) fn command(self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = match self {
            Self::Myself => Command::new(program),
            Self::Other(user, group) => {
                let mut command = Command::new(program);
                command.uid(user).gid(group);
                command
            }
            Self::Renamed => {
                let mut command = Command::new("unshare");
                command.args(["--user", "--map-user=1000", "--map-group=1000", "--"]).arg(program);
                command
            }
        };
        command.current_dir(folder).env("LC_ALL", "C.UTF-8").env("HOME", folder);
        // What the caller's shell says about its own databases is not about ours.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        command
    }
}

/// Runs a command that must succeed; returns what it printed.
pub(crate) fn done(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}
