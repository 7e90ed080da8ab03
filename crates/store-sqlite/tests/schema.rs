//! The list of tables that backup and migration carry is the schema, and nothing is left behind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it stands")]

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tongclear_store::portable::{Kind, TABLES};
use tongclear_store_sqlite::SqliteStore;

#[tokio::test]
async fn tables_to_carry_are_the_schema() {
    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("centre.sqlite");
    SqliteStore::create(&file).await.unwrap().close().await;
    let mut connection =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&file)).await.unwrap();
    let columns = "SELECT t.name AS t, c.name AS c, c.type AS kind, c.pk AS pk \
        FROM sqlite_master AS t, pragma_table_info(t.name) AS c \
        WHERE t.type = 'table' AND t.name NOT IN ('_sqlx_migrations', 'sqlite_sequence') ORDER BY t.name, c.cid";
    let found: Vec<(String, String, String, i64)> = sqlx::query(columns)
        .fetch_all(&mut connection)
        .await
        .unwrap()
        .iter()
        .map(|row| (row.get("t"), row.get("c"), row.get("kind"), row.get("pk")))
        .collect();

    let mut tables: Vec<_> = TABLES.iter().collect();
    tables.sort_by_key(|table| table.name);
    let carried: Vec<_> = tables
        .iter()
        .flat_map(|table| {
            (0..).zip(table.columns).map(|(at, (column, kind))| {
                let kind = match kind {
                    Kind::Integer => "INTEGER",
                    Kind::Text => "TEXT",
                    Kind::Bytes => "BLOB",
                };
                let key = if at < table.key_columns { i64::try_from(at).unwrap() + 1 } else { 0 };
                (table.name.to_owned(), (*column).to_owned(), kind.to_owned(), key)
            })
        })
        .collect();
    assert_eq!(found, carried);
}
