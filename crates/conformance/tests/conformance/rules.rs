//! Every rule, broken alone: one row a way to break it, what is said of it in the last columns.

use std::collections::BTreeSet;

use tongclear_conformance::{Finding, Rule};
use tongclear_types::{BcdDate, BcdTime, RecordFlags, TerminalNumber, TransactionRecord, Tti};

use crate::city::{Draft, drafts, examined, keys, seal_again, sealed, with_tac};

/// `rule package row offset field value`.
fn shown(finding: &Finding) -> String {
    let Finding { rule, package, row, offset, field, value, .. } = finding;
    let number = |number: Option<String>| number.unwrap_or("-".to_owned());
    let (row, offset) = (number(row.map(|it| it.to_string())), number(offset.map(|it| it.to_string())));
    format!("{rule} {} {row} {offset} {field} {value}", package.trim_start_matches("6510000000f1-000000000"))
}

/// Changes record 3 of package 2 and makes its TAC anew.
fn one(change: impl Fn(&mut TransactionRecord)) -> impl Fn(&mut Vec<Draft>) {
    move |drafts| {
        let record = &mut drafts[1].records[3];
        change(record);
        *record = with_tac(*record);
    }
}

fn found(packages: &[(String, Vec<u8>)]) -> Vec<String> {
    examined(packages, Some(&keys())).findings.kept().map(shown).collect()
}

#[test]
fn every_rule_of_records() {
    type Change = Box<dyn Fn(&mut Vec<Draft>)>;
    fn boxed(change: impl Fn(&mut Vec<Draft>) + 'static) -> Change {
        Box::new(change)
    }
    let table: Vec<(Change, &[&str])> = vec![
        (boxed(|_| {}), &[]),
        (boxed(one(|it| it.deny_list_version = 6)), &[]),
        (
            boxed(one(|it| it.date = BcdDate([0x20, 0x26, 0x02, 0x30]))),
            &["date_time 2.ctp 3 15 date 20260230"],
        ),
        (boxed(one(|it| it.time = BcdTime([0x24, 0, 0]))), &["date_time 2.ctp 3 19 time 240000"]),
        (boxed(one(|it| it.tti = Tti(7))), &["transaction_type 2.ctp 3 4 tti 07"]),
        (boxed(one(|it| it.flags = RecordFlags(4))), &["test_card 2.ctp 3 63 flags 04"]),
        (boxed(one(|it| it.flags = RecordFlags(0x80))), &["reserved_flags 2.ctp 3 63 flags 80"]),
        (
            boxed(|drafts| {
                let last = drafts[1].records.last_mut().unwrap();
                last.terminal = "651000000019".parse().unwrap();
                *last = with_tac(*last);
            }),
            &["terminal_registered 2.ctp 59 5 terminal 651000000019"],
        ),
        (
            boxed(|drafts| {
                let last = drafts[1].records.last_mut().unwrap();
                last.terminal = "651000000901".parse().unwrap();
                *last = with_tac(*last);
            }),
            &["terminal_in_service 2.ctp 59 5 terminal 651000000901"],
        ),
        (boxed(one(|it| it.issuer.0[0] = 5)), &["issuer_registered 2.ctp 3 28 issuer 05176510ffffffff"]),
        (boxed(one(|it| it.algorithm = 2)), &["algorithm 2.ctp 3 27 algorithm 02"]),
        (boxed(one(|it| it.key_version = 9)), &["key_version 2.ctp 3 26 key_version 09"]),
        (boxed(|drafts| drafts[1].records[3].tac = [0xde, 0xad, 0, 1]), &["tac 2.ctp 3 22 tac dead0001"]),
        (boxed(one(|it| it.balance_after_fen += 1)), &["balance 2.ctp 3 54 balance_after 00001069"]),
        (
            boxed(one(|it| it.date = BcdDate([0x20, 0x25, 0x12, 0x31]))),
            &[
                "terminal_in_service 2.ctp 3 5 terminal 651000000017",
                "contract 2.ctp 3 15 date 20251231",
                "card_counter_rising 2.ctp 3 46 offline_counter 002b",
            ],
        ),
        (
            boxed(one(|it| {
                it.amount_fen = 100_001;
                it.list_price_fen = 100_001;
                it.balance_before_fen = 100_001;
                it.balance_after_fen = 0;
            })),
            &["amount_limit 2.ctp 3 0 amount 000186a1"],
        ),
        (boxed(one(|it| it.list_price_fen = 199)), &["list_price 2.ctp 3 58 list_price 000000c7"]),
        (boxed(one(|it| it.serial.0[0] = 0xa0)), &["serial_digits 2.ctp 3 36 serial a0041700000000000103"]),
        (boxed(one(|it| it.sector = 2)), &["sector 2.ctp 3 62 sector 02"]),
        (boxed(one(|it| it.sector = 9)), &["sector 2.ctp 3 62 sector 09"]),
        (boxed(one(|it| it.sector_data[23] = 1)), &["sector_data 2.ctp 3 92 reserved 00000001"]),
        (boxed(one(|it| it.sector_data[13] = 1)), &["sector_data 2.ctp 3 85 entry_date 01000000"]),
        (boxed(|drafts| drafts[1].records.swap(3, 4)), &["record_order 2.ctp 4 5 terminal 651000000017"]),
        (
            boxed(|drafts| {
                let copy = drafts[0].records[59];
                drafts[1].records.insert(0, copy);
            }),
            &["copy 2.ctp 0 11 terminal_number 000000a0"],
        ),
        (
            boxed(|drafts| {
                let record = &mut drafts[1].records[0];
                record.terminal_number = TerminalNumber(160);
                *record = with_tac(*record);
            }),
            &["terminal_number 2.ctp 0 11 terminal_number 000000a0"],
        ),
        (
            boxed(|drafts| {
                let record = &mut drafts[1].records[0];
                record.terminal_number = TerminalNumber(99);
                *record = with_tac(*record);
            }),
            &["terminal_number_rising 2.ctp 0 11 terminal_number 00000063"],
        ),
        (
            boxed(|drafts| {
                let record = &mut drafts[1].records[0];
                record.terminal_number = TerminalNumber(99);
                record.flags = RecordFlags(RecordFlags::SUPPLEMENTARY);
                *record = with_tac(*record);
            }),
            &[],
        ),
        (boxed(one(|it| it.offline_counter -= 1)), &["card_counter 2.ctp 3 46 offline_counter 002a"]),
        (
            boxed(one(|it| it.time = BcdTime([0x07, 0, 0]))),
            &["card_counter_rising 2.ctp 3 46 offline_counter 002b"],
        ),
        (
            boxed(one(|it| it.deny_list_version = 5)),
            &["deny_list_version 2.ctp 3 64 deny_list_version 00000005"],
        ),
    ];
    let mut broken = BTreeSet::new();
    for (change, expected) in table {
        let mut drafts = drafts();
        change(&mut drafts);
        let found = found(&sealed(&drafts));
        assert_eq!(found, expected);
        broken.extend(found.iter().map(|line| line.split(' ').next().unwrap().to_owned()));
    }
    let records = Rule::ALL.iter().skip_while(|rule| **rule != Rule::DateTime);
    for rule in records {
        assert!(broken.contains(rule.name()), "{rule} has no row");
    }
}

#[test]
fn every_rule_of_packages() {
    type Change = fn(&mut Vec<(String, Vec<u8>)>);
    fn again(packages: &mut [(String, Vec<u8>)], package: usize, at: usize, bytes: &[u8]) {
        packages[package].1[at..at + bytes.len()].copy_from_slice(bytes);
        seal_again(&mut packages[package].1);
    }
    let table: [(Change, &[&str]); 14] = [
        (|it| it.reverse(), &[]),
        (|it| again(it, 1, 5, &[2]), &["form 2.ctp - 4 version 0002"]),
        (|it| it[1].1.truncate(100), &["form 2.ctp - 0 length 100"]),
        (
            |it| {
                it.remove(0);
                again(it, 0, 16, &[0x65, 0x10, 0, 0, 0, 0xf9]);
            },
            // The seal is another collector's then.
            &[
                "file_name 2.ctp - - file_name 6510000000f1-0000000002.ctp",
                "collector_registered 2.ctp - 16 collector 6510000000f9",
                "sequence_contiguous 2.ctp - 24 sequence 00000002",
                "seal 2.ctp - 5888 seal ",
            ],
        ),
        (|it| again(it, 1, 8, b"SHOP0001"), &["merchant_of_collector 2.ctp - 8 merchant 53484f5030303031"]),
        (|it| again(it, 1, 51, &[9]), &["seal_key 2.ctp - 48 seal_key_version 00000009"]),
        (|it| again(it, 1, 52, &[2]), &["seal_key 2.ctp - 52 seal_algorithm 02"]),
        (|it| it[1].1[5_900] ^= 1, &["seal 2.ctp - 5888 seal "]),
        (|it| again(it, 1, 39, &[0]), &["amount_sum 2.ctp - 32 amount_sum 0000000000002e00"]),
        (
            |it| {
                let mut other = it[1].clone();
                other.1[47] ^= 1;
                seal_again(&mut other.1);
                other.0 = "other/6510000000f1-0000000002.ctp".to_owned();
                it.push(other);
            },
            &["sequence_unique other/2.ctp - 24 sequence 00000002"],
        ),
        (|it| again(it, 1, 56, &[0; 8]), &["seal_chain 2.ctp - 56 previous_seal 0000000000000000"]),
        (
            |it| {
                it.remove(0);
            },
            &["sequence_contiguous 2.ctp - 24 sequence 00000002"],
        ),
        (|it| it[1].0 = "a/upload.bin".to_owned(), &["file_name a/upload.bin - - file_name upload.bin"]),
        (|it| again(it, 1, 40, &[0; 8]), &["created_at 2.ctp - 40 created_at 0000000000000000"]),
    ];
    let mut broken = BTreeSet::new();
    for (change, expected) in table {
        let mut packages = sealed(&drafts());
        change(&mut packages);
        let found = found(&packages);
        for line in expected {
            assert!(
                found.iter().any(|it| it
                    .replace("6510000000f1-000000000", "")
                    .starts_with(&line.replace("6510000000f1-000000000", ""))),
                "{line}: {found:#?}"
            );
        }
        // What follows from it for records is not repeated here.
        let of_packages = found.iter().filter(|line| line.split(' ').nth(2) == Some("-")).count();
        assert_eq!(of_packages, expected.len(), "{found:#?}");
        broken.extend(expected.iter().map(|line| line.split(' ').next().unwrap().to_owned()));
    }
    for rule in Rule::ALL.iter().take_while(|rule| **rule != Rule::DateTime) {
        assert!(broken.contains(rule.name()), "{rule} has no row");
    }
}
