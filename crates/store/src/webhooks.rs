//! Who is told of what the audit log tells, and how far each of them has been told.

use tongclear_ledger::Participant;
use tongclear_types::UnixMillis;

use crate::audit::{AuditEvent, AuditRow, Change};
use crate::decode::{self, Cells};
use crate::statements::{Row, find, next, note};
use crate::{Stamp, Store, StoreError, sql};

/// An address that is told of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// Its number, from 1.
    pub id: i64,
    /// Where events are sent.
    pub url: String,
    /// What signs them, sealed.
    pub sealed_secret: Vec<u8>,
    /// Whose events; all of them without.
    pub participant: Option<Participant>,
    /// The last audit entry that was delivered or does not concern it.
    pub sent: i64,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// Before then nothing is tried.
    pub next_at: UnixMillis,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Whether it is told at all.
    pub active: bool,
}

const WEBHOOKS: &str = "SELECT id, url, sealed_secret, participant, sent, failures, next_at, last_error, active \
    FROM webhooks ORDER BY id";
const WEBHOOK: &str = "SELECT id, url, sealed_secret, participant, sent, failures, next_at, last_error, active \
    FROM webhooks WHERE id = $1";
const LAST: &str = "SELECT id FROM webhooks ORDER BY id DESC LIMIT 1";
const ADD: &str = "INSERT INTO webhooks (id, url, sealed_secret, participant, sent, failures, next_at, active, \
    created_at) VALUES ($1, $2, $3, $4, $5, 0, $6, 1, $6)";
const REMOVE: &str = "UPDATE webhooks SET active = 0 WHERE id = $1 AND active = 1";
const PROGRESS: &str =
    "UPDATE webhooks SET sent = $2, failures = $3, next_at = $4, last_error = $5 WHERE id = $1";
const ENTRIES_AFTER: &str = "SELECT entry, at, actor, event, previous, hash FROM audit WHERE entry > $1 \
    ORDER BY entry LIMIT $2";

/// All webhooks, by number.
///
/// # Errors
/// Faults of the database.
pub async fn webhooks(store: &dyn Store) -> Result<Vec<WebhookRow>, StoreError> {
    store.read().await?.rows(WEBHOOKS, &[]).await?.iter().map(webhook_row).collect()
}

/// Keeps a webhook, which is told of everything after this moment; returns its number.
///
/// # Errors
/// Faults of the database.
pub async fn add_webhook(
    store: &dyn Store,
    url: &str,
    sealed_secret: &[u8],
    participant: Option<Participant>,
    stamp: &Stamp,
) -> Result<i64, StoreError> {
    let mut transaction = store.write().await?;
    let id = next(&mut *transaction, LAST).await?;
    let event = AuditEvent::Webhook { id, url: url.to_owned(), change: Change::Added };
    note(&mut *transaction, stamp, &event).await?;
    let last = find(&mut *transaction, sql::LAST_AUDIT, &[]).await?;
    let last = last.as_ref().map(|row| decode::audit_end(row)).transpose()?.map_or(0, |(entry, _)| entry);
    let values = [
        id.into(),
        url.into(),
        sealed_secret.to_vec().into(),
        participant.map(|it| it.to_string()).into(),
        last.into(),
        stamp.at.0.into(),
    ];
    transaction.run(ADD, &values).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Stops telling a webhook; says whether it was told.
///
/// # Errors
/// Faults of the database.
pub async fn remove_webhook(store: &dyn Store, id: i64, stamp: &Stamp) -> Result<bool, StoreError> {
    let mut transaction = store.write().await?;
    let Some(row) = find(&mut *transaction, WEBHOOK, &[id.into()]).await? else { return Ok(false) };
    if transaction.run(REMOVE, &[id.into()]).await? == 0 {
        return Ok(false);
    }
    let url = webhook_row(&row)?.url;
    note(&mut *transaction, stamp, &AuditEvent::Webhook { id, url, change: Change::Removed }).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Keeps how far a webhook has been told, and when it is tried again.
///
/// # Errors
/// Faults of the database.
pub async fn webhook_progress(store: &dyn Store, row: &WebhookRow) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    let values = [
        row.id.into(),
        row.sent.into(),
        i64::from(row.failures).into(),
        row.next_at.0.into(),
        row.last_error.clone().into(),
    ];
    transaction.run(PROGRESS, &values).await?;
    transaction.commit().await
}

/// At most `most` entries of the audit log after number `entry`.
///
/// # Errors
/// Faults of the database.
pub async fn entries_after(store: &dyn Store, entry: i64, most: u32) -> Result<Vec<AuditRow>, StoreError> {
    let values = [entry.into(), i64::from(most).into()];
    let rows = store.read().await?.rows(ENTRIES_AFTER, &values).await?;
    rows.iter().map(|row| decode::audit(row)).collect()
}

fn webhook_row(row: &Row) -> Result<WebhookRow, StoreError> {
    let cells: &dyn Cells = row;
    Ok(WebhookRow {
        id: cells.integer("webhooks.id")?,
        url: cells.text("webhooks.url")?.to_owned(),
        sealed_secret: row.blob("webhooks.sealed_secret")?.to_vec(),
        participant: cells.id_or_null("webhooks.participant")?,
        sent: cells.integer("webhooks.sent")?,
        failures: cells.number("webhooks.failures")?,
        next_at: cells.moment("webhooks.next_at")?,
        last_error: cells.text_or_null("webhooks.last_error")?.map(str::to_owned),
        active: cells.integer("webhooks.active")? == 1,
    })
}
