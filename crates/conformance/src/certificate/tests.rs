//! A certificate is read back, and one that was changed is not.

use super::*;
use crate::coverage::Covered;
use crate::finding::Findings;
use crate::report::{Counts, ExaminedPackage};

/// What an examination of two good packages found.
fn report() -> Report {
    let package = |sequence: u32| ExaminedPackage {
        name: format!("6510000000f1-{sequence:010}.ctp"),
        collector: Some("6510000000f1".parse().unwrap()),
        merchant: Some("BUS00001".parse().unwrap()),
        sequence: Some(PackageSequence(sequence)),
        records: 100,
        amount_fen: 20_000,
        sha256: "ab".repeat(32),
    };
    Report {
        packages: vec![package(1), package(2)],
        counts: Counts {
            packages: 2,
            repeated: 0,
            records: 200,
            amount_fen: 40_000,
            terminals: 3,
            cards: 12,
        },
        findings: Findings::default(),
        coverage: Demand::ALL.iter().map(|demand| Covered::new(*demand, 200)).collect(),
        unchecked: Vec::new(),
    }
}

fn certificate() -> Certificate {
    let date = jiff::civil::date(2026, 11, 28);
    Certificate::of(&report(), date, "tongclear 0.1.0", "CDT").unwrap()
}

#[test]
fn a_certificate_is_read_back_the_same() {
    let bytes = certificate().to_bytes();
    assert_eq!(Certificate::parse(&bytes).unwrap(), certificate());
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(json["content"]["format"], FORMAT);
    assert_eq!(json["content"]["date"], "2026-11-28");
    assert_eq!(json["content"]["rules"].as_array().unwrap().len(), Rule::ALL.len());
    assert_eq!(json["content"]["collectors"][0]["last_sequence"], 2);
    assert_eq!(json["checksum"].as_str().unwrap(), certificate().checksum());
}

#[test]
fn a_changed_certificate_is_refused() {
    let text = String::from_utf8(certificate().to_bytes()).unwrap();
    for (from, to, expected) in [
        ("2026-11-28", "2027-11-28", "checksum is "),
        ("\"records\": 200", "\"records\": 201", "checksum is "),
        ("certificate 1", "certificate 2", "format is \"tongclear conformance certificate 2\""),
        ("\"cards\"", "\"card\"", "not a certificate: unknown field `card`"),
        ("\"content\"", "\"contents\"", "not a certificate: unknown field `contents`"),
    ] {
        let error = Certificate::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error:?} should begin {expected:?}");
    }
    assert!(Certificate::parse(b"").is_err());
}

#[test]
fn nothing_less_than_everything_is_certified() {
    type Change = fn(&mut Report);
    let changes: [Change; 4] = [
        |report| report.unchecked.push(Rule::Tac),
        |report| report.coverage[0].found = 99,
        |report| report.packages[0].collector = None,
        |report| {
            let place = (crate::finding::Place { package: 0, row: None }, "x.ctp");
            report.findings.add(Rule::FileName, place, None, "file_name", String::new, "another");
        },
    ];
    for change in changes {
        let mut report = report();
        change(&mut report);
        assert_eq!(Certificate::of(&report, jiff::civil::date(2026, 11, 28), "", ""), None);
    }
}
