//! Reconciliation by hand: a row each for what can happen.
//!
//! Bounded by: a few records and lines of one card.

use tongclear_types::{Flags, Reason, Verdict};

use super::*;
use crate::sample::{COLLECTOR, ISSUER, SERIAL, TERMINAL};

const HEADER: &str = "issuer_id,serial,tti,counter,terminal,terminal_number,amount_fen,date,time,status";

fn day(text: &str) -> Date {
    format!("2026-{text}").parse().expect("a month and a day")
}

/// A model whose operator has 25 to 27 September off, works on Saturday 10 October, and has a grace of one day.
fn model() -> Model {
    let holidays = ["09-25", "09-26", "09-27"].map(day).into();
    let calendar = Calendar { holidays, workdays: [day("10-10")].into() };
    Model::new(Operator { issuer: ISSUER, calendar, grace_days: 1 })
}

/// The facts of `counter terminal number fen MMDD hhmmss`; terminals are told apart by their last byte.
fn facts(text: &str) -> Facts {
    let words: Vec<&str> = text.split(' ').collect();
    let mut terminal = TERMINAL;
    terminal.0[5] = words[1].parse().expect("a byte");
    Facts {
        issuer: ISSUER,
        serial: SERIAL,
        tti: Tti::PURCHASE,
        counter: words[0].parse().expect("a counter"),
        terminal,
        terminal_number: TerminalNumber(words[2].parse().expect("a number")),
        amount_fen: words[3].parse().expect("an amount"),
        date: BcdDate(hex::decode(format!("2026{}", words[4])).expect("digits").try_into().expect("a date")),
        time: BcdTime(hex::decode(words[5]).expect("digits").try_into().expect("a time")),
    }
}

fn record(window: &str, row: u32, text: &str, verdict: Verdict) -> Record {
    let place = RecordPlace { collector: COLLECTOR, sequence: 1, row };
    Record { window: day(window), place, facts: facts(text), verdict }
}

fn accepted(window: &str, row: u32, text: &str) -> Record {
    record(window, row, text, Verdict::Accepted(Flags::NONE))
}

/// A line as operators write it: the facts, and a status.
fn line(text: &str, status: &str) -> String {
    let Facts { issuer, serial, tti, counter, terminal, terminal_number, amount_fen, date, time } =
        facts(text);
    format!(
        "{issuer},{serial},{tti},{counter},{terminal},{terminal_number},{amount_fen},{date},{time},{status}"
    )
}

fn file(lines: &[String]) -> Vec<u8> {
    let mut text = format!("{HEADER}\n");
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    let crc = crc32fast::hash(text.as_bytes());
    format!("{text}CRC:{crc:08x}").into_bytes()
}

fn with_file(date: &str, file: Vec<u8>) -> Run {
    Run { date: day(date), file: Some(file), other_days: false }
}

fn without_file(date: &str) -> Run {
    Run { date: day(date), file: None, other_days: false }
}

#[track_caller]
fn report(outcome: Outcome) -> Report {
    match outcome {
        Outcome::Ran(report) => *report,
        other => panic!("{other:?}"),
    }
}

/// `row-line rule fields` of each pair, then what stays open.
fn told(report: &Report) -> String {
    let mut told: Vec<String> = report
        .pairs
        .iter()
        .map(|it| {
            let fields = if it.fields.is_empty() { "matched".to_owned() } else { it.fields.join("|") };
            format!("{}-{} {} {fields}", it.ours.place.row, it.theirs.place.line, it.rule)
        })
        .collect();
    told.extend(report.ours_only.iter().map(|it| format!("ours {}", it.item.place.row)));
    told.extend(report.theirs_only.iter().map(|it| format!("theirs {}", it.item.place.line)));
    told.join(", ")
}

/// Records by row from 0, lines with their status from 2, and what becomes of them.
type Meeting = (&'static [&'static str], &'static [(&'static str, &'static str)], &'static str);
/// Windows, facts and verdicts of records that were not accepted, and the row that a line shows.
type Showing = (&'static [(&'static str, &'static str, Verdict)], Option<u32>);

#[test]
fn records_and_lines_find_each_other() {
    const ONE: &str = "10 1 70 200 0923 120000";
    let table: &[Meeting] = &[
        (&[ONE], &[(ONE, "ok")], "0-2 1 matched"),
        (&[ONE], &[], "ours 0"),
        (&[], &[(ONE, "ok")], "theirs 2"),
        (&[ONE], &[(ONE, "refused:no_account")], "0-2 1 status"),
        (
            &[ONE],
            &[("10 1 70 200 0922 120001", "ok"), ("9 1 9 1 0923 120000", "ok")],
            "0-2 1 date|time, theirs 3",
        ),
        (&[ONE], &[("10 1 70 201 0923 120000", "ok")], "0-2 2 amount"),
        (&[ONE], &[("11 1 70 200 0923 120000", "ok")], "0-2 2 counter"),
        (&[ONE], &[("11 1 70 900 0923 130000", "refused:x")], "0-2 2 amount|counter|time|status"),
        (&[ONE], &[("10 2 70 200 0923 120000", "ok")], "0-2 3 terminal"),
        (&[ONE], &[("10 1 71 200 0923 120000", "ok")], "0-2 3 terminal_number"),
        (&[ONE], &[("10 2 71 900 0923 120000", "ok")], "0-2 3 amount|terminal|terminal_number"),
        (&[ONE], &[("11 1 71 200 0923 120000", "ok")], "ours 0, theirs 2"),
        // Rule 1 goes before all others, whatever comes earlier.
        (&[ONE], &[("10 1 70 199 0923 110000", "ok"), (ONE, "ok")], "0-3 1 matched, theirs 2"),
        // Rule 2 goes before rule 3.
        (
            &[ONE],
            &[("10 2 71 200 0923 110000", "ok"), ("12 1 70 200 0923 130000", "ok")],
            "0-3 2 counter|time, theirs 2",
        ),
        // Ties: the earliest by time, then by row and line.
        (
            &["10 1 70 200 0923 120000", "10 1 70 200 0923 110000"],
            &[("10 1 70 200 0923 115900", "ok")],
            "1-2 1 time, ours 0",
        ),
        (
            &[ONE, ONE],
            &[("10 1 70 200 0923 130000", "ok"), ("10 1 70 200 0923 120000", "ok")],
            "0-3 1 matched, 1-2 1 time",
        ),
        (
            &["10 1 70 300 0923 120000", "11 1 70 400 0923 120000"],
            &[("12 1 70 500 0923 120000", "ok"), ("11 1 70 500 0923 120000", "ok")],
            "0-2 2 amount|counter, 1-3 2 amount",
        ),
    ];
    for (records, lines, expected) in table {
        let mut model = model();
        model.clear((0..).zip(*records).map(|(row, text)| accepted("09-23", row, text)));
        let lines: Vec<String> = lines.iter().map(|(text, status)| line(text, status)).collect();
        let report = report(model.run(with_file("09-23", file(&lines))));
        assert_eq!(told(&report), *expected, "{records:?} {lines:?}");
    }
}

#[test]
fn types_and_cards_and_issuers_are_compared_as_sent() {
    let text = "10 1 70 200 0923 120000";
    let mut model = model();
    let mut other_type = accepted("09-23", 0, text);
    other_type.facts.tti = Tti(0x05);
    let mut other_card = accepted("09-23", 1, text);
    other_card.facts.serial.0[9] ^= 1;
    let mut strange = accepted("09-23", 2, text);
    strange.facts.issuer.0[0] ^= 1;
    model.clear([other_type, other_card, strange]);
    let report = report(model.run(with_file("09-23", file(&[line(text, "ok")]))));
    assert_eq!(told(&report), "ours 0, ours 1, theirs 2");
}

#[test]
fn files_are_refused_whole_or_line_by_line() {
    let good = line("10 1 70 200 0923 120000", "ok");
    let bent = |from: &str, to: &str| {
        assert!(good.contains(from));
        good.replacen(from, to, 1)
    };
    let lost = |line, field, value: &str| NotTaken { line, field, value: value.to_owned() };
    // A second line, and why it is not taken.
    let table = [
        (bent(",200,", ",2x0,"), lost(3, "amount_fen", "2x0")),
        (bent(",200,", ",-1,"), lost(3, "amount_fen", "-1")),
        (bent(",200,", ",,"), lost(3, "amount_fen", "")),
        (bent(",10,", ",65536,"), lost(3, "counter", "65536")),
        (bent(",20260923,", ",2026092,"), lost(3, "date", "2026092")),
        (bent(",20260923,", ",20260925,"), lost(3, "date", "20260925")),
        (bent(",20260923,", ",20261399,"), lost(3, "date", "20261399")),
        (bent(",20260923,", ",20260231,"), lost(3, "date", "20260231")),
        (bent(",120000,", ",240000,"), lost(3, "time", "240000")),
        (bent(",120000,", ",12000,"), lost(3, "time", "12000")),
        (bent(",06,", ",6,"), lost(3, "tti", "6")),
        (bent(",ok", ",maybe"), lost(3, "status", "maybe")),
        (bent(",ok", ",ok,"), lost(3, "number_of_fields", "11")),
        (bent("0417", "0418"), lost(3, "issuer_id", "04186510ffffffff")),
    ];
    for (second, expected) in table {
        let mut alone = expected.clone();
        alone.line = 2;
        let refused = model().run(with_file("09-23", file(std::slice::from_ref(&second))));
        assert_eq!(refused, Outcome::Refused(Refusal::Lines(alone)), "{second}");
        let report = report(model().run(with_file("09-23", file(&[good.clone(), second]))));
        assert_eq!((report.lines, report.theirs.new), (2, Sum { count: 1, fen: 200 }));
        assert_eq!(report.not_taken, [expected]);
    }
    // The day after is taken.
    let odd = [bent(",20260923,", ",20260924,"), good.clone()];
    assert_eq!(report(model().run(with_file("09-23", file(&odd)))).theirs.new.count, 2);
    let mut no_header = file(std::slice::from_ref(&good));
    no_header[0] = b'x';
    let mut wrong_crc = file(std::slice::from_ref(&good));
    *wrong_crc.last_mut().expect("a trailer") ^= 1;
    let mut crlf = file(&[]);
    crlf.extend(b"\r\n");
    let another_day = file(std::slice::from_ref(&good));
    let table = [
        (no_header, "09-23", Some(Refusal::Header)),
        (wrong_crc, "09-23", Some(Refusal::Trailer)),
        (format!("{HEADER}\n").into_bytes(), "09-23", Some(Refusal::Trailer)),
        (another_day.clone(), "09-24", Some(Refusal::WrongDay)),
        (another_day.clone(), "09-23", None),
        (crlf, "09-23", None),
    ];
    for (bytes, date, refusal) in table {
        let outcome = model().run(with_file(date, bytes));
        match refusal {
            Some(refusal) => assert_eq!(outcome, Outcome::Refused(refusal)),
            None => assert_eq!(report(outcome).number, 1),
        }
    }
    let lifted = Run { other_days: true, ..with_file("09-24", another_day) };
    assert_eq!(report(model().run(lifted)).theirs.new.count, 1);
}

#[test]
fn a_refused_file_changes_nothing_and_one_that_came_before_neither() {
    let text = "10 1 70 200 0923 120000";
    let mut model = model();
    model.clear([accepted("09-23", 0, text)]);
    let bytes = file(&[line(text, "ok")]);
    assert_eq!(model.run(with_file("09-30", bytes.clone())), Outcome::Refused(Refusal::WrongDay));
    let first = report(model.run(with_file("09-23", bytes.clone())));
    assert_eq!((first.number, first.as_of, told(&first)), (1, day("09-23"), "0-2 1 matched".to_owned()));
    assert_eq!(model.run(with_file("09-24", bytes)), Outcome::SeenBefore);
    let second = report(model.run(without_file("09-24")));
    assert_eq!((second.number, second.lines, told(&second)), (2, 0, String::new()));
}

#[test]
fn lines_that_come_again_become_no_items() {
    let [one, two, three] = [
        ("10 1 70 200 0923 120000", "ok"),
        ("11 1 71 300 0923 120100", "ok"),
        ("12 1 72 400 0924 080000", "ok"),
    ]
    .map(|(text, status)| line(text, status));
    let mut model = model();
    let first = report(model.run(with_file("09-23", file(&[one.clone(), two.clone(), one.clone()]))));
    assert_eq!((first.duplicate_lines, first.repeated), (vec![4], vec![]));
    model.clear([accepted("09-23", 0, "10 1 70 200 0923 120000")]);
    assert_eq!(told(&report(model.run(without_file("09-23")))), "0-2 1 matched, theirs 3");
    // One was matched, two is open; a line that differs in its status alone is another one.
    let refused = line("10 1 70 200 0923 120000", "refused:x");
    let again = file(&[one.clone(), two, three.clone(), three, one, refused]);
    let third = report(model.run(with_file("09-24", again)));
    assert_eq!((&third.duplicate_lines, &third.repeated), (&vec![5, 6], &vec![2, 3]));
    assert_eq!((third.lines, third.theirs.new), (6, Sum { count: 2, fen: 600 }));
    assert_eq!(third.theirs.opening, Sum { count: 1, fen: 300 });
    assert_eq!(told(&third), "theirs 3, theirs 4, theirs 7");
}

#[test]
fn items_age_and_become_breaks_after_the_grace() {
    let text = "10 1 70 200 0923 120000";
    // Window of a record, date of the run, age, bucket, whether it is a break.
    let table = [
        ("09-23", "09-23", 0, 0, false),
        ("09-23", "09-24", 1, 0, false),
        ("09-23", "09-25", 2, 1, true),
        // Friday to Sunday are holidays.
        ("09-24", "09-28", 4, 2, false),
        ("09-24", "09-29", 5, 2, true),
        ("09-26", "09-28", 2, 1, false),
        ("09-26", "09-29", 3, 1, true),
        // Saturday is worked.
        ("10-09", "10-10", 1, 0, false),
        ("10-09", "10-11", 2, 1, true),
        ("10-01", "10-08", 7, 2, true),
        ("10-01", "10-09", 8, 3, true),
        ("10-01", "10-31", 30, 3, true),
        ("10-01", "11-01", 31, 4, true),
    ];
    for (window, date, age, bucket, is_break) in table {
        let mut model = model();
        model.clear([accepted(window, 0, text)]);
        let report = report(model.run(without_file(date)));
        let open = &report.ours_only[0];
        assert_eq!((open.age, open.is_break), (age, is_break), "{window} {date}");
        let mut aging = [Sum::default(); 5];
        aging[bucket] = Sum { count: 1, fen: 200 };
        assert_eq!(report.ours.aging, aging, "{window} {date}");
        assert_eq!(report.ours.breaks, if is_break { aging[bucket] } else { Sum::default() });
    }
    // Without grace, a day off counts as the next business day; three days of grace over a weekend.
    let calendar = model().operator.calendar;
    let days = [("09-25", 0, "09-28"), ("09-28", 0, "09-28"), ("10-15", 3, "10-20"), ("10-08", 2, "10-10")];
    for (from, grace, last) in days {
        assert_eq!(calendar.business_days_after(day(from), grace), day(last), "{from}");
    }
}

#[test]
fn time_never_runs_back_and_only_windows_up_to_it_are_taken_in() {
    let mut model = model();
    let [one, two] = ["10 1 70 200 0923 120000", "11 1 71 300 0924 120000"];
    model.clear([accepted("09-23", 0, one), accepted("09-25", 1, two)]);
    let first = report(model.run(with_file("09-24", file(&[line(two, "ok")]))));
    assert_eq!((first.as_of, told(&first)), (day("09-24"), "ours 0, theirs 2".to_owned()));
    // The earlier day's file comes later.
    let second = report(model.run(with_file("09-23", file(&[line(one, "ok")]))));
    assert_eq!((second.as_of, told(&second)), (day("09-24"), "0-2 1 matched, theirs 2".to_owned()));
    let third = report(model.run(without_file("09-25")));
    assert_eq!((third.as_of, told(&third)), (day("09-25"), "1-2 1 matched".to_owned()));
    let sum = |count, fen| Sum { count, fen };
    assert_eq!(
        (third.ours.opening, third.ours.new, third.ours.cleared, third.ours.closing),
        (sum(0, 0), sum(1, 300), sum(1, 300), sum(0, 0))
    );
    assert_eq!(
        (third.theirs.opening, third.theirs.new, third.theirs.cleared),
        (sum(1, 300), sum(0, 0), sum(1, 300))
    );
}

#[test]
fn a_line_without_an_accepted_record_shows_the_one_that_was_not() {
    let text = "10 1 70 200 0923 120000";
    let table: &[Showing] = &[
        (&[], None),
        (&[("09-23", "10 1 70 200 0923 120000", Verdict::Refused(Reason::OverLimit))], Some(0)),
        // Terminal and number before the counter, then the earliest.
        (
            &[
                ("09-23", "10 2 71 200 0923 110000", Verdict::Refused(Reason::StaleCounter)),
                ("09-23", "11 1 70 200 0923 130000", Verdict::Duplicate),
                ("09-23", "11 1 70 200 0923 120000", Verdict::Refused(Reason::TooOld)),
            ],
            Some(2),
        ),
        (&[("09-23", "10 2 71 200 0923 110000", Verdict::Refused(Reason::StaleCounter))], Some(0)),
        // No run has taken in that window.
        (&[("09-24", "10 1 70 200 0923 120000", Verdict::Refused(Reason::OverLimit))], None),
        (&[("09-23", "11 2 71 200 0923 120000", Verdict::Refused(Reason::OverLimit))], None),
        // It lies too far back to be this line's.
        (&[("09-21", "10 1 70 200 0921 120000", Verdict::Refused(Reason::OverLimit))], None),
        (&[("09-22", "10 1 70 200 0921 120000", Verdict::Refused(Reason::OverLimit))], Some(0)),
    ];
    for (records, expected) in table {
        let mut model = model();
        model.clear(
            (0..).zip(*records).map(|(row, (window, text, verdict))| record(window, row, text, *verdict)),
        );
        let report = report(model.run(with_file("09-23", file(&[line(text, "ok")]))));
        let known = report.theirs_only[0].known;
        assert_eq!(known.map(|known| known.place.row), *expected, "{records:?}");
        assert_eq!(known.map(|known| known.fate().1), expected.map(|row| records[row as usize].2.reason()));
    }
}
