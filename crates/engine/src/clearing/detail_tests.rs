//! What is written is read back, whatever the record held.

use tongclear_types::{CollectorId, IssuerId, Serial, TerminalId};

use super::*;

fn row(i: u32, verdict: Verdict, fee: Option<i64>) -> DetailRow {
    DetailRow {
        merchant: "BUS00001".parse().unwrap(),
        collector: CollectorId([0x65, 0x10, 0, 0, 0, 0xf1]),
        package_sequence: PackageSequence(i / 3 + 1),
        row: i,
        issuer: IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]),
        serial: Serial([0xab; 10]),
        tti: Tti(0x7f),
        offline_counter: u16::MAX,
        online_counter: 0,
        terminal: TerminalId([0xfe; 6]),
        terminal_number: TerminalNumber(u32::MAX),
        amount_fen: u32::MAX,
        list_price_fen: 1,
        balance_before_fen: 2,
        balance_after_fen: 3,
        date: BcdDate([0xff, 0x0a, 0x99, 0x00]),
        time: BcdTime([0x99, 0xaa, 0x01]),
        verdict,
        fee_fen: fee.map(|fen| Fen::new(fen).unwrap()),
    }
}

#[test]
fn what_is_written_is_read_back() {
    let flags = Flags::NONE.with(Flag::Late).with(Flag::GapClosed);
    let verdicts = Reason::ALL.iter().map(|reason| Verdict::Refused(*reason)).chain([
        Verdict::Duplicate,
        Verdict::Accepted(Flags::NONE),
        Verdict::Accepted(flags),
    ]);
    let rows: Vec<DetailRow> = (0..)
        .zip(verdicts.cycle().take(20_000))
        .map(|(i, verdict)| row(i, verdict, (i % 5 == 0).then_some(i64::from(i))))
        .collect();
    let mut writer = DetailWriter::new(Vec::new()).unwrap();
    rows.iter().try_for_each(|row| writer.write(row)).unwrap();
    let file = writer.finish().unwrap();
    let back: Vec<DetailRow> = read(file.clone().into()).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(back, rows);
    let file = bytes::Bytes::from(file);
    let unpaid = unpaid(file.clone()).unwrap();
    let expected = rows.iter().filter(|row| row.verdict.disposition() != Disposition::Accepted);
    assert_eq!(unpaid, expected.copied().collect::<Vec<_>>());
    let mut expected = DispositionTallies::default();
    rows.iter()
        .try_for_each(|row| expected.get_mut(row.verdict.disposition()).add(Fen::from(row.amount_fen)))
        .unwrap();
    assert_eq!(control_totals(file.clone()).unwrap(), expected);
    let card = CardId { issuer: rows[0].issuer, serial: rows[0].serial };
    assert_eq!(read_card(file.clone(), &card).unwrap(), rows, "every row is of the one card");
    assert_eq!(read_card(file, &CardId { serial: Serial([0; 10]), ..card }).unwrap(), []);
}

#[test]
fn the_columns_are_those_of_the_export() {
    let schema = detail_schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, tongclear_package::DETAIL_COLUMNS);
}

#[test]
fn a_verdict_that_contradicts_itself_is_damage() {
    for (disposition, reason, flags) in [
        ("accepted", "", "no_such_flag"),
        ("suspended", "tac_mismatch", ""),
        ("rejected", "", ""),
        ("paid", "", ""),
    ] {
        assert!(verdict(disposition, reason, flags).is_err(), "{disposition} {reason} {flags}");
    }
}

#[test]
fn every_column_enters_the_digest() {
    let plain = row(1, Verdict::Duplicate, None);
    let changed: Vec<DetailRow> = vec![
        DetailRow { merchant: "BUS00002".parse().unwrap(), ..plain },
        DetailRow { collector: CollectorId([0; 6]), ..plain },
        DetailRow { package_sequence: PackageSequence(9), ..plain },
        DetailRow { row: 9, ..plain },
        DetailRow { issuer: IssuerId([0; 8]), ..plain },
        DetailRow { serial: Serial([0; 10]), ..plain },
        DetailRow { tti: Tti(6), ..plain },
        DetailRow { offline_counter: 9, ..plain },
        DetailRow { online_counter: 9, ..plain },
        DetailRow { terminal: TerminalId([0; 6]), ..plain },
        DetailRow { terminal_number: TerminalNumber(9), ..plain },
        DetailRow { amount_fen: 9, ..plain },
        DetailRow { list_price_fen: 9, ..plain },
        DetailRow { balance_before_fen: 9, ..plain },
        DetailRow { balance_after_fen: 9, ..plain },
        DetailRow { date: BcdDate([9; 4]), ..plain },
        DetailRow { time: BcdTime([9; 3]), ..plain },
        DetailRow { verdict: Verdict::Accepted(Flags::NONE), ..plain },
        DetailRow { verdict: Verdict::Accepted(Flags::NONE.with(Flag::Late)), ..plain },
        DetailRow { verdict: Verdict::Refused(Reason::Malformed), ..plain },
        DetailRow { fee_fen: Some(Fen::ZERO), ..plain },
    ];
    let mut seen = std::collections::HashSet::from([plain.canonical()]);
    for row in &changed {
        assert!(seen.insert(row.canonical()), "{row:?}");
    }
}
