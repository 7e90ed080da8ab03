//! Lines without an accepted record, and the records that could explain them.

use tongclear_package::OperatorStatus;
use tongclear_types::{CollectorId, Disposition, PackageSequence, Reason};

use super::super::item::LinePlace;
use super::super::words::Words;
use super::*;

/// The facts of `counter number MMDD`.
fn facts(text: &str) -> Facts {
    let words: Vec<&str> = text.split(' ').collect();
    let date = hex::decode(format!("2026{}", words[2])).expect("digits").try_into().expect("a date");
    Facts {
        serial: [1; 10],
        tti: 6,
        counter: words[0].parse().expect("a counter"),
        terminal: [2; 6],
        terminal_number: words[1].parse().expect("a number"),
        amount_fen: 200,
        date,
        time: [0x12, 0, 0],
    }
}

/// A record of the window of September `day`, in `row`.
fn record(row: u32, (day, text): (i8, &str)) -> Known {
    let window = BusinessDate::new(jiff::civil::date(2026, 9, day)).expect("a date of this century");
    Known {
        facts: facts(text),
        place: Place { collector: CollectorId([0; 6]), sequence: PackageSequence(1), row },
        merchant: "BUS00001".parse().expect("a merchant"),
        window,
        disposition: Disposition::Suspended,
        reason: Some(Reason::TooOld),
    }
}

#[test]
fn a_line_shows_the_best_record_whenever_it_comes() {
    // A line, and runs of records with the row that the line shows after each run.
    type Case = (&'static str, &'static [(&'static [(i8, &'static str)], Option<u32>)]);
    let table: &[Case] = &[
        ("10 70 0923", &[(&[], None), (&[(23, "11 71 0923")], None)]),
        ("10 70 0923", &[(&[(23, "10 70 0923")], Some(0)), (&[(24, "10 70 0924")], Some(0))]),
        // Terminal and number before the counter, although it came first.
        ("10 70 0923", &[(&[(23, "10 71 0923")], Some(0)), (&[(24, "11 70 0924")], Some(1))]),
        ("10 70 0923", &[(&[(23, "11 70 0923")], Some(0)), (&[(24, "10 71 0922")], Some(0))]),
        // The earliest, although it came last; of equal moments the first row.
        (
            "10 70 0923",
            &[(&[(23, "11 70 0923"), (23, "12 70 0923")], Some(0)), (&[(24, "9 70 0922")], Some(2))],
        ),
        // The window of the day before is searched, an earlier one is not, whatever stands in it.
        ("10 70 0923", &[(&[(21, "10 70 0921"), (22, "10 71 0923")], Some(1))]),
        ("10 70 0923", &[(&[(21, "10 70 0921"), (23, "11 70 0923")], Some(1))]),
    ];
    for (line, runs) in table {
        let (mut row, date) = (0, "2026-09-23".parse().expect("a date"));
        let status = Words::default().number(OperatorStatus::Ok);
        let place = LinePlace { run: 1, line: 2 };
        let mut line =
            [Theirs { facts: facts(line), place, status, file_date: date, known: None, new: true }];
        for (records, expected) in *runs {
            let mut unpaid: Vec<Known> = (row..).zip(*records).map(|(row, it)| record(row, *it)).collect();
            row += u32::try_from(records.len()).expect("few");
            explain(&mut line, &mut unpaid);
            assert_eq!(line[0].known.map(|known| known.place.row), *expected, "{records:?}");
        }
    }
}
