//! The three rules by which records and lines find each other.
//!
//! Bounded by: whatever is open is sorted and looked through again in every run.

use std::collections::BTreeMap;

use super::{Facts, Line, Pair, Record};

/// What a rule compares, as text: equal texts are the same transaction.
fn key(rule: u8, facts: &Facts) -> String {
    let Facts { issuer, serial, tti, counter, terminal, terminal_number, amount_fen, .. } = facts;
    let card = format!("{issuer} {serial} {tti}");
    match rule {
        1 => format!("{card} {counter} {terminal} {terminal_number} {amount_fen}"),
        2 => format!("{card} {terminal} {terminal_number}"),
        _ => format!("{card} {counter}"),
    }
}

/// Whether both are the same transaction by rule 2, or else 3.
pub(crate) fn is_same(rule: u8, one: &Facts, other: &Facts) -> bool {
    let card = (one.issuer, one.serial, one.tti) == (other.issuer, other.serial, other.tti);
    let terminal = (one.terminal, one.terminal_number) == (other.terminal, other.terminal_number);
    card && if rule == 2 { terminal } else { one.counter == other.counter }
}

/// Takes what `rule` pairs out of both sides: of equal keys first with first, by date, time, package or run, row or line.
pub(crate) fn pair_off(rule: u8, ours: &mut Vec<Record>, theirs: &mut Vec<Line>, pairs: &mut Vec<Pair>) {
    ours.sort_by_key(|record| (record.facts.date, record.facts.time, record.place));
    theirs.sort_by_key(|line| (line.facts.date, line.facts.time, line.place));
    let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in theirs.drain(..) {
        lines.entry(key(rule, &line.facts)).or_default().push(line);
    }
    for record in std::mem::take(ours) {
        match lines.get_mut(&key(rule, &record.facts)).filter(|same| !same.is_empty()) {
            Some(same) => {
                let line = same.remove(0);
                let fields = differing(&record.facts, &line);
                pairs.push(Pair { ours: record, theirs: line, rule, fields });
            }
            None => ours.push(record),
        }
    }
    theirs.extend(lines.into_values().flatten());
    theirs.sort_by_key(|line| line.place);
}

/// The fields in which a pair differs, in the order in which they are named.
fn differing(ours: &Facts, line: &Line) -> Vec<&'static str> {
    let theirs = &line.facts;
    let mut fields = Vec::new();
    let mut note = |name, differs| {
        if differs {
            fields.push(name)
        }
    };
    note("amount", ours.amount_fen != theirs.amount_fen);
    note("counter", ours.counter != theirs.counter);
    note("terminal", ours.terminal != theirs.terminal);
    note("terminal_number", ours.terminal_number != theirs.terminal_number);
    note("date", ours.date != theirs.date);
    note("time", ours.time != theirs.time);
    note("status", line.refused);
    fields
}
