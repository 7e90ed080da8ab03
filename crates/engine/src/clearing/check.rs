//! Checks 1 to 12 of `clearing.md`, on one record alone, in their documented order.
//!
//! They are cut in two at the TAC (check 8), which is verified for many records at once in between.

use foldhash::HashMap;
use jiff::civil::Date;
use tongclear_ledger::ContractIndex;
use tongclear_mac::{Algorithm, KeySlot};
use tongclear_registry::{Operator, Registry};
use tongclear_types::{
    BusinessDate, CivilMoment, Flag, Flags, MerchantCode, OperatorCode, Reason, RecordFlags, TerminalId,
    TransactionRecord, Tti, Verdict,
};

use super::deny::{DenyBook, Listing};
use super::inputs::RunInputs;
use super::recent::Recent;
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
    terminal_index: &'a HashMap<TerminalId, u32>,
    /// The earliest and the latest date that a record may have.
    dates: (Date, Date),
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
    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules::new(self.date, &self.registry, &self.deny_books, &self.terminal_index)
    }

    /// Checks 1 to 7; `rules` are the run's own.
    #[inline]
    pub(crate) fn check_before_tac(
        &self,
        rules: &Rules<'_>,
        recent: &mut Recent,
        merchant: MerchantCode,
        record: &TransactionRecord,
    ) -> Result<Verifiable, Failed> {
        let dated = rules.check_before_key(recent, merchant, record)?;
        let key = recent.key((dated.bearings.operator, record.key_version, record.algorithm), || {
            let operator = &self.registry.operators[usize::from(dated.bearings.operator)];
            let algorithm = Algorithm::from_record_byte(record.algorithm)?;
            self.key_slots.get(&(operator.code, record.key_version, algorithm)).copied()
        });
        match key {
            Some(key) => Ok(Verifiable { key, dated }),
            None => Err(dated.without_key()),
        }
    }
}

impl<'a> Rules<'a> {
    /// The rules of the window of `date`.
    pub(crate) fn new(
        date: BusinessDate,
        registry: &'a Registry,
        deny_books: &'a HashMap<OperatorCode, DenyBook>,
        terminal_index: &'a HashMap<TerminalId, u32>,
    ) -> Self {
        let dates = (oldest(date, registry.centre.max_age_days), date.plus_days(DAYS_AHEAD).civil());
        Self { date, registry, deny_books, terminal_index, dates }
    }

    /// Checks 1 to 6.
    #[inline]
    pub(crate) fn check_before_key(
        &self,
        recent: &mut Recent,
        merchant: MerchantCode,
        record: &TransactionRecord,
    ) -> Result<Dated, Failed> {
        let rejected = |reason| Failed { reason, bearings: Bearings::NONE };
        let when = recent.date(record.date).zip(record.time.to_civil());
        let Some((date, time)) = when.filter(|_| record.tti.chain().is_some()) else {
            return Err(rejected(Reason::Malformed));
        };
        if record.flags.has(RecordFlags::TEST_CARD) {
            return Err(rejected(Reason::TestCard));
        }
        let question = (record.terminal, merchant, date);
        let terminal = recent.terminal(question, || self.terminal(question)).map_err(rejected)?;
        let issuer = record.issuer;
        let operator = recent
            .operator(issuer, || self.registry.operator_by_issuer(&issuer).map(|(place, _)| place))
            .ok_or_else(|| rejected(Reason::UnknownOperator))?;
        let bearings = Bearings { terminal, operator, contract: None };
        let suspended = |reason| Failed { reason, bearings };
        let (oldest, latest) = self.dates;
        if date > latest {
            return Err(suspended(Reason::FutureDated));
        }
        if date < oldest {
            return Err(suspended(Reason::TooOld));
        }
        Ok(Dated { when: date.to_datetime(time), bearings })
    }

    /// Index of a terminal that is registered, belongs to the merchant and is in service.
    fn terminal(&self, (id, merchant, date): (TerminalId, MerchantCode, Date)) -> Result<u32, Reason> {
        if self.registry.terminal(&id).is_none() {
            return Err(Reason::UnknownTerminal);
        }
        if !self.registry.in_service(&id, merchant, date) {
            return Err(Reason::TerminalNotInService);
        }
        Ok(self.terminal_index[&id])
    }

    /// Checks 8 to 12, given what the bulk verifier said of the TAC.
    #[inline]
    pub(crate) fn check_after_tac(
        &self,
        recent: &mut Recent,
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
        let contract = recent
            .contract((merchant, bearings.operator, when.date()), || self.contract(merchant, operator, when));
        let Some((contract, limit_fen)) = contract else {
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
