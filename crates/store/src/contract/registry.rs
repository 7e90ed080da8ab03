//! Registries, key rings and deny lists: numbered from 1, never replaced, never on top of someone else's.

use super::sample::{LOADED_AT, deny_list, stamp};
use super::{Database, Tested, assert_conflict};
use crate::{KeyGeneration, RegistryVersion, Store, StoreError, Versioned};

/// A new database holds nothing of what is loaded.
pub async fn starts_empty(database: &impl Database) -> Tested {
    let store = database.open().await?;
    assert_eq!(store.latest_registry().await?, None);
    assert_eq!(store.latest_key_ring().await?, None);
    assert_eq!(store.deny_lists().await?, []);
    assert!(matches!(store.registry(RegistryVersion(1)).await, Err(StoreError::Corrupt { .. })));
    assert!(matches!(store.key_ring(KeyGeneration(1)).await, Err(StoreError::Corrupt { .. })));
    Ok(())
}

/// Each registry gets the next number, and the earlier ones stay.
pub async fn numbers_registries_from_one(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let (first, second) = (RegistryVersion(1), RegistryVersion(2));
    assert_eq!(store.add_registry(None, "甲", &stamp(LOADED_AT)).await?, first);
    assert_eq!(store.add_registry(Some(first), "乙", &stamp(LOADED_AT)).await?, second);
    assert_eq!(store.registry(first).await?, "甲");
    let latest = Versioned { number: second, body: "乙".to_owned() };
    assert_eq!(store.latest_registry().await?, Some(latest));
    Ok(())
}

/// Each key ring gets the next number, and the earlier ones stay, byte for byte.
pub async fn numbers_key_rings_from_one(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let (first, second) = (KeyGeneration(1), KeyGeneration(2));
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    assert_eq!(store.add_key_ring(None, &every_byte, &stamp(LOADED_AT)).await?, first);
    assert_eq!(store.add_key_ring(Some(first), b"", &stamp(LOADED_AT)).await?, second);
    assert_eq!(store.key_ring(first).await?, every_byte);
    assert_eq!(store.latest_key_ring().await?, Some(Versioned { number: second, body: Vec::new() }));
    Ok(())
}

/// Who decided on an older registry than the latest has lost the race, and nothing is stored.
pub async fn refuses_a_registry_on_top_of_another(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let first = store.add_registry(None, "first", &stamp(LOADED_AT)).await?;
    for previous in [None, Some(RegistryVersion(0)), Some(RegistryVersion(2))] {
        assert_conflict(store.add_registry(previous, "late", &stamp(LOADED_AT)).await);
    }
    assert_eq!(store.latest_registry().await?.map(|latest| latest.number), Some(first));
    Ok(())
}

/// The same of key rings.
pub async fn refuses_a_key_ring_on_top_of_another(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let first = store.add_key_ring(None, b"first", &stamp(LOADED_AT)).await?;
    for previous in [None, Some(KeyGeneration(0)), Some(KeyGeneration(2))] {
        assert_conflict(store.add_key_ring(previous, b"late", &stamp(LOADED_AT)).await);
    }
    assert_eq!(store.latest_key_ring().await?.map(|latest| latest.number), Some(first));
    Ok(())
}

/// Lists of several operators come back as they went in, in load order.
pub async fn keeps_deny_lists_in_load_order(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let lists = [deny_list(1, "0417", 3), deny_list(2, "0028", u32::MAX), deny_list(3, "0417", 7)];
    for list in &lists {
        store.add_deny_list(list, false, &stamp(LOADED_AT)).await?;
    }
    assert_eq!(store.deny_lists().await?, lists);
    Ok(())
}

/// The number must be the next one, the version above the operator's last.
pub async fn refuses_deny_lists_that_do_not_follow(database: &impl Database) -> Tested {
    let store = database.open().await?;
    store.add_deny_list(&deny_list(1, "0417", 5), false, &stamp(LOADED_AT)).await?;
    for (id, operator, version) in
        [(1, "0417", 6), (3, "0417", 6), (0, "0028", 1), (2, "0417", 5), (2, "0417", 4)]
    {
        assert_conflict(
            store.add_deny_list(&deny_list(id, operator, version), false, &stamp(LOADED_AT)).await,
        );
    }
    store.add_deny_list(&deny_list(2, "0028", 1), false, &stamp(LOADED_AT)).await?;
    assert_eq!(store.deny_lists().await?.len(), 2);
    Ok(())
}
