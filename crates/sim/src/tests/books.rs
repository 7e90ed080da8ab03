//! Reconciliation as its rules read, file by file in the order of arrival: what must become of each operator's line.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;

use tongclear_package::{OperatorLine, OperatorStatus};
use tongclear_types::{BusinessDate, Disposition, OperatorCode, TransactionRecord, Verdict};

use super::folder::{files, operator_lines};
use super::model::Placed;
use crate::{AnomalyRate, Plan};

/// A record that was cleared.
#[derive(Clone)]
pub(super) struct Reconciled {
    pub(super) window: BusinessDate,
    pub(super) placed: Placed,
    pub(super) verdict: Verdict,
}

impl Reconciled {
    fn place(&self) -> String {
        let Placed { collector, sequence, row, .. } = self.placed;
        format!("{collector},{sequence},{row},{}", self.window)
    }

    fn order(&self) -> impl Ord {
        let Placed { collector, sequence, row, record, .. } = &self.placed;
        (record.date, record.time, *collector, *sequence, *row)
    }
}

/// A line that is open.
#[derive(Clone)]
struct Item {
    file: String,
    number: usize,
    line: OperatorLine,
}

/// How many rows of each state the truth has.
pub(super) fn states(plan: &Plan) -> BTreeMap<String, usize> {
    let text = fs::read_to_string(plan.out.join("operators/truth.csv")).unwrap();
    let mut states = BTreeMap::new();
    for row in text.lines().skip(1) {
        *states.entry(row.split(',').nth(3).unwrap().to_owned()).or_default() += 1;
    }
    states
}

/// Holds `operators/` against the rules, whose records are `cleared`.
pub(super) fn check_books(plan: &Plan, cleared: &[Reconciled]) {
    let folder = plan.out.join("operators");
    let text = fs::read_to_string(folder.join("truth.csv")).unwrap();
    let mut rows = text.lines();
    assert_eq!(
        rows.next().unwrap(),
        "operator,file,line,state,fields,disposition,reason,collector,package_sequence,row,window"
    );
    let mut told: Vec<String> = rows.map(str::to_owned).collect();
    told.sort();
    let arrivals = fs::read_to_string(folder.join("arrivals.csv")).unwrap();
    let arrivals: Vec<Vec<&str>> = arrivals.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert!(arrivals.is_sorted_by_key(|arrival| arrival[0]));
    let named: BTreeSet<_> = arrivals.iter().map(|arrival| folder.join(arrival[3])).collect();
    let mut found: BTreeSet<_> = files(&folder).into_keys().collect();
    assert!(found.remove(&folder.join("truth.csv")) && found.remove(&folder.join("arrivals.csv")));
    assert_eq!(found, named, "every file arrives");
    let mut due = Vec::new();
    for operator in crate::city::operators() {
        let of = |arrival: &&Vec<&str>| arrival[1] == operator.code.to_string();
        let arrivals: Vec<_> = arrivals.iter().filter(of).map(|it| (it[2], it[3])).collect();
        let records: Vec<_> =
            cleared.iter().filter(|it| it.placed.record.issuer == operator.issuer).collect();
        due.extend(reconcile(plan, operator.code, &arrivals, &records));
    }
    due.sort();
    for (told, due) in told.iter().zip(&due) {
        assert_eq!(told, due, "seed {}", plan.seed);
    }
    assert_eq!(told.len(), due.len(), "seed {}", plan.seed);
}

/// The rows of the truth about one operator, whose files arrive in the order of `arrivals`.
fn reconcile(
    plan: &Plan,
    code: OperatorCode,
    arrivals: &[(&str, &str)],
    records: &[&Reconciled],
) -> Vec<String> {
    let mut due = Vec::new();
    let mut pairs: BTreeMap<(String, usize), &Reconciled> = BTreeMap::new();
    let (mut ours, mut theirs): (Vec<&Reconciled>, Vec<Item>) = Default::default();
    let mut known: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let (mut taken, mut copies) = (HashSet::new(), Vec::new());
    let mut arrived = HashSet::new();
    // A last run brings no file: those of the last days may be empty, and a file that was there before changes nothing.
    let last = plan.date.plus_days(i32::from(plan.days)).to_string();
    for (date, file) in arrivals.iter().copied().chain([(last.as_str(), "")]) {
        let date: BusinessDate = date.parse().unwrap();
        let bytes = if file.is_empty() {
            Vec::new()
        } else {
            fs::read(plan.out.join("operators").join(file)).unwrap()
        };
        if !arrived.insert(bytes.clone()) {
            continue;
        }
        let mut of_its_date = 0;
        let lines = if file.is_empty() { Vec::new() } else { operator_lines(&bytes) };
        for (number, line) in (2..).zip(&lines) {
            if line.date.to_civil().unwrap() > date.plus_days(1).civil() {
                due.push(format!("{code},{file},{number},not_taken,date,,,,,,"));
                continue;
            }
            of_its_date += usize::from(line.date.to_civil() == Some(date.civil()));
            if let Some(first) = known.get(&format!("{line:?}")) {
                let state = if first.0 == file { "duplicate_line" } else { "repeated" };
                copies.push((format!("{code},{file},{number},{state},,,"), first.clone()));
                continue;
            }
            known.insert(format!("{line:?}"), (file.to_owned(), number));
            theirs.push(Item { file: file.to_owned(), number, line: line.clone() });
        }
        if plan.anomaly_rate != AnomalyRate::NONE {
            assert!(of_its_date > 0 || lines.is_empty(), "seed {}: {file} would be refused", plan.seed);
        }
        for record in records {
            let accepted = record.verdict.disposition() == Disposition::Accepted;
            if record.window <= date && accepted && taken.insert(record.place()) {
                ours.push(record);
            }
        }
        for rule in 1..=3 {
            pair(rule, &mut ours, &mut theirs, |ours, item| {
                let fields = differing(&ours.placed.record, &item.line);
                let state = if fields.is_empty() { "matched" } else { "mismatch" };
                let (file, number) = (item.file, item.number);
                due.push(format!("{code},{file},{number},{state},{fields},,,{}", ours.place()));
                pairs.insert((file, number), ours);
            });
        }
    }
    due.extend(ours.iter().map(|it| format!("{code},,,ours_only,,,,{}", it.place())));
    for Item { file, number, line } in theirs {
        let found = refused(records, &line);
        let (disposition, reason, place) =
            found.map_or((String::new(), String::new(), ",,,".to_owned()), |it| {
                let reason = it.verdict.reason().map_or(String::new(), |reason| reason.to_string());
                (it.verdict.disposition().to_string(), reason, it.place())
            });
        due.push(format!("{code},{file},{number},theirs_only,,{disposition},{reason},{place}"));
        pairs.extend(found.map(|found| ((file, number), found)));
    }
    due.extend(copies.into_iter().map(|(row, first)| {
        format!("{row},{}", pairs.get(&first).map_or(",,,".to_owned(), |record| record.place()))
    }));
    due
}

/// Card, type, and what a rule looks at besides.
fn key(rule: u8, record: &TransactionRecord) -> String {
    let TransactionRecord { serial, tti, terminal, terminal_number, amount_fen, .. } = record;
    let counter = record.counter(record.sort_chain());
    match rule {
        1 => format!("{serial} {tti} {counter} {terminal} {terminal_number} {amount_fen}"),
        2 => format!("{serial} {tti} {terminal} {terminal_number}"),
        _ => format!("{serial} {tti} {counter}"),
    }
}

fn line_key(rule: u8, line: &OperatorLine) -> String {
    let OperatorLine { serial, tti, counter, terminal, terminal_number, amount, .. } = line;
    match rule {
        1 => format!("{serial} {tti} {counter} {terminal} {terminal_number} {amount}"),
        2 => format!("{serial} {tti} {terminal} {terminal_number}"),
        _ => format!("{serial} {tti} {counter}"),
    }
}

/// Pairs off what has the same key, the earliest first, and leaves the rest.
fn pair<'a>(
    rule: u8,
    ours: &mut Vec<&'a Reconciled>,
    theirs: &mut Vec<Item>,
    mut found: impl FnMut(&'a Reconciled, Item),
) {
    let mut waiting: BTreeMap<String, Vec<&Reconciled>> = BTreeMap::new();
    ours.sort_by_key(|it| it.order());
    for record in ours.drain(..) {
        waiting.entry(key(rule, &record.placed.record)).or_default().push(record);
    }
    theirs.sort_by_key(|it| (it.line.date, it.line.time));
    for item in std::mem::take(theirs) {
        match waiting.get_mut(&line_key(rule, &item.line)).filter(|queue| !queue.is_empty()) {
            Some(queue) => found(queue.remove(0), item),
            None => theirs.push(item),
        }
    }
    ours.extend(waiting.into_values().flatten());
}

fn differing(record: &TransactionRecord, line: &OperatorLine) -> String {
    let differs = [
        ("amount", record.amount() != line.amount),
        ("counter", record.counter(record.sort_chain()) != line.counter),
        ("terminal", record.terminal != line.terminal),
        ("terminal_number", record.terminal_number != line.terminal_number),
        ("date", record.date != line.date),
        ("time", record.time != line.time),
        ("status", line.status != OperatorStatus::Ok),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect::<Vec<_>>().join("|")
}

/// The record of the line's transaction that was not accepted: by terminal and number, else by counter.
fn refused<'a>(records: &[&'a Reconciled], line: &OperatorLine) -> Option<&'a Reconciled> {
    [2, 3].into_iter().find_map(|rule| {
        let same = records.iter().filter(|it| {
            it.verdict.disposition() != Disposition::Accepted
                && key(rule, &it.placed.record) == line_key(rule, line)
        });
        same.min_by_key(|it| it.order()).copied()
    })
}
