//! `cargo xtask bench`: the night beside its rivals on the same data (`bench/README.md`).
//!
//! All that is measured lives in the workspace of the bench; this builds and installs what it needs and starts it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::machine::{ensure_duckdb, ensure_openssl, ensure_postgres};
use crate::shell::{DEBUG, RELEASE, cargo, program, root, run, target};
use crate::test::{build, prepare};

const MANIFEST: &str = "bench/Cargo.toml";

/// What is measured.
#[derive(Args)]
pub(crate) struct Bench {
    /// Transactions, in millions; 20 million take 6 GB of disk for their data and 10 GB more while they run
    #[arg(long, default_value = "1,5,20")]
    sizes: String,
    /// Runs of each contender; by default 5, and 3 beyond ten million
    #[arg(long)]
    runs: Option<u32>,
    /// Where data is kept; by default `bench` in cargo's target folder
    #[arg(long)]
    data: Option<PathBuf>,
    /// Only these: night, night-of-one, duckdb, postgres, floor
    #[arg(long)]
    only: Option<String>,
    /// One tiny size with the program as tests use it: all gates, no times
    #[arg(long)]
    smoke: bool,
}

impl Bench {
    /// Measures, or only compares.
    pub(crate) fn run(&self) -> Result<()> {
        prepare()?;
        if self.smoke {
            build()?;
            return smoke(self.data.clone());
        }
        ensure_postgres()?;
        run(&mut cargo(&["build", "--release", "--locked", "--bin", "tongclear"]))?;
        run(&mut of_bench(&["build", "--release", "--locked"]))?;
        let words = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
        let mut bench = start(RELEASE, self.data.clone())?;
        bench.args(["--sizes", &self.sizes, "--command", &format!("cargo xtask {words}")]);
        if let Some(runs) = self.runs {
            bench.args(["--runs", &runs.to_string()]);
        }
        if let Some(only) = &self.only {
            bench.args(["--only", only]);
        }
        run(&mut bench)
    }
}

/// Format and lints of the bench's workspace, its smoke with the program as tests use it, its tests.
pub(crate) fn run_all() -> Result<()> {
    run(&mut cargo(&["fmt", "--manifest-path", MANIFEST, "--check"]))?;
    run(of_bench(&["clippy", "--locked", "--all-targets"]).args(["--", "-D", "warnings"]))?;
    smoke(None)?;
    run(&mut of_bench(&["test", "--locked", "--bin", "tongclear-bench"]))
}

fn smoke(data: Option<PathBuf>) -> Result<()> {
    // With the tests: what only they ask for would otherwise have everything built twice.
    run(&mut of_bench(&["build", "--locked", "--bin", "tongclear-bench", "--tests"]))?;
    run(start(DEBUG, data)?.arg("--smoke"))
}

/// Cargo in the bench's workspace, with the target folder of ours: much of what it needs is there already.
fn of_bench(arguments: &[&str]) -> Command {
    let (command, rest) = arguments.split_at(1);
    let mut cargo = cargo(command);
    cargo.args(["--manifest-path", MANIFEST]).args(rest).env("CARGO_TARGET_DIR", target());
    cargo
}

/// The bench's program with what it needs, installed if it is missing.
fn start(profile: &str, data: Option<PathBuf>) -> Result<Command> {
    ensure_openssl()?;
    let python = ensure_duckdb()?.join("bin/python");
    let mut bench = Command::new(target().join(profile).join("tongclear-bench"));
    bench.arg("run").arg("--program").arg(program(profile)).arg("--bench").arg(root().join("bench"));
    bench.arg("--data").arg(data.unwrap_or_else(|| target().join("bench"))).arg("--python").arg(python);
    Ok(bench)
}
