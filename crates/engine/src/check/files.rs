//! The files of a run against those derived again: the first row and column that differ are named.

use bytes::Bytes;
use object_store::path::Path;
use tongclear_package::{DETAIL_COLUMNS, DetailRow};
use tongclear_store::{Digest, RunFile};
use tongclear_types::BusinessDate;

use super::finding::{FindingKind, Findings};
use crate::clearing::card_state::{self, KnownChain};
use crate::clearing::detail;
use crate::clearing::terminals;
use crate::{Centre, EngineError, Vault};

/// Compares the files that a run recorded, and their bytes in the vault, with those in `scratch`.
pub(super) async fn check(
    centre: &Centre,
    date: BusinessDate,
    recorded: &[RunFile],
    derived: &[RunFile],
    scratch: &Vault,
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let when = Some(date);
    for file in derived {
        let path = Path::from(file.path.as_str());
        let noted = recorded.iter().find(|noted| noted.path == file.path);
        let noted = noted.map_or_else(|| "no record of it".to_owned(), |noted| noted.digest.to_string());
        let subject = format!("{}: recorded SHA-256", file.path);
        findings.same(FindingKind::RunFile, when, subject, file.digest.to_string(), noted);
        let Some(found) = centre.vault.find(&path).await? else {
            findings.add(FindingKind::RunFileMissing, when, file.path.clone(), file.digest, "no file");
            continue;
        };
        if Digest::of(&found) != file.digest {
            let expected = scratch.get(&path).await?;
            let difference = difference(&file.path, expected, found);
            let subject = format!("{}{}", file.path, difference.place);
            findings.add(difference.kind, when, subject, difference.expected, difference.found);
        }
    }
    for extra in recorded.iter().filter(|noted| !derived.iter().any(|file| file.path == noted.path)) {
        findings.add(FindingKind::RunFile, when, extra.path.clone(), "no such file", extra.digest);
    }
    Ok(())
}

/// Where two files first differ.
struct Difference {
    kind: FindingKind,
    place: String,
    expected: String,
    found: String,
}

fn difference(path: &str, expected: Bytes, found: Bytes) -> Difference {
    let (kind, outcome) = if path.starts_with("windows/") || path.starts_with("unpaid/") {
        (FindingKind::Detail, first_difference(details, &expected, &found))
    } else if path.starts_with("cards/") {
        (FindingKind::CardState, first_difference(cards, &expected, &found))
    } else if path.starts_with("terminals/") {
        (FindingKind::TerminalNumbers, first_difference(numbers, &expected, &found))
    } else {
        (FindingKind::RunFile, Ok(None))
    };
    let (expected_digest, found_digest) = (Digest::of(&expected), Digest::of(&found));
    match outcome {
        Ok(Some((place, expected, found))) => Difference { kind, place, expected, found },
        // The rows are the same, so the bytes around them are not; or there are no rows to look at.
        Ok(None) => Difference {
            kind,
            place: String::new(),
            expected: expected_digest.to_string(),
            found: found_digest.to_string(),
        },
        Err(unreadable) => Difference {
            kind,
            place: String::new(),
            expected: expected_digest.to_string(),
            found: unreadable,
        },
    }
}

/// One row as named cells, and what it is called.
struct Line {
    name: String,
    cells: Vec<(&'static str, String)>,
}

type Lines = Result<Vec<Line>, String>;

/// Place, expected and found of the first cell that differs.
fn first_difference(
    read: fn(&Bytes) -> Lines,
    expected: &Bytes,
    found: &Bytes,
) -> Result<Option<(String, String, String)>, String> {
    let (expected, found) = (read(expected)?, read(found)?);
    for (expected, found) in expected.iter().zip(&found) {
        if expected.name != found.name {
            return Ok(Some((String::new(), expected.name.clone(), found.name.clone())));
        }
        for ((column, expected_cell), (_, found_cell)) in expected.cells.iter().zip(&found.cells) {
            if expected_cell != found_cell {
                let place = format!(": {}: {column}", expected.name);
                return Ok(Some((place, expected_cell.clone(), found_cell.clone())));
            }
        }
    }
    let rows = (expected.len(), found.len());
    Ok((rows.0 != rows.1).then(|| (": rows".to_owned(), rows.0.to_string(), rows.1.to_string())))
}

fn details(file: &Bytes) -> Lines {
    let rows = detail::read(file.clone())?;
    rows.map(|row| row.map(|row| detail_line(&row))).collect()
}

fn detail_line(row: &DetailRow) -> Line {
    let mut csv = Vec::new();
    row.append_csv(&mut csv);
    let text = String::from_utf8_lossy(&csv);
    let cells = text.trim_end().split(',').map(str::to_owned);
    Line {
        name: format!("package {}-{:010} row {}", row.collector, row.package_sequence.0, row.row),
        cells: DETAIL_COLUMNS.into_iter().zip(cells).collect(),
    }
}

fn cards(file: &Bytes) -> Lines {
    Ok(card_state::read(file.clone())?.iter().map(card_line).collect())
}

fn card_line(((card, chain), state): &KnownChain) -> Line {
    Line {
        name: format!("card {}:{} {}", card.issuer, card.serial, chain.name()),
        cells: vec![
            ("highest_counter", state.highest.to_string()),
            ("accepted_below", format!("{:016x}", state.below)),
            ("last_balance_fen", state.last_balance_fen.to_string()),
            ("last_date", state.last_date.to_string()),
            ("last_time", state.last_time.to_string()),
            ("other_counter", state.other_counter.to_string()),
        ],
    }
}

fn numbers(file: &Bytes) -> Lines {
    let line = |(terminal, ranges): &(tongclear_types::TerminalId, _)| {
        let ranges: &crate::clearing::ranges::NumberRanges = ranges;
        let shown: Vec<String> = ranges.iter().map(|(first, last)| format!("{first}-{last}")).collect();
        Line { name: format!("terminal {terminal}"), cells: vec![("numbers", shown.join(" "))] }
    };
    Ok(terminals::read(file.clone())?.iter().map(line).collect())
}
