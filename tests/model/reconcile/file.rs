//! An operator file, as reconciliation.md lays it out: which of its lines are taken, and when none of it is.
//!
//! Bounded by: one file in memory. Values of test files are never quoted.

use std::collections::BTreeSet;

use jiff::civil::Date;
use tongclear_types::{BcdDate, BcdTime, IssuerId, Serial, TerminalId, TerminalNumber, Tti};

use super::Facts;

/// The header line.
const HEADER: &str = "issuer_id,serial,tti,counter,terminal,terminal_number,amount_fen,date,time,status";
const COLUMNS: usize = 10;

/// A line that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotTaken {
    pub(crate) line: u64,
    /// The column, or `number_of_fields`.
    pub(crate) field: &'static str,
    pub(crate) value: String,
}

/// Why a file is refused whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Header,
    /// No trailer, or not these bytes' CRC.
    Trailer,
    /// There are lines and not one can be taken; the first.
    Lines(NotTaken),
    /// No line that is taken has the file's date.
    WrongDay,
}

/// A line that became an item: number, text, facts, and whether the operator refused.
pub(crate) type Taken = (u64, String, Facts, bool);

/// What is in a file.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) lines: u64,
    pub(crate) taken: Vec<Taken>,
    pub(crate) not_taken: Vec<NotTaken>,
    pub(crate) duplicate_lines: Vec<u64>,
    pub(crate) repeated: Vec<u64>,
}

/// Reads the file of `date`; `earlier` holds the lines that earlier files had.
pub(crate) fn read(
    bytes: &[u8],
    date: Date,
    issuer: IssuerId,
    earlier: &BTreeSet<String>,
    other_days: bool,
) -> Result<Found, Refusal> {
    let text = String::from_utf8_lossy(bytes);
    let body =
        trailed(bytes).ok_or(if text.starts_with(HEADER) { Refusal::Trailer } else { Refusal::Header })?;
    let mut lines = (1..).zip(body.split_terminator('\n').map(|line| line.trim_end_matches('\r')));
    if lines.next() != Some((1, HEADER)) {
        return Err(Refusal::Header);
    }
    let mut found = Found::default();
    let (mut own, mut dated) = (BTreeSet::new(), false);
    for (number, line) in lines {
        found.lines += 1;
        let (facts, refused) = match parse(line).and_then(|parsed| fitting(parsed, date, issuer)) {
            Ok(parsed) => parsed,
            Err((field, value)) => {
                found.not_taken.push(NotTaken { line: number, field, value });
                continue;
            }
        };
        dated |= facts.date == BcdDate::from_civil(date);
        let same = format!("{facts:?} {}", line.rsplit(',').next().unwrap_or_default());
        if !own.insert(same.clone()) {
            found.duplicate_lines.push(number);
        } else if earlier.contains(&same) {
            found.repeated.push(number);
        } else {
            found.taken.push((number, same, facts, refused));
        }
    }
    match found.not_taken.first() {
        Some(first) if found.not_taken.len() as u64 == found.lines => Err(Refusal::Lines(first.clone())),
        _ if found.lines > 0 && !dated && !other_days => Err(Refusal::WrongDay),
        _ => Ok(found),
    }
}

/// What stands before a trailer that is right.
fn trailed(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    let (body, stated) = text.rsplit_once("CRC:")?;
    (body.ends_with('\n') && stated == format!("{:08x}", crc32fast::hash(body.as_bytes()))).then_some(body)
}

/// A field that is wrong, and what stands there.
type Wrong = (&'static str, String);

/// The ten fields, read.
fn parse(line: &str) -> Result<(Facts, bool), Wrong> {
    let fields: Vec<&str> = line.split(',').collect();
    if fields.len() != COLUMNS {
        return Err(("number_of_fields", fields.len().to_string()));
    }
    let wrong = |name, at: usize| (name, fields[at].to_owned());
    let status = fields[9];
    if status != "ok" && !status.starts_with("refused:") {
        // Fields are looked at from left to right: this is what is left when all others are right.
        facts(&fields)?;
        return Err(wrong("status", 9));
    }
    Ok((facts(&fields)?, status != "ok"))
}

fn facts(fields: &[&str]) -> Result<Facts, Wrong> {
    let wrong = |name, at: usize| (name, fields[at].to_owned());
    let issuer = bytes(fields[0]).map(IssuerId).ok_or(wrong("issuer_id", 0))?;
    let serial = bytes(fields[1]).map(Serial).ok_or(wrong("serial", 1))?;
    let [tti] = bytes(fields[2]).ok_or(wrong("tti", 2))?;
    let counter = number(fields[3]).ok_or(wrong("counter", 3))?;
    let terminal = bytes(fields[4]).map(TerminalId).ok_or(wrong("terminal", 4))?;
    let terminal_number = number(fields[5]).ok_or(wrong("terminal_number", 5))?;
    let amount_fen = number(fields[6]).ok_or(wrong("amount_fen", 6))?;
    let date = digits(fields[7]).and_then(bytes).map(BcdDate).ok_or(wrong("date", 7))?;
    let time = digits(fields[8]).and_then(bytes).map(BcdTime).ok_or(wrong("time", 8))?;
    Ok(Facts {
        issuer,
        serial,
        tti: Tti(tti),
        counter,
        terminal,
        terminal_number: TerminalNumber(terminal_number),
        amount_fen,
        date,
        time,
    })
}

/// Lines of other operators, or of days to come, are not taken.
fn fitting((facts, refused): (Facts, bool), date: Date, issuer: IssuerId) -> Result<(Facts, bool), Wrong> {
    if facts.issuer != issuer {
        return Err(("issuer_id", facts.issuer.to_string()));
    }
    // Eight digits may be no date, six no time: then the field cannot be read.
    if facts.date.to_civil().is_none() {
        return Err(("date", facts.date.to_string()));
    }
    if facts.time.to_civil().is_none() {
        return Err(("time", facts.time.to_string()));
    }
    if facts.date > BcdDate::from_civil(date.tomorrow().expect("dates of this century")) {
        return Err(("date", facts.date.to_string()));
    }
    Ok((facts, refused))
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    digits(text)?.parse().ok()
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text).ok()?.try_into().ok()
}
