//! The examination: packages one by one, then together.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};
use tongclear_mac::KeyFile;
use tongclear_package::decode_record;
use tongclear_registry::Registry;
use tongclear_types::RecordFlags;

use crate::chain::check_chains;
use crate::coverage::{Covered, Demand};
use crate::field::{header, record};
use crate::finding::{Findings, Place};
use crate::package::{Door, Opened};
use crate::record::Candidate;
use crate::records::Records;
use crate::report::{Counts, ExaminedPackage, Report};
use crate::rule::Rule;
use crate::tacs::Tacs;

/// How many records are looked at before their TACs are verified together: enough to fill the bit-sliced lanes.
const TAC_BATCH: usize = 4_096;

/// A package of an integrator's.
#[derive(Debug, Clone, Copy)]
pub struct PackageFile<'a> {
    /// The file's name, with or without its folder.
    pub name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// Examines the packages of one collector or more, in any order, as the centre of `registry` would.
///
/// Without keys, seals and TACs are not checked, and no certificate can be given. The centre's window, its deny lists
/// and what it accepted before are not known here: `future_dated`, `too_old`, `deny_listed`, `stale_counter` and
/// `counter_jump` are not looked for.
#[must_use]
pub fn examine(files: &[PackageFile<'_>], registry: &Registry, keys: Option<&KeyFile>) -> Report {
    let mut seen = HashSet::new();
    let mut counts = Counts::default();
    let mut opened = Vec::new();
    let mut headless = Vec::new();
    for file in files {
        let sha256: [u8; 32] = Sha256::digest(file.bytes).into();
        if !seen.insert(sha256) {
            counts.repeated += 1;
            continue;
        }
        match Opened::read(*file) {
            Some(package) => opened.push((package, sha256)),
            None => headless.push((*file, sha256)),
        }
    }
    opened.sort_by_key(|(package, _)| (package.collector, package.sequence, package.file.name));
    let (packages, hashes): (Vec<Opened<'_>>, Vec<[u8; 32]>) = opened.into_iter().unzip();

    let mut findings = Findings::default();
    let door = Door { registry, keys };
    for (index, package) in packages.iter().enumerate() {
        door.check(index, package, &mut findings);
    }
    for (index, (file, _)) in (packages.len()..).zip(&headless) {
        door.too_short(index, *file, &mut findings);
    }
    let links = check_chains(&packages, &mut findings);

    let supplementary = check_records(&packages, registry, keys, &mut findings);
    let records = Records { packages: &packages };
    records.check_order(&mut findings);
    counts.terminals = records.check_terminals(&mut findings);
    let cards = records.check_cards(&mut findings);
    counts.cards = cards.cards;
    findings.sort();

    let mut examined: Vec<ExaminedPackage> =
        packages.iter().zip(&hashes).map(|(package, hash)| described(package, hash)).collect();
    examined.extend(headless.iter().map(|(file, hash)| ExaminedPackage {
        name: file.name.to_owned(),
        collector: None,
        merchant: None,
        sequence: None,
        records: 0,
        amount_fen: 0,
        sha256: hex::encode(hash),
    }));
    counts.packages = u64::try_from(examined.len()).unwrap_or(u64::MAX);
    counts.records = examined.iter().map(|package| package.records).sum();
    counts.amount_fen = examined.iter().map(|package| package.amount_fen).sum();
    let coverage = Demand::ALL
        .iter()
        .map(|demand| {
            let found = match demand {
                Demand::Records => counts.records,
                Demand::Packages => counts.packages,
                Demand::ChainedPackages => links,
                Demand::Cards => counts.cards,
                Demand::CardsAgain => cards.followed,
                Demand::Supplementary => supplementary,
            };
            Covered::new(*demand, found)
        })
        .collect();
    let unchecked = if keys.is_some() { Vec::new() } else { Rule::OF_KEYS.to_vec() };
    Report { packages: examined, counts, findings, coverage, unchecked }
}

/// Checks every record by itself; returns how many are supplementary.
fn check_records(
    packages: &[Opened<'_>],
    registry: &Registry,
    keys: Option<&KeyFile>,
    findings: &mut Findings,
) -> u64 {
    let mut tacs = keys.map(|keys| Tacs::new(registry, keys));
    let mut supplementary = 0;
    for (index, package) in packages.iter().enumerate() {
        for (start, chunk) in (0..).step_by(TAC_BATCH).zip(package.records.chunks(TAC_BATCH)) {
            let decoded: Vec<_> = chunk.iter().map(decode_record).collect();
            let mut candidates = Vec::with_capacity(chunk.len());
            for (row, (bytes, record)) in (start..).zip(chunk.iter().zip(&decoded)) {
                supplementary += u64::from(record.flags.has(RecordFlags::SUPPLEMENTARY));
                let place = (Place { package: index, row: Some(row) }, package.file.name);
                let candidate = Candidate { place, merchant: package.merchant, bytes, record };
                let operator = candidate.check(registry, findings);
                candidates.push((candidate, operator));
            }
            if let Some(tacs) = &mut tacs {
                tacs.check(&candidates, findings);
            }
        }
    }
    supplementary
}

fn described(package: &Opened<'_>, sha256: &[u8; 32]) -> ExaminedPackage {
    debug_assert_eq!(header::COLLECTOR.of(package.file.bytes), package.collector.0);
    ExaminedPackage {
        name: package.file.name.to_owned(),
        collector: Some(package.collector),
        merchant: package.merchant,
        sequence: Some(package.sequence),
        records: u64::try_from(package.records.len()).unwrap_or(u64::MAX),
        amount_fen: package.records.iter().map(|bytes| record::AMOUNT.number(bytes)).sum(),
        sha256: hex::encode(sha256),
    }
}
