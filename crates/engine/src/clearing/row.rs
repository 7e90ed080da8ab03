//! One record on its way through the run: packed, in the order in which cards are judged.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use tongclear_ledger::ContractIndex;
use tongclear_package::DetailRow;
use tongclear_types::{
    BcdDate, BcdTime, CardId, Chain, Fen, IssuerId, Reason, Serial, TerminalId, TerminalNumber,
    TransactionRecord, Tti, Verdict,
};

use super::senders::Sender;

/// A record with the verdict so far; it is what the exchange between workers carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Index into the run's packages, which are sorted by collector and sequence.
    pub(crate) package: u32,
    /// Row in that package, from 0.
    pub(crate) row: u32,
    pub(crate) issuer: [u8; 8],
    pub(crate) serial: [u8; 10],
    pub(crate) terminal: [u8; 6],
    pub(crate) terminal_number: u32,
    pub(crate) amount_fen: u32,
    pub(crate) list_price_fen: u32,
    pub(crate) balance_before_fen: u32,
    pub(crate) balance_after_fen: u32,
    pub(crate) date: [u8; 4],
    pub(crate) time: [u8; 3],
    pub(crate) tti: u8,
    pub(crate) tac: [u8; 4],
    pub(crate) offline_counter: u16,
    pub(crate) online_counter: u16,
    /// Whether checks 1 to 12 passed; it stays as it is when the chain has been judged.
    pub(crate) passed: bool,
    /// `Accepted` means that checks 1 to 12 passed, until the chain has been judged.
    pub(crate) verdict: Verdict,
    /// Where the record stands in the run's tables; meaningless for rejected records.
    pub(crate) bearings: Bearings,
}

/// Where a record stands in the run's tables, found while it was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bearings {
    /// Index into the run's terminals.
    pub(crate) terminal: u32,
    /// Index into the registry's operators.
    pub(crate) operator: u16,
    /// The contract in force, once check 10 has passed.
    pub(crate) contract: Option<ContractIndex>,
}

impl Bearings {
    /// Of a record that was rejected before any were found.
    pub(crate) const NONE: Self = Self { terminal: u32::MAX, operator: u16::MAX, contract: None };
}

impl Row {
    /// The `row`-th record of the `package`-th package.
    #[inline]
    pub(crate) fn new(
        package: u32,
        row: u32,
        record: &TransactionRecord,
        verdict: Verdict,
        bearings: Bearings,
    ) -> Self {
        Self {
            package,
            row,
            issuer: record.issuer.0,
            serial: record.serial.0,
            terminal: record.terminal.0,
            terminal_number: record.terminal_number.0,
            amount_fen: record.amount_fen,
            list_price_fen: record.list_price_fen,
            balance_before_fen: record.balance_before_fen,
            balance_after_fen: record.balance_after_fen,
            date: record.date.0,
            time: record.time.0,
            tti: record.tti.0,
            tac: record.tac,
            offline_counter: record.offline_counter,
            online_counter: record.online_counter,
            passed: matches!(verdict, Verdict::Accepted(_)),
            verdict,
            bearings,
        }
    }

    pub(crate) const fn issuer(&self) -> IssuerId {
        IssuerId(self.issuer)
    }

    #[inline]
    pub(crate) const fn card(&self) -> CardId {
        CardId { issuer: self.issuer(), serial: Serial(self.serial) }
    }

    /// The chain that numbers the record; a type that cannot be cleared sorts with the purchases.
    #[inline]
    pub(crate) const fn chain(&self) -> Chain {
        match Tti(self.tti).chain() {
            Some(chain) => chain,
            None => Chain::Purchase,
        }
    }

    /// The counter of its own chain.
    #[inline]
    pub(crate) const fn counter(&self) -> u16 {
        match self.chain() {
            Chain::Purchase => self.offline_counter,
            Chain::Load => self.online_counter,
        }
    }

    /// The counter of the other chain.
    #[inline]
    pub(crate) const fn other_counter(&self) -> u16 {
        match self.chain() {
            Chain::Purchase => self.online_counter,
            Chain::Load => self.offline_counter,
        }
    }

    /// Whether the record takes part in uniqueness and continuity; rejected ones do not.
    pub(crate) const fn takes_part(&self) -> bool {
        !matches!(self.verdict, Verdict::Refused(reason) if is_rejection(reason))
    }

    pub(crate) fn amount(&self) -> Fen {
        Fen::from(self.amount_fen)
    }

    /// What a later record must share, besides card and chain, to be a copy of this one. The counter is left
    /// out on purpose: the TAC does not cover it.
    #[inline]
    pub(crate) const fn fingerprint(&self) -> Fingerprint {
        Fingerprint {
            terminal: self.terminal,
            terminal_number: self.terminal_number,
            amount_fen: self.amount_fen,
            date: self.date,
            time: self.time,
            tac: self.tac,
        }
    }

    /// The order of the export: by card and chain, then the order of the uniqueness rules. BCD bytes compare
    /// as the digits they hold, and packages are numbered by collector and sequence.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let key = |row: &Self| {
            (
                (row.issuer, row.serial, row.chain(), row.counter()),
                (row.date, row.time, row.terminal, row.terminal_number, row.package, row.row),
            )
        };
        key(self).cmp(&key(other))
    }

    /// The row as it is written, with its sender and its fee.
    #[inline]
    pub(crate) fn detail(&self, sender: &Sender, fee_fen: Option<Fen>) -> DetailRow {
        DetailRow {
            merchant: sender.merchant,
            collector: sender.package.collector,
            package_sequence: sender.package.sequence,
            row: self.row,
            issuer: IssuerId(self.issuer),
            serial: Serial(self.serial),
            tti: Tti(self.tti),
            offline_counter: self.offline_counter,
            online_counter: self.online_counter,
            terminal: TerminalId(self.terminal),
            terminal_number: TerminalNumber(self.terminal_number),
            amount_fen: self.amount_fen,
            list_price_fen: self.list_price_fen,
            balance_before_fen: self.balance_before_fen,
            balance_after_fen: self.balance_after_fen,
            date: BcdDate(self.date),
            time: BcdTime(self.time),
            verdict: self.verdict,
            fee_fen,
        }
    }
}

const fn is_rejection(reason: Reason) -> bool {
    matches!(reason.disposition(), tongclear_types::Disposition::Rejected)
}

/// What makes two records of one card and chain copies of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint {
    pub(crate) terminal: [u8; 6],
    pub(crate) terminal_number: u32,
    pub(crate) amount_fen: u32,
    pub(crate) date: [u8; 4],
    pub(crate) time: [u8; 3],
    pub(crate) tac: [u8; 4],
}
