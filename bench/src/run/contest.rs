//! All contenders on one size, in turn, several times; nothing counts before they agree.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Serialize;

use super::figures::Figures;
use super::night::{Centre, Snapshot, Stages, files_below};
use super::rivals::{Besides, DuckDb, Floor, Postgres};
use super::watch::Seen;
use super::{Contender, Tools};
use crate::data::{Made, Paths};

/// What one contender needed, run by run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measured {
    pub(crate) name: String,
    /// Whole times, s.
    pub(crate) seconds: Vec<f64>,
    /// Processor times, s; zero where they are not seen.
    pub(crate) cpu_s: Vec<f64>,
    /// Most anonymous memory of any run, bytes; zero where it is not seen.
    pub(crate) anon_bytes: u64,
    /// What its last run says about its stages.
    pub(crate) stages: Stages,
}

impl Measured {
    /// Nothing yet.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            seconds: Vec::new(),
            cpu_s: Vec::new(),
            anon_bytes: 0,
            stages: Stages::new(),
        }
    }

    /// One more run.
    pub(crate) fn add(&mut self, seen: Seen) {
        self.seconds.push(seen.seconds);
        self.cpu_s.push(seen.cpu_s);
        self.anon_bytes = self.anon_bytes.max(seen.anon_bytes);
    }

    /// The middle time, s.
    pub(crate) fn median(&self) -> f64 {
        let mut seconds = self.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        let middle = seconds.len() / 2;
        match seconds.len() {
            0 => f64::NAN,
            len if len % 2 == 1 => seconds[middle],
            _ => f64::midpoint(seconds[middle - 1], seconds[middle]),
        }
    }

    /// The shortest and the longest, s.
    pub(crate) fn range(&self) -> (f64, f64) {
        let fold = |with: fn(f64, f64) -> f64| self.seconds.iter().copied().fold(f64::NAN, with);
        (fold(f64::min), fold(f64::max))
    }
}

/// One size, all contenders.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SizeResult {
    pub(crate) transactions: u64,
    pub(crate) records: u64,
    pub(crate) packages: u64,
    pub(crate) package_bytes: u64,
    /// Cards and chains with an accepted record, if DuckDB took part.
    pub(crate) cards: u64,
    pub(crate) chains: u64,
    pub(crate) intake: Measured,
    pub(crate) contenders: Vec<Measured>,
}

impl SizeResult {
    /// The measured contender of that name.
    pub(crate) fn of(&self, contender: Contender) -> Option<&Measured> {
        self.contenders.iter().find(|it| it.name == contender.name())
    }
}

/// What takes part, ready.
struct Field<'a> {
    centre: &'a Centre,
    snapshot: &'a Snapshot,
    duckdb: Option<DuckDb>,
    postgres: Option<Postgres>,
    floor: Floor,
    made: &'a Made,
}

/// Runs `contenders` `runs` times in turn on a centre that has taken in the first day.
pub(crate) fn contest(
    tools: &mut Tools,
    (city, made): (&Paths, &Made),
    (centre, snapshot): (&Centre, &Snapshot),
    (contenders, runs): (&[Contender], u32),
) -> Result<SizeResult> {
    let truth = made.days[0].1;
    let duckdb = match &tools.python {
        Some(python) if contenders.contains(&Contender::DuckDb) => {
            Some(DuckDb::new(python, &tools.rivals, &tools.work, city)?)
        }
        _ => None,
    };
    let postgres =
        contenders.contains(&Contender::Postgres).then(|| Postgres::new(&tools.rivals, city)).transpose()?;
    let floor = Floor::new(&centre.packages(), &tools.work)?;
    read_once(&centre.packages())?;
    if let Some(duckdb) = &duckdb {
        read_once(duckdb.reads())?;
    }
    if let Some(postgres) = &postgres {
        tools.postgres = Some(postgres.version());
        read_once(&postgres.reads())?;
    }
    let mut field = Field { centre, snapshot, duckdb, postgres, floor, made };
    let mut measured: Vec<_> = contenders.iter().map(|it| Measured::new(it.name())).collect();
    let mut first: Option<(Contender, Figures)> = None;
    let mut besides = Besides::default();
    for run in 1..=runs {
        for (contender, measured) in contenders.iter().zip(&mut measured) {
            let (figures, seen, stages) = field.run(*contender, &mut besides)?;
            if let Some(figures) = figures {
                if let Some(untruth) = figures.untruth(contender.name(), &truth) {
                    bail!("{untruth}; no time counts");
                }
                let (with, expected) = first.get_or_insert_with(|| (*contender, figures.clone()));
                if let Some(figure) = expected.disagreement(with.name(), &figures, contender.name()) {
                    bail!("{figure}; no time counts");
                }
            }
            measured.add(seen);
            measured.stages = stages;
            eprintln!("  run {run} of {runs}: {} agrees", contender.name());
        }
    }
    if field.duckdb.is_some() {
        tools.duckdb = Some(besides.version);
    }
    Ok(SizeResult {
        transactions: 0,
        records: truth.records.count,
        packages: truth.packages,
        package_bytes: truth.package_bytes,
        cards: besides.cards,
        chains: besides.chains,
        intake: Measured::new("intake"),
        contenders: measured,
    })
}

impl Field<'_> {
    /// Runs one contender; openssl has no figures.
    fn run(
        &mut self,
        contender: Contender,
        besides: &mut Besides,
    ) -> Result<(Option<Figures>, Seen, Stages)> {
        let missing = || format!("{} is not there", contender.name());
        match contender {
            Contender::Night | Contender::NightOfOne => {
                self.centre.restore(self.snapshot)?;
                let workers = if contender == Contender::NightOfOne { 1 } else { 2 };
                let (figures, seen, stages) = self.centre.night(self.made.days[0].0, workers)?;
                Ok((Some(figures), seen, stages))
            }
            Contender::DuckDb => {
                let (figures, seen, says) = self.duckdb.as_ref().with_context(missing)?.night()?;
                *besides = says;
                Ok((Some(figures), seen, besides.stages.clone()))
            }
            Contender::Postgres => {
                let (figures, seen) = self.postgres.as_ref().with_context(missing)?.night()?;
                Ok((Some(figures), seen, Stages::new()))
            }
            Contender::Floor => Ok((None, self.floor.night()?, Stages::new())),
        }
    }
}

/// Reads all files below a folder, so that all contenders find theirs in the page cache.
fn read_once(folder: &Path) -> Result<()> {
    for file in files_below(folder)? {
        let mut file = fs::File::open(&file).with_context(|| format!("cannot read {}", file.display()))?;
        io::copy(&mut file, &mut io::sink())?;
    }
    Ok(())
}

/// Times of a second night over cards that a first one knows, and of questions afterwards.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Later {
    pub(crate) second_night: Measured,
    pub(crate) second_records: u64,
    pub(crate) why: Measured,
    pub(crate) check: Measured,
}

/// The first night, the second day taken in, the second night `runs` times, then `why` and `check`.
pub(crate) fn later(
    city: &Paths,
    made: &Made,
    centre: &Centre,
    snapshot: &Snapshot,
    runs: u32,
) -> Result<Later> {
    let [(first, _), (second, truth), ..] = made.days[..] else { bail!("there is no second day") };
    centre.restore(snapshot)?;
    centre.night(first, 2)?;
    centre.intake(city, second)?;
    read_once(&centre.packages())?;
    let before = centre.snapshot()?;
    let mut night = Measured::new("second night");
    for _ in 0..runs {
        centre.restore(&before)?;
        let (figures, seen, _) = centre.night(second, 2)?;
        if let Some(untruth) = figures.untruth("the second night", &truth) {
            bail!("{untruth}; no time counts");
        }
        night.add(seen);
    }
    let mut why = Measured::new("why");
    for question in questions(city, first)? {
        let question: Vec<&str> = question.iter().map(String::as_str).collect();
        why.add(centre.done(&question)?);
    }
    let mut check = Measured::new("check");
    check.add(centre.done(&["check"])?);
    Ok(Later { second_night: night, second_records: truth.records.count, why, check })
}

/// The first record of a package by all three handles.
fn questions(city: &Paths, date: tongclear_types::BusinessDate) -> Result<[Vec<String>; 3]> {
    let packages = files_below(&city.packages(date))?;
    let path = packages.iter().nth(packages.len() / 2).context("there is no package")?;
    let bytes = fs::read(path)?;
    let package = tongclear_package::PackageView::reopen(&bytes).context("a package cannot be read")?;
    let record = package.record(0).context("a package is empty")?;
    let counter = record.counter(record.sort_chain());
    let window = ["--window".to_owned(), date.to_string()];
    let ask = |rest: &[String]| [&["why".to_owned()], rest, &window[..]].concat();
    let name = path.file_stem().context("a package has no name")?.to_string_lossy().into_owned();
    ensure!(!name.is_empty(), "a package has no name");
    Ok([
        ask(&[
            "--card".to_owned(),
            format!("{}:{}", record.issuer, record.serial),
            "--counter".to_owned(),
            counter.to_string(),
        ]),
        ask(&[
            "--terminal".to_owned(),
            record.terminal.to_string(),
            "--number".to_owned(),
            record.terminal_number.to_string(),
        ]),
        ask(&["--package".to_owned(), name, "--row".to_owned(), "0".to_owned()]),
    ])
}
