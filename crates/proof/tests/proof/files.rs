//! A merchant's own package files against its statement.

use tongclear_mac::{SealAlgorithm, SealMaster};
use tongclear_package::{PackageHeaderFields, write_package};
use tongclear_proof::{FilesHeld, Hash, PackageFiles, PackageLine, Statement};
use tongclear_types::{
    CollectorId, DispositionTallies, Fen, PackageSequence, RecordFlags, TransactionRecord,
};

use crate::sample::{code, window};

/// Packages 1 and 2 of a collector, and a statement that lists them; the first record of the first is unpaid.
fn statement_and_files() -> (Statement, Vec<Vec<u8>>) {
    let mut statement = window(&[("BUS00001", 1)]).statement("BUS00001");
    let unpaid = statement.unpaid[0].detail().unwrap();
    let record = |n: u32| TransactionRecord {
        amount_fen: unpaid.amount_fen,
        tti: unpaid.tti,
        terminal: unpaid.terminal,
        terminal_number: unpaid.terminal_number,
        date: unpaid.date,
        time: unpaid.time,
        tac: n.to_be_bytes(),
        key_version: 1,
        algorithm: 0,
        issuer: unpaid.issuer,
        serial: unpaid.serial,
        offline_counter: unpaid.offline_counter,
        online_counter: unpaid.online_counter,
        balance_before_fen: unpaid.balance_before_fen,
        balance_after_fen: unpaid.balance_after_fen,
        list_price_fen: unpaid.list_price_fen,
        sector: 1,
        flags: RecordFlags(0),
        deny_list_version: 0,
        card_random: [0; 4],
        sector_data: [0; 24],
    };
    let files: Vec<Vec<u8>> = [vec![record(0), record(1)], vec![record(2)]]
        .iter()
        .zip(1..)
        .map(|(records, sequence)| package(unpaid.collector, sequence, records))
        .collect();
    statement.packages = files
        .iter()
        .zip([2_u32, 1])
        .zip(1..)
        .map(|((bytes, records), sequence)| {
            let mut dispositions = DispositionTallies::default();
            dispositions.accepted.count = records.into();
            dispositions.accepted.amount_fen = Fen::from(records * unpaid.amount_fen);
            let sequence = PackageSequence(sequence);
            PackageLine {
                collector: unpaid.collector,
                sequence,
                sha256: Hash::of(bytes),
                records,
                dispositions,
            }
        })
        .collect();
    (statement, files)
}

fn package(collector: CollectorId, sequence: u32, records: &[TransactionRecord]) -> Vec<u8> {
    let fields = PackageHeaderFields {
        merchant: code("BUS00001"),
        collector,
        sequence: PackageSequence(sequence),
        created_at_unix_s: 1_795_500_000,
        seal_key_version: 1,
        previous_seal: [0; 8],
    };
    write_package(&fields, records, &SealMaster::new(SealAlgorithm::HmacSha256, [7; 32]))
}

fn held(statement: &Statement, files: &[Vec<u8>]) -> Result<FilesHeld, String> {
    let mut check = PackageFiles::new(statement);
    files
        .iter()
        .try_for_each(|file| check.take(file))
        .and_then(|()| check.finish())
        .map_err(|it| it.to_string())
}

#[test]
fn every_listed_package_must_be_there_byte_for_byte() {
    let (statement, files) = statement_and_files();
    let both = FilesHeld { matched: 2, others: 0 };
    assert_eq!(held(&statement, &files), Ok(both));
    let reversed: Vec<_> = files.iter().rev().cloned().collect();
    assert_eq!(held(&statement, &reversed), Ok(both));

    let elsewhere = package(CollectorId([1; 6]), 1, &[]);
    let more = [files.clone(), vec![elsewhere, b"not a package".to_vec()]].concat();
    assert_eq!(held(&statement, &more), Ok(FilesHeld { matched: 2, others: 2 }));

    let said = held(&statement, &files[..1]).unwrap_err();
    assert_eq!(
        said,
        "packages[1] is package 2 of collector 651000000001, expected a package among the files"
    );
    let mut changed = files.clone();
    changed[1][100] ^= 1;
    assert!(held(&statement, &changed).unwrap_err().starts_with("packages[1].sha256 is "));
}

#[test]
fn a_package_must_hold_what_the_statement_says_of_it() {
    let (good, files) = statement_and_files();
    let said = |change: &dyn Fn(&mut Statement)| {
        let mut statement = good.clone();
        change(&mut statement);
        held(&statement, &files).unwrap_err()
    };
    for (said, expected) in [
        (said(&|it| it.packages[0].records = 3), "packages[0].records is 3, expected 2"),
        (
            said(&|it| it.packages[0].dispositions.accepted.amount_fen = Fen::ZERO),
            "packages[0]: amount_fen is 0, expected 200",
        ),
        (said(&|it| it.merchant = code("MET00001")), "packages[0]: merchant is MET00001, expected BUS00001"),
        (
            said(&|it| it.unpaid[0].list_price_fen += 1),
            "unpaid: row 0 of packages[0] is a record, expected the record that the package holds",
        ),
        (
            said(&|it| it.unpaid[0].row = 2),
            "unpaid: row 2 of packages[0] is a record, expected the record that the package holds",
        ),
    ] {
        assert_eq!(said, expected);
    }
}
