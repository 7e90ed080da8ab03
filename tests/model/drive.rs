//! The program under test, through its command line and nothing else (cli.md).
//!
//! Bounded by: one data folder a seed, removed at the end; the program is built once, so it is never a stale one.

use std::path::PathBuf;
use std::process::{Command, Output};

use jiff::civil::Date;
use serde_json::Value;
use tempfile::TempDir;

use crate::facts::Registry;
use crate::script::{Action, PackageFile};
use crate::text;

/// A data folder and the files that are handed to the program.
pub(crate) struct Program {
    pub(crate) folder: TempDir,
    handed: u32,
    way: Way,
}

/// How the same script is run: nothing that matters may come out differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As it is written, packages as one folder.
    Forwards,
    /// The packages of each intake the other way round, file by file, and another number of workers.
    Backwards,
}

/// What the program says about a window.
pub(crate) struct Said {
    pub settlement: Value,
    pub export: String,
}

impl Program {
    /// `init` in an empty folder.
    pub(crate) fn new(way: Way) -> Result<Self, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let program = Self { folder, handed: 0, way };
        program.run(&["init"], 0)?;
        Ok(program)
    }

    fn command(&self, arguments: &[&str]) -> Result<Output, String> {
        Command::new(tongclear_tests::program())
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .args(arguments)
            .env("TONGCLEAR_PASSPHRASE", "correct horse battery staple")
            .current_dir(self.folder.path())
            .output()
            .map_err(|error| format!("{}: {error}", tongclear_tests::program().display()))
    }

    /// Runs a command that must end with `code`, and answers its standard output.
    pub(crate) fn run(&self, arguments: &[&str], code: i32) -> Result<String, String> {
        let output = self.command(arguments)?;
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.code() != Some(code) {
            return Err(format!(
                "tongclear {} ended with {}, not {code}\n{out}\n{err}",
                arguments.join(" "),
                output.status
            ));
        }
        Ok(out.into_owned())
    }

    /// A new folder with `files` in it.
    fn hand(&mut self, files: &[(&str, &[u8])]) -> Result<PathBuf, String> {
        self.handed += 1;
        let folder = self.folder.path().join(format!("handed-{}", self.handed));
        std::fs::create_dir(&folder).map_err(|error| error.to_string())?;
        for (name, bytes) in files {
            std::fs::write(folder.join(name), bytes).map_err(|error| error.to_string())?;
        }
        Ok(folder)
    }

    /// Does `action`, which must end with the exit code that the model has found.
    pub(crate) fn act(&mut self, action: &Action, code: i32) -> Result<(), String> {
        match action {
            Action::Registry(registry) => {
                let folder = self.hand_registry(registry)?;
                self.run(&["registry", "load", &folder.to_string_lossy()], code)?;
            }
            Action::Keys(keys) => {
                let folder = self.hand(&[("keys.toml", text::keys_toml(keys).as_bytes())])?;
                self.run(&["keys", "load", &folder.join("keys.toml").to_string_lossy()], code)?;
            }
            Action::DenyList { bytes, approve, .. } => {
                let folder = self.hand(&[("list.txt", bytes)])?;
                let file = folder.join("list.txt");
                let file = file.to_string_lossy();
                let approved = ["denylist", "load", &file, "--approve"];
                self.run(if *approve { &approved } else { &approved[..3] }, code)?;
            }
            Action::Intake(files) => {
                let files: Vec<(&str, &[u8])> = files
                    .iter()
                    .map(|PackageFile { name, bytes }| (name.as_str(), bytes.as_slice()))
                    .collect();
                let folder = self.hand(&files)?;
                if self.way == Way::Forwards {
                    self.run(&["intake", &folder.to_string_lossy()], code)?;
                } else {
                    let paths: Vec<String> = files
                        .iter()
                        .rev()
                        .map(|(name, _)| folder.join(name).to_string_lossy().into_owned())
                        .collect();
                    let arguments = std::iter::once("intake").chain(paths.iter().map(String::as_str));
                    self.run(&arguments.collect::<Vec<_>>(), code)?;
                }
            }
            Action::Night { date, workers } => {
                let workers = if self.way == Way::Forwards { *workers } else { 5 - workers };
                self.run(&["night", "--date", &date.to_string(), "--workers", &workers.to_string()], code)?;
            }
            Action::Close(date) => {
                self.run(&["window", "close", "--date", &date.to_string()], code)?;
            }
            Action::Clear { date } => {
                self.run(&["clear", "--window", &date.to_string()], code)?;
            }
            Action::Settle(date) => {
                self.run(&["settle", "--window", &date.to_string()], code)?;
            }
            Action::Check(_) => {}
        }
        Ok(())
    }

    fn hand_registry(&mut self, registry: &Registry) -> Result<PathBuf, String> {
        let (toml, csv) = (text::registry_toml(registry), text::terminals_csv(registry));
        self.hand(&[("registry.toml", toml.as_bytes()), ("terminals.csv", csv.as_bytes())])
    }

    /// What the program says about the window of `date`.
    pub(crate) fn ask(&mut self, date: Date) -> Result<Said, String> {
        let date = date.to_string();
        let shown = self.run(&["settlement", "show", "--window", &date, "--json"], 0)?;
        let settlement = serde_json::from_str(&shown).map_err(|error| format!("{error}: {shown}"))?;
        let file = self.hand(&[])?.join("export.csv");
        self.run(&["export", "--window", &date, "--out", &file.to_string_lossy()], 0)?;
        let export = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
        Ok(Said { settlement, export })
    }
}
