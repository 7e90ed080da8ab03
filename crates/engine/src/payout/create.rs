//! Making a payout: the order in the vault, then payments, postings and audit entry in one database transaction.

use tongclear_ledger::Payment;
use tongclear_store::payouts::{PayoutRow, add_payout, open_approvals, pay_window};
use tongclear_store::{Digest, Statements, StoreError, cut};
use tongclear_types::BusinessDate;

use super::book::Book;
use super::order::{message_id, order};
use super::plan::{Gathered, Plan, Planned, gather, plan};
use crate::vault::payout_path;
use crate::{Centre, EngineError};

/// What making a payout did.
#[derive(Debug)]
pub enum Created {
    /// It had been made before; nothing changed.
    Already {
        /// It.
        row: PayoutRow,
        /// The order, as it was made.
        order: Vec<u8>,
    },
    /// Nothing is due that can be paid.
    Nothing {
        /// What is due and cannot be paid is in it.
        plan: Plan,
        /// Windows of which nothing more is to be paid.
        paid: Vec<BusinessDate>,
    },
    /// It is made.
    Now {
        /// It.
        row: PayoutRow,
        /// Payments, what is held back, and the checks, all of which hold.
        plan: Plan,
        /// The order.
        order: Vec<u8>,
        /// Windows of which nothing more is to be paid.
        paid: Vec<BusinessDate>,
    },
}

impl Created {
    /// The payout, when there is one.
    #[must_use]
    pub const fn row(&self) -> Option<&PayoutRow> {
        match self {
            Self::Already { row, .. } | Self::Now { row, .. } => Some(row),
            Self::Nothing { .. } => None,
        }
    }
}

/// Makes the payout of `value_date`. `except` is the proposal that asks for it; `expected` are the payments that were
/// approved.
///
/// # Errors
/// What [`plan`] refuses; [`EngineError::CheckFailed`] naming the figures that disagree; [`EngineError::Refused`] when the
/// payments are not those that were approved; faults of store and vault.
pub async fn create(
    centre: &Centre,
    value_date: BusinessDate,
    except: Option<i64>,
    expected: Option<&Digest>,
) -> Result<Created, EngineError> {
    let plan = match plan(centre, value_date, except).await? {
        Planned::Made(row) => return already(centre, row).await,
        Planned::New(plan) => plan,
    };
    if let Some(refusal) = plan.refusal() {
        return Err(EngineError::CheckFailed(refusal));
    }
    refuse_other(&plan.payments, expected)?;
    cut::pass("payout.checked");
    let registry = centre.registry().await?.body;
    let mut transaction = centre.store.write().await?;
    // From here on nobody else writes: what was planned is still so, or nothing is done.
    let (payments, book) = match gather(&mut *transaction, &registry, value_date).await? {
        Gathered::Made(row) => return already(centre, row).await,
        Gathered::New { payments, book, .. } => (payments, book),
    };
    if payments != plan.payments || open_approvals(&mut *transaction, except).await? > 0 {
        return Err(StoreError::Conflict { what: format!("what is due on {value_date}") }.into());
    }
    if payments.is_empty() {
        let paid = step(centre, &mut *transaction, &book).await?;
        if !paid.is_empty() {
            transaction.commit().await?;
        }
        return Ok(Created::Nothing { plan, paid });
    }
    let stamp = centre.stamp();
    let order = order(&registry, value_date, &payments, stamp.at)?.to_xml();
    // Under the writer's lock, so that no other payout of the date puts its order here between this and the commit.
    centre.vault.put(&payout_path(value_date), order.clone()).await?;
    cut::pass("payout.in_vault");
    let row = PayoutRow {
        value_date,
        message: message_id(&registry, value_date),
        file: Digest::of(&order),
        payments: payments.len() as u64,
        amount: plan.amount()?,
        created_by: stamp.by.clone(),
        created_at: stamp.at,
    };
    let postings = payments.iter().map(Payment::posting).collect::<Result<Vec<_>, _>>();
    let postings = postings.map_err(|error| EngineError::Internal(error.to_string()))?;
    add_payout(&mut *transaction, &row, &payments, &postings, &stamp).await?;
    let book = Book::read(&mut *transaction, &registry.centre.code).await?;
    let paid = step(centre, &mut *transaction, &book).await?;
    cut::pass("payout.posted");
    transaction.commit().await?;
    cut::pass("payout.committed");
    Ok(Created::Now { row, plan, order, paid })
}

/// Takes every window to `paid` of which everything is; returns their dates.
pub(super) async fn step(
    centre: &Centre,
    transaction: &mut dyn Statements,
    book: &Book,
) -> Result<Vec<BusinessDate>, EngineError> {
    let paid = book.paid_windows()?;
    for window in &paid {
        pay_window(transaction, *window, &centre.stamp()).await?;
    }
    let dates = book.windows.iter().filter(|it| paid.contains(&it.id)).filter_map(|it| it.snapshot);
    Ok(dates.map(|snapshot| snapshot.date).collect())
}

fn refuse_other(payments: &[Payment], expected: Option<&Digest>) -> Result<(), EngineError> {
    let now = tongclear_store::payouts::payments_digest(payments);
    match expected {
        Some(expected) if *expected != now => Err(EngineError::Refused(
            "what is due has changed since the payout was proposed; refuse the proposal, and let it be proposed again"
                .into(),
        )),
        _ => Ok(()),
    }
}

async fn already(centre: &Centre, row: PayoutRow) -> Result<Created, EngineError> {
    let order = centre.vault.get_verified(&payout_path(row.value_date), &row.file).await?;
    Ok(Created::Already { row, order: order.to_vec() })
}
