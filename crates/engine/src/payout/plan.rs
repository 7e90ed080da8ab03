//! What a payout would be, checked before anything is made.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_ledger::{Check, Due, Figure, Payment, Position, Source, payments, payout_checks};
use tongclear_registry::Registry;
use tongclear_store::payouts::{PayoutRow, open_approvals, payable};
use tongclear_store::{Statements, WindowState};
use tongclear_types::{BusinessDate, Fen, MerchantCode};

use super::book::Book;
use crate::centre::closed_windows;
use crate::settle::finalise;
use crate::{Centre, EngineError};

/// Money that is due and not paid, for nobody knows where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// To whom it is due.
    pub merchant: MerchantCode,
    /// How much; it stays payable.
    pub amount: Fen,
    /// What the registry lacks: `account`, `bank`, or the merchant itself.
    pub missing: &'static str,
}

/// A check that was made before the payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCheck {
    /// Of which window; none for the payout as a whole.
    pub window: Option<BusinessDate>,
    /// What was compared.
    pub check: Check,
}

/// A payout before it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// When the bank is to pay.
    pub value_date: BusinessDate,
    /// One payment a merchant, by merchant; perhaps none.
    pub payments: Vec<Payment>,
    /// What is due and cannot be paid.
    pub held: Vec<Held>,
    /// The checks, all of them; none when there is nothing to pay.
    pub checks: Vec<MadeCheck>,
}

impl Plan {
    /// The checks that fail, a line each; none when the payout may be made.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let failed: Vec<String> = self
            .checks
            .iter()
            .filter(|it| !it.check.holds)
            .map(|it| match it.window {
                Some(window) => format!("window {window}: {}", it.check),
                None => it.check.to_string(),
            })
            .collect();
        if failed.is_empty() {
            return None;
        }
        Some(format!("nothing is paid for {}: {}", self.value_date, failed.join("\n")))
    }

    /// What the payments add up to.
    ///
    /// # Errors
    /// [`EngineError::Money`] when that leaves the domain of money.
    pub fn amount(&self) -> Result<Fen, EngineError> {
        Ok(Fen::try_sum(self.payments.iter().map(|payment| payment.amount))?)
    }
}

/// What a value date has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// Its payout was made before.
    Made(PayoutRow),
    /// Its payout would be this one.
    New(Plan),
}

/// Works out the payout of `value_date` and makes every check; nothing is changed. `except` is the proposal that asks for it.
///
/// # Errors
/// [`EngineError::Refused`] for a date that is no business day or before the last window, or a registry without the centre's
/// account; faults of store and vault. A check that fails is no error here: [`Plan::refusal`] tells.
pub async fn plan(
    centre: &Centre,
    value_date: BusinessDate,
    except: Option<i64>,
) -> Result<Planned, EngineError> {
    let registry = centre.registry().await?.body;
    let mut transaction = centre.store.read().await?;
    let gathered = gather(&mut *transaction, &registry, value_date).await?;
    let (payments, held, book) = match gathered {
        Gathered::Made(row) => return Ok(Planned::Made(row)),
        Gathered::New { payments, held, book } => (payments, held, book),
    };
    let approvals = open_approvals(&mut *transaction, except).await?;
    let owed = payable(&mut *transaction).await?;
    drop(transaction);
    if payments.is_empty() {
        return Ok(Planned::New(Plan { value_date, payments, held, checks: Vec::new() }));
    }
    let mut checks = Vec::new();
    for date in paid_windows(&payments) {
        checks.extend(of_window(centre, &book, date, approvals).await?);
    }
    let held_merchants: BTreeSet<MerchantCode> = held.iter().map(|it| it.merchant).collect();
    let due = book.due(value_date)?.into_iter().filter(|it| !held_merchants.contains(&it.merchant));
    let due = Fen::try_sum(due.map(|it| it.amount))?;
    let unsettled = closed_windows(&book.windows).filter(|it| it.state() < WindowState::Settled).count();
    let owes = |merchant| owed.get(&merchant).copied().unwrap_or_default();
    let whole = payout_checks(&payments, due, unsettled, approvals, owes)?;
    checks.extend(whole.into_iter().map(|check| MadeCheck { window: None, check }));
    Ok(Planned::New(Plan { value_date, payments, held, checks }))
}

/// What is due on a value date, before any check.
pub(super) enum Gathered {
    /// Its payout was made before.
    Made(PayoutRow),
    /// These are its payments.
    New { payments: Vec<Payment>, held: Vec<Held>, book: Box<Book> },
}

/// Gathers what is due, as it is in `transaction`.
pub(super) async fn gather(
    transaction: &mut dyn Statements,
    registry: &Registry,
    value_date: BusinessDate,
) -> Result<Gathered, EngineError> {
    let book = Book::read(transaction, &registry.centre.code).await?;
    if let Some(made) = book.rows.payouts.iter().find(|it| it.value_date == value_date) {
        return Ok(Gathered::Made(made.clone()));
    }
    refuse_date(registry, &book, value_date)?;
    refuse_centre(registry)?;
    let (mut due, mut held) = (Vec::new(), BTreeMap::<MerchantCode, (Fen, &'static str)>::new());
    for it in book.due(value_date)? {
        match missing(registry, it.merchant) {
            None => due.push(it),
            Some(missing) => {
                let sum = held.entry(it.merchant).or_insert((Fen::ZERO, missing));
                sum.0 = sum.0.checked_add(it.amount)?;
            }
        }
    }
    let held = held.into_iter().map(|(merchant, (amount, missing))| Held { merchant, amount, missing });
    let payments = of_due(registry, value_date, due)?;
    Ok(Gathered::New { payments, held: held.collect(), book: Box::new(book) })
}

fn of_due(registry: &Registry, value_date: BusinessDate, due: Vec<Due>) -> Result<Vec<Payment>, EngineError> {
    payments(&registry.centre.code, value_date, due).map_err(|error| {
        EngineError::Refused(format!("registry: centre code {}: {error}", registry.centre.code))
    })
}

fn refuse_date(registry: &Registry, book: &Book, value_date: BusinessDate) -> Result<(), EngineError> {
    let calendar = registry.centre_calendar();
    if !calendar.is_business_day(value_date.civil()) {
        let next = calendar.value_date(value_date, tongclear_ledger::Cycle(0));
        return Err(EngineError::Refused(format!(
            "value date is {value_date}: banks do not work on that day; the next business day is {next}"
        )));
    }
    let last = closed_windows(&book.windows).next_back().map(|it| it.date());
    if let Some(last) = last.filter(|last| value_date < *last) {
        return Err(EngineError::Refused(format!(
            "value date is {value_date}: the last window is of {last}; take {last} or a later business day"
        )));
    }
    Ok(())
}

/// Refuses a registry that does not say from which account the centre pays.
pub(super) fn refuse_centre(registry: &Registry) -> Result<(), EngineError> {
    for (key, value) in [("account", &registry.centre.account), ("bank", &registry.centre.bank)] {
        if value.is_none() {
            return Err(EngineError::Refused(format!(
                "registry: [centre] has no {key}, so nobody knows where the money is; add `{key} = \"…\"` to [centre] in \
                 registry.toml and load it with `tongclear registry load DIR`"
            )));
        }
    }
    Ok(())
}

/// What keeps a merchant from being paid.
fn missing(registry: &Registry, merchant: MerchantCode) -> Option<&'static str> {
    match registry.merchants.iter().find(|it| it.code == merchant) {
        None => Some("merchant"),
        Some(it) if it.account.is_none() => Some("account"),
        Some(it) if it.bank.is_none() => Some("bank"),
        Some(_) => None,
    }
}

fn paid_windows(payments: &[Payment]) -> BTreeSet<BusinessDate> {
    let sources = payments.iter().flat_map(|payment| &payment.items);
    let window = |source: &Source| match source {
        Source::Position { window, .. } => Some(*window),
        Source::Returned(_) => None,
    };
    sources.filter_map(|(source, _)| window(source)).collect()
}

/// The finalisation checks of a window, made again, and that its positions are those that it was settled with.
async fn of_window(
    centre: &Centre,
    book: &Book,
    date: BusinessDate,
    approvals: u64,
) -> Result<Vec<MadeCheck>, EngineError> {
    let window = centre.window(date).await?;
    let (settlement, mut checks) = finalise(centre, &window, approvals).await?;
    let sorted = |mut positions: Vec<Position>| {
        positions.sort_unstable_by_key(|it| (it.participant, it.value_date));
        positions
    };
    let stored = book.positions.iter().filter(|it| it.date == date).map(|it| it.position.clone());
    let (settled, stored) = (sorted(settlement.positions), sorted(stored.collect()));
    let sum = |positions: &[Position]| {
        let above = positions.iter().map(Position::payable);
        above.filter(|it| !it.is_ok_and(Fen::is_negative)).try_fold(Fen::ZERO, |sum, it| sum.checked_add(it?))
    };
    checks.push(Check {
        name: "positions are those settled",
        left: Figure {
            what: "the run gives".to_owned(),
            value: format!("{} fen to be paid", sum(&settled)?),
        },
        right: Figure {
            what: "the positions are".to_owned(),
            value: format!("{} fen to be paid", sum(&stored)?),
        },
        holds: settled == stored,
    });
    Ok(checks.into_iter().map(|check| MadeCheck { window: Some(date), check }).collect())
}
