//! The ledger from a participant's side: what was open before a period, what moved in it, what the bank did.
//!
//! Transfers are for ever, so that the same period gives the same figures whenever it is asked for.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_engine::{Centre, EngineError};
use tongclear_ledger::{Account, Participant, Purpose, Transfer, TransferCode};
use tongclear_press::PayoutState;
use tongclear_store::{PackageKey, Scope};
use tongclear_types::{BusinessDate, Fen, MoneyError, PackageSequence};

use super::span::Span;

/// A transfer on a participant's account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) transfer: Transfer,
    /// Above zero when it enters the account.
    pub(super) amount: Fen,
}

/// The accounts of everybody in a scope.
#[derive(Default)]
pub(super) struct Books {
    entries: BTreeMap<Participant, Vec<Entry>>,
    /// What the bank moved, by participant and end-to-end id, whenever it did.
    payments: BTreeMap<(Participant, String), Vec<Entry>>,
}

/// What a period comes to on an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Balance {
    pub(super) opening: Fen,
    pub(super) net: Fen,
    /// To the participant, less what came back or was collected.
    pub(super) payouts: Fen,
    pub(super) closing: Fen,
}

/// What the bank moved under one end-to-end id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moved {
    /// What was sent out.
    pub(super) out: Fen,
    /// That less what came back, or what was collected, below zero.
    pub(super) net: Fen,
    /// The last day on which something moved; none when nothing has.
    pub(super) last: Option<BusinessDate>,
}

/// Whose money an account holds for a statement: what a merchant is owed, what an operator owes.
const fn owner(account: Account) -> Option<Participant> {
    match (account.participant(), account.purpose()) {
        (participant @ Participant::Merchant(_), Purpose::Payable)
        | (participant @ Participant::Operator(_), Purpose::Clearing) => Some(participant),
        _ => None,
    }
}

/// The end-to-end id that a bank's transfer belongs to: its reference without the number of a second movement; its own id
/// where it has none.
fn payment_of(transfer: &Transfer) -> String {
    let reference = transfer.reference.map_or_else(|| transfer.id().to_string(), |it| it.to_string());
    reference.split('/').next().unwrap_or_default().to_owned()
}

impl Books {
    /// The accounts that `scope` sees, without what windows posted that are not settled yet.
    pub(super) async fn of(centre: &Centre, span: &Span, scope: Scope) -> Result<Self, EngineError> {
        let mut books = Self::default();
        for transfer in centre.store.ledger().await?.transfers {
            if transfer.code.is_bank() || !span.unsettled.contains(&transfer.window) {
                books.post(transfer, scope);
            }
        }
        for entries in books.entries.values_mut().chain(books.payments.values_mut()) {
            entries.sort_by_key(|it| (it.transfer.window, it.transfer.id()));
        }
        Ok(books)
    }

    fn post(&mut self, transfer: Transfer, scope: Scope) {
        let sides = [(transfer.credit, transfer.amount), (transfer.debit, transfer.amount.negated())];
        for (account, amount) in sides {
            let Some(participant) = owner(account).filter(|it| scope.sees_account(*it)) else { continue };
            let entry = Entry { transfer, amount };
            self.entries.entry(participant).or_default().push(entry);
            if transfer.code.is_bank() {
                self.payments.entry((participant, payment_of(&transfer))).or_default().push(entry);
            }
        }
    }

    fn entries(&self, participant: Participant) -> &[Entry] {
        self.entries.get(&participant).map_or(&[], Vec::as_slice)
    }

    /// Opening, net, payouts and closing of a participant.
    pub(super) fn balance(&self, participant: Participant, span: &Span) -> Result<Balance, MoneyError> {
        let (mut opening, mut net, mut bank) = (Fen::ZERO, Fen::ZERO, Fen::ZERO);
        for Entry { transfer, amount } in self.entries(participant) {
            let sum = match transfer.window {
                date if span.is_before(date) => &mut opening,
                date if !span.contains(date) => continue,
                _ if transfer.code.is_bank() => &mut bank,
                _ => &mut net,
            };
            *sum = sum.checked_add(*amount)?;
        }
        let closing = opening.checked_add(net)?.checked_add(bank)?;
        Ok(Balance { opening, net, payouts: bank.negated(), closing })
    }

    /// What decisions of the period moved: transfers that name what they are about, and are none of the bank's.
    pub(super) fn decisions<'a>(
        &'a self,
        participant: Participant,
        span: &'a Span,
    ) -> impl Iterator<Item = &'a Entry> {
        let entries = self.entries(participant).iter();
        entries.filter(|Entry { transfer, .. }| {
            !transfer.code.is_bank() && transfer.reference.is_some() && span.contains(transfer.window)
        })
    }

    /// The end-to-end ids under which the bank moved something in the period.
    pub(super) fn payments(&self, participant: Participant, span: &Span) -> BTreeSet<String> {
        let bank = self.entries(participant).iter().map(|it| &it.transfer);
        bank.filter(|it| it.code.is_bank() && span.contains(it.window)).map(payment_of).collect()
    }

    /// What the bank moved under an end-to-end id, on the days that `counts`.
    pub(super) fn moved(
        &self,
        participant: Participant,
        reference: &str,
        counts: impl Fn(BusinessDate) -> bool,
    ) -> Result<Moved, MoneyError> {
        let mut moved = Moved::default();
        let entries = self.payments.get(&(participant, reference.to_owned()));
        for Entry { transfer, amount } in entries.into_iter().flatten() {
            if !counts(transfer.window) {
                continue;
            }
            if transfer.code == TransferCode::Payout {
                moved.out = moved.out.checked_add(transfer.amount)?;
            }
            moved.net = moved.net.checked_sub(*amount)?;
            moved.last = moved.last.max(Some(transfer.window));
        }
        Ok(moved)
    }

    /// The end-to-end ids of everything that the bank collected or paid in the period, of everybody.
    pub(super) fn all_payments<'a>(&'a self, span: &'a Span) -> impl Iterator<Item = &'a str> {
        let payments = self.payments.iter().filter(|(_, entries)| {
            entries.iter().any(|Entry { transfer, .. }| span.contains(transfer.window))
        });
        payments.map(|((_, reference), _)| reference.as_str())
    }

    /// The packages of the records that decisions of the period are about, by the references that name them.
    pub(super) fn originals(&self, span: &Span) -> BTreeMap<String, PackageKey> {
        let decisions = self.entries.keys().flat_map(|participant| self.decisions(*participant, span));
        let references = decisions.filter_map(|it| it.transfer.reference).map(|it| it.to_string());
        references.filter_map(|text| record_of(&text).map(|key| (text, key))).collect()
    }
}

/// The package that a record's reference names: `<collector>-<sequence>-<row>`.
fn record_of(reference: &str) -> Option<PackageKey> {
    let mut parts = reference.split('-');
    let key = PackageKey {
        collector: parts.next()?.parse().ok()?,
        sequence: PackageSequence(parts.next()?.parse().ok()?),
    };
    let row: Option<u32> = parts.next()?.parse().ok();
    (row.is_some() && parts.next().is_none()).then_some(key)
}

/// How far money has come: `ordered` to the participant above zero, from it below; `moved` is what the bank moved of it, none
/// when nothing was ordered yet. The only place where a state is decided. From transfers alone, a payout that left the books
/// was sent; whether it arrived only the bank's statement says.
pub(super) fn state(ordered: Fen, moved: Option<Fen>) -> PayoutState {
    let Some(moved) = moved else { return PayoutState::Due };
    match (ordered > Fen::ZERO, moved == ordered) {
        (true, true) => PayoutState::Sent,
        (false, true) => PayoutState::Paid,
        (true, false) if moved.is_zero() || moved == ordered.negated() => PayoutState::Rejected,
        (_, false) => PayoutState::Differs,
    }
}

#[cfg(test)]
mod tests;
