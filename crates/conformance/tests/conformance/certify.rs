//! From an examination to a certificate or a list, and bytes that are no packages.

use proptest::prelude::*;
use tongclear_conformance::{Certificate, Demand, FINDINGS_MAX, Rule, Severity};

use crate::city::{drafts, examined, keys, sealed};

#[test]
fn good_packages_get_a_certificate_in_any_order_and_given_twice() {
    let packages = sealed(&drafts());
    let mut shuffled = packages.clone();
    shuffled.reverse();
    shuffled.extend(packages.clone());
    let certificates: Vec<Certificate> = [packages, shuffled]
        .iter()
        .map(|packages| {
            let report = examined(packages, Some(&keys()));
            let date = "2026-11-28".parse().unwrap();
            Certificate::of(&report, date, "tongclear 0.1.0", "CDT").unwrap()
        })
        .collect();
    assert_eq!(certificates[0], certificates[1]);
    assert_eq!(Certificate::parse(&certificates[0].to_bytes()).unwrap(), certificates[0]);
}

#[test]
fn without_keys_there_is_none() {
    let report = examined(&sealed(&drafts()), None);
    assert!(report.findings.is_empty());
    assert_eq!(report.unchecked, Rule::OF_KEYS);
    assert!(!report.is_certified());
}

#[test]
fn too_little_to_see_is_said() {
    let mut drafts = drafts();
    drafts.truncate(1);
    drafts[0].records.truncate(9);
    let report = examined(&sealed(&drafts), Some(&keys()));
    assert!(report.findings.is_empty() && !report.is_certified());
    let unmet: Vec<Demand> = report.coverage.iter().filter(|it| !it.is_met()).map(|it| it.demand).collect();
    assert_eq!(unmet, Demand::ALL);
    let csv = String::from_utf8(report.failures_csv()).unwrap();
    assert!(csv.contains("\r\ncoverage,records,,,,,,9,100 or more\r\n"), "{csv}");
}

#[test]
fn failures_are_a_table() {
    let mut drafts = drafts();
    drafts[1].records[3].tac = [0xde, 0xad, 0, 1];
    drafts[1].records[3].sector = 2;
    let report = examined(&sealed(&drafts), Some(&keys()));
    let csv = String::from_utf8(report.failures_csv()).unwrap();
    let expected = "severity,rule,reason,package,row,offset,field,value,expected\r\n\
        error,tac,tac_mismatch,6510000000f1-0000000002.ctp,3,22,tac,dead0001,\
        the TAC of these bytes under the card's key\r\n\
        advice,sector,,6510000000f1-0000000002.ctp,3,62,sector,02,\"01, bus as the merchant\"\r\n";
    assert_eq!(csv, expected);
    assert_eq!((report.findings.count(Severity::Error), report.findings.count(Severity::Advice)), (1, 1));
}

#[test]
fn many_findings_are_counted_and_some_are_kept() {
    let mut drafts = drafts();
    let records = &mut drafts[1].records;
    *records = records.iter().cycle().take(1_000).copied().collect();
    let report = examined(&sealed(&drafts), Some(&keys()));
    let copies = report.findings.counts().find(|(rule, _)| *rule == Rule::Copy).unwrap().1;
    assert_eq!(copies, 940);
    let kept = report.findings.kept().filter(|it| it.rule == Rule::Copy).count();
    assert_eq!(kept, FINDINGS_MAX);
}

proptest! {
    #[test]
    fn any_bytes_are_examined(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
        let report = examined(&[("x.ctp".to_owned(), bytes)], Some(&keys()));
        prop_assert!(!report.is_certified() && report.findings.kept().len() > 0);
        prop_assert!(!report.failures_csv().is_empty());
    }

    #[test]
    fn a_changed_byte_is_found(at in any::<prop::sample::Index>(), change in 1_u8..) {
        let mut packages = sealed(&drafts());
        *at.get_mut(&mut packages[1].1) ^= change;
        let report = examined(&packages, Some(&keys()));
        prop_assert!(!report.is_certified());
    }

    #[test]
    fn records_of_any_bytes_are_examined(records in proptest::collection::vec(any::<[u8; 32]>(), 1..40)) {
        let mut drafts = drafts();
        drafts[1].records = records
            .iter()
            .map(|seed| {
                let mut bytes = [0; 96];
                bytes.chunks_exact_mut(32).for_each(|chunk| chunk.copy_from_slice(seed));
                tongclear_package::decode_record(&bytes)
            })
            .collect();
        prop_assert!(!examined(&sealed(&drafts), Some(&keys())).is_certified());
    }
}
