//! What a clearing run commits, and reading it back.

use sqlx::{PgConnection, PgPool};
use tongclear_store::{
    AuditEvent, ClearingCommit, PackageResult, RunFile, RunRow, StoreError, SuspendedItem, WindowId, column,
    cut, decode, sql,
};
use tongclear_types::CardId;

use crate::read::{Doing, Found, all};
use crate::{audit, bulk, ledger};

/// See [`tongclear_store::Store::suspended_before`].
pub(crate) async fn suspended_before(
    pool: &PgPool,
    window: WindowId,
) -> Result<Vec<SuspendedItem>, StoreError> {
    all(pool, sqlx::query(sql::SUSPENDED_BEFORE).bind(window.0), "reading suspended items", decode::suspended)
        .await
}

/// See [`tongclear_store::Store::suspended_in`].
pub(crate) async fn suspended_in(pool: &PgPool, window: WindowId) -> Result<Vec<SuspendedItem>, StoreError> {
    all(pool, sqlx::query(sql::SUSPENDED_IN).bind(window.0), "reading suspended items", decode::suspended)
        .await
}

/// See [`tongclear_store::Store::suspended_of_card`].
pub(crate) async fn suspended_of_card(
    pool: &PgPool,
    card: CardId,
) -> Result<Vec<(WindowId, SuspendedItem)>, StoreError> {
    let query =
        sqlx::query(sql::SUSPENDED_OF_CARD).bind(card.issuer.to_string()).bind(card.serial.to_string());
    all(pool, query, "reading suspended items of a card", decode::suspended_by).await
}

/// See [`tongclear_store::Store::commit_clearing`].
pub(crate) async fn commit_clearing(
    connection: &mut PgConnection,
    commit: &ClearingCommit,
) -> Result<(), StoreError> {
    let window = commit.window;
    let doing = format!("committing the run of window {window}");
    let step = sqlx::query(sql::CLEAR_WINDOW).bind(window.0).execute(&mut *connection).await.doing(&doing)?;
    if step.rows_affected() != 1 {
        return Err(StoreError::Conflict { what: format!("window {window} (it is not closed)") });
    }
    cut::pass("commit.begun");
    let run = sqlx::query(sql::ADD_RUN)
        .bind(window.0)
        .bind(commit.digest.to_string())
        .bind(&commit.totals_json)
        .bind(commit.stamp.at.0)
        .bind(commit.root.map(|root| root.to_string()));
    run.execute(&mut *connection).await.doing(&doing)?;
    insert_files(connection, window, &commit.files, &doing).await?;
    ledger::post(connection, &commit.transfers).await?;
    cut::pass("commit.posted");
    insert_results(connection, &commit.packages, &doing).await?;
    insert_suspended(connection, window, &commit.suspended, &doing).await?;
    audit::append(connection, &commit.stamp, &AuditEvent::run(commit)).await?;
    cut::pass("commit.recorded");
    Ok(())
}

async fn insert_files(
    connection: &mut PgConnection,
    window: WindowId,
    files: &[RunFile],
    doing: &str,
) -> Result<(), StoreError> {
    bulk::insert(connection, sql::ADD_RUN_FILES, 3, files, doing, |values, file| {
        values.push_bind(window.0).push_bind(file.path.clone()).push_bind(file.digest.to_string());
        Ok(())
    })
    .await
}

/// See [`tongclear_store::Store::run_files`].
pub(crate) async fn run_files(pool: &PgPool, window: WindowId) -> Result<Vec<RunFile>, StoreError> {
    all(pool, sqlx::query(sql::RUN_FILES).bind(window.0), "reading the files of a run", decode::run_file)
        .await
}

async fn insert_results(
    connection: &mut PgConnection,
    results: &[PackageResult],
    doing: &str,
) -> Result<(), StoreError> {
    bulk::insert(connection, sql::ADD_PACKAGE_RESULTS, 10, results, doing, |values, result| {
        values.push_bind(result.key.collector.to_string()).push_bind(i64::from(result.key.sequence.0));
        for tally in result.tallies {
            values
                .push_bind(column::stored("package_results.count", tally.count)?)
                .push_bind(tally.amount_fen.get());
        }
        Ok(())
    })
    .await
}

async fn insert_suspended(
    connection: &mut PgConnection,
    window: WindowId,
    items: &[SuspendedItem],
    doing: &str,
) -> Result<(), StoreError> {
    // In the order of their key, so that a million of them fill the table from one end.
    let mut items: Vec<&SuspendedItem> = items.iter().collect();
    items.sort_unstable_by_key(|item| (item.package, item.row));
    bulk::insert(connection, sql::ADD_SUSPENDED_ITEMS, 17, &items, doing, |values, item| {
        values
            .push_bind(window.0)
            .push_bind(item.package.collector.to_string())
            .push_bind(i64::from(item.package.sequence.0))
            .push_bind(i64::from(item.row))
            .push_bind(item.merchant.to_string())
            .push_bind(item.operator.to_string())
            .push_bind(item.card.issuer.to_string())
            .push_bind(item.card.serial.to_string())
            .push_bind(item.chain.name())
            .push_bind(i64::from(item.counter))
            .push_bind(item.terminal.to_string())
            .push_bind(i64::from(item.terminal_number.0))
            .push_bind(i64::from(item.amount_fen))
            .push_bind(item.date.to_string())
            .push_bind(item.time.to_string())
            .push_bind(column::hex(&item.tac))
            .push_bind(item.reason.name());
        Ok(())
    })
    .await
}

/// See [`tongclear_store::Store::run`].
pub(crate) async fn run(pool: &PgPool, window: WindowId) -> Result<Option<RunRow>, StoreError> {
    let query = sqlx::query(sql::RUN).bind(window.0);
    let row = query.fetch_optional(pool).await.doing("reading a run")?;
    row.as_ref().map(|row| decode::run(&Found(row))).transpose()
}

/// See [`tongclear_store::Store::package_results`].
pub(crate) async fn package_results(
    pool: &PgPool,
    window: WindowId,
) -> Result<Vec<PackageResult>, StoreError> {
    all(
        pool,
        sqlx::query(sql::PACKAGE_RESULTS).bind(window.0),
        "reading package results",
        decode::package_result,
    )
    .await
}
