//! Registries, key rings and deny lists: append-only, numbered from 1.

use sqlx::{PgConnection, PgPool};
use tongclear_store::{
    AuditEvent, DenyListId, DenyListRow, KeyGeneration, RegistryVersion, Stamp, StoreError, Versioned,
    column, decode, sql,
};

use crate::audit;
use crate::read::{Doing, all, cell};

/// See [`tongclear_store::Store::latest_registry`].
pub(crate) async fn latest_registry(
    pool: &PgPool,
) -> Result<Option<Versioned<RegistryVersion, String>>, StoreError> {
    let row = sqlx::query(sql::LATEST_REGISTRY).fetch_optional(pool).await.doing("reading the registry")?;
    row.map(|row| {
        let number = RegistryVersion(cell(&row, "registries.version")?);
        Ok(Versioned { number, body: cell(&row, "registries.body")? })
    })
    .transpose()
}

/// See [`tongclear_store::Store::registry`].
pub(crate) async fn registry(pool: &PgPool, version: RegistryVersion) -> Result<String, StoreError> {
    let query = sqlx::query(sql::REGISTRY).bind(version.0);
    match query.fetch_optional(pool).await.doing("reading a registry")? {
        Some(row) => cell(&row, "registries.body"),
        None => Err(column::corrupt("registries.version", version, "that version was never stored")),
    }
}

/// See [`tongclear_store::Store::add_registry`].
pub(crate) async fn add_registry(
    connection: &mut PgConnection,
    previous: Option<RegistryVersion>,
    body: &str,
    stamp: &Stamp,
) -> Result<RegistryVersion, StoreError> {
    let latest = latest_registry_version(connection).await?;
    if latest != previous {
        return Err(StoreError::Conflict { what: "the registry".to_owned() });
    }
    let version = RegistryVersion(latest.map_or(0, |latest| latest.0) + 1);
    let query = sqlx::query(sql::ADD_REGISTRY).bind(version.0).bind(body).bind(stamp.at.0);
    query.execute(&mut *connection).await.doing("storing the registry")?;
    audit::append(connection, stamp, &AuditEvent::registry(version, body)).await?;
    Ok(version)
}

/// The version in force, seen from inside a transaction.
pub(crate) async fn latest_registry_version(
    connection: &mut PgConnection,
) -> Result<Option<RegistryVersion>, StoreError> {
    let query = sqlx::query_scalar::<_, Option<i64>>(sql::LATEST_REGISTRY_VERSION);
    Ok(query.fetch_one(connection).await.doing("reading the registry's version")?.map(RegistryVersion))
}

/// See [`tongclear_store::Store::latest_key_ring`].
pub(crate) async fn latest_key_ring(
    pool: &PgPool,
) -> Result<Option<Versioned<KeyGeneration, Vec<u8>>>, StoreError> {
    let row = sqlx::query(sql::LATEST_KEY_RING).fetch_optional(pool).await.doing("reading the key ring")?;
    row.map(|row| {
        let number = KeyGeneration(cell(&row, "key_rings.generation")?);
        Ok(Versioned { number, body: cell(&row, "key_rings.sealed")? })
    })
    .transpose()
}

/// See [`tongclear_store::Store::key_ring`].
pub(crate) async fn key_ring(pool: &PgPool, generation: KeyGeneration) -> Result<Vec<u8>, StoreError> {
    let query = sqlx::query(sql::KEY_RING).bind(generation.0);
    match query.fetch_optional(pool).await.doing("reading a key ring")? {
        Some(row) => cell(&row, "key_rings.sealed"),
        None => Err(column::corrupt("key_rings.generation", generation, "that generation was never stored")),
    }
}

/// See [`tongclear_store::Store::add_key_ring`].
pub(crate) async fn add_key_ring(
    connection: &mut PgConnection,
    previous: Option<KeyGeneration>,
    sealed: &[u8],
    stamp: &Stamp,
) -> Result<KeyGeneration, StoreError> {
    let latest = latest_key_generation(connection).await?;
    if latest != previous {
        return Err(StoreError::Conflict { what: "the key ring".to_owned() });
    }
    let generation = KeyGeneration(latest.map_or(0, |latest| latest.0) + 1);
    let query = sqlx::query(sql::ADD_KEY_RING).bind(generation.0).bind(sealed).bind(stamp.at.0);
    query.execute(&mut *connection).await.doing("storing the key ring")?;
    audit::append(connection, stamp, &AuditEvent::keys(generation, sealed)).await?;
    Ok(generation)
}

/// The generation in force, seen from inside a transaction.
pub(crate) async fn latest_key_generation(
    connection: &mut PgConnection,
) -> Result<Option<KeyGeneration>, StoreError> {
    let query = sqlx::query_scalar::<_, Option<i64>>(sql::LATEST_KEY_GENERATION);
    Ok(query.fetch_one(connection).await.doing("reading the key ring's generation")?.map(KeyGeneration))
}

/// See [`tongclear_store::Store::deny_lists`].
pub(crate) async fn deny_lists(pool: &PgPool) -> Result<Vec<DenyListRow>, StoreError> {
    all(pool, sqlx::query(sql::DENY_LISTS), "reading deny lists", decode::deny_list).await
}

/// See [`tongclear_store::Store::add_deny_list`].
pub(crate) async fn add_deny_list(
    connection: &mut PgConnection,
    list: &DenyListRow,
    approved: bool,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let operator = list.operator.to_string();
    let conflict = || StoreError::Conflict { what: format!("the deny lists of operator {operator}") };
    let latest = latest_deny_list(connection).await?.map_or(0, |latest| latest.0);
    if list.id.0 != latest + 1 {
        return Err(conflict());
    }
    let query = sqlx::query_scalar::<_, Option<i64>>(sql::LATEST_DENY_LIST_VERSION).bind(&operator);
    let version = query.fetch_one(&mut *connection).await.doing("reading a deny list's version")?;
    if version.is_some_and(|version| version >= i64::from(list.version)) {
        return Err(conflict());
    }
    let query = sqlx::query(sql::ADD_DENY_LIST)
        .bind(list.id.0)
        .bind(&operator)
        .bind(i64::from(list.version))
        .bind(list.effective.to_string())
        .bind(column::stored("deny_lists.entries", list.entries)?)
        .bind(list.digest.to_string())
        .bind(stamp.at.0);
    query.execute(&mut *connection).await.doing("storing a deny list")?;
    audit::append(connection, stamp, &AuditEvent::deny_list(list, approved)).await
}

/// The last list loaded, seen from inside a transaction.
pub(crate) async fn latest_deny_list(
    connection: &mut PgConnection,
) -> Result<Option<DenyListId>, StoreError> {
    let query = sqlx::query_scalar::<_, Option<i64>>(sql::LATEST_DENY_LIST);
    Ok(query.fetch_one(connection).await.doing("reading the last deny list")?.map(DenyListId))
}
