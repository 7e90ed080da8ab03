//! What is SQLite's own: the file, its settings, and what SQL from outside cannot do to it.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tempfile::TempDir;
use tongclear_store::contract::sample;
use tongclear_store::{Store, StoreError, WindowId};
use tongclear_store_sqlite::SqliteStore;

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("centre.db");
    (folder, file)
}

/// Connects as the `sqlite3` shell would.
async fn shell(file: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(file).connect().await.expect("the file opens")
}

#[track_caller]
fn refused(result: Result<SqliteStore, StoreError>, expected: &str) {
    match result {
        Err(StoreError::Database { doing, reason }) => {
            let message = format!("{doing}: {reason}");
            assert!(message.contains(expected), "{message:?} does not say {expected:?}");
        }
        Err(other) => panic!("not an infrastructure fault: {other}"),
        Ok(_) => panic!("it opened"),
    }
}

#[tokio::test]
async fn opens_only_what_is_there() {
    let (folder, file) = folder();
    refused(SqliteStore::open(&file).await, "centre.db: No such file");
    assert!(!file.exists(), "looking for a file must not make it");
    refused(SqliteStore::open(folder.path()).await, "it is not a file");
    refused(SqliteStore::create(folder.path()).await, "it is not a file");
    refused(SqliteStore::create(folder.path().join("no/such/folder.db")).await, "folder.db");
}

#[tokio::test]
async fn leaves_other_files_alone() {
    let (_folder, file) = folder();
    let text = "not a database\n".repeat(1_000);
    fs::write(&file, &text).unwrap();
    refused(SqliteStore::open(&file).await, "not a database");
    refused(SqliteStore::create(&file).await, "not a database");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

/// Without the right to write there is an error and no panic; root, whom no permission stops, may open.
#[cfg(unix)]
#[tokio::test]
async fn refuses_what_it_may_not_write() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, file) = folder();
    SqliteStore::create(&file).await.unwrap().close().await;
    let permit = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    permit(&file, 0o444);
    permit(folder.path(), 0o555);
    if fs::File::options().append(true).open(&file).is_ok() {
        assert_eq!(SqliteStore::open(&file).await.unwrap().windows().await.unwrap().len(), 1);
    } else {
        refused(SqliteStore::open(&file).await, "centre.db");
        refused(SqliteStore::create(folder.path().join("other.db")).await, "other.db");
    }
    permit(folder.path(), 0o755);
}

#[tokio::test]
async fn completes_a_creation_that_was_cut_short() {
    let (_folder, file) = folder();
    fs::write(&file, b"").unwrap();
    refused(SqliteStore::open(&file).await, "no centre");
    let store = SqliteStore::create(&file).await.unwrap();
    assert_eq!(store.windows().await.unwrap().len(), 1);
}

#[tokio::test]
async fn refuses_a_file_of_a_later_version() {
    let (_folder, file) = folder();
    SqliteStore::create(&file).await.unwrap().close().await;
    let mut shell = shell(&file).await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'later', TRUE, x'00', 0)";
    sqlx::query(later).execute(&mut shell).await.unwrap();
    refused(SqliteStore::open(&file).await, "9999");
}

#[tokio::test]
async fn opens_while_someone_else_writes() {
    let (_folder, file) = folder();
    let writer = SqliteStore::create(&file).await.unwrap();
    let mut batch = writer.begin_intake().await.unwrap();
    batch.accept(&sample::package(1, "a1", 1)).await.unwrap();
    let reader = SqliteStore::open(&file).await.unwrap();
    assert_eq!(reader.windows().await.unwrap()[0].packages, 0);
    batch.commit().await.unwrap();
    assert_eq!(reader.windows().await.unwrap()[0].packages, 1);
}

#[tokio::test]
async fn folds_its_log_into_the_file_when_closed() {
    let (folder, file) = folder();
    let store = SqliteStore::create(&file).await.unwrap();
    store.windows().await.unwrap();
    assert_eq!(store.path(), file);
    assert!(folder.path().join("centre.db-wal").exists());
    store.close().await;
    assert!(!folder.path().join("centre.db-wal").exists());
}

/// Statement, and what SQLite says to it.
#[tokio::test]
async fn the_tables_defend_themselves() {
    const TRANSFER: &str = "INSERT INTO transfers (id, business_date, code, debit, credit, amount_fen, merchant, \
        operator) VALUES ('00000000000000000000000000000001', '2026-11-22', 'purchase', 'a', 'b', 5, 'BUS00001', \
        '0417')";
    const REPLACED: &str = "INSERT OR REPLACE INTO transfers (id, business_date, code, debit, credit, amount_fen, \
        merchant, operator) VALUES ('00000000000000000000000000000001', '2026-11-22', 'purchase', 'a', 'b', 6, \
        'BUS00001', '0417')";
    let (_folder, file) = folder();
    SqliteStore::create(&file).await.unwrap().close().await;
    let mut shell = shell(&file).await;
    sqlx::query(TRANSFER).execute(&mut shell).await.unwrap();
    let table = [
        ("UPDATE transfers SET amount_fen = 6", "a transfer is never changed"),
        ("DELETE FROM transfers", "a transfer is never deleted"),
        (REPLACED, "a transfer is never replaced"),
        ("INSERT INTO windows (id, state) VALUES (2, 'open')", "UNIQUE constraint failed: windows.state"),
        ("UPDATE windows SET state = 'closed'", "CHECK constraint failed"),
        ("UPDATE windows SET state = 'half open'", "CHECK constraint failed"),
        ("UPDATE windows SET amount_fen = 'much'", "cannot store TEXT value in INTEGER column"),
        ("UPDATE windows SET packages = -1", "CHECK constraint failed"),
        (
            "INSERT INTO runs (window_id, digest, totals_json, cleared_at) \
             SELECT 7, printf('%064d', 0), '{}', 0",
            "FOREIGN KEY constraint failed",
        ),
    ];
    for (statement, expected) in table {
        let error = sqlx::query(statement).execute(&mut shell).await.expect_err(statement).to_string();
        assert!(error.contains(expected), "{statement}: {error}");
    }
    shell.close().await.unwrap();
}

/// What someone wrote into the file from outside is reported with its column and value.
#[tokio::test]
async fn names_the_column_that_was_tampered_with() {
    let (_folder, file) = folder();
    let store = SqliteStore::create(&file).await.unwrap();
    sample::take_in(&store, &[sample::package(1, "a1", 1)]).await.unwrap();
    let mut shell = shell(&file).await;
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut shell).await.unwrap();
    let table = [
        ("UPDATE packages SET digest = replace(digest, '0', 'x')", "packages.digest holds \"x1x1"),
        ("UPDATE packages SET merchant = 'bus00001'", "packages.merchant holds \"bus00001\""),
        ("UPDATE packages SET collector = 'no collector'", "packages.collector holds \"no collector\""),
    ];
    for (statement, expected) in table {
        sqlx::query(statement).execute(&mut shell).await.unwrap();
        let error = store.packages(WindowId(1)).await.expect_err(statement);
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

/// A transfer's id follows from its content, so content that was exchanged behind the triggers shows.
#[tokio::test]
async fn sees_that_a_transfer_is_another() {
    let (_folder, file) = folder();
    let store = SqliteStore::create(&file).await.unwrap();
    sample::load(&store).await.unwrap();
    sample::night(&store, "2026-11-22").await.unwrap();
    let mut shell = shell(&file).await;
    for statement in [
        "DROP TRIGGER transfers_never_change",
        "UPDATE transfers SET credit = 'merchant:BUS00666:payable' WHERE code = 'purchase'",
    ] {
        sqlx::query(statement).execute(&mut shell).await.unwrap();
    }
    let error = store.transfers(sample::date("2026-11-22")).await.expect_err("it is another").to_string();
    assert!(error.contains("transfers.id holds") && error.contains("its content belongs to"), "{error}");
}

/// Both databases have the same migrations: numbers and names, without gaps.
#[test]
fn migrations_are_mirrored() {
    let names = |database: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(database);
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("postgres"));
    assert!(!sqlite.is_empty());
    for (number, name) in (1..).zip(&sqlite) {
        assert!(name.starts_with(&format!("{number:04}_")) && name.ends_with(".sql"), "{name}");
    }
}
