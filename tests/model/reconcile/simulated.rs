//! The model against the simulated city: what the simulator knows of each operator's line comes out in the end.
//!
//! The dispositions of `truth.csv` are read as ours, so no engine takes part. Bounded by: a fortnight of a few hundred
//! records a day.

use std::collections::BTreeMap;
use std::path::Path;

use tongclear_sim::{Plan, simulate};
use tongclear_types::{Flags, OperatorCode};

use super::*;

/// First day: the holidays of Mid-Autumn and the first days of National Day lie within the fortnight.
pub(super) const FIRST: &str = "2026-09-23";
pub(super) const DAYS: u16 = 14;

fn hex_field<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).expect("hex").try_into().expect("as long as its column")
}

/// The lines of a CSV file, without its header.
pub(super) fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).expect("the simulator wrote it");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// What was cleared, by window.
pub(super) fn cleared(city: &Path) -> BTreeMap<Date, Vec<Record>> {
    let mut windows: BTreeMap<Date, Vec<Record>> = BTreeMap::new();
    for row in rows(&city.join("truth.csv")) {
        let tti = Tti(hex_field::<1>(&row[7])[0]);
        let counter = if tti == Tti::LOAD { &row[9] } else { &row[8] };
        let number = |at: usize| row[at].parse::<u32>().expect("a number");
        let facts = Facts {
            issuer: IssuerId(hex_field(&row[5])),
            serial: Serial(hex_field(&row[6])),
            tti,
            counter: counter.parse().expect("a counter"),
            terminal: TerminalId(hex_field(&row[10])),
            terminal_number: TerminalNumber(number(11)),
            amount_fen: number(12),
            date: BcdDate(hex_field(&row[16])),
            time: BcdTime(hex_field(&row[17])),
        };
        let verdict = match row[18].as_str() {
            "accepted" => Verdict::Accepted(Flags::NONE),
            "duplicate" => Verdict::Duplicate,
            _ => Verdict::Refused(Reason::from_name(&row[19]).expect("a reason")),
        };
        let place =
            RecordPlace { collector: CollectorId(hex_field(&row[2])), sequence: number(3), row: number(4) };
        let window: Date = row[0].parse().expect("a date");
        windows.entry(window).or_default().push(Record { window, place, facts, verdict });
    }
    windows
}

/// The tables `[[kind]]` of a registry as keys and values.
fn tables(registry: &str, kind: &str) -> Vec<BTreeMap<String, String>> {
    let header = format!("[[{kind}]]");
    let table = |text: &str| {
        let pairs = text.lines().filter_map(|line| line.split_once(" = "));
        pairs.map(|(key, value)| (key.to_owned(), value.trim_matches('"').to_owned())).collect()
    };
    registry.split("\n\n").filter(|it| it.starts_with(&header)).map(table).collect()
}

/// The card operators of a registry.
pub(super) fn operators(city: &Path) -> Vec<(OperatorCode, Operator)> {
    let registry =
        std::fs::read_to_string(city.join("registry/registry.toml")).expect("the simulator wrote it");
    let calendars = tables(&registry, "calendar");
    let dates = |text: &str| -> BTreeSet<Date> { text.split('"').filter_map(|it| it.parse().ok()).collect() };
    let operator = |table: &BTreeMap<String, String>| {
        let calendar = calendars.iter().find(|it| it["name"] == table["calendar"]).expect("its calendar");
        let calendar =
            Calendar { holidays: dates(&calendar["holidays"]), workdays: dates(&calendar["workdays"]) };
        let issuer = IssuerId(hex_field(&table["issuer_id"]));
        let grace_days = table["grace_days"].parse().expect("a number");
        (OperatorCode(hex_field(&table["code"])), Operator { issuer, calendar, grace_days })
    };
    tables(&registry, "operator").iter().map(operator).collect()
}

/// The last columns of a row of the truth about `record`.
fn place(record: Option<&Record>) -> String {
    record.map_or(",,,".to_owned(), |it| {
        let RecordPlace { collector, sequence, row } = it.place;
        format!("{collector},{sequence},{row},{}", it.window)
    })
}

/// Reconciles one operator to the end; the rows that the truth must have.
fn reconcile(city: &Path, code: OperatorCode, model: &mut Model) -> Vec<String> {
    let mut windows = cleared(city);
    let mut due = Vec::new();
    // The file that each run took in, and where lines are first met, by their text.
    let mut files = vec![String::new()];
    let mut first: BTreeMap<String, (u32, u64)> = BTreeMap::new();
    let mut copies = Vec::new();
    let mut pairs: BTreeMap<(u32, u64), Record> = BTreeMap::new();
    let mut before: Option<Report> = None;
    let last = windows.keys().last().copied().expect("windows");
    let arrivals =
        rows(&city.join("operators/arrivals.csv")).into_iter().filter(|it| it[1] == code.to_string());
    let runs = arrivals.map(|it| (it[0].clone(), it[2].clone(), Some(it[3].clone())));
    let end = (last.to_string(), last.to_string(), None);
    for (arrives, date, name) in runs.chain([end]) {
        let arrives: Date = arrives.parse().expect("a date");
        let (known, later) = windows.into_iter().partition(|(window, _)| *window <= arrives);
        let known: BTreeMap<Date, Vec<Record>> = known;
        windows = later;
        model.clear(known.into_values().flatten());
        let bytes =
            name.as_ref().map(|it| std::fs::read(city.join("operators").join(it)).expect("it arrives"));
        let text = bytes.clone().map_or(String::new(), |bytes| String::from_utf8(bytes).expect("UTF-8"));
        let run = Run { date: date.parse().expect("a date"), file: bytes, other_days: false };
        let report = match model.run(run) {
            Outcome::Ran(report) => *report,
            Outcome::SeenBefore => continue,
            Outcome::Refused(refusal) => panic!("{name:?}: {refusal:?}"),
        };
        let file = name.unwrap_or_default();
        for not_taken in &report.not_taken {
            due.push(format!("{code},{file},{},not_taken,{},,,,,,", not_taken.line, not_taken.field));
        }
        for (number, line) in (1..).zip(text.lines()) {
            let state = match (report.duplicate_lines.contains(&number), report.repeated.contains(&number)) {
                (true, _) => "duplicate_line",
                (_, true) => "repeated",
                _ => {
                    first.insert(line.to_owned(), (report.number, number));
                    continue;
                }
            };
            copies.push((format!("{code},{file},{number},{state},,,"), first[line]));
        }
        files.push(file);
        for pair in &report.pairs {
            let LinePlace { run, line } = pair.theirs.place;
            let state = if pair.fields.is_empty() { "matched" } else { "mismatch" };
            let (file, fields) = (&files[run as usize], pair.fields.join("|"));
            due.push(format!("{code},{file},{line},{state},{fields},,,{}", place(Some(&pair.ours))));
            pairs.insert((run, line), pair.ours);
        }
        follows(before.as_ref(), &report);
        before = Some(report);
    }
    let report = before.expect("runs");
    due.extend(report.ours_only.iter().map(|it| format!("{code},,,ours_only,,,,{}", place(Some(&it.item)))));
    for open in &report.theirs_only {
        let LinePlace { run, line } = open.item.place;
        let (disposition, reason) = open.known.map_or_else(Default::default, |known| {
            let (disposition, reason) = known.fate();
            (disposition.to_string(), reason.map_or(String::new(), |reason| reason.to_string()))
        });
        let (file, record) = (&files[run as usize], place(open.known.as_ref()));
        due.push(format!("{code},{file},{line},theirs_only,,{disposition},{reason},{record}"));
        pairs.extend(open.known.map(|known| ((run, line), known)));
    }
    due.extend(copies.into_iter().map(|(row, first)| format!("{row},{}", place(pairs.get(&first)))));
    due
}

/// Each run opens with what the one before left, and its ages add up to what it leaves.
fn follows(before: Option<&Report>, report: &Report) {
    for (side, last) in [
        (&report.ours, before.map(|before| before.ours.closing)),
        (&report.theirs, before.map(|before| before.theirs.closing)),
    ] {
        assert_eq!(side.opening, last.unwrap_or_default());
        assert_eq!(side.aging.into_iter().fold(Sum::default(), Sum::plus), side.closing);
        assert!(side.breaks.count <= side.closing.count);
    }
    assert!(report.ours_only.iter().all(|it| it.age >= 0) && report.theirs_only.iter().all(|it| it.age >= 0));
}

#[test]
fn the_simulators_truth_comes_out_in_the_end() {
    for (seed, rate) in [(1, "0.1"), (2, "0.02"), (3, "0.3"), (4, "0")] {
        println!("seed {seed}");
        let folder = tempfile::tempdir().expect("a folder");
        let plan = Plan {
            out: folder.path().to_owned(),
            seed,
            cards: 300,
            transactions: 500,
            terminals: 40,
            collectors: None,
            date: FIRST.parse().expect("a date"),
            anomaly_rate: rate.parse().expect("a rate"),
            days: DAYS,
        };
        simulate(&plan, &mut |_| {}).expect("a city");
        let mut due = Vec::new();
        for (code, operator) in operators(folder.path()) {
            due.extend(reconcile(folder.path(), code, &mut Model::new(operator)));
        }
        due.sort();
        let mut told: Vec<String> =
            rows(&folder.path().join("operators/truth.csv")).iter().map(|row| row.join(",")).collect();
        told.sort();
        for (told, due) in told.iter().zip(&due) {
            assert_eq!(told, due, "seed {seed}");
        }
        assert_eq!(told.len(), due.len(), "seed {seed}");
    }
}
