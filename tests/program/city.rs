//! Simulated cities, made once for all tests of a run, in cargo's folder for such files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::program::program;

/// The first day of every city.
pub(crate) const DAY: &str = "2026-11-23";

/// A city of three days with many anomalies, small enough for every test.
pub(crate) fn three_days() -> &'static Path {
    static CITY: OnceLock<PathBuf> = OnceLock::new();
    let size = ["--cards", "2000", "--transactions", "6000", "--days", "3", "--anomalies", "0.05"];
    CITY.get_or_init(|| simulate("three-days", DAY, &size))
}

/// A city of one day.
pub(crate) fn one_day() -> &'static Path {
    static CITY: OnceLock<PathBuf> = OnceLock::new();
    CITY.get_or_init(|| {
        simulate("one-day", DAY, &["--cards", "1000", "--transactions", "3000", "--anomalies", "0.03"])
    })
}

/// A town of two days that clears in a moment, for tests that run it hundreds of times.
pub(crate) fn small_town() -> &'static Path {
    static CITY: OnceLock<PathBuf> = OnceLock::new();
    let size = ["--cards", "300", "--transactions", "700", "--days", "2", "--anomalies", "0.1"];
    CITY.get_or_init(|| simulate("small-town", DAY, &size))
}

/// The small town with few partitions of cards, so that each run writes few files.
pub(crate) fn town_of_few_partitions() -> &'static Path {
    static CITY: OnceLock<PathBuf> = OnceLock::new();
    CITY.get_or_init(|| {
        let size = ["--cards", "300", "--transactions", "700", "--days", "2", "--anomalies", "0.1"];
        let city = simulate("town-of-few-partitions", DAY, &size);
        let registry = city.join("registry/registry.toml");
        let text = std::fs::read_to_string(&registry).unwrap();
        assert!(text.contains("card_partitions = 64"));
        std::fs::write(&registry, text.replace("card_partitions = 64", "card_partitions = 4")).unwrap();
        city
    })
}

/// A city of two days with more collection sites than it needs.
pub(crate) fn many_sites() -> &'static Path {
    static CITY: OnceLock<PathBuf> = OnceLock::new();
    let size = ["--cards", "3000", "--transactions", "10000", "--days", "2", "--collectors", "60"];
    CITY.get_or_init(|| simulate("many-sites", DAY, &size))
}

/// A city of four days, two on each side of a month's end.
pub(crate) fn month_end() -> &'static Path {
    static CITY: OnceLock<PathBuf> = OnceLock::new();
    let size = ["--cards", "1000", "--transactions", "2500", "--days", "4", "--anomalies", "0.05"];
    CITY.get_or_init(|| simulate("month-end", "2026-11-29", &size))
}

fn simulate(name: &str, date: &str, size: &[&str]) -> PathBuf {
    let city = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if city.exists() {
        std::fs::remove_dir_all(&city).unwrap();
    }
    let status = Command::new(program())
        .args([
            "simulate",
            "--out",
            city.to_str().unwrap(),
            "--seed",
            "7",
            "--terminals",
            "120",
            "--date",
            date,
        ])
        .args(size)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    city
}
