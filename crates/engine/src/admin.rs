//! What is loaded into the centre before a night: registry, keys, deny lists. Each load is all or nothing.

use tongclear_mac::{KeyFile, KeyInfo, KeyRing, Passphrase};
use tongclear_package::{DenyList, Guard, Predecessor, check_successor};
use tongclear_registry::{Changes, Registry};
use tongclear_store::{DenyListId, DenyListRow, Digest, KeyGeneration, RegistryVersion, Versioned, cut};

use crate::centre::closed_windows;
use crate::vault::deny_list_path;
use crate::{Centre, EngineError};

/// What a registry load did.
#[derive(Debug)]
pub struct RegistryLoaded {
    /// The version in force now.
    pub version: RegistryVersion,
    /// What changed; nothing when the same registry was loaded again, which makes no new version.
    pub changes: Changes,
}

/// Loads a registry, whole.
///
/// # Errors
/// [`EngineError::Registry`] with every fault found, [`EngineError::Refused`] when the number of card partitions
/// would change after a window was closed; store faults.
pub async fn load_registry(
    centre: &Centre,
    registry_toml: &str,
    terminals_csv: &[u8],
) -> Result<RegistryLoaded, EngineError> {
    let new = Registry::parse(registry_toml, terminals_csv).map_err(EngineError::Registry)?;
    let old = match centre.store.latest_registry().await? {
        None => None,
        Some(_) => Some(centre.registry().await?),
    };
    if let Some(old) = &old {
        let (before, after) = (old.body.centre.card_partitions, new.centre.card_partitions);
        if before != after && closed_windows(&centre.store.windows().await?).next().is_some() {
            return Err(EngineError::Refused(format!(
                "registry.toml: card_partitions is {after}, but the windows so far were cleared with {before}; \
                 it cannot change after the first window"
            )));
        }
    }
    let changes = new.changes_from(old.as_ref().map(|old| &old.body));
    match &old {
        Some(Versioned { number, body }) if *body == new => Ok(RegistryLoaded { version: *number, changes }),
        _ => {
            let previous = old.as_ref().map(|old| old.number);
            let version = centre.store.add_registry(previous, &new.to_json(), &centre.stamp()).await?;
            cut::pass("registry.stored");
            Ok(RegistryLoaded { version, changes })
        }
    }
}

/// What a key load did.
#[derive(Debug)]
pub struct KeysLoaded {
    /// The generation in force now.
    pub generation: KeyGeneration,
    /// The keys that are new; empty when the ring already held them all, which makes no new generation.
    pub added: Vec<KeyInfo>,
}

/// Adds the keys of a `keys.toml` to the ring, sealed with `passphrase`; the first load makes the ring.
///
/// # Errors
/// [`EngineError::KeyFile`], [`EngineError::KeyRing`] on a wrong passphrase or a key that would be overwritten;
/// store faults.
pub async fn load_keys(
    centre: &Centre,
    keys_toml: &str,
    passphrase: &Passphrase,
) -> Result<KeysLoaded, EngineError> {
    let file = KeyFile::parse(keys_toml)?;
    let (previous, mut ring) = match centre.store.latest_key_ring().await? {
        None => (None, KeyRing::empty()),
        Some(sealed) => (Some(sealed.number), KeyRing::open(&sealed.body, passphrase)?),
    };
    let added = ring.merge(file)?;
    match previous {
        Some(generation) if added.is_empty() => Ok(KeysLoaded { generation, added }),
        _ => {
            let sealed = ring.seal(passphrase)?;
            let generation = centre.store.add_key_ring(previous, &sealed, &centre.stamp()).await?;
            cut::pass("keys.stored");
            Ok(KeysLoaded { generation, added })
        }
    }
}

/// Takes a deny list; `approved` lifts the guard on its growth, nothing else.
///
/// # Errors
/// [`EngineError::List`] with the line and the value, [`EngineError::Refused`] for an operator that is not
/// registered; faults of store and vault.
pub async fn load_deny_list(
    centre: &Centre,
    bytes: &[u8],
    approved: bool,
) -> Result<DenyListRow, EngineError> {
    let list = DenyList::parse(bytes)?;
    let registry = centre.registry().await?.body;
    if !registry.operators.iter().any(|operator| operator.code == list.operator) {
        return Err(EngineError::Refused(format!(
            "deny list: operator is {}: not a card operator of the registry",
            list.operator
        )));
    }
    let loaded = centre.store.deny_lists().await?;
    let previous = loaded
        .iter()
        .filter(|row| row.operator == list.operator)
        .max_by_key(|row| row.version)
        .map(|row| Predecessor { version: row.version, entries: row.entries });
    check_successor(previous, &list, Guard::default(), approved)?;
    let row = DenyListRow {
        id: DenyListId(loaded.last().map_or(1, |last| last.id.0 + 1)),
        operator: list.operator,
        version: list.version,
        effective: list.effective,
        entries: list.serials.len() as u64,
        digest: Digest::of(bytes),
    };
    // The file first: a list that is known must be readable. One that is not known is overwritten.
    centre.vault.put(&deny_list_path(row.operator, row.version, &row.digest), bytes.to_vec()).await?;
    cut::pass("list.in_vault");
    centre.store.add_deny_list(&row, approved, &centre.stamp()).await?;
    cut::pass("list.stored");
    Ok(row)
}
