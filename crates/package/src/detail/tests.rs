//! The columns and lines of `export` and `truth.csv`.

use tongclear_types::{Flag, Flags, RecordFlags};

use super::*;

fn record() -> TransactionRecord {
    TransactionRecord {
        amount_fen: 180,
        tti: Tti(0x09),
        terminal: TerminalId([0x65, 0x10, 0, 0, 0x0a, 0x01]),
        terminal_number: TerminalNumber(4_294_967_295),
        date: BcdDate([0x20, 0x26, 0x11, 0x24]),
        time: BcdTime([0x08, 0x05, 0x00]),
        tac: [1, 2, 3, 4],
        key_version: 1,
        algorithm: 4,
        issuer: IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]),
        serial: Serial([0, 0, 0x51, 0, 0x01, 0x23, 0x45, 0x67, 0x89, 0x01]),
        offline_counter: 65_535,
        online_counter: 0,
        balance_before_fen: 5_000,
        balance_after_fen: 4_820,
        list_price_fen: 200,
        sector: 1,
        flags: RecordFlags(0),
        deny_list_version: 3,
        card_random: [1, 2, 3, 4],
        sector_data: [0; 24],
    }
}

fn row(verdict: Verdict, fee: Option<i64>) -> DetailRow {
    DetailRow::from_record(
        "BUS00001".parse().unwrap(),
        "6510000000f1".parse().unwrap(),
        PackageSequence(7),
        0,
        &record(),
        verdict,
        fee.map(|fee| Fen::new(fee).unwrap()),
    )
}

#[test]
fn a_line_ends_as_its_verdict_says() {
    const START: &str = "BUS00001,6510000000f1,7,0,04176510ffffffff,00005100012345678901,09,65535,0,\
                         651000000a01,4294967295,180,200,5000,4820,20261124,080500,";
    let flags = Flags::NONE.with(Flag::CounterGap).with(Flag::Late);
    let table = [
        (Verdict::Accepted(Flags::NONE), Some(1), "accepted,,,1"),
        (Verdict::Accepted(flags), Some(0), "accepted,,counter_gap|late,0"),
        (Verdict::Accepted(Flags::NONE), None, "accepted,,,"),
        (Verdict::Duplicate, None, "duplicate,,,"),
        (Verdict::Refused(Reason::TacMismatch), None, "rejected,tac_mismatch,,"),
        (Verdict::Refused(Reason::CounterJump), None, "suspended,counter_jump,,"),
    ];
    for (verdict, fee, end) in table {
        let mut line = Vec::new();
        row(verdict, fee).append_csv(&mut line);
        assert_eq!(String::from_utf8(line).unwrap(), format!("{START}{end}\n"));
    }
}

#[test]
fn both_files_are_csv_with_as_many_fields_as_columns() {
    let row = row(Verdict::Accepted(Flags::NONE), Some(1));
    let mut export = DetailCsv::new(Vec::new()).unwrap();
    let mut truth = TruthCsv::new(Vec::new()).unwrap();
    export.write(&row).unwrap();
    truth.write("2026-11-24".parse().unwrap(), &row).unwrap();
    let files =
        [(export.finish().unwrap(), &DETAIL_COLUMNS[..]), (truth.finish().unwrap(), &TRUTH_COLUMNS[..])];
    for (file, columns) in files {
        assert!(!file.contains(&b'\r'));
        let mut reader = csv::Reader::from_reader(file.as_slice());
        assert_eq!(reader.headers().unwrap(), columns);
        let records: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].len(), columns.len());
    }
    assert_eq!(TRUTH_COLUMNS[..2], ["window", "merchant"]);
    assert_eq!(TRUTH_COLUMNS[1..], DETAIL_COLUMNS);
}

#[test]
fn digits_are_those_of_the_formatter() {
    for number in [0, 1, 9, 10, 99, 100, 12_345, u64::from(u32::MAX), u64::MAX] {
        let mut line = Vec::new();
        push_digits(&mut line, number);
        assert_eq!(String::from_utf8(line).unwrap(), number.to_string());
    }
}
