//! Webhooks: told of what comes after them, in the order of the log, until they are removed.

use tongclear_ledger::Participant;

use super::sample::{CLOSED_AT, LOADED_AT, RECEIVED_AT, load, merchant, stamp, told};
use super::{Database, Tested};
use crate::audit::Change;
use crate::webhooks::{WebhookRow, add_webhook, entries_after, remove_webhook, webhook_progress, webhooks};
use crate::{AuditEvent, RegistryVersion, Store};

fn hook(id: i64, sent: i64, participant: Option<Participant>) -> WebhookRow {
    WebhookRow {
        id,
        url: format!("https://bus.example/{id}?路"),
        sealed_secret: (0..=u8::MAX).collect(),
        participant,
        sent,
        failures: 0,
        next_at: LOADED_AT,
        last_error: None,
        active: true,
    }
}

fn event(hook: &WebhookRow, change: Change) -> AuditEvent {
    AuditEvent::Webhook { id: hook.id, url: hook.url.clone(), change }
}

async fn add(store: &impl Store, hook: &WebhookRow) -> Result<i64, crate::StoreError> {
    add_webhook(store, &hook.url, &hook.sealed_secret, hook.participant, &stamp(LOADED_AT)).await
}

/// Webhooks are numbered from 1; each has been told of everything up to the entry that tells of itself.
pub async fn are_told_from_now_on(database: &impl Database) -> Tested {
    let store = database.open().await?;
    assert_eq!(webhooks(&store).await?, []);
    let first = hook(1, 1, None);
    assert_eq!(add(&store, &first).await?, 1);
    load(&store).await?;
    let second = hook(2, 4, Some(Participant::Merchant(merchant("BUS00001"))));
    assert_eq!(add(&store, &second).await?, 2);
    assert_eq!(webhooks(&store).await?, [first.clone(), second.clone()]);
    assert_eq!(entries_after(&store, second.sent, 10).await?, []);
    let next = store.add_registry(Some(RegistryVersion(1)), "next", &stamp(RECEIVED_AT)).await?;
    let news = entries_after(&store, second.sent, 10).await?;
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].parsed()?, AuditEvent::registry(next, "next"));
    let log = told(&store, 0).await?;
    assert_eq!((&log[0], &log[3]), (&event(&first, Change::Added), &event(&second, Change::Added)));
    assert_eq!(log.len(), 5);
    Ok(())
}

/// A webhook is removed once; it stays listed, and its number is not given again.
pub async fn are_removed_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let (first, second) = (hook(1, 1, None), hook(2, 2, None));
    add(&store, &first).await?;
    add(&store, &second).await?;
    assert!(remove_webhook(&store, 2, &stamp(RECEIVED_AT)).await?);
    assert!(!remove_webhook(&store, 2, &stamp(RECEIVED_AT)).await?);
    assert!(!remove_webhook(&store, 3, &stamp(RECEIVED_AT)).await?);
    let removed = WebhookRow { active: false, ..second };
    assert_eq!(webhooks(&store).await?, [first, removed.clone()]);
    assert_eq!(told(&store, 2).await?, [event(&removed, Change::Removed)]);
    assert_eq!(add(&store, &hook(3, 4, None)).await?, 3);
    Ok(())
}

/// How far one was told is kept, for it alone, and is no news itself; one that was removed meanwhile stays removed.
pub async fn keep_how_far_they_were_told(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let (first, second) = (hook(1, 1, None), hook(2, 2, None));
    add(&store, &first).await?;
    add(&store, &second).await?;
    let failing = WebhookRow {
        sent: 2,
        failures: u32::MAX,
        next_at: CLOSED_AT,
        last_error: Some("超时".to_owned()),
        ..first
    };
    webhook_progress(&store, &failing).await?;
    assert_eq!(webhooks(&store).await?, [failing.clone(), second.clone()]);
    let well = WebhookRow { failures: 0, last_error: None, ..failing };
    webhook_progress(&store, &well).await?;
    assert_eq!(webhooks(&store).await?, [well.clone(), second.clone()]);
    assert_eq!(told(&store, 2).await?, []);
    remove_webhook(&store, 1, &stamp(RECEIVED_AT)).await?;
    webhook_progress(&store, &WebhookRow { sent: 3, ..well.clone() }).await?;
    assert_eq!(webhooks(&store).await?, [WebhookRow { sent: 3, active: false, ..well }, second]);
    Ok(())
}

/// The log comes in pages, each after the last entry of the one before, and is then at its end.
pub async fn page_through_the_log(database: &impl Database) -> Tested {
    let store = database.open().await?;
    assert_eq!(entries_after(&store, 0, 10).await?, []);
    load(&store).await?;
    for id in 1..=5 {
        add(&store, &hook(id, 0, None)).await?;
    }
    let log = store.audit_log().await?;
    assert_eq!(log.len(), 7);
    for most in [1, 2, 3, 7, u32::MAX] {
        let (mut read, mut last) = (Vec::new(), 0);
        loop {
            let page = entries_after(&store, last, most).await?;
            assert!(page.len() <= usize::try_from(most).unwrap_or(usize::MAX), "{most}");
            let Some(end) = page.last() else { break };
            assert!(end.entry > last, "{most}: after entry {last} comes {}", end.entry);
            last = end.entry;
            read.extend(page);
        }
        assert_eq!(read, log, "{most}");
    }
    assert_eq!(entries_after(&store, 0, 0).await?, []);
    assert_eq!(entries_after(&store, i64::MAX, 1).await?, []);
    Ok(())
}
