//! Sequences and seals of one collector and of several.

use tongclear_mac::{SealAlgorithm, SealMaster};
use tongclear_package::{PackageHeaderFields, write_package};

use super::*;
use crate::PackageFile;

/// The sealed empty package of a collector.
fn package(collector: u8, sequence: u32, previous: &[u8]) -> Vec<u8> {
    let fields = PackageHeaderFields {
        merchant: "BUS00001".parse().unwrap(),
        collector: CollectorId([0, 0, 0, 0, 0, collector]),
        sequence: PackageSequence(sequence),
        created_at_unix_s: 1_795_440_000,
        seal_key_version: 1,
        previous_seal: previous.try_into().unwrap(),
    };
    write_package(&fields, &[], &SealMaster::new(SealAlgorithm::HmacSha256, [7; 32]))
}

fn seal_start(package: &[u8]) -> &[u8] {
    &package[package.len() - 32..][..8]
}

/// How many links hold, and what is wrong: rule and what was expected.
fn check(packages: &[&Vec<u8>]) -> (u64, Vec<(Rule, String)>) {
    let names: Vec<String> = (0..packages.len()).map(|index| format!("{index}.ctp")).collect();
    let opened: Vec<Opened<'_>> = names
        .iter()
        .zip(packages)
        .map(|(name, bytes)| Opened::read(PackageFile { name, bytes }).unwrap())
        .collect();
    let mut findings = Findings::default();
    let links = check_chains(&opened, &mut findings);
    (links, findings.kept().map(|it| (it.rule, it.expected.clone())).collect())
}

#[test]
fn chains_hold_or_say_where_they_do_not() {
    let none = [0; 8];
    let first = package(1, 1, &none);
    let second = package(1, 2, seal_start(&first));
    let third = package(1, 3, seal_start(&second));
    let loose = package(1, 2, &none);
    let other = package(2, 1, &none);
    let late = package(2, 2, seal_start(&first));
    let begun = package(1, 1, &[1; 8]);
    let zero = package(1, 0, &none);
    let start = hex::encode(seal_start(&first));
    let broken = |expected: &str| vec![(Rule::SealChain, expected.to_owned())];
    let table = [
        (vec![], 0, vec![]),
        (vec![&first, &second, &third], 2, vec![]),
        (vec![&first, &second, &other], 1, vec![]),
        (vec![&first, &loose], 0, broken(&format!("{start}, the start of the seal of 0.ctp"))),
        (vec![&begun], 0, broken("zeros in package 1")),
        (
            vec![&first, &other, &late],
            0,
            broken(&format!("{}, the start of the seal of 1.ctp", hex::encode(seal_start(&other)))),
        ),
        (
            vec![&first, &third],
            0,
            vec![(Rule::SequenceContiguous, "package 2 of collector 000000000001 before it".to_owned())],
        ),
        (
            vec![&third],
            0,
            vec![(
                Rule::SequenceContiguous,
                "packages 1 to 2 of collector 000000000001 before it".to_owned(),
            )],
        ),
        (
            vec![&first, &second, &loose, &third],
            2,
            vec![(Rule::SequenceUnique, "a sequence that 1.ctp does not have".to_owned())],
        ),
        (vec![&zero, &first], 0, vec![]),
    ];
    for (place, (packages, links, expected)) in table.into_iter().enumerate() {
        assert_eq!(check(&packages), (links, expected), "row {place}");
    }
}
