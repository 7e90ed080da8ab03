//! What a clearing run hands to ledger and settlement: money by merchant, operator and contract.

use serde::{Deserialize, Serialize};
use tongclear_types::{Fen, MerchantCode, OperatorCode};

use crate::{ContractKey, Cycle};

/// Accepted money of one merchant, operator and contract; no two totals of a run have the same three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatedTotal {
    /// Whose takings.
    pub merchant: MerchantCode,
    /// Whose cards.
    pub operator: OperatorCode,
    /// Under which contract.
    pub contract: ContractKey,
    /// When that contract's money moves.
    pub cycle: Cycle,
    /// Who owes that contract's concessions.
    pub sponsor: Option<MerchantCode>,
    /// Accepted purchases.
    pub purchase_count: u64,
    /// The sum of their amounts.
    pub purchase: Fen,
    /// The sum of their fees, or the window's fee.
    pub fee: Fen,
    /// The sum of their concessions.
    pub concession: Fen,
    /// Accepted loads.
    pub load_count: u64,
    /// The sum of their amounts.
    pub load: Fen,
}

/// Suspended money of one merchant and operator; no two totals of a run have the same two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspendedTotal {
    /// Who would be paid.
    pub merchant: MerchantCode,
    /// Whose cards.
    pub operator: OperatorCode,
    /// The sum of the purchases' amounts.
    pub purchase: Fen,
    /// The sum of the loads' amounts.
    pub load: Fen,
    /// Suspended records.
    pub count: u64,
}
