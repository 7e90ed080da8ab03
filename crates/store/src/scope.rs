//! Whose figures may be seen: every read for somebody outside the centre's staff is bound to it, here where rows are
//! read, so that a check forgotten further up shows nothing of others.

use tongclear_ledger::{Participant, Position};
use tongclear_types::{BusinessDate, CollectorId, MerchantCode, OperatorCode};

use crate::decode;
use crate::{Store, StoreError, WindowId};

/// Whose figures may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everyone's: the centre's staff.
    Everything,
    /// Those of one participant.
    Of(Participant),
    /// What one collector sent, and what it is told.
    Collector(CollectorId),
}

impl Scope {
    /// Whether a record of `merchant`, made with a card of `operator`, sent by `collector`, is in it.
    #[must_use]
    pub fn sees(
        &self,
        merchant: MerchantCode,
        operator: Option<OperatorCode>,
        collector: CollectorId,
    ) -> bool {
        match self {
            Self::Everything => true,
            Self::Of(Participant::Merchant(own)) => *own == merchant,
            Self::Of(Participant::Operator(own)) => operator == Some(*own),
            // A sponsor and the centre itself have no records of their own.
            Self::Of(Participant::Sponsor(_) | Participant::Centre) => false,
            Self::Collector(own) => *own == collector,
        }
    }

    /// Whether what `participant` is owed or owes is in it.
    #[must_use]
    pub fn sees_account(&self, participant: Participant) -> bool {
        match self {
            Self::Everything => true,
            Self::Of(own) => *own == participant,
            Self::Collector(_) => false,
        }
    }
}

const POSITIONS_OF: &str = "SELECT participant, value_date, gross_fen, fee_fen, concession_fen, load_fen, \
    adjustments_fen, carried_in_fen, net_fen, carried_out_fen FROM positions \
    WHERE window_id = $1 AND participant = $2 ORDER BY value_date";
const POSITIONS_MOVING: &str = "SELECT participant, value_date, gross_fen, fee_fen, concession_fen, load_fen, \
    adjustments_fen, carried_in_fen, net_fen, carried_out_fen FROM positions \
    WHERE value_date >= $1 AND value_date <= $2 ORDER BY window_id, participant, value_date";

/// The positions of a settled window that `scope` sees, by participant and value date.
///
/// # Errors
/// Faults of the database.
pub async fn positions(
    store: &dyn Store,
    window: WindowId,
    scope: Scope,
) -> Result<Vec<Position>, StoreError> {
    match scope {
        Scope::Everything => store.positions(window).await,
        Scope::Collector(_) => Ok(Vec::new()),
        Scope::Of(participant) => {
            let values = [window.0.into(), participant.to_string().into()];
            let rows = store.read().await?.rows(POSITIONS_OF, &values).await?;
            rows.iter().map(|row| decode::position(row)).collect()
        }
    }
}

/// The positions of all settled windows whose money moves from `first` to `last`, as far as `scope` sees them, by window,
/// participant and value date.
///
/// # Errors
/// Faults of the database.
pub async fn positions_moving(
    store: &dyn Store,
    first: BusinessDate,
    last: BusinessDate,
    scope: Scope,
) -> Result<Vec<Position>, StoreError> {
    let values = [first.to_string().into(), last.to_string().into()];
    let rows = store.read().await?.rows(POSITIONS_MOVING, &values).await?;
    let positions = rows.iter().map(|row| decode::position(row));
    positions.filter(|it| it.as_ref().map_or(true, |it| scope.sees_account(it.participant))).collect()
}
