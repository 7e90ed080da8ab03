//! A run as the program must show it: the figures as JSON, and each item as a row of CSV (cli.md).
//!
//! Bounded by: one run, and the text of the files that the runs so far took in.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tongclear_types::{MerchantCode, OperatorCode};

use super::{Facts, Line, LinePlace, Open, Pair, Record, RecordPlace, Report, Side, Sum};

/// Names of the buckets of age.
const BUCKETS: [&str; 5] = ["0-1", "2-3", "4-7", "8-30", "over_30"];

/// What the rows name and the model does not know.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Whose record it is.
    pub(super) merchants: BTreeMap<(Date, RecordPlace), MerchantCode>,
    /// The lines of the file that each run took in.
    pub(super) files: BTreeMap<u32, Vec<String>>,
}

/// What `reconcile --json` says of a run, without digests and the lines that are no items.
pub(super) fn figures(
    (code, date, with_file): (OperatorCode, Date, bool),
    taken_through: Option<Date>,
    report: &Report,
) -> Value {
    let (matched, mismatch): (Vec<&Pair>, Vec<&Pair>) =
        report.pairs.iter().partition(|pair| pair.fields.is_empty());
    let mut fields = Map::new();
    for field in report.pairs.iter().flat_map(|pair| &pair.fields) {
        let count = fields.get(*field).and_then(Value::as_u64).unwrap_or_default();
        fields.insert((*field).to_owned(), json!(count + 1));
    }
    let mut known: BTreeMap<String, Sum> = BTreeMap::new();
    for open in &report.theirs_only {
        let Some(record) = open.known else { continue };
        let (disposition, reason) = record.fate();
        let name = reason.map_or(disposition.to_string(), |reason| format!("{disposition}:{reason}"));
        let sum = known.entry(name).or_default();
        *sum = sum.plus(Sum { count: 1, fen: open.item.facts.amount_fen.into() });
    }
    let known: Map<String, Value> = known.into_iter().map(|(name, sum)| (name, tally(sum))).collect();
    let file = with_file.then(|| {
        json!({
            "lines": report.lines, "taken": tally(report.theirs.new), "not_taken": report.not_taken.len(),
            "duplicate_lines": report.duplicate_lines.len(), "repeated": report.repeated.len(),
        })
    });
    json!({
        "operator": code.to_string(),
        "run": report.number,
        "business_date": date.to_string(),
        "as_of": report.as_of.to_string(),
        "taken_through": taken_through.map(|date| date.to_string()),
        "file": file,
        "states": {
            "matched": pairs(&matched),
            "mismatch": pairs(&mismatch),
            "ours_only": tally(report.ours.closing),
            "theirs_only": tally(report.theirs.closing),
        },
        "mismatch_fields": fields,
        "theirs_only_known": known,
        "proof": { "ours": proof(&report.ours), "theirs": proof(&report.theirs) },
        "breaks": { "ours": tally(report.ours.breaks), "theirs": tally(report.theirs.breaks) },
        "aging": { "ours": aging(&report.ours), "theirs": aging(&report.theirs) },
    })
}

fn tally(sum: Sum) -> Value {
    json!({ "count": sum.count, "amount_fen": sum.fen })
}

fn pairs(pairs: &[&Pair]) -> Value {
    let ours: u64 = pairs.iter().map(|pair| u64::from(pair.ours.facts.amount_fen)).sum();
    let theirs: u64 = pairs.iter().map(|pair| u64::from(pair.theirs.facts.amount_fen)).sum();
    json!({ "count": pairs.len(), "ours_fen": ours, "theirs_fen": theirs })
}

fn proof(side: &Side) -> Value {
    json!({
        "opening": tally(side.opening), "new": tally(side.new), "cleared": tally(side.cleared),
        "decided": tally(Sum::default()), "closing": tally(side.closing), "holds": true,
    })
}

fn aging(side: &Side) -> Value {
    BUCKETS.into_iter().zip(side.aging).map(|(name, sum)| (name.to_owned(), tally(sum))).collect()
}

/// Line numbers of a file that are no items, and why, in their order.
pub(super) fn no_items(report: &Report) -> Vec<(u64, String)> {
    let mut lines: Vec<(u64, String)> =
        report.not_taken.iter().map(|it| (it.line, it.field.to_owned())).collect();
    lines.extend(report.duplicate_lines.iter().map(|line| (*line, "duplicate_line".to_owned())));
    lines.extend(report.repeated.iter().map(|line| (*line, "repeated".to_owned())));
    lines.sort();
    lines
}

impl Words {
    /// The rows of `reconcile items`, sorted as text.
    pub(super) fn rows(&self, report: &Report) -> Vec<String> {
        let mut rows: Vec<String> = report.pairs.iter().map(|pair| self.pair(pair)).collect();
        rows.extend(report.ours_only.iter().map(|open| self.ours(open)));
        rows.extend(report.theirs_only.iter().map(|open| self.theirs(open)));
        rows.sort();
        rows
    }

    fn pair(&self, pair: &Pair) -> String {
        let Pair { ours, theirs, rule, fields } = pair;
        let state = if fields.is_empty() { "matched" } else { "mismatch" };
        let head = format!("{state},{rule},{},{},,", fields.join("|"), ours.window);
        let line = &theirs.facts;
        let place = self.place(Some(ours));
        format!("{head},{},{place},{},{},{},,", card(line), side(&ours.facts), side(line), self.line(theirs))
    }

    fn ours(&self, open: &Open<Record>) -> String {
        let record = &open.item;
        let head = format!("ours_only,,,{},{},{}", record.window, open.age, yes(open.is_break));
        let place = self.place(Some(record));
        format!("{head},{},{place},{},,,,,,,,,,,", card(&record.facts), side(&record.facts))
    }

    fn theirs(&self, open: &Open<Line>) -> String {
        let line = &open.item;
        let head = format!("theirs_only,,,{},{},{}", line.file_date, open.age, yes(open.is_break));
        let place = self.place(open.known.as_ref());
        let fate = open.known.map_or(",".to_owned(), |known| {
            let (disposition, reason) = known.fate();
            format!("{disposition},{}", reason.map_or(String::new(), |reason| reason.to_string()))
        });
        let theirs = side(&line.facts);
        format!("{head},{},{place},,,,,,{theirs},{},{fate}", card(&line.facts), self.line(line))
    }

    /// Merchant, collector, sequence, row and window.
    fn place(&self, record: Option<&Record>) -> String {
        let Some(record) = record else { return ",,,,".to_owned() };
        let RecordPlace { collector, sequence, row } = record.place;
        let merchant = self.merchants[&(record.window, record.place)];
        format!("{merchant},{collector},{sequence},{row},{}", record.window)
    }

    /// Status, the day of the file, its run, and the line's number.
    fn line(&self, line: &Line) -> String {
        let LinePlace { run, line: number } = line.place;
        let place = usize::try_from(number - 1).expect("a line of a file in memory");
        let status = self.files[&run][place].rsplit(',').next().expect("a field");
        format!("{status},{},{run},{number}", line.file_date)
    }
}

fn card(facts: &Facts) -> String {
    format!("{},{}", facts.serial, facts.tti)
}

/// Counter, terminal, its number, amount and moment.
fn side(facts: &Facts) -> String {
    let Facts { counter, terminal, terminal_number, amount_fen, date, time, .. } = facts;
    format!("{counter},{terminal},{terminal_number},{amount_fen},{date} {time}")
}

fn yes(is_break: bool) -> &'static str {
    if is_break { "yes" } else { "no" }
}
