//! What payouts and the bank's entries add up to: how far every payment has come, what came in, what is payable again.
//!
//! Everything is replayed from the rows, file by file, so that what is shown, what is posted and what `check` expects are one
//! rule.

use std::collections::BTreeMap;

use tongclear_ledger::{
    BankMove, Collection, Due, Payment, Progress, Reference, Source, Transfer, TransferId, collections,
};
use tongclear_store::payouts::{
    BankEntryRow, PaymentNews, PayoutBook, SettledPosition, payout_book, settled_positions, windows,
};
use tongclear_store::{Statements, WindowId, WindowRow, WindowState};
use tongclear_types::{BusinessDate, Fen, MerchantCode, MoneyError};

use crate::{Centre, EngineError};

/// A payment with what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLine {
    /// The payment.
    pub payment: Payment,
    /// How far it has come.
    pub progress: Progress,
    /// Why it came back, in the bank's words; the last that was given.
    pub reason: Option<String>,
    /// The postings of what came back.
    pub returned: Vec<Transfer>,
}

impl PaymentLine {
    /// What the audit log and reports tell of it.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn news(&self) -> Result<PaymentNews, MoneyError> {
        Ok(PaymentNews {
            payment: self.payment.clone(),
            state: self.progress.state()?,
            paid: self.progress.out,
            returned: self.progress.returned,
            difference: self.progress.difference()?,
            reason: self.reason.clone(),
        })
    }
}

/// Everything about payouts at one moment, added up.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// The rows.
    pub rows: PayoutBook,
    /// Every payment, by value date and merchant.
    pub payments: Vec<PaymentLine>,
    /// Every collection, by participant and value date, with what came in.
    pub collections: Vec<Collection>,
    /// Positions of settled windows.
    pub positions: Vec<SettledPosition>,
    /// All windows.
    pub windows: Vec<WindowRow>,
    /// What each file of the bank moved.
    pub postings: BTreeMap<u32, Vec<Transfer>>,
    /// Where in `payments` each reference stands, and what each item is paid by.
    by_reference: BTreeMap<Reference, usize>,
    by_item: BTreeMap<(MerchantCode, Source), usize>,
}

impl Book {
    /// The book as it is now.
    ///
    /// # Errors
    /// Faults of the store; rows that do not go together.
    pub async fn of(centre: &Centre) -> Result<Self, EngineError> {
        let code = centre.registry().await?.body.centre.code.clone();
        Self::read(&mut *centre.store.read().await?, &code).await
    }

    /// The book as it is in `transaction`; `centre` is the centre's code.
    pub(crate) async fn read(transaction: &mut dyn Statements, centre: &str) -> Result<Self, EngineError> {
        let rows = payout_book(transaction).await?;
        let positions = settled_positions(transaction).await?;
        let windows = windows(transaction).await?;
        replay(rows, positions, windows, centre)
    }

    /// What is due by `by` and in no payment yet: positions, and what came back of earlier payments.
    pub(crate) fn due(&self, by: BusinessDate) -> Result<Vec<Due>, EngineError> {
        let mut due = Vec::new();
        for settled in self.positions.iter().filter(|it| it.state == WindowState::Settled) {
            due.extend(Due::of_position(settled.date, &settled.position, by)?);
        }
        for line in &self.payments {
            due.extend(line.returned.iter().map(|transfer| Due {
                merchant: line.payment.merchant,
                source: Source::Returned(transfer.id()),
                amount: transfer.amount,
            }));
        }
        due.retain(|it| !self.by_item.contains_key(&(it.merchant, it.source)));
        Ok(due)
    }

    /// Settled windows of which everything that merchants are owed has been paid, and what came back paid again.
    pub(crate) fn paid_windows(&self) -> Result<Vec<WindowId>, EngineError> {
        let settled = self.windows.iter().filter(|it| it.state == WindowState::Settled);
        self.all_paid(settled.map(|it| it.id).collect())
    }

    /// Whether all that a window owes merchants has been paid.
    pub(crate) fn is_paid(&self, window: WindowId) -> Result<bool, EngineError> {
        Ok(!self.all_paid(vec![window])?.is_empty())
    }

    /// Those of `windows` of which everything is paid.
    fn all_paid(&self, windows: Vec<WindowId>) -> Result<Vec<WindowId>, EngineError> {
        let closed = |item: (MerchantCode, Source)| {
            // What came back is paid by a later payment, so this ends.
            let mut waiting = vec![item];
            while let Some((merchant, source)) = waiting.pop() {
                let Some(line) = self.paying(merchant, source) else { return false };
                if line.progress.is_open() {
                    return false;
                }
                let back = line.returned.iter().map(|it| (line.payment.merchant, Source::Returned(it.id())));
                waiting.extend(back);
            }
            true
        };
        let mut paid = Vec::new();
        for window in windows {
            let mut all = true;
            for settled in self.positions.iter().filter(|it| it.window == window) {
                // Whatever its value date: a window is paid when nothing of it is still to come.
                let due = Due::of_position(settled.date, &settled.position, settled.position.value_date)?;
                all &= due.is_none_or(|due| closed((due.merchant, due.source)));
            }
            if all {
                paid.push(window);
            }
        }
        Ok(paid)
    }

    /// The payment that pays a position, if one does.
    #[must_use]
    pub fn of_position(
        &self,
        merchant: MerchantCode,
        window: BusinessDate,
        value_date: BusinessDate,
    ) -> Option<&PaymentLine> {
        self.paying(merchant, Source::Position { window, value_date })
    }

    /// The payment that pays again what came back by `transfer`, if one does.
    pub(crate) fn again(&self, merchant: MerchantCode, transfer: TransferId) -> Option<&PaymentLine> {
        self.paying(merchant, Source::Returned(transfer))
    }

    fn paying(&self, merchant: MerchantCode, source: Source) -> Option<&PaymentLine> {
        self.by_item.get(&(merchant, source)).map(|at| &self.payments[*at])
    }

    /// The payment with an end-to-end id, if there is one.
    #[must_use]
    pub fn payment(&self, reference: Reference) -> Option<&PaymentLine> {
        self.by_reference.get(&reference).map(|at| &self.payments[*at])
    }

    /// The bank's entries that name nothing of ours, or undo what was collected.
    pub fn unknown(&self) -> impl Iterator<Item = &BankEntryRow> {
        self.rows.entries.iter().filter(|it| it.reference.is_none() || it.movement == BankMove::InUndone)
    }
}

/// Adds up rows: every file of the bank after the other, all its entries of one payment or collection at once.
pub(crate) fn replay(
    rows: PayoutBook,
    positions: Vec<SettledPosition>,
    windows: Vec<WindowRow>,
    centre: &str,
) -> Result<Book, EngineError> {
    let internal = |what: String| EngineError::Internal(format!("payouts: {what}"));
    let mut payments: Vec<PaymentLine> = Vec::with_capacity(rows.payments.len());
    for payment in &rows.payments {
        let progress = Progress::sent(payment.amount);
        payments.push(PaymentLine { payment: payment.clone(), progress, reason: None, returned: Vec::new() });
    }
    let mut collections = collections(centre, positions.iter().map(|it| &it.position)).map_err(internal)?;
    let mut received = BTreeMap::<Reference, u32>::new();
    let by_reference: BTreeMap<Reference, usize> =
        payments.iter().enumerate().map(|(at, line)| (line.payment.reference, at)).collect();
    let mut postings = BTreeMap::new();
    for file in &rows.files {
        let mut of_file = BTreeMap::<Reference, Vec<&BankEntryRow>>::new();
        for entry in rows.entries.iter().filter(|entry| entry.file == file.number) {
            if let Some(reference) = entry.reference {
                of_file.entry(reference).or_default().push(entry);
            }
        }
        let mut posted = Vec::new();
        for (reference, entries) in of_file {
            let booked = entries.iter().map(|it| it.booked).max().unwrap_or(entries[0].booked);
            if let Some(at) = by_reference.get(&reference) {
                let line = &mut payments[*at];
                let moves: Vec<_> = entries.iter().map(|it| (it.movement, size(it.amount))).collect();
                let given = entries.iter().rev().find_map(|it| it.reason.clone());
                line.reason = given.or_else(|| line.reason.take());
                if let Some(amount) = line.progress.take(&moves)? {
                    let number = line.progress.postings;
                    let transfer = line.payment.returned(number, amount, booked).map_err(internal)?;
                    line.returned.push(transfer);
                    posted.push(transfer);
                }
            } else if let Some(collection) = collections.iter_mut().find(|it| it.reference == reference) {
                let came = entries.iter().filter(|it| it.movement == BankMove::In).map(|it| it.amount);
                let came = Fen::try_sum(came)?;
                if !came.is_zero() {
                    let number = received.entry(reference).or_default();
                    *number += 1;
                    collection.received = collection.received.checked_add(came)?;
                    posted.push(collection.received(*number, came, booked).map_err(internal)?);
                }
            } else {
                return Err(internal(format!(
                    "an entry of the bank names {reference}, which is nothing of ours"
                )));
            }
        }
        postings.insert(file.number, posted);
    }
    let items = payments.iter().enumerate().flat_map(|(at, line)| {
        let Payment { merchant, items, .. } = &line.payment;
        items.iter().map(move |(source, _)| ((*merchant, *source), at))
    });
    let by_item = items.collect();
    Ok(Book { rows, payments, collections, positions, windows, postings, by_reference, by_item })
}

/// How much, whichever way it went.
fn size(amount: Fen) -> Fen {
    if amount.is_negative() { amount.negated() } else { amount }
}
