//! Result files are put together from tallies and rows, and refused where the two disagree.

use tongclear_types::{
    BcdDate, BcdTime, Flags, IssuerId, PackageSequence, Reason, Serial, TerminalNumber, Tti, Verdict,
};

use super::*;

/// Collector 1 or 2, sequence, row, amount, verdict.
fn row(collector: u8, sequence: u32, row: u32, amount_fen: u32, verdict: Verdict) -> DetailRow {
    DetailRow {
        merchant: "BUS00001".parse().unwrap(),
        collector: CollectorId([0, 0, 0, 0, 0, collector]),
        package_sequence: PackageSequence(sequence),
        row,
        issuer: IssuerId([4; 8]),
        serial: Serial([1; 10]),
        tti: Tti::PURCHASE,
        offline_counter: 1,
        online_counter: 1,
        terminal: "651000000a01".parse().unwrap(),
        terminal_number: TerminalNumber(1_000 + row),
        amount_fen,
        list_price_fen: amount_fen,
        balance_before_fen: 1_000,
        balance_after_fen: 800,
        date: BcdDate([0x20, 0x26, 0x11, 0x23]),
        time: BcdTime([8, 0, 0]),
        verdict,
        fee_fen: None,
    }
}

/// Count and fen of accepted, duplicate, suspended, rejected.
fn result(collector: u8, sequence: u32, tallies: [(u64, u32); 4]) -> tongclear_store::PackageResult {
    tongclear_store::PackageResult {
        key: PackageKey {
            collector: CollectorId([0, 0, 0, 0, 0, collector]),
            sequence: PackageSequence(sequence),
        },
        tallies: tallies.map(|(count, fen)| tongclear_store::Tally { count, amount_fen: Fen::from(fen) }),
    }
}

const WRONG: Verdict = Verdict::Refused(Reason::TacMismatch);
const OLD: Verdict = Verdict::Refused(Reason::TooOld);

#[test]
fn every_package_of_a_collector_is_in_its_file_once() {
    let results = [
        result(1, 7, [(2, 400), (1, 200), (0, 0), (1, 300)]),
        result(1, 8, [(0, 0), (0, 0), (0, 0), (0, 0)]),
        result(2, 1, [(5, 900), (0, 0), (1, 50), (0, 0)]),
    ];
    // In no particular order.
    let unpaid = [row(2, 1, 3, 50, OLD), row(1, 7, 230, 300, WRONG), row(1, 7, 17, 200, Verdict::Duplicate)];
    let files = files(&results, &unpaid).unwrap();
    let lines = |collector: u8| -> Vec<String> {
        let bytes = files[&CollectorId([0, 0, 0, 0, 0, collector])].to_bytes();
        assert!(ResultFile::parse(&bytes).is_ok());
        String::from_utf8(bytes).unwrap().lines().skip(2).map(str::to_owned).collect()
    };
    assert_eq!(files.len(), 2);
    assert_eq!(
        lines(1)[..4],
        [
            "package,000000000001,7,2,400,1,200,0,0,1,300",
            "record,17,651000000a01,1017,duplicate,",
            "record,230,651000000a01,1230,rejected,tac_mismatch",
            "package,000000000001,8,0,0,0,0,0,0,0,0",
        ]
    );
    assert_eq!(lines(2)[1], "record,3,651000000a01,1003,suspended,too_old");
}

#[test]
fn rows_that_do_not_add_up_to_the_tallies_are_refused() {
    let good = result(1, 7, [(2, 400), (1, 200), (0, 0), (1, 300)]);
    let copy = row(1, 7, 17, 200, Verdict::Duplicate);
    let wrong = row(1, 7, 230, 300, WRONG);
    assert!(files(&[good], &[copy, wrong]).is_ok());
    for (unpaid, why) in [
        (vec![copy], "one line is missing"),
        (vec![copy, wrong, row(1, 7, 231, 0, WRONG)], "one line too many"),
        (vec![copy, row(1, 7, 230, 299, WRONG)], "another sum"),
        (vec![copy, row(1, 7, 230, 300, OLD)], "another disposition"),
        (vec![copy, row(1, 7, 17, 300, WRONG)], "one row twice"),
        (vec![copy, row(1, 7, 230, 300, Verdict::Accepted(Flags::NONE))], "a record that was accepted"),
        (vec![copy, wrong, row(1, 9, 0, 100, WRONG)], "a package that nobody knows"),
    ] {
        let error = files(&[good], &unpaid).expect_err(why);
        assert!(error.contains("of collector 000000000001"), "{why}: {error}");
    }
}
