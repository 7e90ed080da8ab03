//! Who may do what, against the log: an account that was given another role, a certificate that is no longer revoked, a
//! proposal that nobody approved, or a file of a card operator that is not the one that arrived.

use std::collections::BTreeMap;

use tongclear_access::ProposalKind;
use tongclear_store::Digest;
use tongclear_store::audit::Change;
use tongclear_store::operator_files::operator_files;
use tongclear_store::reconciliations::{reconciled, reconciliation_files, reconciliations};
use tongclear_store::{AuditEvent, AuditRow, four_eyes, people, webhooks};
use tongclear_types::{BusinessDate, OperatorCode};

use super::finding::{FindingKind, Findings};
use crate::vault::operator_file_path;
use crate::{Centre, EngineError};

/// What is, by what it is called; both from the log and from the tables.
type State = BTreeMap<String, String>;

/// Holds the tables against what the log says became of them.
pub(super) async fn check(
    centre: &Centre,
    log: &[AuditRow],
    findings: &mut Findings,
) -> Result<(), EngineError> {
    let told = told(log);
    let mut found = found(centre).await?;
    if let Some(book) = super::payouts::book(centre, findings).await? {
        found.extend(super::payouts::events(&book)?);
    }
    for (subject, told) in told {
        match found.remove(&subject) {
            Some(now) => drop(findings.same(FindingKind::AuditDiffers, None, subject, told, now)),
            // What is over leaves no row.
            None if told == OVER => {}
            None => findings.add(FindingKind::AuditDiffers, None, subject, told, "nothing"),
        }
    }
    for (subject, now) in found {
        findings.add(FindingKind::AuditMissing, None, subject, "an entry of it", now);
    }
    files(centre, findings).await
}

/// The state of what was taken away.
const OVER: &str = "no longer";

/// What the log says, entry by entry.
fn told(log: &[AuditRow]) -> State {
    let mut state = State::new();
    for event in log.iter().filter_map(|row| row.parsed().ok()) {
        match event {
            AuditEvent::User { change: Change::Locked, .. } => {}
            AuditEvent::User { name, role, participant, change } => {
                let active = change != Change::Closed
                    && (change == Change::Opened || !was_closed(state.get(&user(&name))));
                state.insert(user(&name), account(role, participant.as_deref(), active));
            }
            AuditEvent::Token { id, user, change, .. } => {
                state.insert(format!("token {id}"), force(&user.to_string(), change == Change::Removed));
            }
            AuditEvent::Certificate { serial, collector, change } => {
                let removed = change == Change::Removed;
                state.insert(format!("certificate {serial}"), force(&collector.to_string(), removed));
            }
            AuditEvent::Authority { certificate_sha256 } => {
                state.insert("the certificate authority".to_owned(), certificate_sha256.to_string());
            }
            AuditEvent::FourEyes { kind, required } => {
                let now = if required { "demanded" } else { OVER };
                state.insert(format!("two people for {kind}"), now.to_owned());
            }
            AuditEvent::Proposal { id, kind, state: reached, sha256 } => {
                state.insert(format!("proposal {id}"), format!("{kind} {reached} {sha256}"));
            }
            AuditEvent::Webhook { id, url, change } => {
                state.insert(format!("webhook {id}"), force(&url, change == Change::Removed));
            }
            AuditEvent::OperatorFile { operator, date, sha256, lines, amount_fen } => {
                state.insert(
                    format!("file of {operator} for {date}, {sha256}"),
                    format!("{lines} lines, {amount_fen} fen"),
                );
            }
            AuditEvent::Reconciliation { operator, run, date, file, digest, files_sha256 } => {
                state.insert(of_run(operator, run), run_told(date, file, digest, files_sha256));
            }
            AuditEvent::Payout { .. }
            | AuditEvent::BankFile { .. }
            | AuditEvent::Payment { .. }
            | AuditEvent::Collection { .. } => state.extend(super::payouts::told(&event)),
            // Held against their table by `decisions`.
            AuditEvent::Decision { .. } => {}
            AuditEvent::Registry { .. }
            | AuditEvent::Keys { .. }
            | AuditEvent::DenyList { .. }
            | AuditEvent::Close { .. }
            | AuditEvent::Run { .. }
            | AuditEvent::Settlement { .. }
            | AuditEvent::Paid { .. } => {}
        }
    }
    state
}

/// What the tables say.
async fn found(centre: &Centre) -> Result<State, EngineError> {
    let store = &*centre.store;
    let mut state = State::new();
    for row in people::users(store).await? {
        let participant = row.participant.map(|it| it.to_string());
        state.insert(user(&row.name), account(row.role, participant.as_deref(), row.active));
    }
    for row in people::tokens(store).await? {
        let now = force(&row.user.to_string(), row.revoked_at.is_some());
        state.insert(format!("token {}", row.id), now);
    }
    for row in people::certificates(store).await? {
        let now = force(&row.collector.to_string(), row.revoked_at.is_some());
        state.insert(format!("certificate {}", row.serial), now);
    }
    if let Some(row) = people::authority(store).await? {
        let digest = Digest::of(row.certificate.as_bytes());
        state.insert("the certificate authority".to_owned(), digest.to_string());
    }
    for kind in four_eyes::required(store).await? {
        state.insert(format!("two people for {kind}"), "demanded".to_owned());
    }
    for row in four_eyes::proposals(store).await? {
        // Keys are held sealed; what they are is held against the digest when they are approved.
        let holds = match row.kind {
            ProposalKind::Keys => row.body_sha256,
            _ => Digest::of(&row.body),
        };
        let (told, body) =
            (row.body_sha256, if holds == row.body_sha256 { "" } else { ", which its body is not" });
        let now = format!("{} {} {told}{body}", row.kind, row.state);
        state.insert(format!("proposal {}", row.id), now);
    }
    for row in webhooks::webhooks(store).await? {
        state.insert(format!("webhook {}", row.id), force(&row.url, !row.active));
    }
    for row in operator_files(store, None).await? {
        state.insert(
            format!("file of {} for {}, {}", row.operator, row.business_date, row.sha256),
            format!("{} lines, {} fen", row.lines, row.amount_fen),
        );
    }
    for row in reconciliations(store, None).await? {
        let files = reconciliation_files(store, row.operator, row.run).await?;
        let AuditEvent::Reconciliation { operator, run, date, file, digest, files_sha256 } =
            reconciled(&row, &files)
        else {
            continue;
        };
        state.insert(of_run(operator, run), run_told(date, file, digest, files_sha256));
    }
    Ok(state)
}

fn of_run(operator: OperatorCode, run: u32) -> String {
    format!("reconciliation {run} with {operator}")
}

fn run_told(date: BusinessDate, file: Option<Digest>, digest: Digest, files_sha256: Digest) -> String {
    let file = file.map_or_else(|| "no file".to_owned(), |file| file.to_string());
    format!("for {date}, {file}, {digest}, files {files_sha256}")
}

/// The files of card operators are the bytes that arrived.
async fn files(centre: &Centre, findings: &mut Findings) -> Result<(), EngineError> {
    for row in operator_files(&*centre.store, None).await? {
        let path = operator_file_path(row.operator, row.business_date, &row.sha256);
        let now = centre.vault.digest_of(&path).await?;
        let now = now.map_or_else(|| "no file".to_owned(), |digest| digest.to_string());
        findings.same(FindingKind::OperatorFile, None, path.to_string(), row.sha256.to_string(), now);
    }
    Ok(())
}

fn user(name: &tongclear_access::UserName) -> String {
    format!("user {name}")
}

fn account(role: tongclear_access::Role, participant: Option<&str>, active: bool) -> String {
    let of = participant.map(|it| format!(" of {it}")).unwrap_or_default();
    let closed = if active { "" } else { CLOSED };
    format!("{role}{of}{closed}")
}

const CLOSED: &str = ", closed";

fn was_closed(account: Option<&String>) -> bool {
    account.is_some_and(|account| account.ends_with(CLOSED))
}

fn force(of: &str, removed: bool) -> String {
    format!("{of}{}", if removed { ", revoked" } else { "" })
}
