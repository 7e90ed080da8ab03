//! What a record earned, and which sums contain it.

use jiff::civil::DateTime;
use serde::Serialize;
use tongclear_ledger::{
    Account, Contract, ContractKey, FeeArithmetic, Participant, PaymentState, Position, Reference,
    TransferCode, TransferId,
};
use tongclear_store::WindowState;
use tongclear_types::{BusinessDate, Fen, MerchantCode};

/// What a record earned, and which sums contain it.
#[derive(Debug, Clone, Serialize)]
pub struct Money {
    /// Fee and concession; none unless the record is accepted.
    pub charge: Option<Charge>,
    /// The transfers in whose amounts the record is contained, by id.
    pub transfers: Vec<TransferLine>,
    /// Where the money went or waits.
    pub settlement: Settled,
}

/// Fee and concession of an accepted record.
#[derive(Debug, Clone, Serialize)]
pub struct Charge {
    /// What identifies the contract.
    pub contract_key: ContractKey,
    /// The contract as it was at the close of the window.
    pub contract: Contract,
    /// How the fee came about: this record's own at level `transaction`, that of all the window's purchases under the
    /// contract with the operator's cards at level `window`; none for a load, which carries none.
    pub fee: Option<FeeArithmetic>,
    /// The arithmetic in one line.
    pub fee_text: Option<String>,
    /// This record's own fee; none at level `window`, where no single record has one.
    pub fee_fen: Option<Fen>,
    /// Who owes the concession.
    pub sponsor: Option<MerchantCode>,
    /// What the sponsor owes and the merchant receives for this record.
    pub concession_fen: Fen,
    /// What the merchant receives for this record: amount − own fee + concession, below zero for a load.
    pub net_fen: Fen,
}

/// A transfer of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TransferLine {
    /// Its id.
    pub id: TransferId,
    /// Why money moved.
    pub code: TransferCode,
    /// The account it left.
    pub debit: Account,
    /// The account it entered.
    pub credit: Account,
    /// How much: the sum over all records that it contains.
    pub amount_fen: Fen,
}

/// Where the money went or waits.
#[derive(Debug, Clone, Serialize)]
pub struct Settled {
    /// How far the window has come.
    pub state: WindowState,
    /// When its positions were fixed, local to the centre; none before.
    pub settled_at: Option<DateTime>,
    /// The day on which the merchant's money moves under the contract; none unless the record is accepted.
    pub value_date: Option<BusinessDate>,
    /// Who has a position that contains the record.
    pub participants: Vec<Participant>,
    /// Those positions; none before the window is settled.
    pub positions: Vec<Position>,
    /// The payment that paid the merchant's position, then those that paid again what came back of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payouts: Vec<PayoutLine>,
}

/// A payment that contains the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PayoutLine {
    /// The end-to-end id at the bank.
    pub reference: Reference,
    /// To whom.
    pub merchant: MerchantCode,
    /// When the bank was to pay.
    pub value_date: BusinessDate,
    /// How much was ordered.
    pub amount_fen: Fen,
    /// What has become of it.
    pub state: PaymentState,
    /// What left the bank.
    pub paid_fen: Fen,
    /// What came back, and is payable again.
    pub returned_fen: Fen,
    /// Why, in the bank's words.
    pub reason: Option<String>,
}
