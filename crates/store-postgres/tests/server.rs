//! What is PostgreSQL's own: the server, who waits for whom, and what SQL from outside cannot do to the tables.

use std::time::Duration;

use tongclear_store::contract::sample;
use tongclear_store::{RegistryVersion, Stamp, Store, StoreError, WindowId};
use tongclear_store_postgres::{Address, PostgresStore};
use tongclear_test_postgres::{Cluster, LOCKED, Session};

fn address(url: &str) -> Address {
    url.parse().expect("a URL of a test")
}

/// The name of the database of a URL.
fn name(url: &str) -> &str {
    url.rsplit_once('/').expect("it has a path").1
}

fn loaded() -> Stamp {
    sample::stamp(sample::LOADED_AT)
}

/// An empty database of the shared server.
fn database() -> (&'static Cluster, String) {
    (Cluster::shared(), Cluster::shared().database())
}

#[track_caller]
fn refused<T>(result: Result<T, StoreError>, expected: &str) {
    match result {
        Err(StoreError::Database { doing, reason }) => {
            let message = format!("{doing}: {reason}");
            assert!(message.contains(expected), "{message:?} does not say {expected:?}");
            assert!(!message.contains("wrong-horse"), "{message:?} shows the password");
        }
        Err(other) => panic!("not an infrastructure fault: {other}"),
        Ok(_) => panic!("it went well"),
    }
}

#[tokio::test]
async fn opens_only_what_is_there() {
    let (cluster, url) = database();
    refused(PostgresStore::open(&address(&url)).await, "it holds no centre");
    assert!(!PostgresStore::holds_centre(&address(&url)).await.unwrap());
    assert_eq!(cluster.sql(name(&url), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
    let absent = address(&cluster.url("absent"));
    refused(PostgresStore::open(&absent).await, "database \"absent\" does not exist");
    refused(PostgresStore::create(&absent).await, "database \"absent\" does not exist");
    // Port 1 is nobody's.
    let nowhere = address("postgres://u:wrong-horse@127.0.0.1:1/centre");
    refused(
        PostgresStore::open(&nowhere).await,
        "opening postgres://u@127.0.0.1:1/centre: the server cannot be reached",
    );
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let (cluster, url) = database();
    let of = |password: &str| {
        let (port, name) = (cluster.port(), name(&url));
        address(&format!("postgres://{}:{password}@127.0.0.1:{port}/{name}", LOCKED.name))
    };
    refused(PostgresStore::create(&of("wrong-horse")).await, "password authentication failed");
    cluster.sql(name(&url), &format!("GRANT CREATE ON SCHEMA public TO {}", LOCKED.name));
    let store = PostgresStore::create(&of(LOCKED.password)).await.unwrap();
    assert_eq!(store.windows().await.unwrap().len(), 1);
    let shown = format!("{store:?}");
    assert!(shown.contains(name(&url)) && !shown.contains(LOCKED.password), "{shown}");
}

#[tokio::test]
async fn leaves_other_tables_alone() {
    let (cluster, url) = database();
    cluster.sql(name(&url), "CREATE TABLE windows (of_the_house TEXT)");
    refused(PostgresStore::create(&address(&url)).await, "it holds no centre but other tables (windows)");
    assert_eq!(
        cluster
            .sql(name(&url), "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'"),
        "windows"
    );
}

#[tokio::test]
async fn completes_a_creation_that_was_cut_short() {
    let (cluster, url) = database();
    // As if the connection had gone before the first migration.
    let list = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
        installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, \
        execution_time BIGINT NOT NULL)";
    cluster.sql(name(&url), list);
    let store = PostgresStore::create(&address(&url)).await.unwrap();
    assert_eq!(store.windows().await.unwrap().len(), 1);
}

#[tokio::test]
async fn refuses_a_database_of_a_later_version() {
    let (cluster, url) = database();
    PostgresStore::create(&address(&url)).await.unwrap().close().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'later', TRUE, '', 0)";
    cluster.sql(name(&url), later);
    refused(PostgresStore::open(&address(&url)).await, "9999");
}

#[tokio::test]
async fn opens_and_reads_while_someone_else_writes() {
    let (_cluster, url) = database();
    let writer = PostgresStore::create(&address(&url)).await.unwrap();
    let mut batch = writer.begin_intake().await.unwrap();
    batch.accept(&sample::package(1, "a1", 1)).await.unwrap();
    let reader = PostgresStore::open(&address(&url)).await.unwrap();
    assert_eq!(reader.windows().await.unwrap()[0].packages, 0);
    batch.commit().await.unwrap();
    assert_eq!(reader.windows().await.unwrap()[0].packages, 1);
}

/// A writer that does not get its turn says so in time, has written nothing, and is free for the next try.
#[tokio::test]
async fn waits_for_another_writer_only_so_long() {
    let (_cluster, url) = database();
    let store = PostgresStore::create(&address(&url)).await.unwrap();
    let batch = store.begin_intake().await.unwrap();
    let hasty = store.clone().with_wait_for_writer(Duration::from_millis(50));
    refused(hasty.add_registry(None, "{}", &loaded()).await, "someone else has kept the lock");
    drop(batch);
    assert_eq!(hasty.add_registry(None, "{}", &loaded()).await.unwrap(), RegistryVersion(1));
}

/// As many writers as there are connections wait, and the one whose turn it is can still read.
#[tokio::test]
async fn writers_that_wait_do_not_starve_readers() {
    let (_cluster, url) = database();
    let store = PostgresStore::create(&address(&url)).await.unwrap();
    let batch = store.begin_intake().await.unwrap();
    let hasty = store.clone().with_wait_for_writer(Duration::from_millis(200));
    let waiting = (0..8).map(|_| hasty.begin_intake());
    let (refusals, windows) =
        futures::future::join(futures::future::join_all(waiting), store.windows()).await;
    assert_eq!(windows.unwrap().len(), 1);
    for refusal in refusals {
        refused(refusal.map(drop), "someone else has kept the lock");
    }
    drop(batch);
}

/// Whatever isolation the server gives by default, a writer sees what the writer before it committed.
#[tokio::test]
async fn a_writer_sees_what_was_committed_while_it_waited() {
    let (cluster, url) = database();
    PostgresStore::create(&address(&url)).await.unwrap().close().await;
    let name = name(&url);
    cluster.sql(name, &format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"));
    let store = PostgresStore::open(&address(&url)).await.unwrap();
    let mut batch = store.begin_intake().await.unwrap();
    let first = async {
        // Not before the second one waits.
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = \
            (SELECT oid FROM pg_database WHERE datname = current_database())";
        while cluster.sql(name, waiting) == "0" {
            tokio::task::yield_now().await;
        }
        batch.accept(&sample::package(1, "a1", 1)).await?;
        batch.commit().await
    };
    let second = async {
        let mut batch = store.begin_intake().await?;
        batch.neighbours(sample::package_key("a1", 1)).await
    };
    let (first, second) = futures::future::join(first, second).await;
    first.unwrap();
    assert!(second.unwrap().same.is_some());
}

/// What was reported as written is there after the server went down that moment, although server and database are
/// set to report commits before they are on disk.
#[tokio::test]
async fn commits_are_durable_whatever_the_server_says() {
    let cluster = Cluster::start();
    let url = cluster.database();
    let store = PostgresStore::create(&address(&url)).await.unwrap();
    store.add_registry(None, "{}", &loaded()).await.unwrap();
    cluster.cut();
    refused(store.add_registry(Some(RegistryVersion(1)), "{}", &loaded()).await, "no connection within");
    cluster.start_again();
    // The same handle finds the server again.
    assert_eq!(
        store.latest_registry().await.unwrap().map(|registry| registry.number),
        Some(RegistryVersion(1))
    );
    // The server would indeed have lost what does not ask for more.
    cluster.sql(name(&url), "UPDATE registries SET body = 'lost'");
    cluster.cut();
    cluster.start_again();
    assert_eq!(store.latest_registry().await.unwrap().unwrap().body, "{}");
}

/// Statement, and what PostgreSQL says to it.
#[tokio::test]
async fn the_tables_defend_themselves() {
    const TRANSFER: &str = "INSERT INTO transfers (id, business_date, code, debit, credit, amount_fen, merchant, \
        operator) VALUES ('00000000000000000000000000000001', '2026-11-22', 'purchase', 'a', 'b', 5, 'BUS00001', \
        '0417')";
    let (cluster, url) = database();
    PostgresStore::create(&address(&url)).await.unwrap().close().await;
    cluster.sql(name(&url), TRANSFER);
    let replaced = format!("{TRANSFER} ON CONFLICT (id) DO UPDATE SET amount_fen = 6");
    let table = [
        ("UPDATE transfers SET amount_fen = 6", "a transfer is never changed or deleted"),
        ("DELETE FROM transfers", "a transfer is never changed or deleted"),
        ("TRUNCATE transfers", "a transfer is never changed or deleted"),
        (&replaced, "a transfer is never changed or deleted"),
        ("INSERT INTO windows (id, state) VALUES (2, 'open')", "windows_one_open"),
        ("UPDATE windows SET state = 'closed'", "violates check constraint"),
        ("UPDATE windows SET state = 'half open'", "violates check constraint"),
        ("UPDATE windows SET amount_fen = 'much'", "invalid input syntax for type bigint"),
        ("UPDATE windows SET packages = -1", "violates check constraint"),
        (
            "INSERT INTO runs (window_id, digest, totals_json, cleared_at) SELECT 7, repeat('0', 64), '{}', 0",
            "violates foreign key constraint",
        ),
    ];
    for (statement, expected) in table {
        let said = cluster.sql_refused(name(&url), statement);
        assert!(said.contains(expected), "{statement}: {said}");
    }
}

/// What someone wrote into the tables from outside is reported with its column and value.
#[tokio::test]
async fn names_the_column_that_was_tampered_with() {
    let (cluster, url) = database();
    let store = PostgresStore::create(&address(&url)).await.unwrap();
    sample::take_in(&store, &[sample::package(1, "a1", 1)]).await.unwrap();
    cluster.sql(
        name(&url),
        "ALTER TABLE package_terminals DROP CONSTRAINT package_terminals_collector_sequence_fkey",
    );
    let table = [
        ("UPDATE packages SET digest = replace(digest, '0', 'x')", "packages.digest holds \"x1x1"),
        ("UPDATE packages SET merchant = 'bus00001'", "packages.merchant holds \"bus00001\""),
        ("UPDATE packages SET collector = 'no collector'", "packages.collector holds \"no collector\""),
    ];
    for (statement, expected) in table {
        cluster.sql(name(&url), statement);
        let error = store.packages(WindowId(1)).await.expect_err(statement);
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

/// A transfer's id follows from its content, so content that was exchanged behind the triggers shows.
#[tokio::test]
async fn sees_that_a_transfer_is_another() {
    let (cluster, url) = database();
    let store = PostgresStore::create(&address(&url)).await.unwrap();
    sample::load(&store).await.unwrap();
    sample::night(&store, "2026-11-22").await.unwrap();
    cluster.sql(
        name(&url),
        "DROP TRIGGER transfers_never_change ON transfers; \
         UPDATE transfers SET credit = 'merchant:BUS00666:payable' WHERE code = 'purchase'",
    );
    let error = store.transfers(sample::date("2026-11-22")).await.expect_err("it is another").to_string();
    assert!(error.contains("transfers.id holds") && error.contains("its content belongs to"), "{error}");
}

/// A lock that someone else's session holds on a table is waited for no longer than another writer.
#[tokio::test]
async fn a_table_someone_keeps_is_waited_for_only_so_long() {
    let (cluster, url) = database();
    let store = PostgresStore::create(&address(&url)).await.unwrap();
    let mut keeper: Session = cluster.session(&url);
    keeper.run("BEGIN; LOCK TABLE registries IN SHARE MODE");
    let hasty = store.clone().with_wait_for_writer(Duration::from_millis(50));
    refused(hasty.add_registry(None, "{}", &loaded()).await, "storing the registry");
    drop(keeper);
    hasty.with_wait_for_writer(Duration::from_secs(10)).add_registry(None, "{}", &loaded()).await.unwrap();
}
