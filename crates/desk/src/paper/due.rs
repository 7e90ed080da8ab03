//! Positions, payments and decisions of a participant on paper.

use std::collections::BTreeMap;

use tongclear_engine::payout::{Book, PaymentLine};
use tongclear_engine::{Centre, EngineError};
use tongclear_ledger::{Participant, PaymentState, Position, Reference, TransferCode};
use tongclear_press::{Adjustment, Payout, PayoutState, Words};
use tongclear_store::{Scope, scope};
use tongclear_types::{BusinessDate, Fen, MoneyError};

use super::books::{Books, Entry, state};
use super::span::Span;
use crate::DeskError;

/// What is due by participant and value date over all windows, what merchants were paid, and where decisions' originals were
/// cleared.
#[derive(Default)]
pub(super) struct Due {
    paid: Book,
    by_date: BTreeMap<(Participant, BusinessDate), Fen>,
    originals: BTreeMap<String, BusinessDate>,
}

impl Due {
    /// What is due on the value dates of `positions` and of what the bank moved in the period.
    pub(super) async fn of<'a>(
        centre: &Centre,
        span: &Span,
        scope: Scope,
        books: &Books,
        positions: impl Iterator<Item = &'a Position>,
    ) -> Result<Self, DeskError> {
        let paid = books.all_payments(span).filter_map(value_date_of);
        let dates: Vec<BusinessDate> = positions.map(|it| it.value_date).chain(paid).collect();
        let mut due = Self { paid: Book::of(centre).await?, ..Self::default() };
        if let (Some(first), Some(last)) = (dates.iter().min(), dates.iter().max()) {
            for position in scope::positions_moving(&*centre.store, *first, *last, scope).await? {
                let sum = due.by_date.entry((position.participant, position.value_date)).or_default();
                *sum = sum.checked_add(position.payable()?)?;
            }
        }
        for (reference, key) in books.originals(span) {
            if let Some(package) = centre.store.package(key).await? {
                let windows = centre.store.windows().await?;
                let window = windows.iter().find(|window| window.id == package.window);
                if let Some(snapshot) = window.and_then(|window| window.snapshot) {
                    due.originals.insert(reference, snapshot.date);
                }
            }
        }
        Ok(due)
    }

    fn on(&self, participant: Participant, value_date: BusinessDate) -> Fen {
        self.by_date.get(&(participant, value_date)).copied().unwrap_or_default()
    }

    /// What was ordered in all under an end-to-end id: of a merchant what was sent, of an operator what it owes.
    fn ordered(
        &self,
        books: &Books,
        participant: Participant,
        reference: &str,
        value_date: BusinessDate,
    ) -> Result<Fen, MoneyError> {
        if let Some(line) = self.payment(reference) {
            return Ok(line.payment.amount);
        }
        let sent = books.moved(participant, reference, |_| true)?.out;
        Ok(if sent.is_zero() { self.on(participant, value_date) } else { sent })
    }

    fn payment(&self, reference: &str) -> Option<&PaymentLine> {
        self.paid.payment(reference.parse().ok()?)
    }

    /// A position of the window of `window` on paper, with the day on which the bank last moved something of it.
    pub(super) fn position(
        &self,
        books: &Books,
        centre: &str,
        window: BusinessDate,
        position: &Position,
    ) -> Result<(tongclear_press::Position, Option<BusinessDate>), DeskError> {
        let payable = position.payable()?;
        let (participant, value_date) = (position.participant, position.value_date);
        let (reference, state, last) = if payable.is_zero() {
            // Without anything to move there is nothing to wait for, unless it is carried on.
            let carried = !position.carried_out.is_zero();
            (None, if carried { PayoutState::Carried } else { PayoutState::Paid }, None)
        } else if let Participant::Merchant(merchant) = participant {
            // One payment may pay the positions of several days; until one does, there is no reference.
            match self.paid.of_position(merchant, window, value_date) {
                Some(line) => {
                    let reference = line.payment.reference.to_string();
                    let last = books.moved(participant, &reference, |_| true)?.last;
                    (Some(reference), state_of(line)?, last)
                }
                None => (None, PayoutState::Due, None),
            }
        } else {
            let reference = Reference::payment(centre, participant, value_date)
                .map_err(EngineError::Internal)?
                .to_string();
            let moved = books.moved(participant, &reference, |_| true)?;
            let ordered = self.ordered(books, participant, &reference, value_date)?;
            (Some(reference), state(ordered, moved.last.map(|_| moved.net)), moved.last)
        };
        let position = tongclear_press::Position {
            window,
            value_date,
            carried_in: position.carried_in,
            net: position.net,
            carried_out: position.carried_out,
            payable,
            reference,
            state,
        };
        Ok((position, last))
    }

    /// What the bank moved in the period, a row an end-to-end id.
    pub(super) fn payouts(
        &self,
        books: &Books,
        span: &Span,
        participant: Participant,
    ) -> Result<Vec<Payout>, MoneyError> {
        let references = books.payments(participant, span).into_iter();
        let mut payouts = references
            .map(|reference| {
                let moved = books.moved(participant, &reference, |date| span.contains(date))?;
                let booked = moved.last.unwrap_or(span.last_window());
                let value_date = value_date_of(&reference).unwrap_or(booked);
                let ordered = self.ordered(books, participant, &reference, value_date)?;
                // What comes back in a later period is told there.
                let whole = books.moved(participant, &reference, |_| true)?.net == moved.net;
                let line = self.payment(&reference).filter(|_| whole);
                Ok(Payout {
                    value_date,
                    ordered,
                    paid: moved.net,
                    booked_on: moved.last,
                    state: line.map_or_else(|| Ok(state(ordered, Some(moved.net))), state_of)?,
                    bank_remark: line.and_then(|it| it.reason.clone()).unwrap_or_default(),
                    reference,
                })
            })
            .collect::<Result<Vec<_>, MoneyError>>()?;
        payouts.sort_by(|a, b| (a.value_date, &a.reference).cmp(&(b.value_date, &b.reference)));
        Ok(payouts)
    }

    /// A decision on paper.
    pub(super) fn adjustment(&self, entry: &Entry) -> Adjustment {
        let Entry { transfer, amount } = entry;
        let original = transfer.reference.map(|it| it.to_string()).unwrap_or_default();
        Adjustment {
            window: transfer.window,
            id: transfer.id().to_string(),
            original_window: self.originals.get(&original).copied().unwrap_or(transfer.window),
            original,
            reason: reason(transfer.code),
            amount: *amount,
        }
    }
}

/// How far a payment to a merchant has come, as paper tells it.
fn state_of(line: &PaymentLine) -> Result<PayoutState, MoneyError> {
    Ok(match line.progress.state()? {
        PaymentState::Sent => PayoutState::Sent,
        // What was paid beyond the order is between the centre and its bank.
        PaymentState::Paid | PaymentState::Excess => PayoutState::Paid,
        PaymentState::Short => PayoutState::Differs,
        PaymentState::Returned | PaymentState::Rejected => PayoutState::Rejected,
    })
}

/// The value date that an end-to-end id ends with, `YYYYMMDD`.
fn value_date_of(reference: &str) -> Option<BusinessDate> {
    let (_, digits) = reference.rsplit_once('-')?;
    let digits = Some(digits).filter(|it| it.len() == 8 && it.bytes().all(|byte| byte.is_ascii_digit()))?;
    format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]).parse().ok()
}

/// What a decision's transfer is, in words.
fn reason(code: TransferCode) -> Words {
    let (zh, en) = match code {
        TransferCode::Purchase => ("经决定补付的消费", "purchase paid by decision"),
        TransferCode::Fee => ("补付消费的手续费", "fee on what was paid by decision"),
        TransferCode::Concession => ("补付消费的优惠补贴", "concession on what was paid by decision"),
        TransferCode::Load => ("经决定补收的充值", "load charged by decision"),
        TransferCode::Release => ("挂账转付", "suspended money released"),
        TransferCode::Refuse => ("挂账拒付", "suspended money refused"),
        TransferCode::Correction => ("差错更正", "correction of a break"),
        TransferCode::Suspended => ("挂账", "suspended"),
        TransferCode::Payout | TransferCode::Returned | TransferCode::Collection => {
            ("银行收付", "moved by the bank")
        }
    };
    Words::new(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_to_end_id_ends_with_its_value_date() {
        for (reference, expected) in [
            ("CDT-BUS00001-20261125", Some("2026-11-25")),
            ("CDT-S.GOV00001-20261201", Some("2026-12-01")),
            ("CDT-BUS00001-20261399", None),
            ("CDT-BUS00001-2026", None),
            ("0123456789abcdef0123456789abcdef", None),
            ("CDT-BUS00001-一二三", None),
        ] {
            let found = value_date_of(reference).map(|date| date.to_string());
            assert_eq!(found.as_deref(), expected, "{reference}");
        }
    }
}
