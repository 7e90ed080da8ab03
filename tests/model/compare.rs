//! Model and program side by side: every record, every column, every figure.
//!
//! Bounded by: the first ten disagreements of a window are told; the rest mostly follow from them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::centre::{Cleared, Judged};
use crate::drive::Said;
use crate::settle::{self, COLUMNS};

/// How many disagreements are told in full.
const TOLD: usize = 10;

/// Nothing if they agree; otherwise what the model says, and why, and what the program says.
pub(crate) fn compare(cleared: &Cleared, said: &Said) -> Result<(), String> {
    let mut report = String::new();
    records(cleared, &said.export, &mut report)?;
    figures(&settle::settlement(cleared), &said.settlement, &mut report);
    if report.is_empty() { Ok(()) } else { Err(format!("window {}:\n{report}", cleared.date)) }
}

/// Collector, sequence and row of a row of the export.
fn key(row: &[String]) -> (String, String, String) {
    (row[1].clone(), row[2].clone(), row[3].clone())
}

fn records(cleared: &Cleared, export: &str, report: &mut String) -> Result<(), String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(export.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| format!("export: {error}"))?;
        rows.push(row.iter().map(str::to_owned).collect());
    }
    let columns: Vec<&str> = COLUMNS.split(',').collect();
    if rows.first().is_none_or(|header| *header != columns) {
        return Err(format!("the header of the export is {:?}", rows.first()));
    }
    rows.remove(0);
    let theirs: BTreeMap<_, _> = rows.iter().map(|row| (key(row), row)).collect();
    let mut told = 0;
    for judged in &cleared.records {
        let mine = settle::row(judged);
        let their = theirs.get(&key(&mine)).copied();
        if their != Some(&mine) {
            told += 1;
            if told <= TOLD {
                tell(&columns, judged, &mine, their, report);
            }
        }
    }
    if told > TOLD {
        writeln!(report, "… and {} records more", told - TOLD).expect("a string takes everything");
    }
    if rows.len() != cleared.records.len() || theirs.len() != rows.len() {
        writeln!(report, "{} records, program says {}", cleared.records.len(), rows.len())
            .expect("a string takes everything");
    }
    let order: Vec<_> = cleared.records.iter().map(|judged| key(&settle::row(judged))).collect();
    let place = order.iter().zip(&rows).position(|(mine, row)| *mine != key(row));
    if let Some(place) = place {
        writeln!(report, "order: row {place} should be {:?}, program says {:?}", order[place], rows[place])
            .expect("a string takes everything");
    }
    Ok(())
}

fn tell(
    columns: &[&str],
    judged: &Judged,
    mine: &[String],
    their: Option<&Vec<String>>,
    report: &mut String,
) {
    let mut line = |text: String| writeln!(report, "{text}").expect("a string takes everything");
    line(format!("record {}", mine.join(",")));
    for step in &judged.trail {
        line(format!("    {step}"));
    }
    let Some(their) = their else {
        line("  the program has no such record".to_owned());
        return;
    };
    for (i, column) in columns.iter().enumerate() {
        if their.get(i) != mine.get(i) {
            line(format!("  {column}: model {:?}, program {:?}", mine.get(i), their.get(i)));
        }
    }
}

fn figures(mine: &Value, theirs: &Value, report: &mut String) {
    for (name, value) in mine.as_object().expect("the model makes an object") {
        if theirs.get(name) != Some(value) {
            writeln!(report, "{name}: model {value}\n  program {}", theirs.get(name).unwrap_or(&Value::Null))
                .expect("a string takes everything");
        }
    }
    let digest = theirs.get("digest").and_then(Value::as_str).unwrap_or_default();
    if digest.len() != 64 || !digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        writeln!(report, "digest: {:?} is not 64 hex digits", theirs.get("digest"))
            .expect("a string takes everything");
    }
    // Invariant 1, from the program's own figures.
    for figure in ["count", "amount_fen"] {
        let received = &theirs["received"][if figure == "count" { "transactions" } else { figure }];
        let parts: i64 = ["accepted", "duplicate", "suspended", "rejected"]
            .iter()
            .filter_map(|name| theirs["dispositions"][name][figure].as_i64())
            .sum();
        if received.as_i64() != Some(parts) {
            writeln!(report, "received {received} {figure}, but the dispositions add up to {parts}")
                .expect("a string takes everything");
        }
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
