//! Payouts and collections: settled positions become a payment order for the bank, the bank's statements close it
//! (`reconciliation.md`, Payouts; `docs/payouts.md`).
//!
//! `plan` works out and checks what a payout would be, `create` makes it, `confirm` takes a statement in, `book` is what the
//! rows add up to.
//!
//! **Invariant:** rows, postings and audit entry are one database transaction; the file is durable before it.

mod book;
mod confirm;
mod create;
mod order;
mod plan;
mod read;

pub use book::{Book, PaymentLine};
pub use confirm::{Confirmed, StatementSeen, confirm};
pub use create::{Created, create};
pub use plan::{Held, MadeCheck, Plan, Planned, plan};

pub(crate) use confirm::keep_new;
pub(crate) use read::entries_of;
