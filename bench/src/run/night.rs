//! The night: a centre that knows the city, put back to where it was before each run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tongclear_types::BusinessDate;

use super::figures::Figures;
use super::watch::{Seen, watch};
use crate::data::{Paths, Tally};

/// The passphrase of its key ring; its keys are as made up as its cards.
const PASSPHRASE: &str = "the bench's keys are no secret";
/// What a centre's database is made of.
const DATABASE: &str = "centre.sqlite";

/// Stages and their times, s.
pub(crate) type Stages = Vec<(String, f64)>;

/// A centre of the bench.
pub(crate) struct Centre {
    program: PathBuf,
    /// Its data folder.
    data: PathBuf,
    /// Where outputs and the copy of the database go.
    work: PathBuf,
}

/// A centre as it was.
pub(crate) struct Snapshot {
    files: BTreeSet<PathBuf>,
    databases: Vec<PathBuf>,
}

impl Centre {
    /// A new centre that knows the city; below `work`, in place of one that was there.
    pub(crate) fn new(program: &Path, work: &Path, city: &Paths) -> Result<Self> {
        let data = work.join("centre");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        fs::create_dir_all(work).with_context(|| format!("cannot make {}", work.display()))?;
        let centre = Self { program: program.to_owned(), data, work: work.to_owned() };
        centre.done(&["init"])?;
        centre.done(&["registry", "load", &text(&city.registry())])?;
        centre.done(&["keys", "load", &text(&city.keys())])?;
        centre.done(&["denylist", "load", &text(&city.lists().join("deny.txt"))])?;
        Ok(centre)
    }

    /// Runs a command that must succeed.
    pub(crate) fn done(&self, arguments: &[&str]) -> Result<Seen> {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(&self.data).args(arguments).env("TONGCLEAR_PASSPHRASE", PASSPHRASE);
        watch(&mut command, &self.output())
    }

    /// What the last command printed.
    fn output(&self) -> PathBuf {
        self.work.join("output")
    }

    /// Takes in the packages of a day.
    pub(crate) fn intake(&self, city: &Paths, date: BusinessDate) -> Result<Seen> {
        self.done(&["intake", &text(&city.packages(date))])
    }

    /// Runs the night; what came out, what was seen, and how long it says that its stages took, s.
    pub(crate) fn night(&self, date: BusinessDate, workers: u32) -> Result<(Figures, Seen, Stages)> {
        let arguments = ["--json", "night", "--date", &date.to_string(), "--workers", &workers.to_string()];
        let seen = self.done(&arguments)?;
        let text = fs::read_to_string(self.output())?;
        let night: Night = serde_json::from_str(&text).context("the night printed what cannot be read")?;
        ensure!(night.changed, "the night of {date} had nothing left to do");
        let stages = night.stages.iter().map(|it| (it.stage.clone(), f64::from(it.ms) / 1_000.0)).collect();
        Ok((night.settlement.figures()?, seen, stages))
    }

    /// Where its packages lie.
    pub(crate) fn packages(&self) -> PathBuf {
        self.data.join("vault/packages")
    }

    /// Remembers how it is.
    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        let mut databases = Vec::new();
        for suffix in ["", "-wal", "-shm"] {
            let name = format!("{DATABASE}{suffix}");
            let copy = self.work.join(format!("copy-{name}"));
            let _ = fs::remove_file(&copy);
            if self.data.join(&name).exists() {
                fs::copy(self.data.join(&name), &copy)?;
                databases.push(name.into());
            }
        }
        Ok(Snapshot { files: files_below(&self.data)?, databases })
    }

    /// Puts it back: what it wrote since goes, and the database is what it was. Files of the vault never change.
    pub(crate) fn restore(&self, snapshot: &Snapshot) -> Result<()> {
        for file in files_below(&self.data)?.difference(&snapshot.files) {
            fs::remove_file(file)?;
        }
        for suffix in ["", "-wal", "-shm"] {
            let name = format!("{DATABASE}{suffix}");
            let _ = fs::remove_file(self.data.join(&name));
            if snapshot.databases.contains(&PathBuf::from(&name)) {
                fs::copy(self.work.join(format!("copy-{name}")), self.data.join(&name))?;
            }
        }
        Ok(())
    }
}

/// What `night --json` prints, as far as it is compared.
#[derive(Deserialize)]
struct Night {
    changed: bool,
    settlement: Settlement,
    #[serde(default)]
    stages: Vec<Stage>,
}

#[derive(Deserialize)]
struct Stage {
    stage: String,
    ms: u32,
}

#[derive(Deserialize)]
struct Settlement {
    dispositions: Dispositions,
    reasons: std::collections::BTreeMap<String, Tally>,
    #[serde(default)]
    flags: std::collections::BTreeMap<String, u64>,
    merchants: Vec<Merchant>,
}

#[derive(Deserialize)]
struct Dispositions {
    accepted: Tally,
    duplicate: Tally,
    suspended: Tally,
    rejected: Tally,
}

#[derive(Deserialize)]
struct Merchant {
    merchant: String,
    count: u64,
    gross_fen: u64,
    load_fen: u64,
    fee_fen: u64,
}

impl Settlement {
    fn figures(self) -> Result<Figures> {
        let Dispositions { accepted, duplicate, suspended, rejected } = self.dispositions;
        // The rivals know one reason only; another would be a fault of the data, and must not hide in a sum.
        ensure!(
            suspended == Tally::default(),
            "the night suspended {} records; none was made so",
            suspended.count
        );
        let others: Vec<_> = self.reasons.keys().filter(|reason| *reason != "tac_mismatch").collect();
        ensure!(others.is_empty(), "the night rejected records for {others:?}; none was made so");
        let gaps = self.flags.get("counter_gap").copied().unwrap_or_default();
        let mut figures = Figures { accepted, duplicate, rejected, gaps, ..Figures::default() };
        for entry in self.merchants {
            let merchant = figures.merchants.entry(entry.merchant).or_default();
            merchant.accepted.count += entry.count;
            merchant.accepted.amount_fen += entry.gross_fen + entry.load_fen;
            merchant.fee_fen += entry.fee_fen;
        }
        Ok(figures)
    }
}

/// All files in a folder and below it.
pub(crate) fn files_below(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.insert(entry.path());
            }
        }
    }
    Ok(files)
}

pub(crate) fn text(path: &Path) -> String {
    path.display().to_string()
}
