//! The committed corpus of the fuzz targets, replayed as fuzzing does it, but on stable Rust and every time.

use std::fs;
use std::path::{Path, PathBuf};

use tongclear_mac::{SealAlgorithm, SealMaster};
use tongclear_package::{
    DenyList, NotAccepted, PackageHeaderFields, PackageResult, ResultFile, Tally, UnpaidRecord, fuzzing,
    write_package,
};
use tongclear_types::{Fen, PackageSequence, Reason, Serial, TerminalId, TerminalNumber};

use crate::fixtures::check_file;
use crate::sample::{BUS, flipped, merchant, record};

fn folder(target: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus")).join(target)
}

/// Seeds of a target: each valid file, cut in odd places and with a bit of each part turned over.
fn seeds(valid: &[(&str, Vec<u8>)], cuts: &[usize], flips: &[usize]) -> Vec<(String, Vec<u8>)> {
    let mut seeds = vec![("empty".to_owned(), Vec::new())];
    for (name, bytes) in valid {
        seeds.push((format!("valid-{name}"), bytes.clone()));
        for cut in cuts.iter().filter(|cut| **cut < bytes.len()) {
            seeds.push((format!("{name}-cut-at-{cut}"), bytes[..*cut].to_vec()));
        }
        for at in flips.iter().filter(|at| **at < bytes.len()) {
            seeds.push((format!("{name}-flipped-at-{at}"), flipped(bytes.clone(), *at, 0)));
        }
        seeds.push((format!("{name}-byte-added"), [bytes.as_slice(), b"0"].concat()));
    }
    seeds
}

/// Holds the seeds against what is committed, and lets `target` loose on all that is there.
fn replay(name: &str, seeds: &[(String, Vec<u8>)], target: fn(&[u8])) {
    for (seed, bytes) in seeds {
        check_file(&folder(name).join(seed), bytes);
    }
    let mut replayed = 0;
    for entry in fs::read_dir(folder(name)).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        target(&fs::read(path).unwrap());
        replayed += 1;
    }
    assert!(replayed >= seeds.len());
}

#[test]
fn packages() {
    let package = |algorithm, records: u32| {
        let fields = PackageHeaderFields {
            merchant: merchant("BUS00001"),
            collector: BUS,
            sequence: PackageSequence(records + 1),
            created_at_unix_s: 1,
            seal_key_version: if algorithm == SealAlgorithm::HmacSha256 { 1 } else { 2 },
            previous_seal: [0; 8],
        };
        let records: Vec<_> = (1..=records).map(record).collect();
        write_package(&fields, &records, &SealMaster::new(algorithm, fuzzing::MASTER))
    };
    let valid = [
        ("no-records", package(SealAlgorithm::HmacSha256, 0)),
        ("two-records-sm3", package(SealAlgorithm::HmacSm3, 2)),
    ];
    let seeds =
        seeds(&valid, &[4, 127, 128, 160, 224, 351], &[0, 5, 8, 16, 31, 39, 51, 52, 53, 56, 64, 128, 159]);
    // The seeds that should come in do; the fuzzing function alone would not notice if none did.
    for (_, bytes) in &valid {
        let door = fuzzing::OpenDoor::new(Some(merchant("BUS00001")));
        tongclear_package::admit(bytes, &door).unwrap();
    }
    replay("package", &seeds, fuzzing::package);
}

#[test]
fn deny_lists() {
    let list = |last: &[u8]| {
        let serials =
            last.iter().map(|last| Serial([0, 0, 0x51, 0, 1, 0x23, 0x45, 0x67, 0x89, *last])).collect();
        DenyList::new("0417".parse().unwrap(), 7, "2026-11-24T00:00:00".parse().unwrap(), serials).unwrap()
    };
    let zeros = b"DENY:0ABC:0007:20261124000000:00\r\nCRC:16fab967\r\n".to_vec();
    let valid = [
        ("no-cards", list(&[]).to_bytes()),
        ("three-cards", list(&[3, 1, 2]).to_bytes()),
        ("leading-zeros", zeros),
    ];
    for (name, bytes) in &valid {
        DenyList::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    replay(
        "deny_list",
        &seeds(&valid, &[5, 30, 40, 60], &[0, 6, 10, 12, 27, 28, 35, 49]),
        fuzzing::deny_list,
    );
}

#[test]
fn result_files() {
    let tally = |count: u32, fen: u32| Tally { count, amount: Fen::from(fen) };
    let unpaid = |row, outcome| UnpaidRecord {
        row,
        terminal: TerminalId([0x65, 0x10, 0, 0, 0x0a, 0x01]),
        terminal_number: TerminalNumber(1_000 + row),
        outcome,
    };
    let package = |sequence| PackageResult {
        collector: BUS,
        sequence: PackageSequence(sequence),
        accepted: tally(398, 79_600),
        duplicate: tally(1, 200),
        suspended: tally(0, 0),
        rejected: tally(1, 200),
        unpaid: vec![
            unpaid(17, NotAccepted::Duplicate),
            unpaid(230, NotAccepted::Refused(Reason::TacMismatch)),
        ],
    };
    let valid = [
        ("no-packages", ResultFile::default().to_bytes()),
        ("two-packages", ResultFile { packages: vec![package(7), package(8)] }.to_bytes()),
    ];
    for (name, bytes) in &valid {
        ResultFile::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    replay(
        "result_file",
        &seeds(&valid, &[7, 150, 200, 300], &[0, 150, 210, 240, 260, 300, 320]),
        fuzzing::result_file,
    );
}
