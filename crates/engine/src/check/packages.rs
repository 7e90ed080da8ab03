//! Sealed packages against the database: bytes, seals, chains, and what was noted of them at intake.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use tongclear_mac::{KeyCustody as _, KeyRing};
use tongclear_package::PackageView;
use tongclear_store::{Digest, PackageKey, PackageRow, TerminalSpan, WindowRow};
use tongclear_types::{BusinessDate, Fen};

use super::finding::{FindingKind, Findings};
use crate::intake::terminal_spans;
use crate::vault::{deny_list_path, package_path, quarantine_path};
use crate::{Centre, EngineError, Progress, Stage};

/// Packages that are read and hashed at the same time.
const READS_AT_ONCE: usize = 4;

/// What one package is, against what the database says; `None` where the file is missing.
type Examined = (PackageRow, Option<Vec<Fault>>);

/// What is wrong with one package.
struct Fault {
    kind: FindingKind,
    field: &'static str,
    expected: String,
    found: String,
}

/// Checks the packages of a window; says whether all of them can be trusted.
pub(super) async fn check(
    centre: &Centre,
    window: &WindowRow,
    keys: &Arc<KeyRing>,
    progress: &dyn Progress,
    findings: &mut Findings,
) -> Result<Vec<PackageRow>, EngineError> {
    let date = window.snapshot.map(|snapshot| snapshot.date);
    let packages = centre.store.packages(window.id).await?;
    let mut spans: HashMap<PackageKey, Vec<TerminalSpan>> = HashMap::new();
    for (key, span) in centre.store.terminal_spans(window.id).await? {
        spans.entry(key).or_default().push(span);
    }
    let mut examined = stream::iter(packages.iter().map(|package| {
        let spans = spans.remove(&package.key).unwrap_or_default();
        examine(centre, *package, spans, Arc::clone(keys))
    }))
    .buffered(READS_AT_ONCE);
    while let Some(result) = examined.next().await {
        let (package, faults) = result?;
        let subject = format!("package {}-{:010}", package.key.collector, package.key.sequence.0);
        match faults {
            None => findings.add(FindingKind::PackageMissing, date, subject, package.digest, "no file"),
            Some(faults) => {
                for fault in faults {
                    let subject = format!("{subject}: {}", fault.field);
                    findings.add(fault.kind, date, subject, fault.expected, fault.found);
                }
            }
        }
        progress.advance(Stage::Check, package.records.into());
    }
    drop(examined);
    // Those of the open window grow while intake goes on.
    if date.is_some() {
        counters(window, date, &packages, findings)?;
    }
    Ok(packages)
}

async fn examine(
    centre: &Centre,
    package: PackageRow,
    spans: Vec<TerminalSpan>,
    keys: Arc<KeyRing>,
) -> Result<Examined, EngineError> {
    let Some(bytes) = centre.vault.find(&package_path(package.merchant, package.key)).await? else {
        return Ok((package, None));
    };
    let faults = tokio::task::spawn_blocking(move || faults(&package, &spans, &bytes, &keys)).await;
    let faults = faults.map_err(|error| EngineError::Internal(format!("checking a package: {error}")))?;
    Ok((package, Some(faults)))
}

fn faults(package: &PackageRow, spans: &[TerminalSpan], bytes: &Bytes, keys: &KeyRing) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut differ = |kind, field, expected: String, found: String| {
        if expected != found {
            faults.push(Fault { kind, field, expected, found });
        }
    };
    let digest = Digest::of(bytes);
    differ(FindingKind::PackageAltered, "SHA-256", package.digest.to_string(), digest.to_string());
    let view = match PackageView::reopen(bytes) {
        Ok(view) => view,
        Err(refusal) => {
            differ(FindingKind::PackageAltered, "form", "a package".to_owned(), refusal.to_string());
            return faults;
        }
    };
    let header = view.header();
    let sealed = keys.seal_master(header.seal_key_version).is_some_and(|master| view.verify_seal(master));
    if !sealed {
        let found = hex::encode(view.seal());
        differ(FindingKind::SealInvalid, "seal", "the seal of its bytes".to_owned(), found);
    }
    let row = FindingKind::PackageRow;
    differ(row, "collector", package.key.collector.to_string(), header.collector.to_string());
    differ(row, "sequence", package.key.sequence.to_string(), header.sequence.to_string());
    differ(row, "merchant", package.merchant.to_string(), header.merchant.to_string());
    differ(row, "records", package.records.to_string(), header.record_count.to_string());
    differ(row, "amount_fen", package.amount.to_string(), header.amount_sum_fen.to_string());
    differ(row, "seal", hex::encode(package.seal), hex::encode(view.seal()));
    differ(row, "previous_seal", hex::encode(package.previous_seal), hex::encode(header.previous_seal));
    let actual = terminal_spans(&view);
    if actual != spans {
        let shown = |spans: &[TerminalSpan]| {
            let span =
                |it: &TerminalSpan| format!("{} {}-{} ×{}", it.terminal, it.first, it.last, it.records);
            spans.iter().map(span).collect::<Vec<_>>().join(", ")
        };
        differ(row, "terminals", shown(spans), shown(&actual));
    }
    faults
}

/// A window's counters are those of its packages.
fn counters(
    window: &WindowRow,
    date: Option<BusinessDate>,
    packages: &[PackageRow],
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let kind = FindingKind::WindowCounters;
    let subject = |what| format!("window number {}: {what}", window.id);
    let records: u64 = packages.iter().map(|package| u64::from(package.records)).sum();
    findings.same(kind, date, subject("packages"), packages.len() as u64, window.packages);
    findings.same(kind, date, subject("transactions"), records, window.transactions);
    let amount = Fen::try_sum(packages.iter().map(|package| package.amount))?;
    findings.same(kind, date, subject("amount_fen"), amount, window.amount);
    Ok(())
}

/// Every package repeats the seal of the accepted package before it.
pub(super) fn chains(packages: &[(Option<BusinessDate>, PackageRow)], findings: &mut Findings) {
    let seals: HashMap<PackageKey, [u8; 32]> =
        packages.iter().map(|(_, package)| (package.key, package.seal)).collect();
    for (date, package) in packages {
        let PackageKey { collector, sequence } = package.key;
        let expected = match sequence.0.checked_sub(1) {
            None | Some(0) => Some([0; 8]),
            Some(before) => {
                let key = PackageKey { collector, sequence: tongclear_types::PackageSequence(before) };
                seals.get(&key).and_then(|seal| seal.first_chunk().copied())
            }
        };
        // Where the package before is missing, nothing can be said yet.
        if let Some(expected) = expected {
            let subject = format!("package {collector}-{:010}", sequence.0);
            let (expected, found) = (hex::encode(expected), hex::encode(package.previous_seal));
            findings.same(FindingKind::ChainBroken, *date, subject, expected, found);
        }
    }
}

/// Deny lists and quarantined bytes are those that were noted.
pub(super) async fn other_files(centre: &Centre, findings: &mut Findings) -> Result<(), EngineError> {
    for list in centre.store.deny_lists().await? {
        let path = deny_list_path(list.operator, list.version, &list.digest);
        let found = centre.vault.find(&path).await?;
        let found = found.map_or_else(|| "no file".to_owned(), |bytes| Digest::of(&bytes).to_string());
        findings.same(FindingKind::ListAltered, None, path.to_string(), list.digest.to_string(), found);
    }
    for row in centre.store.quarantine().await? {
        let digest = row.refused.digest;
        let path = quarantine_path(&digest);
        let found = centre.vault.digest_of(&path).await?;
        let found = found.map_or_else(|| "no file".to_owned(), |found| found.to_string());
        findings.same(FindingKind::QuarantineAltered, None, path.to_string(), digest.to_string(), found);
    }
    Ok(())
}
