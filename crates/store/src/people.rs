//! Who has an account, who is logged in, which programs hold tokens, which collectors hold certificates.
//!
//! Secrets never lie here: a password is its argon2id hash, a session or token the SHA-256 of what its holder shows, a
//! private key of the CA is sealed.

use tongclear_access::{Attempts, Role, UserName};
use tongclear_ledger::Participant;
use tongclear_types::{CollectorId, UnixMillis};

use crate::audit::{AuditEvent, Change};
use crate::decode::Cells;
use crate::statements::{Row, find, note};
use crate::{Digest, Stamp, Store, StoreError, column};

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

/// The centre's certificate authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityRow {
    /// Its number, from 1; the greatest is in force.
    pub id: i64,
    /// Its certificate, PEM.
    pub certificate: String,
    /// Its private key, sealed.
    pub sealed_key: Vec<u8>,
}

/// A certificate that the authority issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRow {
    /// Its serial number, lower-case hex.
    pub serial: String,
    /// Whom it names.
    pub collector: CollectorId,
    /// When it was issued.
    pub issued_at: UnixMillis,
    /// From when on it opens nothing.
    pub expires_at: UnixMillis,
    /// When it was revoked.
    pub revoked_at: Option<UnixMillis>,
}

const USER_COLUMNS: &str = "SELECT name, role, participant, os_user, password, active, failures, locked_until, \
    created_at FROM users ORDER BY name";
const USER: &str = "SELECT name, role, participant, os_user, password, active, failures, locked_until, created_at \
    FROM users WHERE name = $1";
const USER_OF_OS: &str = "SELECT name, role, participant, os_user, password, active, failures, locked_until, \
    created_at FROM users WHERE os_user = $1";
const ADD_USER: &str = "INSERT INTO users (name, role, participant, os_user, password, active, failures, \
    locked_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const SAVE_USER: &str = "UPDATE users SET role = $2, participant = $3, os_user = $4, password = $5, active = $6, \
    failures = $7, locked_until = $8 WHERE name = $1";
const SAVE_ATTEMPTS: &str = "UPDATE users SET failures = $2, locked_until = $3 WHERE name = $1";
const ADD_SESSION: &str =
    "INSERT INTO sessions (digest, user_name, created_at, expires_at) VALUES ($1, $2, $3, $4)";
const FORGET_SESSIONS: &str = "DELETE FROM sessions WHERE expires_at <= $1";
const END_SESSION: &str = "DELETE FROM sessions WHERE digest = $1";
const END_SESSIONS_OF: &str = "DELETE FROM sessions WHERE user_name = $1";
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
const AUTHORITY: &str = "SELECT id, certificate, sealed_key FROM authorities ORDER BY id DESC LIMIT 1";
const ADD_AUTHORITY: &str =
    "INSERT INTO authorities (id, certificate, sealed_key, created_at) VALUES ($1, $2, $3, $4)";
const CERTIFICATES: &str = "SELECT serial, collector, issued_at, expires_at, revoked_at FROM certificates \
    ORDER BY collector, issued_at, serial";
const CERTIFICATE: &str =
    "SELECT serial, collector, issued_at, expires_at, revoked_at FROM certificates WHERE serial = $1";
const ADD_CERTIFICATE: &str =
    "INSERT INTO certificates (serial, collector, issued_at, expires_at) VALUES ($1, $2, $3, $4)";
const REVOKE_CERTIFICATE: &str =
    "UPDATE certificates SET revoked_at = $2 WHERE serial = $1 AND revoked_at IS NULL";

// --- accounts ------------------------------------------------------------------------------------------------

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

async fn free_os_user(transaction: &mut dyn crate::Statements, user: &UserRow) -> Result<(), StoreError> {
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

fn user_row(row: &Row) -> Result<UserRow, StoreError> {
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

// --- sessions and tokens ---------------------------------------------------------------------------------------

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

/// The number after the last one that `statement` finds as `id`.
pub(crate) async fn next(
    transaction: &mut dyn crate::Statements,
    statement: &'static str,
) -> Result<i64, StoreError> {
    let last = find(transaction, statement, &[]).await?;
    let last = last.map_or(Ok(0), |row| Cells::integer(&row, "last.id"))?;
    last.checked_add(1).ok_or_else(|| column::corrupt("last.id", last, "there is no number after it"))
}

// --- the authority and what it issued ----------------------------------------------------------------------------

/// The authority in force.
///
/// # Errors
/// Faults of the database.
pub async fn authority(store: &dyn Store) -> Result<Option<AuthorityRow>, StoreError> {
    let row = find(&mut *store.read().await?, AUTHORITY, &[]).await?;
    row.as_ref().map(authority_row).transpose()
}

fn authority_row(row: &Row) -> Result<AuthorityRow, StoreError> {
    Ok(AuthorityRow {
        id: row.integer("authorities.id")?,
        certificate: row.text("authorities.certificate")?.to_owned(),
        sealed_key: row.blob("authorities.sealed_key")?.to_vec(),
    })
}

/// Keeps the first authority; another one only follows it when the first is to be replaced.
///
/// # Errors
/// [`StoreError::Conflict`] when there is one already.
pub async fn add_authority(
    store: &dyn Store,
    certificate: &str,
    sealed_key: &[u8],
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    if find(&mut *transaction, AUTHORITY, &[]).await?.is_some() {
        return Err(StoreError::Conflict {
            what: "the certificate authority (there is one already)".to_owned(),
        });
    }
    let values = [1.into(), certificate.into(), sealed_key.to_vec().into(), stamp.at.0.into()];
    transaction.run(ADD_AUTHORITY, &values).await?;
    let event = AuditEvent::Authority { certificate_sha256: Digest::of(certificate.as_bytes()) };
    note(&mut *transaction, stamp, &event).await?;
    transaction.commit().await
}

/// All certificates, by collector.
///
/// # Errors
/// Faults of the database.
pub async fn certificates(store: &dyn Store) -> Result<Vec<CertificateRow>, StoreError> {
    store.read().await?.rows(CERTIFICATES, &[]).await?.iter().map(certificate_row).collect()
}

/// The certificate with that serial number.
///
/// # Errors
/// Faults of the database.
pub async fn certificate(store: &dyn Store, serial: &str) -> Result<Option<CertificateRow>, StoreError> {
    let row = find(&mut *store.read().await?, CERTIFICATE, &[serial.into()]).await?;
    row.as_ref().map(certificate_row).transpose()
}

/// Keeps what was issued, all or nothing.
///
/// # Errors
/// Faults of the database.
pub async fn add_certificates(
    store: &dyn Store,
    issued: &[CertificateRow],
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    for row in issued {
        let values = [
            row.serial.as_str().into(),
            row.collector.to_string().into(),
            row.issued_at.0.into(),
            row.expires_at.0.into(),
        ];
        transaction.run(ADD_CERTIFICATE, &values).await?;
        note(&mut *transaction, stamp, &AuditEvent::certificate(row, Change::Added)).await?;
    }
    transaction.commit().await
}

/// Revokes a certificate; says whether it was there and in force.
///
/// # Errors
/// Faults of the database.
pub async fn revoke_certificate(store: &dyn Store, serial: &str, stamp: &Stamp) -> Result<bool, StoreError> {
    let mut transaction = store.write().await?;
    let Some(row) = find(&mut *transaction, CERTIFICATE, &[serial.into()]).await? else { return Ok(false) };
    if transaction.run(REVOKE_CERTIFICATE, &[serial.into(), stamp.at.0.into()]).await? == 0 {
        return Ok(false);
    }
    let event = AuditEvent::certificate(&certificate_row(&row)?, Change::Removed);
    note(&mut *transaction, stamp, &event).await?;
    transaction.commit().await?;
    Ok(true)
}

fn certificate_row(row: &Row) -> Result<CertificateRow, StoreError> {
    let cells: &dyn Cells = row;
    Ok(CertificateRow {
        serial: cells.text("certificates.serial")?.to_owned(),
        collector: cells.id("certificates.collector")?,
        issued_at: cells.moment("certificates.issued_at")?,
        expires_at: cells.moment("certificates.expires_at")?,
        revoked_at: cells.integer_or_null("certificates.revoked_at")?.map(UnixMillis),
    })
}
