//! On what it was run, and with which versions.

use std::fs;
use std::process::Command;

use anyhow::Result;

use super::{Order, Tools};

/// What a reader has to know to compare.
pub(crate) struct Machine {
    pub(crate) text: String,
    pub(crate) command: String,
    /// How many programs wanted a processor in the minute before the start; the bench alone makes it 0.
    pub(crate) load: String,
}

/// The load of the last minute.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

/// Asks the machine and its programs.
pub(crate) fn describe(tools: &Tools, order: &Order, load: String) -> Result<Machine> {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split(':').nth(1).unwrap_or("unknown").trim().to_owned()
    };
    let processors = std::thread::available_parallelism()?.get();
    let memory = field(&fs::read_to_string("/proc/meminfo").unwrap_or_default(), "MemTotal");
    let kib: u64 = memory.split(' ').next().unwrap_or_default().parse().unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut text = format!(
        "{}, {processors} processors, {} GiB, Linux {}; {}; {}",
        field(&info, "model name"),
        kib.div_ceil(1 << 20),
        kernel.trim(),
        first_line("rustc", &["--version"]),
        first_line("openssl", &["version"]),
    );
    if let Some(version) = &tools.duckdb {
        text += &format!("; DuckDB {version}");
    }
    if let Some(version) = &tools.postgres {
        text += &format!("; PostgreSQL {version}");
    }
    let date = first_line("date", &["-u", "+%F"]);
    Ok(Machine { text: format!("{text}; {date}"), command: order.command().to_owned(), load })
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_owned()
}
