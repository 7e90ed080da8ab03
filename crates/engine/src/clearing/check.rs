//! Checks 1 to 12 of `clearing.md`, on one record alone, in their documented order.
//!
//! They are cut in two at the TAC (check 8), which is verified for many records at once in between.

use std::collections::HashMap;

use tongclear_ledger::ContractIndex;
use tongclear_mac::{Algorithm, KeySlot};
use tongclear_registry::{Operator, Registry};
use tongclear_types::{
    BusinessDate, CivilMoment, Flag, Flags, MerchantCode, OperatorCode, Reason, RecordFlags, TerminalId,
    TransactionRecord, Tti, Verdict,
};

use super::deny::{DenyBook, Listing};
use super::inputs::RunInputs;
use super::row::Bearings;

/// How far after the window's date a record may be dated: taps after midnight, before the close.
pub(crate) const DAYS_AHEAD: i32 = 1;

/// What the checks look at besides the record, keys apart: a run's own, or the few parts of it that one record needs.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// `D` in the rules.
    pub(crate) date: BusinessDate,
    pub(crate) registry: &'a Registry,
    pub(crate) deny_books: &'a HashMap<OperatorCode, DenyBook>,
    /// Index of every terminal that is registered.
    pub(crate) terminal_index: &'a HashMap<TerminalId, u32>,
}

/// A record that has passed checks 1 to 6.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dated {
    when: CivilMoment,
    bearings: Bearings,
}

impl Dated {
    /// The record failed check 7.
    pub(crate) const fn without_key(self) -> Failed {
        Failed { reason: Reason::KeyUnavailable, bearings: self.bearings }
    }
}

/// A record that has passed checks 1 to 7: what is needed to verify its TAC and to go on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verifiable {
    pub(crate) key: KeySlot,
    pub(crate) dated: Dated,
}

/// A record that failed one of checks 1 to 7, with the bearings that a suspended one needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed {
    pub(crate) reason: Reason,
    pub(crate) bearings: Bearings,
}

impl RunInputs {
    /// What its checks look at.
    pub(crate) const fn rules(&self) -> Rules<'_> {
        Rules {
            date: self.date,
            registry: &self.registry,
            deny_books: &self.deny_books,
            terminal_index: &self.terminal_index,
        }
    }

    /// Checks 1 to 7.
    pub(crate) fn check_before_tac(
        &self,
        merchant: MerchantCode,
        record: &TransactionRecord,
    ) -> Result<Verifiable, Failed> {
        let dated = self.rules().check_before_key(merchant, record)?;
        let operator = &self.registry.operators[usize::from(dated.bearings.operator)];
        let key = Algorithm::from_record_byte(record.algorithm)
            .and_then(|algorithm| self.key_slots.get(&(operator.code, record.key_version, algorithm)));
        match key {
            Some(key) => Ok(Verifiable { key: *key, dated }),
            None => Err(dated.without_key()),
        }
    }
}

impl Rules<'_> {
    /// Checks 1 to 6.
    pub(crate) fn check_before_key(
        &self,
        merchant: MerchantCode,
        record: &TransactionRecord,
    ) -> Result<Dated, Failed> {
        let rejected = |reason| Failed { reason, bearings: Bearings::NONE };
        let Some(when) = record.when().filter(|_| record.tti.chain().is_some()) else {
            return Err(rejected(Reason::Malformed));
        };
        if record.flags.has(RecordFlags::TEST_CARD) {
            return Err(rejected(Reason::TestCard));
        }
        if self.registry.terminal(&record.terminal).is_none() {
            return Err(rejected(Reason::UnknownTerminal));
        }
        if !self.registry.in_service(&record.terminal, merchant, when.date()) {
            return Err(rejected(Reason::TerminalNotInService));
        }
        let Some((operator, _)) = self.registry.operator_by_issuer(&record.issuer) else {
            return Err(rejected(Reason::UnknownOperator));
        };
        let bearings = Bearings { terminal: self.terminal_index[&record.terminal], operator, contract: None };
        let suspended = |reason| Failed { reason, bearings };
        if when.date() > self.date.plus_days(DAYS_AHEAD).civil() {
            return Err(suspended(Reason::FutureDated));
        }
        if when.date() < oldest(self.date, self.registry.centre.max_age_days) {
            return Err(suspended(Reason::TooOld));
        }
        Ok(Dated { when, bearings })
    }

    /// Checks 8 to 12, given what the bulk verifier said of the TAC.
    pub(crate) fn check_after_tac(
        &self,
        merchant: MerchantCode,
        record: &TransactionRecord,
        dated: Dated,
        tac_is_right: bool,
    ) -> (Verdict, Bearings) {
        let Dated { when, mut bearings } = dated;
        let refused = |reason, bearings| (Verdict::Refused(reason), bearings);
        if !tac_is_right {
            return refused(Reason::TacMismatch, bearings);
        }
        if !balances_add_up(record) {
            return refused(Reason::BalanceArithmetic, bearings);
        }
        let operator = &self.registry.operators[usize::from(bearings.operator)];
        let Some((contract, limit_fen)) = self.contract(merchant, operator, when) else {
            return refused(Reason::NoContract, bearings);
        };
        bearings.contract = Some(contract);
        if i64::from(record.amount_fen) > limit_fen {
            return refused(Reason::OverLimit, bearings);
        }
        let listing = self.deny_books.get(&operator.code).map_or(Listing::NotListed, |book| {
            let grace_hours = i64::from(self.registry.centre.deny_grace_hours);
            book.listing(&record.serial, when, record.deny_list_version, grace_hours)
        });
        if listing == Listing::Refuse {
            return refused(Reason::DenyListed, bearings);
        }
        let flags = Flags::NONE
            .with_if(Flag::DenyListedLate, listing == Listing::WithinGrace)
            .with_if(Flag::Supplementary, record.flags.has(RecordFlags::SUPPLEMENTARY))
            .with_if(Flag::Late, when.date() < self.date.civil());
        (Verdict::Accepted(flags), bearings)
    }

    fn contract(
        &self,
        merchant: MerchantCode,
        operator: &Operator,
        when: CivilMoment,
    ) -> Option<(ContractIndex, i64)> {
        let (index, contract) = self.registry.contracts().find(merchant, operator.code, when.date())?;
        Some((index, contract.amount_limit.get()))
    }
}

/// The earliest date that is not too old.
pub(crate) fn oldest(window: BusinessDate, max_age_days: u16) -> jiff::civil::Date {
    window.plus_days(-i32::from(max_age_days)).civil()
}

/// Check 9: balance before − amount = after for a purchase, + for a load.
fn balances_add_up(record: &TransactionRecord) -> bool {
    expected_balance(record) == i64::from(record.balance_after_fen)
}

/// What the balance after must be, fen; below 0 when a purchase takes more than there was.
pub(crate) fn expected_balance(record: &TransactionRecord) -> i64 {
    let (before, amount) = (i64::from(record.balance_before_fen), i64::from(record.amount_fen));
    if record.tti == Tti::LOAD { before + amount } else { before - amount }
}
