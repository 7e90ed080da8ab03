//! Accounts, and the attempts to log in to them.

use tongclear_access::{Attempts, Role, UserName};
use tongclear_ledger::Participant;
use tongclear_types::UnixMillis;

use crate::audit::{AuditEvent, Change};
use crate::decode::Cells;
use crate::statements::{Row, find, note};
use crate::{Stamp, Statements, Store, StoreError};

/// A person or program that may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// By which name.
    pub name: UserName,
    /// What they may.
    pub role: Role,
    /// Of whom they see everything, when they belong to a participant.
    pub participant: Option<Participant>,
    /// The machine's user who acts as this one on the command line.
    pub os_user: Option<String>,
    /// argon2id hash in PHC form.
    pub password: String,
    /// Whether they may log in at all.
    pub active: bool,
    /// Wrong passwords, and until when the account is locked for them.
    pub attempts: Attempts,
    /// Since when there is the account.
    pub created_at: UnixMillis,
}

const USER_COLUMNS: &str = "SELECT name, role, participant, os_user, password, active, failures, locked_until, \
    created_at FROM users ORDER BY name";
pub(super) const USER: &str = "SELECT name, role, participant, os_user, password, active, failures, locked_until, created_at \
    FROM users WHERE name = $1";
const USER_OF_OS: &str = "SELECT name, role, participant, os_user, password, active, failures, locked_until, \
    created_at FROM users WHERE os_user = $1";
const ADD_USER: &str = "INSERT INTO users (name, role, participant, os_user, password, active, failures, \
    locked_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const SAVE_USER: &str = "UPDATE users SET role = $2, participant = $3, os_user = $4, password = $5, active = $6, \
    failures = $7, locked_until = $8 WHERE name = $1";
const SAVE_ATTEMPTS: &str = "UPDATE users SET failures = $2, locked_until = $3 WHERE name = $1";
const END_SESSIONS_OF: &str = "DELETE FROM sessions WHERE user_name = $1";

/// All accounts, by name.
///
/// # Errors
/// Faults of the database.
pub async fn users(store: &dyn Store) -> Result<Vec<UserRow>, StoreError> {
    store.read().await?.rows(USER_COLUMNS, &[]).await?.iter().map(user_row).collect()
}

/// The account of that name.
///
/// # Errors
/// Faults of the database.
pub async fn user(store: &dyn Store, name: &UserName) -> Result<Option<UserRow>, StoreError> {
    let row = find(&mut *store.read().await?, USER, &[name.to_string().into()]).await?;
    row.as_ref().map(user_row).transpose()
}

/// The account as which a user of the machine acts.
///
/// # Errors
/// Faults of the database.
pub async fn user_of_os(store: &dyn Store, os_user: &str) -> Result<Option<UserRow>, StoreError> {
    let row = find(&mut *store.read().await?, USER_OF_OS, &[os_user.into()]).await?;
    row.as_ref().map(user_row).transpose()
}

/// Makes an account.
///
/// # Errors
/// [`StoreError::Conflict`] when the name or the machine's user is taken.
pub async fn add_user(store: &dyn Store, user: &UserRow, stamp: &Stamp) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    let name = user.name.to_string();
    if find(&mut *transaction, USER, &[name.clone().into()]).await?.is_some() {
        return Err(StoreError::Conflict { what: format!("user {name} (there is one already)") });
    }
    free_os_user(&mut *transaction, user).await?;
    let values = [
        name.into(),
        user.role.name().into(),
        user.participant.map(|it| it.to_string()).into(),
        user.os_user.clone().into(),
        user.password.clone().into(),
        i64::from(user.active).into(),
        i64::from(user.attempts.failures).into(),
        user.attempts.locked_until.map(|it| it.0).into(),
        stamp.at.0.into(),
    ];
    transaction.run(ADD_USER, &values).await?;
    note(&mut *transaction, stamp, &AuditEvent::user(user, Change::Added)).await?;
    transaction.commit().await
}

/// Stores what was changed about an account, and ends its sessions: whoever was logged in logs in again.
///
/// # Errors
/// [`StoreError::Conflict`] when there is no such account, or the machine's user is taken.
pub async fn change_user(
    store: &dyn Store,
    user: &UserRow,
    change: Change,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    free_os_user(&mut *transaction, user).await?;
    let values = [
        user.name.to_string().into(),
        user.role.name().into(),
        user.participant.map(|it| it.to_string()).into(),
        user.os_user.clone().into(),
        user.password.clone().into(),
        i64::from(user.active).into(),
        i64::from(user.attempts.failures).into(),
        user.attempts.locked_until.map(|it| it.0).into(),
    ];
    if transaction.run(SAVE_USER, &values).await? == 0 {
        return Err(StoreError::Conflict { what: format!("user {} (there is none)", user.name) });
    }
    transaction.run(END_SESSIONS_OF, &[user.name.to_string().into()]).await?;
    note(&mut *transaction, stamp, &AuditEvent::user(user, change)).await?;
    transaction.commit().await
}

async fn free_os_user(transaction: &mut dyn Statements, user: &UserRow) -> Result<(), StoreError> {
    let Some(os_user) = &user.os_user else { return Ok(()) };
    match find(transaction, USER_OF_OS, &[os_user.as_str().into()]).await? {
        Some(other) if user_row(&other)?.name != user.name => {
            Err(StoreError::Conflict { what: format!("the machine's user {os_user} (acts as another one)") })
        }
        _ => Ok(()),
    }
}

/// Counts an attempt before its password is looked at, as a wrong one, so that attempts at the same time count each; returns
/// the account as it is then. Nobody when there is none, it is closed, or it rests: then nothing may be tried.
///
/// # Errors
/// Faults of the database.
pub async fn begin_attempt(
    store: &dyn Store,
    name: &UserName,
    now: UnixMillis,
) -> Result<Option<UserRow>, StoreError> {
    let mut transaction = store.write().await?;
    let found = find(&mut *transaction, USER, &[name.to_string().into()]).await?;
    let found = found.as_ref().map(user_row).transpose()?;
    let Some(mut row) = found.filter(|row| row.active && row.attempts.may_try(now)) else { return Ok(None) };
    row.attempts = row.attempts.failed(now);
    let values = [
        name.to_string().into(),
        i64::from(row.attempts.failures).into(),
        row.attempts.locked_until.map(|it| it.0).into(),
    ];
    transaction.run(SAVE_ATTEMPTS, &values).await?;
    transaction.commit().await?;
    Ok(Some(row))
}

/// Keeps what became of an attempt; a lock is worth an entry in the log. Of an account that is not there nothing is
/// counted and nothing told.
///
/// # Errors
/// Faults of the database.
pub async fn note_attempt(
    store: &dyn Store,
    user: &UserRow,
    attempts: Attempts,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    let locked_until = attempts.locked_until.map(|it| it.0);
    let values = [user.name.to_string().into(), i64::from(attempts.failures).into(), locked_until.into()];
    if transaction.run(SAVE_ATTEMPTS, &values).await? == 0 {
        return Ok(());
    }
    if attempts.locked_until.is_some_and(|until| until > stamp.at) {
        note(&mut *transaction, stamp, &AuditEvent::user(user, Change::Locked)).await?;
    }
    transaction.commit().await
}

pub(super) fn user_row(row: &Row) -> Result<UserRow, StoreError> {
    let cells: &dyn Cells = row;
    Ok(UserRow {
        name: cells.id("users.name")?,
        role: cells.id("users.role")?,
        participant: cells.id_or_null("users.participant")?,
        os_user: cells.text_or_null("users.os_user")?.map(str::to_owned),
        password: cells.text("users.password")?.to_owned(),
        active: cells.integer("users.active")? == 1,
        attempts: Attempts {
            failures: cells.number("users.failures")?,
            locked_until: cells.integer_or_null("users.locked_until")?.map(UnixMillis),
        },
        created_at: cells.moment("users.created_at")?,
    })
}
