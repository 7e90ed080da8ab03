//! `cargo xtask demo`: a stranger sees a city's day cleared and settled.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use crate::machine::{ensure_c_compiler, ensure_fonts, ensure_pcsc_library};
use crate::shell::{RELEASE, cargo, program, root, run};

/// The passphrase of the demo's key ring; its keys are as simulated as its cards.
const PASSPHRASE: &str = "the demo's keys are no secret";

/// The demo's options.
#[derive(Args)]
pub(crate) struct Demo {
    /// Transactions of the day
    #[arg(long, default_value_t = 1_000_000)]
    transactions: u64,
    /// Cards of the city
    #[arg(long, default_value_t = 250_000)]
    cards: u32,
    /// Terminals of the city
    #[arg(long, default_value_t = 4_000)]
    terminals: u32,
    /// Share of records with something wrong, 0 to 0.2
    #[arg(long, default_value = "0.01")]
    anomalies: String,
    /// The business date, such as 2026-11-23
    #[arg(long, default_value = "2026-11-23")]
    date: String,
    /// The seed of the city: the same one makes the same city
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for city and centre, from the root of the checkout; an earlier demo there is replaced
    #[arg(long, default_value = "tongclear-demo")]
    dir: PathBuf,
    /// Language of the summary: en or zh
    #[arg(long, default_value = "en")]
    lang: String,
}

impl Demo {
    /// Builds, simulates, clears, settles, and compares the export with the simulator's truth.
    pub(crate) fn run(&self) -> Result<()> {
        ensure_c_compiler()?;
        ensure_pcsc_library()?;
        ensure_fonts()?;
        run(&mut cargo(&["build", "--locked", "--release", "--package", "tongclear-cli"]))?;
        let started = Instant::now();
        let dir = root().join(&self.dir);
        clear_earlier(&dir)?;
        let city = dir.join("city");
        let data = dir.join("centre");
        let text = |path: &std::path::Path| path.display().to_string();

        let (cards, terminals) = (self.cards.to_string(), self.terminals.to_string());
        let (transactions, seed) = (self.transactions.to_string(), self.seed.to_string());
        let out = text(&city);
        #[rustfmt::skip]
        let city_options = [
            "simulate", "--out", &out, "--seed", &seed, "--cards", &cards, "--transactions", &transactions,
            "--terminals", &terminals, "--date", &self.date, "--anomalies", &self.anomalies,
        ];
        let centre = |arguments: &[&str]| {
            let mut command = Command::new(program(RELEASE));
            command.arg("--data").arg(&data).args(["--lang", &self.lang]).args(arguments);
            command.env("TONGCLEAR_PASSPHRASE", PASSPHRASE);
            run(&mut command)
        };
        centre(&city_options)?;
        centre(&["init"])?;
        centre(&["registry", "load", &text(&city.join("registry"))])?;
        centre(&["keys", "load", &text(&city.join("keys.toml"))])?;
        for list in sorted_files(&city.join("lists"))? {
            centre(&["denylist", "load", &text(&list)])?;
        }
        centre(&["intake", &text(&city.join("packages"))])?;
        centre(&["night", "--date", &self.date])?;
        let export = dir.join("export.csv");
        centre(&["export", "--window", &self.date, "--out", &text(&export)])?;
        let agreed = compare_with_truth(&export, &city.join("truth.csv"))?;

        let vault = data.join("vault");
        println!();
        println!("{agreed} records: the export agrees with the simulator's truth on every one of them.");
        println!("statements  {}", vault.join("reports").join(&self.date).display());
        println!("details     {}", vault.join("windows").join(&self.date).display());
        println!("export      {}", export.display());
        println!("after the build, all of it took {:.1} s", started.elapsed().as_secs_f32());
        Ok(())
    }
}

/// Removes what an earlier run left in `dir`, and nothing that is not one; makes it anew.
pub(crate) fn clear_earlier(dir: &std::path::Path) -> Result<()> {
    const MARK: &str = ".tongclear-demo";
    if dir.exists() {
        let empty = dir.read_dir()?.next().is_none();
        ensure!(empty || dir.join(MARK).exists(), "{} is not an earlier run's folder", dir.display());
        std::fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    std::fs::write(dir.join(MARK), "").context("cannot write the run's mark")
}

fn sorted_files(dir: &std::path::Path) -> Result<Vec<PathBuf>> {
    let entries = dir.read_dir().with_context(|| format!("cannot list {}", dir.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// Compares the two files line by line in any order: the truth has the window in front, which the export has not.
fn compare_with_truth(export: &std::path::Path, truth: &std::path::Path) -> Result<usize> {
    let read = |path: &std::path::Path| {
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let (export, truth) = (read(export)?, read(truth)?);
    let mut cleared: Vec<&str> = export.lines().skip(1).collect();
    let mut expected: Vec<&str> =
        truth.lines().skip(1).filter_map(|line| line.split_once(',').map(|(_window, rest)| rest)).collect();
    cleared.sort_unstable();
    expected.sort_unstable();
    if let Some((cleared, expected)) = cleared.iter().zip(&expected).find(|(a, b)| a != b) {
        anyhow::bail!("the export disagrees with the truth:\n  cleared  {cleared}\n  expected {expected}");
    }
    ensure!(
        cleared.len() == expected.len(),
        "{} records cleared, {} expected",
        cleared.len(),
        expected.len()
    );
    Ok(cleared.len())
}
