//! Posting transfers and moving balances; neither is ever done twice.

use sqlx::{SqliteConnection, SqliteExecutor, SqlitePool};
use tongclear_ledger::{Posted, Transfer, compare};
use tongclear_store::{AccountBalance, LedgerState, Moved, StoreError, decode, sql};
use tongclear_types::BusinessDate;

use crate::read::{Doing, Found, all};

/// Posts what is not in the ledger yet and moves the balances by exactly that.
pub(crate) async fn post(
    connection: &mut SqliteConnection,
    transfers: &[Transfer],
) -> Result<(), StoreError> {
    let mut moved = Moved::default();
    for transfer in transfers {
        if post_one(connection, transfer).await? {
            moved.add(transfer)?;
        }
    }
    for balance in moved.into_balances() {
        let query = sqlx::query(sql::MOVE_BALANCE)
            .bind(balance.account.to_string())
            .bind(balance.debits.get())
            .bind(balance.credits.get());
        query.execute(&mut *connection).await.doing("moving a balance")?;
    }
    Ok(())
}

/// Whether the transfer was posted now; not when it stands in the ledger with the same content.
async fn post_one(connection: &mut SqliteConnection, transfer: &Transfer) -> Result<bool, StoreError> {
    let id = transfer.id().to_string();
    let doing = format!("posting transfer {id}");
    let existing =
        sqlx::query(sql::TRANSFER).bind(&id).fetch_optional(&mut *connection).await.doing(&doing)?;
    if let Some(existing) = existing {
        return match compare(&decode::transfer_parts(&Found(&existing))?, transfer) {
            Posted::ExistsWithDifferent(field) => {
                Err(StoreError::TransferDiffers { id, field: field.to_string() })
            }
            Posted::Created | Posted::Exists => Ok(false),
        };
    }
    let query = sqlx::query(sql::ADD_TRANSFER)
        .bind(id)
        .bind(transfer.window.to_string())
        .bind(transfer.code.to_string())
        .bind(transfer.debit.to_string())
        .bind(transfer.credit.to_string())
        .bind(transfer.amount.get())
        .bind(transfer.merchant.map(String::from))
        .bind(transfer.operator.map(String::from))
        .bind(transfer.contract.map(String::from))
        .bind(transfer.reference.map(String::from));
    query.execute(connection).await.doing(&doing)?;
    Ok(true)
}

/// See [`tongclear_store::Store::transfers`].
pub(crate) async fn transfers(pool: &SqlitePool, date: BusinessDate) -> Result<Vec<Transfer>, StoreError> {
    all(pool, sqlx::query(sql::TRANSFERS).bind(date.to_string()), "reading transfers", decode::transfer).await
}

/// See [`tongclear_store::Store::ledger`].
pub(crate) async fn state(connection: &mut SqliteConnection) -> Result<LedgerState, StoreError> {
    let transfers =
        all(&mut *connection, sqlx::query(sql::ALL_TRANSFERS), "reading the ledger", decode::transfer)
            .await?;
    Ok(LedgerState { transfers, balances: balances(connection).await? })
}

/// See [`tongclear_store::Store::balances`].
pub(crate) async fn balances(database: impl SqliteExecutor<'_>) -> Result<Vec<AccountBalance>, StoreError> {
    let mut balances = all(database, sqlx::query(sql::BALANCES), "reading balances", decode::balance).await?;
    // Accounts sort by participant, not by their text.
    balances.sort_by_key(|balance| balance.account);
    Ok(balances)
}
