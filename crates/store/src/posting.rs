//! Posting transfers inside a transaction of plain statements; none is posted twice.

use tongclear_ledger::{Posted, Transfer, compare};

use crate::statements::find;
use crate::{Moved, Statements, StoreError, decode, sql};

/// Posts what is not in the ledger yet and moves the balances by exactly that.
///
/// # Errors
/// [`StoreError::TransferDiffers`] when a transfer exists with other content; faults of the database.
pub async fn post(transaction: &mut dyn Statements, transfers: &[Transfer]) -> Result<(), StoreError> {
    let mut moved = Moved::default();
    for transfer in transfers {
        if post_one(transaction, transfer).await? {
            moved.add(transfer)?;
        }
    }
    for balance in moved.into_balances() {
        let values =
            [balance.account.to_string().into(), balance.debits.get().into(), balance.credits.get().into()];
        transaction.run(sql::MOVE_BALANCE, &values).await?;
    }
    Ok(())
}

async fn post_one(transaction: &mut dyn Statements, transfer: &Transfer) -> Result<bool, StoreError> {
    let id = transfer.id().to_string();
    if let Some(existing) = find(transaction, sql::TRANSFER, &[id.clone().into()]).await? {
        return match compare(&decode::transfer_parts(&existing)?, transfer) {
            Posted::ExistsWithDifferent(field) => {
                Err(StoreError::TransferDiffers { id, field: field.to_string() })
            }
            Posted::Created | Posted::Exists => Ok(false),
        };
    }
    let values = [
        id.into(),
        transfer.window.to_string().into(),
        transfer.code.to_string().into(),
        transfer.debit.to_string().into(),
        transfer.credit.to_string().into(),
        transfer.amount.get().into(),
        transfer.merchant.map(String::from).into(),
        transfer.operator.map(String::from).into(),
        transfer.contract.map(String::from).into(),
        transfer.reference.map(String::from).into(),
    ];
    transaction.run(sql::ADD_TRANSFER, &values).await?;
    Ok(true)
}
