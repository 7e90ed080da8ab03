//! Matching, a row a case: what both sides have, and what must come of it.

use tongclear_types::{BusinessDate, CollectorId, PackageSequence};

use super::super::item::{LinePlace, Place, Status};
use super::*;

/// `counter/terminal/number amount date time`, as short as a row of a table.
fn facts(text: &str) -> Facts {
    let mut words = text.split(' ');
    let mut ids = words.next().unwrap().split('/').map(|it| it.parse::<u16>().unwrap());
    let (counter, terminal, number) = (ids.next().unwrap(), ids.next().unwrap(), ids.next().unwrap());
    let amount_fen = words.next().unwrap().parse().unwrap();
    let day: u8 = words.next().unwrap().parse().unwrap();
    let hour: u8 = words.next().unwrap().parse().unwrap();
    let [high, low] = terminal.to_be_bytes();
    Facts {
        serial: [7; 10],
        tti: 6,
        counter,
        terminal: [0, 0, 0, 0, high, low],
        terminal_number: number.into(),
        amount_fen,
        date: [0x20, 0x26, 0x11, day],
        time: [hour, 0, 0],
    }
}

fn date() -> BusinessDate {
    "2026-11-22".parse().unwrap()
}

fn ours(text: &str, row: u32) -> Ours {
    let place = Place { collector: CollectorId([0; 6]), sequence: PackageSequence(1), row };
    let merchant = "BUS00001".parse().unwrap();
    Ours { facts: facts(text), place, merchant, window: date(), new: true }
}

fn theirs(text: &str, line: u64) -> Theirs {
    let (text, status) = match text.strip_suffix(" refused") {
        Some(text) => (text, Status(1)),
        None => (text, Status::OK),
    };
    let place = LinePlace { run: 1, line };
    Theirs { facts: facts(text), place, status, file_date: date(), known: None, new: true }
}

/// `row=line rule fields` for each pair in the order of the rows, then what is left of either side.
fn matched(left: &[&str], right: &[&str]) -> String {
    let mut ours: Vec<_> = left.iter().zip(0..).map(|(text, row)| ours(text, row)).collect();
    let mut theirs: Vec<_> = right.iter().zip(0..).map(|(text, line)| theirs(text, line)).collect();
    let mut pairs = Vec::new();
    by_everything(&mut ours, &mut theirs, &mut pairs);
    by_part(&mut ours, &mut theirs, &mut pairs);
    pairs.sort_by_key(|pair| pair.ours.place);
    ours.sort_by_key(|it| it.place);
    theirs.sort_by_key(|it| it.place);
    let mut told: Vec<String> = pairs
        .iter()
        .map(|pair| {
            let fields: Vec<_> = pair.differing().names().collect();
            let fields = if fields.is_empty() { "matched".to_owned() } else { fields.join("|") };
            format!("{}={} {} {fields}", pair.ours.place.row, pair.theirs.place.line, pair.rule.0)
        })
        .collect();
    told.extend(ours.iter().map(|it| format!("ours {}", it.place.row)));
    told.extend(theirs.iter().map(|it| format!("theirs {}", it.place.line)));
    told.join(", ")
}

#[test]
fn the_rules_in_their_order() {
    let table: &[(&[&str], &[&str], &str)] = &[
        (&["5/1/10 200 22 8"], &["5/1/10 200 22 8"], "0=0 1 matched"),
        (&["5/1/10 200 22 8"], &["5/1/10 200 22 8 refused"], "0=0 1 status"),
        (&["5/1/10 200 22 8"], &["5/1/10 200 23 8"], "0=0 1 date"),
        (&["5/1/10 200 22 8"], &["5/1/10 250 22 8"], "0=0 2 amount"),
        (&["5/1/10 200 22 8"], &["6/1/10 200 22 8"], "0=0 2 counter"),
        (&["5/1/10 200 22 8"], &["5/2/10 200 22 8"], "0=0 3 terminal"),
        (&["5/1/10 200 22 8"], &["5/1/11 250 22 9"], "0=0 3 amount|terminal_number|time"),
        (&["5/1/10 200 22 8"], &["6/1/11 200 22 8"], "ours 0, theirs 0"),
        (&[], &["5/1/10 200 22 8"], "theirs 0"),
        // The exact line is taken before one that shares the terminal's number only.
        (&["5/1/10 200 22 8"], &["6/1/10 200 22 7", "5/1/10 200 22 8"], "0=1 1 matched, theirs 0"),
        // Rule 2 goes before rule 3, whatever comes first.
        (&["5/1/10 200 22 8"], &["5/2/99 200 22 7", "9/1/10 200 22 8"], "0=1 2 counter, theirs 0"),
        // Ties: the earliest of both sides, by date, time, then place.
        (&["5/1/10 200 22 9", "5/1/10 200 22 8"], &["5/1/10 200 22 8"], "1=0 1 matched, ours 0"),
        (&["5/1/10 200 22 8"], &["5/1/10 200 22 9", "5/1/10 200 22 8"], "0=1 1 matched, theirs 0"),
        (
            &["5/1/10 200 22 8", "5/1/10 200 22 8"],
            &["5/1/10 200 22 8", "5/1/10 200 22 8"],
            "0=0 1 matched, 1=1 1 matched",
        ),
        // What rule 2 leaves, rule 3 takes.
        (
            &["5/1/10 200 22 8", "6/1/11 300 22 9"],
            &["5/1/10 201 22 8", "6/1/12 300 22 9"],
            "0=0 2 amount, 1=1 3 terminal_number",
        ),
    ];
    for (left, right, expected) in table {
        assert_eq!(matched(left, right), *expected, "{left:?} {right:?}");
    }
}

#[test]
fn other_cards_and_types_never_meet() {
    let mut other_card = theirs("5/1/10 200 22 8", 0);
    other_card.facts.serial = [8; 10];
    let mut other_type = theirs("5/1/10 200 22 8", 1);
    other_type.facts.tti = 2;
    let (mut ours, mut theirs) = (vec![ours("5/1/10 200 22 8", 0)], vec![other_card, other_type]);
    let mut pairs = Vec::new();
    by_everything(&mut ours, &mut theirs, &mut pairs);
    by_part(&mut ours, &mut theirs, &mut pairs);
    assert_eq!((ours.len(), theirs.len(), pairs.len()), (1, 2, 0));
}
