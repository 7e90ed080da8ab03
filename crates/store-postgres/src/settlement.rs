//! Fixing a window's positions, and reading them back.

use sqlx::{PgConnection, PgPool};
use tongclear_ledger::Position;
use tongclear_store::{AuditEvent, SettlementCommit, StoreError, WindowId, decode, sql};

use crate::read::{Doing, all};
use crate::{audit, bulk};

/// See [`tongclear_store::Store::commit_settlement`].
pub(crate) async fn commit_settlement(
    connection: &mut PgConnection,
    commit: &SettlementCommit,
) -> Result<(), StoreError> {
    let window = commit.window;
    let doing = format!("settling window {window}");
    let step = sqlx::query(sql::SETTLE_WINDOW).bind(window.0).bind(commit.stamp.at.0);
    if step.execute(&mut *connection).await.doing(&doing)?.rows_affected() != 1 {
        return Err(StoreError::Conflict { what: format!("window {window} (it is not cleared)") });
    }
    bulk::insert(connection, sql::ADD_POSITIONS, 11, &commit.positions, &doing, |values, position| {
        values
            .push_bind(window.0)
            .push_bind(position.participant.to_string())
            .push_bind(position.value_date.to_string())
            .push_bind(position.gross.get())
            .push_bind(position.fee.get())
            .push_bind(position.concession.get())
            .push_bind(position.load.get())
            .push_bind(position.adjustments.get())
            .push_bind(position.carried_in.get())
            .push_bind(position.net.get())
            .push_bind(position.carried_out.get());
        Ok(())
    })
    .await?;
    audit::append(connection, &commit.stamp, &AuditEvent::settlement(commit)).await
}

/// See [`tongclear_store::Store::positions`].
pub(crate) async fn positions(pool: &PgPool, window: WindowId) -> Result<Vec<Position>, StoreError> {
    let query = sqlx::query(sql::POSITIONS).bind(window.0);
    let mut positions = all(pool, query, "reading positions", decode::position).await?;
    // Participants sort by kind, not by their text.
    positions.sort_by_key(|position| (position.participant, position.value_date));
    Ok(positions)
}
