//! The audit log against the tables: each entry still tells the truth, and nothing happened without one.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_store::audit::{
    files_digest, first_break, packages_digest, positions_digest, transfers_digest,
};
use tongclear_store::{AuditEvent, AuditRow, DenyListRow, Digest, WindowId, WindowRow, WindowState};
use tongclear_types::BusinessDate;

use super::finding::{FindingKind, Findings};
use crate::{Centre, EngineError};

/// How far the log says that a window has come.
type Reached = BTreeMap<WindowId, WindowState>;

/// Holds the log against the tables; `anchor` is the hash of an entry that was published.
pub(super) async fn check(
    centre: &Centre,
    log: &[AuditRow],
    windows: &[WindowRow],
    anchor: Option<Digest>,
    findings: &mut Findings,
) -> Result<(), EngineError> {
    if let Some(broken) = first_break(log) {
        let subject = format!("audit entry {}", broken.entry);
        findings.add(FindingKind::AuditBroken, None, subject, "a chain from entry 1", broken.why);
    }
    if let Some(anchor) = anchor
        && !log.iter().any(|row| row.hash == anchor)
    {
        findings.add(FindingKind::AuditBroken, None, "the published entry", anchor, "no entry of this log");
    }
    let mut reached = Reached::new();
    let (mut registries, mut rings, mut lists) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    for row in log {
        let subject = format!("audit entry {}", row.entry);
        let event = match row.parsed() {
            Ok(event) => event,
            Err(error) => {
                findings.add(FindingKind::Unreadable, None, subject, "an event", error);
                continue;
            }
        };
        match &event {
            AuditEvent::Registry { version, sha256 } => {
                registries.insert(version.0);
                match centre.store.registry(*version).await {
                    Ok(body) => {
                        let subject = format!("registry version {version}");
                        let now = Digest::of(body.as_bytes());
                        findings.same(FindingKind::AuditDiffers, None, subject, *sha256, now);
                    }
                    Err(error) => findings.add(FindingKind::Unreadable, None, subject, sha256, error),
                }
            }
            AuditEvent::Keys { generation, sha256 } => {
                rings.insert(generation.0);
                match centre.store.key_ring(*generation).await {
                    Ok(sealed) => {
                        let subject = format!("key ring generation {generation}");
                        findings.same(FindingKind::AuditDiffers, None, subject, *sha256, Digest::of(&sealed));
                    }
                    Err(error) => findings.add(FindingKind::Unreadable, None, subject, sha256, error),
                }
            }
            AuditEvent::DenyList { id, .. } => {
                lists.insert(*id, event);
            }
            AuditEvent::Close { window, .. }
            | AuditEvent::Run { window, .. }
            | AuditEvent::Settlement { window, .. }
            | AuditEvent::Paid { window } => {
                let state = match &event {
                    AuditEvent::Close { .. } => WindowState::Closed,
                    AuditEvent::Run { .. } => WindowState::Cleared,
                    AuditEvent::Paid { .. } => WindowState::Paid,
                    _ => WindowState::Settled,
                };
                reached.insert(*window, state);
                of_window(centre, &event, *window, windows, findings).await?;
            }
            // Held against their tables all at once, by `access`.
            AuditEvent::User { .. }
            | AuditEvent::Token { .. }
            | AuditEvent::Authority { .. }
            | AuditEvent::Certificate { .. }
            | AuditEvent::FourEyes { .. }
            | AuditEvent::Proposal { .. }
            | AuditEvent::Webhook { .. }
            | AuditEvent::OperatorFile { .. }
            | AuditEvent::Reconciliation { .. }
            | AuditEvent::Payout { .. }
            | AuditEvent::BankFile { .. }
            | AuditEvent::Payment { .. }
            | AuditEvent::Collection { .. }
            | AuditEvent::Decision { .. } => {}
        }
    }
    unlogged(centre, &registries, &rings, &lists, findings).await?;
    super::access::check(centre, log, findings).await?;
    super::decisions::check(centre, log, findings).await?;
    states(windows, &reached, findings);
    Ok(())
}

/// What an entry tells of a window, against what is stored of it.
async fn of_window(
    centre: &Centre,
    event: &AuditEvent,
    id: WindowId,
    windows: &[WindowRow],
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let Some(row) = windows.iter().find(|row| row.id == id) else {
        findings.add(FindingKind::WindowState, None, format!("window {id}"), event.name(), "no such window");
        return Ok(());
    };
    let date = row.snapshot.map(|snapshot| snapshot.date);
    let name =
        |what: &str| format!("window {}: {what}", date.map_or_else(|| id.to_string(), |it| it.to_string()));
    match event {
        AuditEvent::Close { packages_sha256, .. } => {
            let packages = centre.store.packages(id).await?;
            let now = packages_digest(packages.iter().map(|package| (package.key, package.digest)));
            let subject = name("its list of packages");
            findings.same(FindingKind::PackageList, date, subject, *packages_sha256, now);
            let now = AuditEvent::close(row, *packages_sha256);
            if now.as_ref() != Some(event) {
                let now = now.map_or_else(|| "it is open".to_owned(), |now| shown(&now));
                findings.add(FindingKind::AuditDiffers, date, name("its close"), shown(event), now);
            }
        }
        AuditEvent::Run {
            digest, root, totals_sha256, files_sha256, transfers_sha256, suspended, ..
        } => {
            let Some(run) = centre.store.run(id).await? else {
                findings.add(FindingKind::RunRow, date, name("its run"), digest, "no run");
                return Ok(());
            };
            let kind = FindingKind::AuditDiffers;
            let totals = Digest::of(run.totals_json.as_bytes());
            findings.same(kind, date, name("the digest of its run"), *digest, run.digest);
            findings.same(kind, date, name("the root of its run"), or_none(*root), or_none(run.root));
            findings.same(kind, date, name("the totals of its run"), *totals_sha256, totals);
            let files = files_digest(&centre.store.run_files(id).await?);
            findings.same(kind, date, name("the files of its run"), *files_sha256, files);
            let items = centre.store.suspended_in(id).await?.len() as u64;
            findings.same(kind, date, name("its suspended items"), *suspended, items);
            if let Some(date) = date {
                transfers(centre, date, *transfers_sha256, findings).await;
            }
        }
        AuditEvent::Settlement { positions_sha256, .. } => {
            let now = positions_digest(&centre.store.positions(id).await?);
            findings.same(FindingKind::AuditDiffers, date, name("its positions"), *positions_sha256, now);
        }
        // No other entry tells of a window.
        _ => {}
    }
    Ok(())
}

async fn transfers(centre: &Centre, date: BusinessDate, told: Digest, findings: &mut Findings) {
    let subject = format!("window {date}: the transfers of its run");
    match centre.store.transfers(date).await {
        Ok(mut transfers) => {
            // What the bank moved is no run's, though it may be of the same date.
            transfers.retain(|transfer| !transfer.code.is_bank());
            findings.same(FindingKind::AuditDiffers, Some(date), subject, told, transfers_digest(&transfers));
        }
        Err(error) => findings.add(FindingKind::Unreadable, Some(date), subject, told, error),
    }
}

/// Registries, key rings and lists that are stored without an entry, and lists that differ from theirs.
async fn unlogged(
    centre: &Centre,
    registries: &BTreeSet<i64>,
    rings: &BTreeSet<i64>,
    lists: &BTreeMap<tongclear_store::DenyListId, AuditEvent>,
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let registry = centre.store.latest_registry().await?.map_or(0, |latest| latest.number.0);
    let ring = centre.store.latest_key_ring().await?.map_or(0, |latest| latest.number.0);
    for (what, latest, known) in
        [("registry version", registry, registries), ("key ring generation", ring, rings)]
    {
        for number in (1..=latest).filter(|number| !known.contains(number)) {
            let subject = format!("{what} {number}");
            findings.add(FindingKind::AuditMissing, None, subject, "an entry of its load", "none");
        }
    }
    let stored: Vec<DenyListRow> = centre.store.deny_lists().await?;
    for list in &stored {
        let subject = format!("deny list {} version {}", list.operator, list.version);
        match lists.get(&list.id) {
            None => findings.add(FindingKind::AuditMissing, None, subject, "an entry of its load", "none"),
            Some(told) => {
                let approved = matches!(told, AuditEvent::DenyList { approved: true, .. });
                let now = AuditEvent::deny_list(list, approved);
                if now != *told {
                    findings.add(FindingKind::AuditDiffers, None, subject, shown(told), shown(&now));
                }
            }
        }
    }
    for (id, told) in lists.iter().filter(|(id, _)| !stored.iter().any(|list| list.id == **id)) {
        let subject = format!("deny list number {id}");
        findings.add(FindingKind::AuditDiffers, None, subject, shown(told), "no such list");
    }
    Ok(())
}

/// Each window is exactly as far as the log tells.
fn states(windows: &[WindowRow], reached: &Reached, findings: &mut Findings) {
    for window in windows {
        let told = reached.get(&window.id).copied().unwrap_or(WindowState::Open);
        let now = window.state;
        if told != now {
            let date = window.snapshot.map(|snapshot| snapshot.date);
            findings.add(FindingKind::WindowState, date, format!("window number {}", window.id), told, now);
        }
    }
}

fn shown(event: &AuditEvent) -> String {
    serde_json::to_string(event).unwrap_or_else(|error| error.to_string())
}

fn or_none(digest: Option<Digest>) -> String {
    digest.map_or_else(|| "none".to_owned(), |digest| digest.to_string())
}
