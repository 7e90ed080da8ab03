//! Runs all contenders and writes down what was seen.

mod chart;
mod contest;
mod figures;
mod machine;
mod night;
mod report;
mod rivals;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};

use crate::data::{self, Made, Paths};
use contest::{Later, Measured, SizeResult};
use night::{Centre, Snapshot};

/// Transactions of the smoke: enough for every kind of record and every merchant.
const SMOKE_TRANSACTIONS: u64 = 20_000;
/// Largest size that PostgreSQL takes part in: beyond, it would take longer than all others together.
const POSTGRES_MAX: u64 = 5_000_000;
/// Runs at sizes up to ten million, and beyond.
const RUNS: [u32; 2] = [5, 3];
const LARGE: u64 = 10_000_000;

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Contender {
    /// The night with two workers
    Night,
    /// The night with one worker, at the largest size
    NightOfOne,
    /// DuckDB, relational part only
    #[value(name = "duckdb")]
    DuckDb,
    /// PostgreSQL, relational part only, COPY included
    Postgres,
    /// openssl dgst over the packages
    Floor,
}

impl Contender {
    /// The name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Night => "night",
            Self::NightOfOne => "night, one worker",
            Self::DuckDb => "DuckDB, relational part",
            Self::Postgres => "PostgreSQL, relational part",
            Self::Floor => "openssl dgst -sha256",
        }
    }
}

/// What is to be run.
#[derive(Debug, Args)]
pub(crate) struct Order {
    /// The program `tongclear`
    #[arg(long)]
    program: PathBuf,
    /// The folder `bench`: scripts of the rivals, and where the results go
    #[arg(long)]
    bench: PathBuf,
    /// Where data is kept and everything is done
    #[arg(long, default_value = "target/bench")]
    data: PathBuf,
    /// Python with DuckDB; without it DuckDB takes no part
    #[arg(long)]
    python: Option<PathBuf>,
    /// Transactions, in millions
    #[arg(long, value_delimiter = ',', default_value = "1,5,20")]
    sizes: Vec<u64>,
    /// Runs of each contender; by default 5, and 3 beyond ten million
    #[arg(long)]
    runs: Option<u32>,
    /// Only these
    #[arg(long, value_delimiter = ',')]
    only: Vec<Contender>,
    /// One tiny size, all gates, no times
    #[arg(long)]
    smoke: bool,
    /// The command to repeat it, as the results say it
    #[arg(long, default_value = "cargo xtask bench")]
    command: String,
}

/// What contenders are run with, and what is learnt of them.
pub(crate) struct Tools {
    python: Option<PathBuf>,
    rivals: PathBuf,
    work: PathBuf,
    duckdb: Option<String>,
    postgres: Option<String>,
}

/// Everything that was seen.
#[derive(serde::Serialize)]
pub(crate) struct Results {
    pub(crate) sizes: Vec<SizeResult>,
    pub(crate) later: Option<Later>,
}

/// Runs it.
pub(crate) fn run(order: &Order) -> Result<()> {
    ensure!(order.program.exists(), "{} is not there; build it first", order.program.display());
    let load = machine::load();
    let work = order.data.join("work");
    let mut tools = Tools {
        python: order.python.clone(),
        rivals: order.bench.join("rivals"),
        work: work.clone(),
        duckdb: None,
        postgres: None,
    };
    let sizes = if order.smoke {
        vec![SMOKE_TRANSACTIONS]
    } else {
        order.sizes.iter().map(|millions| millions * 1_000_000).collect()
    };
    let largest = sizes.iter().copied().max().context("there is no size")?;
    let mut results = Results { sizes: Vec::new(), later: None };
    for &size in &sizes {
        eprintln!("{size} transactions");
        let days = if size == largest { 2 } else { 1 };
        let (city, made) = data::make(&data_order(order, size, days)?)?;
        let (centre, intake, snapshot) = taken_in(order, &work, &city, &made)?;
        let contenders = order.contenders(&tools, size, largest);
        let runs = order.runs_of(size);
        let together = (&contenders[..], runs);
        let result = contest::contest(&mut tools, (&city, &made), (&centre, &snapshot), together)?;
        if size == largest && order.takes(Contender::Night) {
            results.later = Some(contest::later(&city, &made, &centre, &snapshot, runs)?);
        }
        results.sizes.push(SizeResult { transactions: size, intake, ..result });
    }
    fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))?;
    if order.smoke {
        println!("all contenders agree, both nights are as the data was made, why and check answer");
        return Ok(());
    }
    let machine = machine::describe(&tools, order, load)?;
    report::write(&order.bench.join("RESULTS.md"), &results, &machine)?;
    let every_run = order.data.join("results.json");
    fs::write(&every_run, serde_json::to_string_pretty(&results)?)
        .with_context(|| format!("cannot write {}", every_run.display()))?;
    fs::write(order.bench.join("results.svg"), chart::svg(&results)).context("cannot write results.svg")?;
    println!("{}", report::markdown(&results, &machine));
    Ok(())
}

impl Order {
    fn takes(&self, contender: Contender) -> bool {
        self.only.is_empty() || self.only.contains(&contender)
    }

    fn contenders(&self, tools: &Tools, size: u64, largest: u64) -> Vec<Contender> {
        let mut all = Contender::value_variants().to_vec();
        all.retain(|contender| {
            self.takes(*contender)
                && match contender {
                    Contender::Night | Contender::Floor => true,
                    Contender::NightOfOne => size == largest,
                    Contender::DuckDb => tools.python.is_some(),
                    Contender::Postgres => {
                        size <= POSTGRES_MAX && tongclear_test_postgres::folder().is_some()
                    }
                }
        });
        all
    }

    fn runs_of(&self, size: u64) -> u32 {
        if self.smoke {
            return 1;
        }
        self.runs.unwrap_or(if size > LARGE { RUNS[1] } else { RUNS[0] }).max(1)
    }

    /// The command to repeat it.
    pub(crate) fn command(&self) -> &str {
        &self.command
    }
}

fn data_order(order: &Order, transactions: u64, days: u32) -> Result<data::Order> {
    let date = "2026-11-20".parse().map_err(anyhow::Error::msg)?;
    Ok(data::Order { out: order.data.clone(), transactions, days, seed: 1, date, threads: 2 })
}

/// A centre that has taken in the first day, and how long that took; in full runs several times.
fn taken_in(order: &Order, work: &Path, city: &Paths, made: &Made) -> Result<(Centre, Measured, Snapshot)> {
    let centre = Centre::new(&order.program, work, city)?;
    let empty = centre.snapshot()?;
    let mut intake = Measured::new("intake");
    for _ in 0..if order.smoke { 1 } else { 3 } {
        centre.restore(&empty)?;
        intake.add(centre.intake(city, made.days[0].0)?);
    }
    let snapshot = centre.snapshot()?;
    Ok((centre, intake, snapshot))
}
