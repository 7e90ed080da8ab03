//! The layout to the byte, and what is refused.

use super::*;
use crate::trailer::trailer_line;

fn tally(count: u32, fen: u32) -> Tally {
    Tally { count, amount: Fen::from(fen) }
}

fn sample() -> ResultFile {
    let unpaid = |row, outcome| UnpaidRecord {
        row,
        terminal: "651000000a01".parse().unwrap(),
        terminal_number: TerminalNumber(1_000 + row),
        outcome,
    };
    ResultFile {
        packages: vec![PackageResult {
            collector: "6510000000f1".parse().unwrap(),
            sequence: PackageSequence(7),
            accepted: tally(398, 79_600),
            duplicate: tally(1, 200),
            suspended: tally(0, 0),
            rejected: tally(1, 200),
            unpaid: vec![
                unpaid(17, NotAccepted::Duplicate),
                unpaid(230, NotAccepted::Refused(Reason::TacMismatch)),
            ],
        }],
    }
}

const COLUMNS: &str = "package,collector,sequence,accepted_count,accepted_fen,duplicate_count,duplicate_fen,\
                       suspended_count,suspended_fen,rejected_count,rejected_fen\r\n\
                       record,row,terminal,terminal_number,disposition,reason\r\n";
const PACKAGE: &str = "package,6510000000f1,7,398,79600,1,200,0,0,1,200\r\n";
const COPY: &str = "record,17,651000000a01,1017,duplicate,\r\n";
const WRONG: &str = "record,230,651000000a01,1230,rejected,tac_mismatch\r\n";

fn sealed(lines: &[&str]) -> Vec<u8> {
    let text = lines.concat();
    [text.as_bytes(), &trailer_line(crc32fast::hash(text.as_bytes()))].concat()
}

#[test]
fn the_layout_is_the_documented_one() {
    let expected = sealed(&[COLUMNS, PACKAGE, COPY, WRONG]);
    assert_eq!(sample().to_bytes().escape_ascii().to_string(), expected.escape_ascii().to_string());
    assert_eq!(ResultFile::parse(&expected).unwrap(), sample());
    assert_eq!(ResultFile::parse(&sealed(&[COLUMNS])).unwrap(), ResultFile::default());
}

#[test]
fn every_verdict_but_acceptance_has_a_line() {
    for reason in Reason::ALL {
        let outcome = NotAccepted::from_verdict(Verdict::Refused(*reason)).unwrap();
        assert_eq!(NotAccepted::from_names(reason.disposition().name(), reason.name()), Some(outcome));
        assert_eq!(outcome.verdict(), Verdict::Refused(*reason));
    }
    assert_eq!(NotAccepted::from_verdict(Verdict::Duplicate), Some(NotAccepted::Duplicate));
    assert_eq!(NotAccepted::from_verdict(Verdict::Accepted(tongclear_types::Flags::NONE)), None);
}

#[test]
fn what_is_wrong_is_named_by_its_line() {
    let package = |from: &str, to: &str| sealed(&[COLUMNS, &PACKAGE.replace(from, to), COPY, WRONG]);
    let record = |from: &str, to: &str| sealed(&[COLUMNS, PACKAGE, &COPY.replace(from, to), WRONG]);
    let table: Vec<(Vec<u8>, &str)> = vec![
        (sealed(&[]), "line 1: columns is \"\""),
        (sealed(&[&COLUMNS.replace(",row", ",line")]), "line 2: columns is \"record,line,"),
        (sealed(&[COLUMNS, COPY]), "line 3: kind is record"),
        (sealed(&[COLUMNS, "batch,1\r\n"]), "line 3: kind is \"batch\""),
        (sealed(&[COLUMNS, PACKAGE, COPY]), "line 5: records is 1 lines before it"),
        (sealed(&[COLUMNS, PACKAGE, WRONG, COPY]), "line 6: records is 2 lines before it"),
        (
            sealed(&[COLUMNS, PACKAGE, COPY, WRONG, PACKAGE]),
            "line 6: package is 6510000000f1 7, expected one after",
        ),
        (package("79600", "079600"), "line 3: accepted_fen is \"079600\""),
        (package("79600", "9223372036854775807"), "line 3: accepted_fen is \"9223372036854775807\""),
        (package(",398", ",+398"), "line 3: accepted_count is \"+398\""),
        (package("f1", "F1"), "line 3: collector is \"6510000000F1\""),
        (package(",200\r", "\r"), "line 3: number_of_fields is 10, expected 11"),
        (package("\r\n", "\n"), "line 3: line is"),
        (record("duplicate,", "accepted,"), "line 4: disposition is \"accepted\""),
        (record("duplicate,", "suspended,"), "line 4: disposition is \"suspended\""),
        (record("duplicate,", "suspended,tac_mismatch"), "line 4: disposition is \"suspended\""),
        (record("duplicate,", "duplicate,tac_mismatch"), "line 4: disposition is \"duplicate\""),
        (record(",17,", ",-1,"), "line 4: row is \"-1\""),
    ];
    for (file, expected) in table {
        let error = ResultFile::parse(&file).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error:?} should begin {expected:?}");
    }
}
