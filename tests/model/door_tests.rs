//! The door: one package a case, bent until a line of package.md refuses it.
//!
//! Bounded by: three accepted packages of one collector.

use tongclear_types::{CollectorId, TransactionRecord};

use super::*;
use crate::facts::SealKey;
use crate::sample;
use crate::wire::{Header, package_bytes};

fn header(sequence: u32, previous_seal: [u8; 8]) -> Header {
    Header {
        merchant: sample::merchant().bytes(),
        collector: sample::COLLECTOR,
        sequence,
        sum: 200,
        key_version: 1,
        algorithm: 1,
        previous_seal,
    }
}

fn key() -> SealKey {
    sample::keys().seal[0]
}

fn write(header: &Header, records: &[TransactionRecord]) -> Vec<u8> {
    package_bytes(header, records, &key())
}

fn previous(bytes: &[u8]) -> [u8; 8] {
    part(bytes, bytes.len() - SEAL)
}

fn answer(accepted: &[Kept], bytes: &[u8]) -> &'static str {
    match knock(&sample::registry(), &sample::keys(), accepted, bytes) {
        Answer::Accepted(_) => "accepted",
        Answer::AlreadyReceived => "already_received",
        Answer::Quarantined(reason) => reason,
    }
}

#[test]
fn each_line_of_the_door() {
    type Bend = fn(&mut Header);
    let table: &[(&str, Bend, &str)] = &[
        ("nothing", |_| {}, "accepted"),
        ("merchant form", |h| h.merchant = *b"bus00001", "malformed_package"),
        ("collector", |h| h.collector = CollectorId([9; 6]), "unknown_collector"),
        ("merchant", |h| h.merchant = *b"BUS00002", "merchant_mismatch"),
        ("key version", |h| h.key_version = 2, "unknown_seal_key"),
        ("algorithm that does not fit", |h| h.algorithm = 2, "unknown_seal_key"),
        ("no algorithm", |h| h.algorithm = 3, "unknown_seal_key"),
        ("sum", |h| h.sum = 201, "sum_mismatch"),
        ("sequence", |h| h.sequence = 0, "malformed_package"),
        ("a gap", |h| (h.sequence, h.previous_seal) = (7, [7; 8]), "accepted"),
    ];
    for (name, bend, expected) in table {
        let mut header = header(1, [0; 8]);
        bend(&mut header);
        assert_eq!(answer(&[], &write(&header, &[sample::record()])), *expected, "{name}");
    }
    let good = write(&header(1, [0; 8]), &[sample::record()]);
    for (at, expected) in [
        (0, "malformed_package"),
        (5, "malformed_package"),
        (7, "malformed_package"),
        (22, "malformed_package"),
        (31, "malformed_package"),
        (53, "malformed_package"),
        (55, "malformed_package"),
        (64, "malformed_package"),
        (127, "malformed_package"),
        (40, "seal_invalid"),
        (130, "seal_invalid"),
        (good.len() - 1, "seal_invalid"),
    ] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        assert_eq!(answer(&[], &bytes), expected, "byte {at}");
    }
    for length in [0, 127, good.len() - 1] {
        assert_eq!(answer(&[], &good[..length]), "malformed_package", "length {length}");
    }
    let empty = Header { sum: 0, ..header(1, [0; 8]) };
    assert_eq!(answer(&[], &write(&empty, &[])), "accepted");
}

#[test]
fn the_packages_of_a_collector_form_a_chain() {
    let one = write(&header(1, [0; 8]), &[sample::record()]);
    let two = write(&header(2, previous(&one)), &[sample::record()]);
    let three = write(&header(3, previous(&two)), &[sample::record()]);
    let other = write(&Header { sum: 0, ..header(2, previous(&one)) }, &[]);
    let broken = write(&header(2, [9; 8]), &[sample::record()]);
    /// `(name, accepted before, arrives, answer)`
    type Case<'a> = (&'a str, &'a [&'a Vec<u8>], &'a Vec<u8>, &'a str);
    let table: &[Case<'_>] = &[
        ("again", &[&one, &two], &two, "already_received"),
        ("other bytes", &[&one, &two], &other, "sequence_conflict"),
        ("in order", &[&one, &two], &three, "accepted"),
        ("before the first", &[&two], &one, "accepted"),
        ("into the gap", &[&one, &three], &two, "accepted"),
        ("disagrees with the one before", &[&one], &broken, "chain_broken"),
        ("nothing to disagree with", &[], &broken, "accepted"),
        ("disagrees with the one after", &[&three], &other, "chain_broken"),
    ];
    for (name, accepted, bytes, expected) in table {
        let mut kept: Vec<Kept> = Vec::new();
        for bytes in *accepted {
            let Answer::Accepted(package) = knock(&sample::registry(), &sample::keys(), &kept, bytes) else {
                panic!("{name}: not accepted");
            };
            kept.push(Kept { bytes: (*bytes).clone(), package });
        }
        assert_eq!(answer(&kept, bytes), *expected, "{name}");
    }
}
