//! Telling others: every entry of the audit log that concerns a webhook is delivered to it, in order, at least once.
//!
//! The log is the queue: an event exists exactly when what it tells of was committed, its sequence is the entry's number and
//! its id the entry's hash. How far each webhook has been told is kept after the delivery, so after a crash between both the
//! last event comes once more: receivers go by the id.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tongclear_engine::Centre;
use tongclear_ledger::Participant;
use tongclear_mac::open_sealed;
use tongclear_store::StoreError;
use tongclear_store::audit::{AuditEvent, AuditRow};
use tongclear_store::webhooks::{WebhookRow, entries_after, webhook_progress, webhooks};
use tongclear_types::UnixMillis;
use zeroize::Zeroizing;

use crate::connections::asked;
use crate::keys::Keys;
use crate::metrics::Metrics;

/// How often the log is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How long a receiver may take to answer.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// Entries looked at in one go for one webhook.
const AT_ONCE: u32 = 100;
/// First wait after a failure, ms; each further one doubles it.
const BACK_OFF_MS: i64 = 1_000;
/// The longest wait, ms: an hour.
const BACK_OFF_MAX_MS: i64 = 3_600_000;

/// Delivers until `stop` says so.
pub(crate) async fn deliver(
    centre: Centre,
    keys: Arc<Keys>,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) {
    let client = match client() {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "webhooks are not told: there is no HTTP client");
            return;
        }
    };
    let mut secrets: HashMap<i64, Zeroizing<Vec<u8>>> = HashMap::new();
    let mut running: HashMap<i64, JoinHandle<()>> = HashMap::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = asked(&mut stop) => break,
        }
        let known = match webhooks(&*centre.store).await {
            Ok(known) => known,
            Err(error) => {
                tracing::warn!(%error, "webhooks");
                continue;
            }
        };
        let now = centre.clock.now();
        running.retain(|_, task| !task.is_finished());
        for hook in known.into_iter().filter(|hook| hook.active && hook.next_at <= now) {
            // One that takes its time holds up only itself.
            if running.contains_key(&hook.id) {
                continue;
            }
            let secret = match secrets.entry(hook.id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => match open_sealed(&hook.sealed_secret, keys.passphrase()) {
                    Ok(secret) => place.insert(secret),
                    Err(error) => {
                        tracing::error!(%error, hook = hook.id, "the secret of a webhook does not open");
                        continue;
                    }
                },
            };
            let (centre, client, metrics) = (centre.clone(), client.clone(), Arc::clone(&metrics));
            let (id, secret) = (hook.id, secret.clone());
            let telling = async move {
                if let Err(error) = tell(&centre, &client, hook, &secret, &metrics).await {
                    tracing::warn!(%error, hook = id, "how far a webhook was told could not be kept");
                }
            };
            running.insert(id, tokio::spawn(telling));
        }
    }
    // What was sent but not noted is sent again by the next server.
    running.into_values().for_each(|task| task.abort());
}

/// Tells one webhook what is new, up to the first event that it does not take.
async fn tell(
    centre: &Centre,
    client: &reqwest::Client,
    mut hook: WebhookRow,
    secret: &[u8],
    metrics: &Metrics,
) -> Result<(), StoreError> {
    let before = hook.clone();
    for entry in entries_after(&*centre.store, hook.sent, AT_ONCE).await? {
        let Some(event) = concerning(centre, &hook, &entry).await? else {
            hook.sent = entry.entry;
            continue;
        };
        let now = centre.clock.now();
        match send(client, &hook.url, secret, &entry, &event, now).await {
            Ok(()) => {
                metrics.webhook_deliveries.inc();
                (hook.sent, hook.failures, hook.last_error) = (entry.entry, 0, None);
                webhook_progress(&*centre.store, &hook).await?;
            }
            Err(reason) => {
                metrics.webhook_failures.inc();
                hook.failures = hook.failures.saturating_add(1);
                hook.next_at = UnixMillis(now.0.saturating_add(back_off_ms(hook.failures)));
                hook.last_error = Some(reason);
                break;
            }
        }
    }
    if hook == before { Ok(()) } else { webhook_progress(&*centre.store, &hook).await }
}

/// How long after so many failures in a row the next attempt is made.
fn back_off_ms(failures: u32) -> i64 {
    let doubled = 1_i64.checked_shl(failures.saturating_sub(1).min(62)).unwrap_or(i64::MAX);
    BACK_OFF_MS.saturating_mul(doubled).min(BACK_OFF_MAX_MS)
}

/// What a webhook is told of an entry: everything, or what a participant may know of it.
async fn concerning(
    centre: &Centre,
    hook: &WebhookRow,
    entry: &AuditRow,
) -> Result<Option<Value>, StoreError> {
    let Some(participant) = hook.participant else {
        return Ok(Some(serde_json::from_str(&entry.event).unwrap_or(Value::Null)));
    };
    let event = entry.parsed()?;
    let name = event.name();
    match event {
        AuditEvent::Close { window, .. }
        | AuditEvent::Run { window, .. }
        | AuditEvent::Settlement { window, .. }
        | AuditEvent::Paid { window } => {
            let windows = centre.store.windows().await?;
            let row = windows.into_iter().find(|row| row.id == window);
            let date = row.and_then(|row| row.snapshot).map(|snapshot| snapshot.date);
            Ok(date.map(|date| json!({ "event": name, "window": date })))
        }
        AuditEvent::OperatorFile { operator, date, sha256, lines, amount_fen }
            if participant == Participant::Operator(operator) =>
        {
            Ok(Some(json!({
                "event": name, "date": date, "sha256": sha256, "lines": lines, "amount_fen": amount_fen,
            })))
        }
        AuditEvent::Reconciliation { operator, run, date, file, .. }
            if participant == Participant::Operator(operator) =>
        {
            Ok(Some(json!({ "event": name, "run": run, "date": date, "file": file })))
        }
        AuditEvent::Payment { merchant, .. } if participant == Participant::Merchant(merchant) => {
            Ok(Some(serde_json::from_str(&entry.event).unwrap_or(Value::Null)))
        }
        AuditEvent::Collection { participant: payer, .. } if participant == payer => {
            Ok(Some(serde_json::from_str(&entry.event).unwrap_or(Value::Null)))
        }
        _ => Ok(None),
    }
}

async fn send(
    client: &reqwest::Client,
    url: &str,
    secret: &[u8],
    entry: &AuditRow,
    event: &Value,
    now: UnixMillis,
) -> Result<(), String> {
    let body = json!({
        "id": entry.hash,
        "sequence": entry.entry,
        "at": entry.stamp.at.0,
        "data": event,
    });
    let body = body.to_string();
    let signature = tongclear_access::sign(secret, now.0 / 1_000, body.as_bytes());
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header("tongclear-event-id", entry.hash.to_string())
        .header("tongclear-event-sequence", entry.entry)
        .header("tongclear-signature", signature)
        .body(body);
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("it answered {}", answer.status())),
        // Without the URL, which may hold a secret of the receiver's.
        Err(error) => Err(error.without_url().to_string()),
    }
}

/// A client that trusts the machine's certificates; the program has chosen its TLS when it began.
fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().timeout(ANSWER_WAIT).redirect(reqwest::redirect::Policy::none()).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let table =
            [(1, 1_000), (2, 2_000), (3, 4_000), (12, 2_048_000), (13, 3_600_000), (u32::MAX, 3_600_000)];
        for (failures, wait) in table {
            assert_eq!(back_off_ms(failures), wait, "{failures}");
        }
    }
}
