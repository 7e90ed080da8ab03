//! Plain statements: one transaction, one state, one writer.

use futures::future::join;
use tongclear_access::{ProposalKind, Role};
use tongclear_types::UnixMillis;

use super::portable::everything;
use super::sample::{CLOSED_AT, LOADED_AT, RECEIVED_AT, digest, load, package, stamp, take_in, told, user};
use super::{Database, Tested};
use crate::decode::Cells as _;
use crate::people::{add_token, add_user, begin_session, users};
use crate::statements::note;
use crate::{
    AuditEvent, Digest, KeyGeneration, Portable as _, RegistryVersion, Store, StoreError, WindowId,
    four_eyes, versions,
};

const CLOSE_ALL: &str = "UPDATE users SET active = 0 WHERE active = 1";
const NAMES: &str = "SELECT name, active, locked_until FROM users ORDER BY name";

/// A writing transaction that is dropped leaves nothing, neither rows nor entries, and the next writer its turn.
pub async fn forgets_a_dropped_transaction(database: &impl Database) -> Tested {
    let store = database.open().await?;
    add_user(&store, &user("wang", Role::Clerk), &stamp(LOADED_AT)).await?;
    let before = everything(&mut *store.snapshot().await?).await?;
    let mut transaction = store.write().await?;
    assert_eq!(transaction.run(CLOSE_ALL, &[]).await?, 1);
    let event = AuditEvent::FourEyes { kind: ProposalKind::Keys, required: true };
    note(&mut *transaction, &stamp(LOADED_AT), &event).await?;
    drop(transaction);
    assert_eq!(everything(&mut *store.snapshot().await?).await?, before);
    add_user(&store, &user("li", Role::Approver), &stamp(LOADED_AT)).await?;
    assert_eq!(told(&store, 0).await?.len(), 2);
    Ok(())
}

/// A statement says how many rows it touched, sees what the transaction wrote before, and others see it once committed.
/// A cell that is asked for by the wrong name or as the wrong kind is a fault.
pub async fn counts_what_it_touches(database: &impl Database) -> Tested {
    let (here, there) = (database.open().await?, database.open().await?);
    for name in ["li", "wang"] {
        add_user(&here, &user(name, Role::Clerk), &stamp(LOADED_AT)).await?;
    }
    let mut transaction = here.write().await?;
    assert_eq!(transaction.run(CLOSE_ALL, &[]).await?, 2);
    assert_eq!(transaction.run(CLOSE_ALL, &[]).await?, 0);
    let rows = transaction.rows(NAMES, &[]).await?;
    assert!(users(&there).await?.iter().all(|user| user.active), "not committed yet");
    transaction.commit().await?;
    assert!(users(&there).await?.iter().all(|user| !user.active));

    let [li, wang] = &rows[..] else { panic!("two rows were due: {rows:?}") };
    assert_eq!((li.text("users.name")?, wang.text("users.name")?), ("li", "wang"));
    assert_eq!((li.integer("users.active")?, li.integer_or_null("users.locked_until")?), (0, None));
    let faults = [
        li.integer("users.name").map(drop),
        li.integer("users.locked_until").map(drop),
        li.text("users.active").map(drop),
        li.text("users.locked_until").map(drop),
        li.blob("users.name").map(drop),
        li.text("users.role").map(drop),
    ];
    for fault in faults {
        assert!(matches!(fault, Err(StoreError::Corrupt { .. })), "{fault:?}");
    }
    Ok(())
}

/// A reader sees one state, whatever is written after it began.
pub async fn reads_one_state(database: &impl Database) -> Tested {
    let (here, there) = (database.open().await?, database.open().await?);
    add_user(&here, &user("wang", Role::Clerk), &stamp(LOADED_AT)).await?;
    let mut reader = here.read().await?;
    add_user(&here, &user("li", Role::Clerk), &stamp(LOADED_AT)).await?;
    add_user(&there, &user("zhao", Role::Clerk), &stamp(LOADED_AT)).await?;
    assert_eq!(reader.rows(NAMES, &[]).await?.len(), 1);
    drop(reader);
    assert_eq!(here.read().await?.rows(NAMES, &[]).await?.len(), 3);
    Ok(())
}

/// Writers of small tables exclude each other and all other writers, through one handle or two: each number is given
/// once, and the log stays a chain.
pub async fn writers_exclude_each_other(database: &impl Database) -> Tested {
    async fn append(store: &impl Store, name: u8) -> Tested {
        let owner = user("wang", Role::Clerk).name;
        for turn in 0..5 {
            let secret = digest(name * 16 + turn);
            add_token(store, &owner, "night", secret, CLOSED_AT, &stamp(LOADED_AT)).await?;
            let body = vec![name, turn];
            let sha256 = Digest::of(&body);
            four_eyes::propose(store, ProposalKind::Keys, "keys", body, sha256, &stamp(LOADED_AT)).await?;
        }
        Ok(())
    }
    let (here, there) = (database.open().await?, database.open().await?);
    add_user(&here, &user("wang", Role::Clerk), &stamp(LOADED_AT)).await?;
    let intake = async {
        for sequence in 1..=5 {
            take_in(&there, &[package(1, "a1", sequence)]).await?;
        }
        load(&there).await
    };
    let appended = join(join(append(&here, 1), append(&here, 2)), append(&there, 3));
    let (((first, second), third), fourth) = join(appended, intake).await;
    first.and(second).and(third).and(fourth)?;

    let tokens = crate::people::tokens(&here).await?;
    assert!(tokens.iter().map(|token| token.id).eq(1..=15));
    assert!(four_eyes::proposals(&here).await?.iter().map(|it| it.id).eq(1..=15));
    assert_eq!(told(&here, 0).await?.len(), 1 + 15 + 15 + 2);
    assert_eq!(here.packages(WindowId(1)).await?.len(), 5);

    let mut transaction = here.write().await?;
    let close = async {
        transaction.run(CLOSE_ALL, &[]).await?;
        transaction.commit().await
    };
    let (li, stamp) = (user("li", Role::Clerk), stamp(RECEIVED_AT));
    let (closed, added) = join(close, add_user(&there, &li, &stamp)).await;
    closed.and(added)?;
    assert_eq!(users(&here).await?.iter().map(|it| it.active).collect::<Vec<_>>(), [true, false]);
    Ok(())
}

/// The newest registry and key ring by number, none in a new store; what else is written does not count.
pub async fn tells_the_newest_versions(database: &impl Database) -> Tested {
    let (here, there) = (database.open().await?, database.open().await?);
    let stamp = stamp(LOADED_AT);
    assert_eq!(versions(&here).await?, (None, None));
    here.add_registry(None, "first", &stamp).await?;
    assert_eq!(versions(&there).await?, (Some(RegistryVersion(1)), None));
    here.add_registry(Some(RegistryVersion(1)), "second", &stamp).await?;
    here.add_key_ring(None, b"keys", &stamp).await?;
    let newest = (Some(RegistryVersion(2)), Some(KeyGeneration(1)));
    assert_eq!(versions(&there).await?, newest);
    add_user(&here, &user("wang", Role::Clerk), &stamp).await?;
    begin_session(&here, digest(1), &user("wang", Role::Clerk), UnixMillis(0), CLOSED_AT).await?;
    assert_eq!(versions(&there).await?, newest);
    Ok(())
}
