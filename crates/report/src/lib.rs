//! What people and other programs read of a night: the settlement result, the summary, the statements.
//!
//! Pure: totals and positions in, text and bytes out; the shell decides where they go.

mod books;
mod continuity;
mod devices;
mod dispute;
mod ledger;
mod life;
mod night;
mod payouts;
mod reconciliation;
mod settlement;
mod statement;
mod table;
mod text;
mod what_if;

pub use books::{Books, BooksFormat};
pub use continuity::ContinuityReport;
pub use devices::DevicesReport;
pub use dispute::{dispute_text, work_list_csv, work_list_text};
pub use ledger::{BalancesView, TransfersView};
pub use life::{life_text, not_found_text};
pub use night::{Names, NightReport, StageTime, night_text};
pub use payouts::{
    CollectionsView, PaymentsView, PayoutsView, checks_text, entries_json, entries_text, payment_json,
};
pub use reconciliation::{ITEM_COLUMNS, ItemsCsv, ReconciliationView, reconciliations_text};
pub use settlement::{
    MerchantEntry, OperatorEntry, SettlementView, SponsorEntry, positions_text, settlement_text,
};
pub use statement::{ReportError, ReportFile, Statements};
pub use table::{Align, Table};
pub use text::{Lang, grouped, yuan};
pub use what_if::WhatIfView;
