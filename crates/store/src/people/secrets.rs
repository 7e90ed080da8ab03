//! Sessions of people and tokens of programs.

use tongclear_access::UserName;
use tongclear_types::UnixMillis;

use super::accounts::{USER, UserRow, user_row};
use crate::audit::{AuditEvent, Change};
use crate::decode::Cells;
use crate::statements::{Row, find, next, note};
use crate::{Digest, Stamp, Store, StoreError};

/// A program's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Its number, from 1.
    pub id: i64,
    /// SHA-256 of the secret.
    pub digest: Digest,
    /// Whose it is.
    pub user: UserName,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created_at: UnixMillis,
    /// From when on it opens nothing.
    pub expires_at: UnixMillis,
    /// When it was revoked.
    pub revoked_at: Option<UnixMillis>,
}

const ADD_SESSION: &str =
    "INSERT INTO sessions (digest, user_name, created_at, expires_at) VALUES ($1, $2, $3, $4)";
const FORGET_SESSIONS: &str = "DELETE FROM sessions WHERE expires_at <= $1";
const END_SESSION: &str = "DELETE FROM sessions WHERE digest = $1";
const USER_OF_SESSION: &str = "SELECT u.name, u.role, u.participant, u.os_user, u.password, u.active, u.failures, \
    u.locked_until, u.created_at FROM users AS u JOIN sessions AS s ON s.user_name = u.name \
    WHERE s.digest = $1 AND s.expires_at > $2 AND u.active = 1";
const USER_OF_TOKEN: &str = "SELECT u.name, u.role, u.participant, u.os_user, u.password, u.active, u.failures, \
    u.locked_until, u.created_at FROM users AS u JOIN tokens AS t ON t.user_name = u.name \
    WHERE t.digest = $1 AND t.expires_at > $2 AND t.revoked_at IS NULL AND u.active = 1";
const TOKENS: &str =
    "SELECT id, digest, user_name, label, created_at, expires_at, revoked_at FROM tokens ORDER BY id";
const ADD_TOKEN: &str = "INSERT INTO tokens (id, digest, user_name, label, created_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const REVOKE_TOKEN: &str = "UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
const TOKEN: &str =
    "SELECT id, digest, user_name, label, created_at, expires_at, revoked_at FROM tokens WHERE id = $1";
const LAST_TOKEN: &str = "SELECT id FROM tokens ORDER BY id DESC LIMIT 1";

/// Begins a session of `user` as it was when it was let in; sessions that have expired go.
///
/// # Errors
/// [`StoreError::Conflict`] when the account was closed or got another password meanwhile, or is not there.
pub async fn begin_session(
    store: &dyn Store,
    digest: Digest,
    user: &UserRow,
    now: UnixMillis,
    expires_at: UnixMillis,
) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    let found = find(&mut *transaction, USER, &[user.name.to_string().into()]).await?;
    let found = found.as_ref().map(user_row).transpose()?;
    if found.is_none_or(|found| !found.active || found.password != user.password) {
        return Err(StoreError::Conflict { what: format!("user {} (it was changed meanwhile)", user.name) });
    }
    transaction.run(FORGET_SESSIONS, &[now.0.into()]).await?;
    let values = [digest.to_string().into(), user.name.to_string().into(), now.0.into(), expires_at.0.into()];
    transaction.run(ADD_SESSION, &values).await?;
    transaction.commit().await
}

/// Ends a session; one that is not there has ended.
///
/// # Errors
/// Faults of the database.
pub async fn end_session(store: &dyn Store, digest: Digest) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    transaction.run(END_SESSION, &[digest.to_string().into()]).await?;
    transaction.commit().await
}

/// Whose session or token has this digest now; nobody when it has expired, was revoked, or its account is closed.
///
/// # Errors
/// Faults of the database.
pub async fn holder(
    store: &dyn Store,
    digest: Digest,
    session: bool,
    now: UnixMillis,
) -> Result<Option<UserRow>, StoreError> {
    let statement = if session { USER_OF_SESSION } else { USER_OF_TOKEN };
    let values = [digest.to_string().into(), now.0.into()];
    find(&mut *store.read().await?, statement, &values).await?.as_ref().map(user_row).transpose()
}

/// All tokens, by number.
///
/// # Errors
/// Faults of the database.
pub async fn tokens(store: &dyn Store) -> Result<Vec<TokenRow>, StoreError> {
    store.read().await?.rows(TOKENS, &[]).await?.iter().map(token_row).collect()
}

/// Keeps a token; returns its number.
///
/// # Errors
/// [`StoreError::Conflict`] when there is no such account.
pub async fn add_token(
    store: &dyn Store,
    user: &UserName,
    label: &str,
    digest: Digest,
    expires_at: UnixMillis,
    stamp: &Stamp,
) -> Result<i64, StoreError> {
    let mut transaction = store.write().await?;
    if find(&mut *transaction, USER, &[user.to_string().into()]).await?.is_none() {
        return Err(StoreError::Conflict { what: format!("user {user} (there is none)") });
    }
    let id = next(&mut *transaction, LAST_TOKEN).await?;
    let values = [
        id.into(),
        digest.to_string().into(),
        user.to_string().into(),
        label.into(),
        stamp.at.0.into(),
        expires_at.0.into(),
    ];
    transaction.run(ADD_TOKEN, &values).await?;
    let event = AuditEvent::Token { id, user: user.clone(), label: label.to_owned(), change: Change::Added };
    note(&mut *transaction, stamp, &event).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Revokes a token; says whether it was there and in force.
///
/// # Errors
/// Faults of the database.
pub async fn revoke_token(store: &dyn Store, id: i64, stamp: &Stamp) -> Result<bool, StoreError> {
    let mut transaction = store.write().await?;
    let Some(row) = find(&mut *transaction, TOKEN, &[id.into()]).await? else { return Ok(false) };
    let TokenRow { user, label, .. } = token_row(&row)?;
    if transaction.run(REVOKE_TOKEN, &[id.into(), stamp.at.0.into()]).await? == 0 {
        return Ok(false);
    }
    let event = AuditEvent::Token { id, user, label, change: Change::Removed };
    note(&mut *transaction, stamp, &event).await?;
    transaction.commit().await?;
    Ok(true)
}

fn token_row(row: &Row) -> Result<TokenRow, StoreError> {
    let cells: &dyn Cells = row;
    Ok(TokenRow {
        id: cells.integer("tokens.id")?,
        digest: cells.digest("tokens.digest")?,
        user: cells.id("tokens.user_name")?,
        label: cells.text("tokens.label")?.to_owned(),
        created_at: cells.moment("tokens.created_at")?,
        expires_at: cells.moment("tokens.expires_at")?,
        revoked_at: cells.integer_or_null("tokens.revoked_at")?.map(UnixMillis),
    })
}
