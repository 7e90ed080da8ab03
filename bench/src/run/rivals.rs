//! The rivals: DuckDB and PostgreSQL with the scripts of `rivals/`, and openssl, which only reads and hashes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use tongclear_test_postgres::Cluster;

use super::figures::Figures;
use super::night::{Stages, files_below, text};
use super::watch::{Seen, watch};
use crate::data::Paths;

/// Codes of the merchants by their small numbers.
fn codes(city: &Paths) -> Result<BTreeMap<u32, String>> {
    let path = city.tables().join("merchants.csv");
    let lines = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    lines
        .lines()
        .map(|line| {
            let (number, code) = line.split_once(',').context("a merchant has no code")?;
            Ok((number.parse()?, code.to_owned()))
        })
        .collect()
}

/// Totals by merchant, operator and disposition: records, fen and fees.
type Totals = Vec<(u32, u32, u32, u64, u64, u64)>;

fn figures(codes: &BTreeMap<u32, String>, totals: Totals, gaps: u64) -> Result<Figures> {
    let mut figures = Figures { gaps, ..Figures::default() };
    for (merchant, _, disposition, count, amount_fen, fee_fen) in totals {
        let tally = match disposition {
            0 => &mut figures.accepted,
            1 => &mut figures.duplicate,
            2 => &mut figures.rejected,
            other => bail!("disposition {other} is none of 0, 1 and 2"),
        };
        tally.count += count;
        tally.amount_fen += amount_fen;
        if disposition == 0 {
            let code = codes.get(&merchant).with_context(|| format!("merchant {merchant} has no code"))?;
            let merchant = figures.merchants.entry(code.clone()).or_default();
            merchant.accepted.count += count;
            merchant.accepted.amount_fen += amount_fen;
            merchant.fee_fen += fee_fen;
        }
    }
    Ok(figures)
}

/// DuckDB, in a Python of its own.
pub(crate) struct DuckDb {
    python: PathBuf,
    script: PathBuf,
    city: Paths,
    records: PathBuf,
    work: PathBuf,
    codes: BTreeMap<u32, String>,
}

/// What the script prints.
#[derive(Deserialize)]
struct Printed {
    version: String,
    seconds: f64,
    stages: Stages,
    #[serde(default)]
    totals: Totals,
    #[serde(default)]
    gaps: u64,
    #[serde(default)]
    chains: u64,
    #[serde(default)]
    cards: u64,
}

/// What DuckDB knows besides the figures.
#[derive(Debug, Clone, Default)]
pub(crate) struct Besides {
    pub(crate) version: String,
    pub(crate) stages: Stages,
    /// Chains and cards with an accepted record.
    pub(crate) chains: u64,
    pub(crate) cards: u64,
}

impl DuckDb {
    /// Puts the records into Parquet, unless they are.
    pub(crate) fn new(python: &Path, scripts: &Path, work: &Path, city: &Paths) -> Result<Self> {
        let work = work.join("duckdb");
        fs::create_dir_all(&work)?;
        let records = city.root.join("records");
        let duckdb = Self {
            python: python.to_owned(),
            script: scripts.join("duckdb.py"),
            city: city.clone(),
            records,
            work,
            codes: codes(city)?,
        };
        let mark = city.root.join("records.made");
        if !mark.exists() {
            duckdb.run("prepare", &[])?;
            fs::write(&mark, "")?;
        }
        Ok(duckdb)
    }

    /// What it reads.
    pub(crate) fn reads(&self) -> &Path {
        &self.records
    }

    fn run(&self, what: &str, rest: &[&Path]) -> Result<(Printed, Seen)> {
        let mut command = Command::new(&self.python);
        command.arg(&self.script).arg(what).arg(&self.city.root).arg(&self.records).args(rest);
        let out = self.work.join("output");
        let seen = watch(&mut command, &out)?;
        let printed =
            serde_json::from_str(&fs::read_to_string(out)?).context("DuckDB's script printed no JSON")?;
        Ok((printed, seen))
    }

    /// The relational part of a night. Its time is that of the statements, without the start of Python.
    pub(crate) fn night(&self) -> Result<(Figures, Seen, Besides)> {
        let (printed, seen) = self.run("run", &[&self.work])?;
        let seen = Seen { seconds: printed.seconds, ..seen };
        let Printed { version, stages, totals, gaps, chains, cards, .. } = printed;
        Ok((figures(&self.codes, totals, gaps)?, seen, Besides { version, stages, chains, cards }))
    }
}

/// PostgreSQL, a server of our own with the disk waited for.
pub(crate) struct Postgres {
    cluster: Cluster,
    psql: PathBuf,
    scripts: PathBuf,
    city: Paths,
    codes: BTreeMap<u32, String>,
}

impl Postgres {
    /// Starts a server with room for the job.
    pub(crate) fn new(scripts: &Path, city: &Paths) -> Result<Self> {
        let psql = tongclear_test_postgres::folder().context("PostgreSQL is not installed")?.join("psql");
        let cluster = Cluster::start();
        for setting in [
            "fsync = on",
            "full_page_writes = on",
            "synchronous_commit = on",
            "shared_buffers = '1GB'",
            "work_mem = '512MB'",
            "maintenance_work_mem = '512MB'",
            "max_parallel_workers = 2",
            "max_parallel_workers_per_gather = 2",
            "max_wal_size = '4GB'",
            "jit = off",
        ] {
            cluster.sql("postgres", &format!("ALTER SYSTEM SET {setting}"));
        }
        cluster.sql("postgres", "CHECKPOINT");
        cluster.cut();
        cluster.start_again();
        Ok(Self { cluster, psql, scripts: scripts.to_owned(), city: city.clone(), codes: codes(city)? })
    }

    /// Its version.
    pub(crate) fn version(&self) -> String {
        self.cluster.sql("postgres", "SHOW server_version")
    }

    /// Where the lines lie that it reads.
    pub(crate) fn reads(&self) -> PathBuf {
        self.city.lines()
    }

    fn psql(&self, url: &str) -> Command {
        let mut psql = Command::new(&self.psql);
        psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", url]).stdout(Stdio::null());
        psql
    }

    /// COPY by two at once, then the statements; in an empty database each time.
    pub(crate) fn night(&self) -> Result<(Figures, Seen)> {
        let url = self.cluster.url("bench");
        self.cluster.sql("postgres", "DROP DATABASE IF EXISTS bench");
        self.cluster.sql("postgres", "CREATE DATABASE bench");
        let done = |command: &mut Command| -> Result<()> {
            ensure!(command.status()?.success(), "psql failed; what it said stands above");
            Ok(())
        };
        done(self.psql(&url).arg("--file").arg(self.scripts.join("postgres_tables.sql")))?;
        let contracts = self.city.tables().join("contracts.csv");
        done(
            self.psql(&url).arg("--command").arg(format!("\\copy contracts from '{}' csv", text(&contracts))),
        )?;
        let started = Instant::now();
        let mut copies = [self.psql(&url), self.psql(&url)];
        for (place, file) in files_below(&self.city.lines())?.iter().enumerate() {
            copies[place % 2].arg("--command").arg(format!("\\copy records from '{}' csv", text(file)));
        }
        let copying: Vec<_> = copies.iter_mut().map(Command::spawn).collect::<Result<_, _>>()?;
        for mut copy in copying {
            ensure!(copy.wait()?.success(), "COPY failed; what psql said stands above");
        }
        done(self.psql(&url).arg("--file").arg(self.scripts.join("postgres.sql")))?;
        let seconds = started.elapsed().as_secs_f64();
        let rows = self
            .cluster
            .sql("bench", "SELECT merchant, operator, disposition, records, amount, fee, gaps FROM totals");
        let (mut totals, mut all_gaps) = (Totals::new(), 0);
        for row in rows.lines() {
            let cells: Vec<u64> = row.split('|').map(str::parse).collect::<Result<_, _>>()?;
            let [merchant, operator, disposition, count, amount, fee, gaps] = cells[..] else {
                bail!("PostgreSQL's totals have {} columns; there are 7", cells.len())
            };
            all_gaps += gaps;
            let small = |value: u64| u32::try_from(value);
            totals.push((small(merchant)?, small(operator)?, small(disposition)?, count, amount, fee));
        }
        Ok((figures(&self.codes, totals, all_gaps)?, Seen { seconds, ..Seen::default() }))
    }
}

/// The floor: reading all bytes and hashing them, by two processes.
pub(crate) struct Floor {
    folder: PathBuf,
    halves: [Vec<PathBuf>; 2],
    work: PathBuf,
}

impl Floor {
    /// Deals the packages in a folder into two halves of nearly the same size.
    pub(crate) fn new(folder: &Path, work: &Path) -> Result<Self> {
        let mut files: Vec<(u64, PathBuf)> = files_below(folder)?
            .into_iter()
            .map(|path| Ok((fs::metadata(&path)?.len(), path.strip_prefix(folder)?.to_owned())))
            .collect::<Result<_>>()?;
        files.sort_unstable_by(|one, other| other.cmp(one));
        let (mut halves, mut bytes) = ([Vec::new(), Vec::new()], [0, 0]);
        for (size, path) in files {
            let lighter = usize::from(bytes[1] < bytes[0]);
            bytes[lighter] += size;
            halves[lighter].push(path);
        }
        Ok(Self { folder: folder.to_owned(), halves, work: work.to_owned() })
    }

    /// Hashes them.
    pub(crate) fn night(&self) -> Result<Seen> {
        let half = |place: usize| {
            let mut openssl = Command::new("openssl");
            openssl.args(["dgst", "-sha256"]).args(&self.halves[place]).current_dir(&self.folder);
            watch(&mut openssl, &self.work.join(format!("floor-{place}")))
        };
        let started = Instant::now();
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| half(0));
            let other = half(1);
            (one.join(), other)
        });
        let one = one.map_err(|_| anyhow::anyhow!("the thread that watches openssl panicked"))??;
        let other = other?;
        let seconds = started.elapsed().as_secs_f64();
        let (cpu_s, anon_bytes) = (one.cpu_s + other.cpu_s, one.anon_bytes + other.anon_bytes);
        Ok(Seen { seconds, cpu_s, anon_bytes })
    }
}
