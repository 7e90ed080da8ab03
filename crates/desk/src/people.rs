//! Accounts, sessions and tokens: making them, and letting their holders in.

use tongclear_access::{Attempts, Password, PasswordHash, Person, Role, Secret, SecretKind, UserName};
use tongclear_engine::Centre;
use tongclear_ledger::Participant;
use tongclear_store::audit::Change;
use tongclear_store::people::{self, UserRow};
use tongclear_store::{Digest, Stamp};
use tongclear_types::UnixMillis;

use crate::acting::{actor_of, in_the_way};
use crate::{Acting, DeskError};

/// How long a session lasts: a shift, ms.
pub const SESSION_MS: i64 = 12 * 3_600_000;
/// How long a token lasts at most: two years, days.
pub const TOKEN_DAYS_MAX: u32 = 731;

const DAY_MS: i64 = 86_400_000;

/// An account to be made.
#[derive(Debug)]
pub struct NewUser {
    /// Its name.
    pub name: UserName,
    /// What it may.
    pub role: Role,
    /// Whose it is, for the roles merchant and operator.
    pub participant: Option<Participant>,
    /// The machine's user who acts as this one on the command line.
    pub os_user: Option<String>,
    /// Its password.
    pub password: Password,
}

/// Makes an account.
///
/// # Errors
/// [`DeskError::Refused`] when role and participant do not belong together, the participant is not registered, or the name is
/// taken; faults of the store.
pub async fn add_user(centre: &Centre, new: NewUser) -> Result<UserRow, DeskError> {
    let NewUser { name, role, participant, os_user, password } = new;
    Person::new(name.clone(), role, participant).map_err(|error| DeskError::Refused(error.to_string()))?;
    if let Some(participant) = participant {
        registered(centre, participant).await?;
    }
    let password = hashed(password).await?;
    let now = centre.clock.now();
    let attempts = Attempts::default();
    let row = UserRow { name, role, participant, os_user, password, active: true, attempts, created_at: now };
    people::add_user(&*centre.store, &row, &centre.stamp()).await.map_err(in_the_way)?;
    Ok(row)
}

/// Refuses a participant that the registry does not know.
///
/// # Errors
/// [`DeskError::Refused`]; without a registry, the engine's refusal.
pub async fn registered(centre: &Centre, participant: Participant) -> Result<(), DeskError> {
    let registry = centre.registry().await?.body;
    let known = match participant {
        Participant::Merchant(code) | Participant::Sponsor(code) => registry.merchant(&code).is_some(),
        Participant::Operator(code) => registry.operator(&code).is_some(),
        Participant::Centre => true,
    };
    if known {
        return Ok(());
    }
    Err(DeskError::Refused(format!("participant is {participant}: not in the registry")))
}

/// The account of that name.
///
/// # Errors
/// [`DeskError::NotFound`]; faults of the store.
pub async fn user(centre: &Centre, name: &UserName) -> Result<UserRow, DeskError> {
    let found = people::user(&*centre.store, name).await?;
    found.ok_or_else(|| DeskError::NotFound(format!("there is no user {name}; see `tongclear user list`")))
}

/// Gives an account another password, which also lifts a lock and ends its sessions.
///
/// # Errors
/// [`DeskError::NotFound`]; faults of the store.
pub async fn set_password(centre: &Centre, name: &UserName, password: Password) -> Result<(), DeskError> {
    let row = user(centre, name).await?;
    let row = UserRow { password: hashed(password).await?, attempts: Attempts::default(), ..row };
    people::change_user(&*centre.store, &row, Change::Password, &centre.stamp()).await.map_err(in_the_way)
}

/// Closes an account, or opens it again; sessions end with it.
///
/// # Errors
/// [`DeskError::NotFound`]; faults of the store.
pub async fn set_active(centre: &Centre, name: &UserName, active: bool) -> Result<(), DeskError> {
    let row = user(centre, name).await?;
    if row.active == active {
        return Ok(());
    }
    let row = UserRow { active, attempts: Attempts::default(), ..row };
    let change = if active { Change::Opened } else { Change::Closed };
    people::change_user(&*centre.store, &row, change, &centre.stamp()).await.map_err(in_the_way)
}

/// Hashing takes tens of milliseconds on purpose: never on a thread that serves others.
async fn hashed(password: Password) -> Result<String, DeskError> {
    let hash = tokio::task::spawn_blocking(move || password.hash()).await;
    let hash = hash.map_err(DeskError::internal)?;
    Ok(hash.map_err(DeskError::internal)?.to_stored())
}

/// Who has this name and password. Whoever has not is told nothing but that: not whether there is such a name.
///
/// # Errors
/// [`DeskError::Forbidden`] for a wrong name or password, a closed or a locked account; faults of the store.
pub async fn who(centre: &Centre, name: &str, password: Password) -> Result<UserRow, DeskError> {
    let wrong =
        || DeskError::Forbidden("the user name or the password is wrong, or the account rests".to_owned());
    let now = centre.clock.now();
    let row = match name.parse::<UserName>() {
        Ok(name) => people::begin_attempt(&*centre.store, &name, now).await?,
        Err(_) => None,
    };
    // Somebody who is not there takes as long as somebody who is.
    let stored = match &row {
        Some(row) => PasswordHash::from_stored(&row.password).map_err(DeskError::internal)?,
        None => PasswordHash::of_nobody(),
    };
    let right = tokio::task::spawn_blocking(move || stored.verify(&password)).await.unwrap_or(false);
    let Some(row) = row else { return Err(wrong()) };
    if right || row.attempts.locked_until.is_some() {
        let attempts = if right { row.attempts.succeeded() } else { row.attempts };
        let stamp = Stamp { at: now, by: actor_of(&row.name)? };
        people::note_attempt(&*centre.store, &row, attempts, &stamp).await?;
    }
    if right { Ok(row) } else { Err(wrong()) }
}

/// Begins a session of whoever has this name and password; the secret is shown once, here.
///
/// # Errors
/// As [`who`].
pub async fn log_in(
    centre: &Centre,
    name: &str,
    password: Password,
) -> Result<(Secret, UnixMillis, UserRow), DeskError> {
    let row = who(centre, name, password).await?;
    let secret = Secret::random(SecretKind::Session).map_err(DeskError::internal)?;
    let now = centre.clock.now();
    let expires_at = UnixMillis(now.0.saturating_add(SESSION_MS));
    people::begin_session(&*centre.store, Digest(secret.digest()), &row, now, expires_at)
        .await
        .map_err(in_the_way)?;
    Ok((secret, expires_at, row))
}

/// Issues a token that may what `user` may, for `days`; the secret is shown once, here.
///
/// # Errors
/// [`DeskError::Refused`] for an empty or long label, or days outside 1 to [`TOKEN_DAYS_MAX`]; [`DeskError::NotFound`];
/// faults of the store.
pub async fn issue_token(
    centre: &Centre,
    name: &UserName,
    label: &str,
    days: u32,
) -> Result<(i64, Secret, UnixMillis), DeskError> {
    const LABEL_MAX: usize = 100;
    if !(1..=TOKEN_DAYS_MAX).contains(&days) {
        return Err(DeskError::Refused(format!("days is {days}: expected 1 to {TOKEN_DAYS_MAX}")));
    }
    if label.is_empty() || label.len() > LABEL_MAX || label.chars().any(char::is_control) {
        return Err(DeskError::Refused(format!(
            "label is {label:?}: expected 1 to {LABEL_MAX} bytes without control characters"
        )));
    }
    user(centre, name).await?;
    let secret = Secret::random(SecretKind::Token).map_err(DeskError::internal)?;
    let expires_at = UnixMillis(centre.clock.now().0.saturating_add(i64::from(days) * DAY_MS));
    let digest = Digest(secret.digest());
    let id = people::add_token(&*centre.store, name, label, digest, expires_at, &centre.stamp())
        .await
        .map_err(in_the_way)?;
    Ok((id, secret, expires_at))
}

/// Who shows this secret now; nobody when it is unknown, has expired, was revoked, or its account is closed.
///
/// # Errors
/// Faults of the store.
pub async fn holder(centre: &Centre, secret: &Secret) -> Result<Option<Acting>, DeskError> {
    let session = match secret.kind() {
        SecretKind::Session => true,
        SecretKind::Token => false,
        SecretKind::Webhook => return Ok(None),
    };
    let now = centre.clock.now();
    let row = people::holder(&*centre.store, Digest(secret.digest()), session, now).await?;
    row.as_ref().map(Acting::person).transpose()
}
