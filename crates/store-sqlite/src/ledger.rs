//! Posting transfers and moving balances; neither is ever done twice.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqliteExecutor, SqlitePool};
use tongclear_ledger::{Account, Posted, Transfer, TransferParts, compare};
use tongclear_store::{AccountBalance, LedgerState, StoreError, column, sql};
use tongclear_types::{BusinessDate, Fen};

use crate::read::{Doing, all, cell, fen, optional, text};

/// Posts what is not in the ledger yet and moves the balances by exactly that.
pub(crate) async fn post(
    connection: &mut SqliteConnection,
    transfers: &[Transfer],
) -> Result<(), StoreError> {
    let mut moved = BTreeMap::<Account, AccountBalance>::new();
    for transfer in transfers {
        if !post_one(connection, transfer).await? {
            continue;
        }
        let debits = &mut moved.entry(transfer.debit).or_insert_with(|| none(transfer.debit)).debits;
        *debits = sum("balances.debits_fen", *debits, transfer.amount)?;
        let credits = &mut moved.entry(transfer.credit).or_insert_with(|| none(transfer.credit)).credits;
        *credits = sum("balances.credits_fen", *credits, transfer.amount)?;
    }
    for balance in moved.into_values() {
        let query = sqlx::query(sql::MOVE_BALANCE)
            .bind(balance.account.to_string())
            .bind(balance.debits.get())
            .bind(balance.credits.get());
        query.execute(&mut *connection).await.doing("moving a balance")?;
    }
    Ok(())
}

const fn none(account: Account) -> AccountBalance {
    AccountBalance { account, debits: Fen::ZERO, credits: Fen::ZERO }
}

fn sum(column: &'static str, so_far: Fen, amount: Fen) -> Result<Fen, StoreError> {
    let sum = so_far.checked_add(amount);
    sum.map_err(|reason| column::corrupt(column, format!("{so_far} + {amount}"), reason))
}

/// Whether the transfer was posted now; not when it stands in the ledger with the same content.
async fn post_one(connection: &mut SqliteConnection, transfer: &Transfer) -> Result<bool, StoreError> {
    let id = transfer.id().to_string();
    let doing = format!("posting transfer {id}");
    let existing =
        sqlx::query(sql::TRANSFER).bind(&id).fetch_optional(&mut *connection).await.doing(&doing)?;
    if let Some(existing) = existing {
        return match compare(&parts(&existing)?, transfer) {
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
        .bind(transfer.contract.map(String::from));
    query.execute(connection).await.doing(&doing)?;
    Ok(true)
}

fn parts(row: &SqliteRow) -> Result<TransferParts, StoreError> {
    Ok(TransferParts {
        window: text(row, "transfers.business_date")?,
        code: text(row, "transfers.code")?,
        debit: text(row, "transfers.debit")?,
        credit: text(row, "transfers.credit")?,
        amount: fen(row, "transfers.amount_fen")?,
        merchant: optional(row, "transfers.merchant")?,
        operator: optional(row, "transfers.operator")?,
        contract: optional(row, "transfers.contract")?,
    })
}

fn read(row: &SqliteRow) -> Result<Transfer, StoreError> {
    let id: &str = cell(row, "transfers.id")?;
    let transfer =
        Transfer::new(parts(row)?).map_err(|reason| column::corrupt("transfers.id", id, reason))?;
    if transfer.id().to_string() != id {
        let reason = format!("its content belongs to {}", transfer.id());
        return Err(column::corrupt("transfers.id", id, reason));
    }
    Ok(transfer)
}

/// See [`tongclear_store::Store::transfers`].
pub(crate) async fn transfers(pool: &SqlitePool, date: BusinessDate) -> Result<Vec<Transfer>, StoreError> {
    all(pool, sqlx::query(sql::TRANSFERS).bind(date.to_string()), "reading transfers", read).await
}

/// See [`tongclear_store::Store::ledger`].
pub(crate) async fn state(connection: &mut SqliteConnection) -> Result<LedgerState, StoreError> {
    let transfers =
        all(&mut *connection, sqlx::query(sql::ALL_TRANSFERS), "reading the ledger", read).await?;
    Ok(LedgerState { transfers, balances: balances(connection).await? })
}

/// See [`tongclear_store::Store::balances`].
pub(crate) async fn balances(database: impl SqliteExecutor<'_>) -> Result<Vec<AccountBalance>, StoreError> {
    let mut balances = all(database, sqlx::query(sql::BALANCES), "reading balances", balance).await?;
    // Accounts sort by participant, not by their text.
    balances.sort_by_key(|balance| balance.account);
    Ok(balances)
}

fn balance(row: &SqliteRow) -> Result<AccountBalance, StoreError> {
    Ok(AccountBalance {
        account: text(row, "balances.account")?,
        debits: fen(row, "balances.debits_fen")?,
        credits: fen(row, "balances.credits_fen")?,
    })
}
