//! Accounts, immutable transfers, fee rules, settlement and netting as pure functions (`clearing.md`, Fees to
//! Settlement).
//!
//! **Invariant:** no IO, no clock, no async, no float; every amount is [`Fen`](tongclear_types::Fen), every
//! transfer moves a positive amount from one account to another, and every split re-adds to its total.

mod account;
mod adjustment;
mod book;
mod calendar;
mod comparison;
mod contract;
mod cycle;
mod fee;
mod finalisation;
mod ledger;
mod payout;
mod position;
mod posting;
mod reference;
mod settlement;
mod total;
mod transfer;

pub use account::{Account, AccountError, Participant, Purpose};
pub use adjustment::{Adjustment, AdjustmentError, Origin, Original, Resolution, Terms, adjustment_postings};
pub use book::{ContractBook, ContractIndex};
pub use calendar::Calendar;
pub use comparison::{Charges, Compared, Comparison, Unfit};
pub use contract::{Contract, ContractError, ContractKey, FeeLevel};
pub use cycle::Cycle;
pub use fee::FeeArithmetic;
pub use finalisation::{Check, ControlFigures, Figure, FinalisationInputs, finalisation_checks};
pub use ledger::{Balance, Ledger, Posted, TransferField, compare};
pub use payout::{
    BankMove, Collection, CollectionState, Due, Payment, PaymentState, Progress, Source, collections,
    payments, payout_checks,
};
pub use position::{Carried, Position, carried_from};
pub use posting::postings;
pub use reference::{REFERENCE_MAX, Reference};
pub use settlement::{Lines, MerchantLine, OperatorLine, Settlement, SponsorLine, lines};
pub use total::{RatedTotal, SuspendedTotal};
pub use transfer::{Transfer, TransferCode, TransferError, TransferId, TransferParts};
