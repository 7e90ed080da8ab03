//! People: a name is one account, a secret opens until it ends, and every change is told once.

use tongclear_access::{Attempts, Role, UserName};
use tongclear_ledger::Participant;
use tongclear_types::UnixMillis;

use super::sample::{
    CLOSED_AT, LOADED_AT, RECEIVED_AT, SETTLED_AT, by, certificate, digest, merchant, stamp, told, user,
};
use super::{Database, Tested, assert_conflict};
use crate::audit::Change;
use crate::people::{
    AuthorityRow, CertificateRow, TokenRow, UserRow, add_authority, add_certificates, add_token, add_user,
    authority, begin_attempt, begin_session, certificates, change_user, end_session, holder, note_attempt,
    revoke_certificate, revoke_token, tokens, user_of_os, users,
};
use crate::{AuditEvent, Digest, Store, StoreError};

const SESSIONS: &str = "SELECT digest FROM sessions ORDER BY digest";

fn name(text: &str) -> UserName {
    text.parse().expect("a name of a test")
}

fn just_after(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.0 + 1)
}

fn just_before(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.0 - 1)
}

/// Whom a session's digest, or a token's, opens for.
async fn opens(
    store: &impl Store,
    secret: Digest,
    session: bool,
    now: UnixMillis,
) -> Result<Option<String>, StoreError> {
    Ok(holder(store, secret, session, now).await?.map(|user| user.name.to_string()))
}

/// Accounts come back as they went in, by name byte for byte; the stamp says since when they are.
pub async fn keeps_accounts(database: &impl Database) -> Tested {
    let store = database.open().await?;
    assert_eq!(users(&store).await?, []);
    let rests = Attempts { failures: u32::MAX, locked_until: Some(CLOSED_AT) };
    let of = |participant| Some(participant);
    let all = [
        user("a", Role::Viewer),
        user("a-b", Role::Clerk),
        UserRow {
            participant: of(Participant::Merchant(merchant("BUS00001"))),
            attempts: rests,
            ..user("a.b", Role::Merchant)
        },
        UserRow {
            participant: of(Participant::Operator("0417".parse().expect("an operator"))),
            active: false,
            ..user("a0", Role::Operator)
        },
        UserRow { os_user: Some("王芳".to_owned()), ..user("a_b", Role::Admin) },
        user("ab", Role::Approver),
        user("b", Role::Auditor),
    ];
    for row in all.iter().rev() {
        let claimed = UserRow { created_at: CLOSED_AT, ..row.clone() };
        add_user(&store, &claimed, &stamp(LOADED_AT)).await?;
    }
    assert_eq!(users(&store).await?, all);
    for row in &all {
        assert_eq!(crate::people::user(&store, &row.name).await?.as_ref(), Some(row));
    }
    assert_eq!(crate::people::user(&store, &name("c")).await?, None);
    assert_eq!(user_of_os(&store, "王芳").await?.as_ref(), Some(&all[4]));
    assert_eq!(user_of_os(&store, "root").await?, None);
    let events: Vec<_> = all.iter().rev().map(|row| AuditEvent::user(row, Change::Added)).collect();
    assert_eq!(told(&store, 0).await?, events);
    Ok(())
}

/// No two accounts have one name, or act for one user of the machine, which may go from one to another.
pub async fn names_and_machine_users_are_taken_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let stamp = stamp(LOADED_AT);
    let acts = |name, os_user: Option<&str>| UserRow {
        os_user: os_user.map(str::to_owned),
        ..user(name, Role::Clerk)
    };
    add_user(&store, &acts("wang", Some("fang")), &stamp).await?;
    add_user(&store, &acts("li", None), &stamp).await?;
    add_user(&store, &acts("zhao", None), &stamp).await?;
    let before = (users(&store).await?, store.audit_log().await?);
    assert_conflict(add_user(&store, &acts("wang", None), &stamp).await);
    assert_conflict(add_user(&store, &acts("sun", Some("fang")), &stamp).await);
    assert_conflict(change_user(&store, &acts("li", Some("fang")), Change::Role, &stamp).await);
    assert_eq!((users(&store).await?, store.audit_log().await?), before);

    change_user(&store, &acts("wang", Some("fang")), Change::Password, &stamp).await?;
    change_user(&store, &acts("wang", None), Change::Role, &stamp).await?;
    change_user(&store, &acts("li", Some("fang")), Change::Role, &stamp).await?;
    assert_eq!(user_of_os(&store, "fang").await?.map(|user| user.name), Some(name("li")));
    Ok(())
}

/// Everything of an account changes but its name and since when it is; of one that is not there nothing does.
pub async fn changes_accounts(database: &impl Database) -> Tested {
    let store = database.open().await?;
    add_user(&store, &user("wang", Role::Clerk), &stamp(LOADED_AT)).await?;
    add_user(&store, &user("li", Role::Clerk), &stamp(LOADED_AT)).await?;
    let changed = UserRow {
        role: Role::Merchant,
        participant: Some(Participant::Merchant(merchant("BUS00001"))),
        os_user: Some("fang".to_owned()),
        password: "$argon2id$another".to_owned(),
        active: false,
        attempts: Attempts { failures: 5, locked_until: Some(CLOSED_AT) },
        ..user("wang", Role::Clerk)
    };
    let late = UserRow { created_at: CLOSED_AT, ..changed.clone() };
    change_user(&store, &late, Change::Role, &stamp(RECEIVED_AT)).await?;
    assert_eq!(users(&store).await?, [user("li", Role::Clerk), changed.clone()]);
    assert_conflict(
        change_user(&store, &user("nobody", Role::Clerk), Change::Opened, &stamp(RECEIVED_AT)).await,
    );
    assert_eq!(users(&store).await?.len(), 2);
    assert_eq!(told(&store, 2).await?, [AuditEvent::user(&changed, Change::Role)]);
    Ok(())
}

/// Whatever is changed about an account, its sessions end, and nobody else's; its tokens stay.
pub async fn a_change_ends_sessions(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let stamp = stamp(LOADED_AT);
    let (wang, li) = (user("wang", Role::Clerk), user("li", Role::Clerk));
    add_user(&store, &wang, &stamp).await?;
    add_user(&store, &li, &stamp).await?;
    add_token(&store, &wang.name, "night", digest(9), CLOSED_AT, &stamp).await?;
    begin_session(&store, digest(3), &li, LOADED_AT, CLOSED_AT).await?;
    for change in [Change::Password, Change::Role, Change::Opened] {
        begin_session(&store, digest(1), &wang, LOADED_AT, CLOSED_AT).await?;
        begin_session(&store, digest(2), &wang, LOADED_AT, CLOSED_AT).await?;
        change_user(&store, &wang, change, &stamp).await?;
        assert_eq!(opens(&store, digest(1), true, RECEIVED_AT).await?, None, "{change:?}");
        assert_eq!(opens(&store, digest(2), true, RECEIVED_AT).await?, None, "{change:?}");
        assert_eq!(opens(&store, digest(3), true, RECEIVED_AT).await?.as_deref(), Some("li"));
        assert_eq!(opens(&store, digest(9), false, RECEIVED_AT).await?.as_deref(), Some("wang"));
    }
    assert_eq!(told(&store, 3).await?.len(), 3);
    Ok(())
}

/// Attempts are kept; only a lock in force is told, and of nobody's account nothing.
pub async fn counts_attempts_and_tells_of_locks(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let wang = user("wang", Role::Clerk);
    let li = user("li", Role::Clerk);
    add_user(&store, &wang, &stamp(LOADED_AT)).await?;
    add_user(&store, &li, &stamp(LOADED_AT)).await?;
    #[rustfmt::skip]
    let table: &[(u32, Option<UnixMillis>, usize)] = &[
        (4, None, 0),
        (5, Some(just_after(RECEIVED_AT)), 1),
        (1, Some(RECEIVED_AT), 0),
        (0, None, 0),
    ];
    for (failures, locked_until, entries) in table {
        let before = store.audit_log().await?.len();
        let attempts = Attempts { failures: *failures, locked_until: *locked_until };
        note_attempt(&store, &wang, attempts, &by("user:wang", RECEIVED_AT)).await?;
        assert_eq!(users(&store).await?, [li.clone(), UserRow { attempts, ..wang.clone() }]);
        let lock = vec![AuditEvent::user(&wang, Change::Locked); *entries];
        assert_eq!(told(&store, before).await?, lock, "{attempts:?}");
    }
    let lock = Attempts { failures: 5, locked_until: Some(CLOSED_AT) };
    note_attempt(&store, &user("nobody", Role::Clerk), lock, &stamp(RECEIVED_AT)).await?;
    assert_eq!(told(&store, 3).await?, []);
    Ok(())
}

/// A session opens until it expires or is ended; the next one to begin sweeps expired ones away. It is no token.
pub async fn sessions_end(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let wang = user("wang", Role::Clerk);
    add_user(&store, &wang, &stamp(LOADED_AT)).await?;
    begin_session(&store, digest(1), &wang, LOADED_AT, RECEIVED_AT).await?;
    begin_session(&store, digest(2), &wang, LOADED_AT, CLOSED_AT).await?;
    begin_session(&store, digest(3), &wang, LOADED_AT, CLOSED_AT).await?;
    assert_eq!(holder(&store, digest(1), true, just_before(RECEIVED_AT)).await?, Some(wang.clone()));
    assert_eq!(holder(&store, digest(1), true, RECEIVED_AT).await?, None);
    assert_eq!(holder(&store, digest(2), true, RECEIVED_AT).await?, Some(wang.clone()));
    assert_eq!(holder(&store, digest(2), false, RECEIVED_AT).await?, None, "it is no token");
    assert_eq!(holder(&store, digest(4), true, RECEIVED_AT).await?, None);

    end_session(&store, digest(2)).await?;
    end_session(&store, digest(2)).await?;
    assert_eq!(holder(&store, digest(2), true, RECEIVED_AT).await?, None);
    assert_eq!(holder(&store, digest(3), true, RECEIVED_AT).await?, Some(wang.clone()));
    begin_session(&store, digest(4), &wang, RECEIVED_AT, CLOSED_AT).await?;
    assert_eq!(store.read().await?.rows(SESSIONS, &[]).await?.len(), 2, "3 and 4");
    let nobody = begin_session(&store, digest(5), &user("nobody", Role::Clerk), RECEIVED_AT, CLOSED_AT).await;
    assert_conflict(nobody);
    let before = UserRow { password: "another one".to_owned(), ..wang.clone() };
    assert_conflict(begin_session(&store, digest(6), &before, RECEIVED_AT, CLOSED_AT).await);
    assert_eq!(told(&store, 1).await?, [], "who logs in changes nothing");
    Ok(())
}

/// Neither session nor token of a closed account opens anything, and none begins.
pub async fn a_closed_account_opens_nothing(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let stamp = stamp(LOADED_AT);
    let wang = user("wang", Role::Clerk);
    add_user(&store, &wang, &stamp).await?;
    begin_session(&store, digest(1), &wang, LOADED_AT, CLOSED_AT).await?;
    add_token(&store, &wang.name, "night", digest(9), CLOSED_AT, &stamp).await?;
    let closed = UserRow { active: false, ..wang.clone() };
    change_user(&store, &closed, Change::Closed, &stamp).await?;
    assert_conflict(begin_session(&store, digest(2), &wang, LOADED_AT, CLOSED_AT).await);
    for (secret, session) in [(1, true), (2, true), (9, false)] {
        assert_eq!(opens(&store, digest(secret), session, RECEIVED_AT).await?, None, "{secret}");
    }
    change_user(&store, &wang, Change::Opened, &stamp).await?;
    for (secret, session, opened) in [(1, true, None), (2, true, None), (9, false, Some("wang"))] {
        assert_eq!(opens(&store, digest(secret), session, RECEIVED_AT).await?.as_deref(), opened, "{secret}");
    }
    Ok(())
}

/// An attempt counts before its password is looked at, so that five at the same time are five; then nothing may be tried.
pub async fn attempts_count_before_they_are_made(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let wang = user("wang", Role::Clerk);
    add_user(&store, &wang, &stamp(LOADED_AT)).await?;
    for failures in 1..=5 {
        let begun = begin_attempt(&store, &wang.name, RECEIVED_AT).await?;
        assert_eq!(begun.map(|row| row.attempts.failures), Some(failures));
    }
    assert_eq!(begin_attempt(&store, &wang.name, RECEIVED_AT).await?, None);
    assert_eq!(begin_attempt(&store, &name("nobody"), RECEIVED_AT).await?, None);
    note_attempt(&store, &wang, Attempts::default(), &by("user:wang", RECEIVED_AT)).await?;
    assert!(begin_attempt(&store, &wang.name, RECEIVED_AT).await?.is_some());
    Ok(())
}

/// Tokens are numbered from 1 and belong to an account; one opens until it expires, and is no session.
pub async fn tokens_open_until_they_expire(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let wang = user("wang", Role::Clerk);
    add_user(&store, &wang, &stamp(LOADED_AT)).await?;
    let stamp = by("user:admin", RECEIVED_AT);
    assert_conflict(add_token(&store, &name("nobody"), "x", digest(1), CLOSED_AT, &stamp).await);
    assert_eq!(add_token(&store, &wang.name, "夜间", digest(1), CLOSED_AT, &stamp).await?, 1);
    assert_eq!(add_token(&store, &wang.name, "depot", digest(2), SETTLED_AT, &stamp).await?, 2);
    let row = |id, byte, label: &str, expires_at| TokenRow {
        id,
        digest: digest(byte),
        user: wang.name.clone(),
        label: label.to_owned(),
        created_at: RECEIVED_AT,
        expires_at,
        revoked_at: None,
    };
    let all = [row(1, 1, "夜间", CLOSED_AT), row(2, 2, "depot", SETTLED_AT)];
    assert_eq!(tokens(&store).await?, all);
    assert_eq!(holder(&store, digest(1), false, just_before(CLOSED_AT)).await?, Some(wang.clone()));
    assert_eq!(holder(&store, digest(1), false, CLOSED_AT).await?, None);
    assert_eq!(holder(&store, digest(2), false, CLOSED_AT).await?, Some(wang.clone()));
    assert_eq!(holder(&store, digest(2), true, CLOSED_AT).await?, None, "it is no session");
    let added = all.map(|row| AuditEvent::Token {
        id: row.id,
        user: row.user,
        label: row.label,
        change: Change::Added,
    });
    assert_eq!(told(&store, 1).await?, added);
    Ok(())
}

/// A token is revoked once, and opens nothing from then on.
pub async fn revokes_tokens_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let wang = user("wang", Role::Clerk);
    add_user(&store, &wang, &stamp(LOADED_AT)).await?;
    for byte in [1, 2] {
        add_token(&store, &wang.name, "night", digest(byte), CLOSED_AT, &stamp(LOADED_AT)).await?;
    }
    assert!(revoke_token(&store, 1, &stamp(RECEIVED_AT)).await?);
    assert!(!revoke_token(&store, 1, &stamp(SETTLED_AT)).await?);
    assert!(!revoke_token(&store, 3, &stamp(RECEIVED_AT)).await?);
    let revoked: Vec<_> = tokens(&store).await?.into_iter().map(|token| token.revoked_at).collect();
    assert_eq!(revoked, [Some(RECEIVED_AT), None]);
    assert_eq!(opens(&store, digest(1), false, RECEIVED_AT).await?, None);
    assert_eq!(opens(&store, digest(2), false, RECEIVED_AT).await?.as_deref(), Some("wang"));
    let (user, label) = (wang.name, "night".to_owned());
    assert_eq!(told(&store, 3).await?, [AuditEvent::Token { id: 1, user, label, change: Change::Removed }]);
    Ok(())
}

/// There is one authority, kept byte for byte.
pub async fn keeps_one_authority(database: &impl Database) -> Tested {
    let store = database.open().await?;
    assert_eq!(authority(&store).await?, None);
    let sealed_key: Vec<u8> = (0..=u8::MAX).collect();
    add_authority(&store, "first", &sealed_key, &stamp(LOADED_AT)).await?;
    assert_conflict(add_authority(&store, "second", b"key", &stamp(LOADED_AT)).await);
    let kept = AuthorityRow { id: 1, certificate: "first".to_owned(), sealed_key };
    assert_eq!(authority(&store).await?, Some(kept));
    assert_eq!(told(&store, 0).await?, [AuditEvent::Authority { certificate_sha256: Digest::of(b"first") }]);
    Ok(())
}

/// Certificates are kept together or not at all, and listed by collector; each is told.
pub async fn keeps_certificates_all_or_nothing(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let late = CertificateRow { issued_at: RECEIVED_AT, ..certificate("01", "a1") };
    let issued = [certificate("0c", "b1"), late.clone(), certificate("0b", "a1"), certificate("0a", "a1")];
    add_certificates(&store, &issued, &stamp(LOADED_AT)).await?;
    add_certificates(&store, &[], &stamp(LOADED_AT)).await?;
    let [last, _, second, first] = issued.clone();
    let all = [first, second, late, last];
    assert_eq!(certificates(&store).await?, all);
    assert_eq!(crate::people::certificate(&store, "0b").await?.as_ref(), Some(&all[1]));
    assert_eq!(crate::people::certificate(&store, "0d").await?, None);
    let again = [certificate("0d", "a1"), certificate("0a", "a1")];
    let taken = add_certificates(&store, &again, &stamp(LOADED_AT)).await;
    assert!(matches!(taken, Err(StoreError::Database { .. })), "{taken:?}");
    assert_eq!(certificates(&store).await?, all);
    let added = issued.each_ref().map(|row| AuditEvent::certificate(row, Change::Added));
    assert_eq!(told(&store, 0).await?, added);
    Ok(())
}

/// A certificate is revoked once.
pub async fn revokes_certificates_once(database: &impl Database) -> Tested {
    let store = database.open().await?;
    let issued = [certificate("0a", "a1"), certificate("0b", "a1")];
    add_certificates(&store, &issued, &stamp(LOADED_AT)).await?;
    assert!(revoke_certificate(&store, "0a", &stamp(RECEIVED_AT)).await?);
    assert!(!revoke_certificate(&store, "0a", &stamp(SETTLED_AT)).await?);
    assert!(!revoke_certificate(&store, "0c", &stamp(RECEIVED_AT)).await?);
    let [first, second] = issued;
    let event = AuditEvent::certificate(&first, Change::Removed);
    let revoked = CertificateRow { revoked_at: Some(RECEIVED_AT), ..first };
    assert_eq!(certificates(&store).await?, [revoked, second]);
    assert_eq!(told(&store, 2).await?, [event]);
    Ok(())
}
