//! Webhooks: whoever is told of events gets a secret of its own, which signs what it is told.

use tongclear_access::{Secret, SecretKind};
use tongclear_engine::{Centre, EngineError};
use tongclear_ledger::Participant;
use tongclear_mac::{Passphrase, seal};
use tongclear_store::webhooks::add_webhook;

use crate::{DeskError, people};

/// Bytes of an address, at most.
const URL_MAX: usize = 2_000;

/// Tells `url` of every event from now on, or of those of one participant; returns the webhook's number and the secret
/// whose text is the key that signs its events, to be shown once.
///
/// # Errors
/// [`DeskError::Refused`] for what is no `http` or `https` address, or an unregistered participant; faults of the store.
pub async fn add(
    centre: &Centre,
    url: &str,
    participant: Option<Participant>,
    passphrase: &Passphrase,
) -> Result<(i64, Secret), DeskError> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let sound = host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', ':', '?', '#']))
        && url.len() <= URL_MAX
        && url.bytes().all(|byte| byte.is_ascii_graphic());
    if !sound {
        return Err(DeskError::Refused(format!(
            "url is {url:?}: expected http:// or https:// with a host, at most {URL_MAX} printable ASCII characters"
        )));
    }
    if let Some(participant) = participant {
        people::registered(centre, participant).await?;
    }
    let secret = Secret::random(SecretKind::Webhook).map_err(DeskError::internal)?;
    let sealed = seal(secret.reveal().as_bytes(), passphrase).map_err(EngineError::from)?;
    let id = add_webhook(&*centre.store, url, &sealed, participant, &centre.stamp()).await?;
    Ok((id, secret))
}
