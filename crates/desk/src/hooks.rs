//! Webhooks: whoever is told of events gets a secret of its own, which signs what it is told.

use tongclear_access::{Secret, SecretKind};
use tongclear_engine::Centre;
use tongclear_ledger::Participant;
use tongclear_mac::{Passphrase, seal};
use tongclear_store::webhooks::add_webhook;
use zeroize::Zeroizing;

use crate::{DeskError, people};

/// Bytes of an address, at most.
const URL_MAX: usize = 2_000;

/// Tells `url` of every event from now on, or of those of one participant; returns the webhook's number and the key that
/// signs its events, hex, which is shown once.
///
/// # Errors
/// [`DeskError::Refused`] for what is no `http` or `https` address, or an unregistered participant; faults of the store.
pub async fn add(
    centre: &Centre,
    url: &str,
    participant: Option<Participant>,
    passphrase: &Passphrase,
) -> Result<(i64, Zeroizing<String>), DeskError> {
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
    let refused = |error: &dyn std::fmt::Display| DeskError::Refused(error.to_string());
    let random = Secret::random(SecretKind::Token).map_err(|error| refused(&error))?;
    let key: Zeroizing<String> = Zeroizing::new(
        random.digest().iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect(),
    );
    let sealed = seal(key.as_bytes(), passphrase).map_err(|error| refused(&error))?;
    let id = add_webhook(&*centre.store, url, &sealed, participant, &centre.stamp()).await?;
    Ok((id, key))
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(nibble.into(), 16).unwrap_or('0')
}
