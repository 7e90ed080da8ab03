//! Checks 1 to 12 of `clearing.md` as one record met them.

use jiff::civil::{Date, DateTime};
use serde::Serialize;
use tongclear_ledger::Contract;
use tongclear_types::{Fen, IssuerId, MerchantCode, OperatorCode, Serial, TerminalId};

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its number in the table of the rules.
    pub number: &'static str,
    /// What it asks.
    pub name: CheckName,
    /// How it ended.
    pub outcome: Outcome,
    /// What it looked at; none when the record never came to it.
    pub seen: Option<Seen>,
}

/// What a check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it, and the rules in full")]
pub enum CheckName {
    Form,
    TestCard,
    TerminalRegistered,
    TerminalInService,
    OperatorRegistered,
    NotFutureDated,
    NotTooOld,
    KeyAvailable,
    TacRight,
    BalancesAddUp,
    ContractInForce,
    WithinLimit,
    NotDenyListed,
}

impl CheckName {
    /// All checks with their numbers, in the order of the rules.
    pub const ALL: [(&'static str, Self); 13] = [
        ("1", Self::Form),
        ("1a", Self::TestCard),
        ("2", Self::TerminalRegistered),
        ("3", Self::TerminalInService),
        ("4", Self::OperatorRegistered),
        ("5", Self::NotFutureDated),
        ("6", Self::NotTooOld),
        ("7", Self::KeyAvailable),
        ("8", Self::TacRight),
        ("9", Self::BalancesAddUp),
        ("10", Self::ContractInForce),
        ("11", Self::WithinLimit),
        ("12", Self::NotDenyListed),
    ];
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It held.
    Passed,
    /// It did not, and decided.
    Failed,
    /// One before it had decided.
    NotReached,
    /// It needs the key ring, and nothing that is stored tells how it ended.
    NotKnown,
}

/// How it is known whether a key was there and a TAC right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The key ring was opened and the TAC computed again.
    Recomputed,
    /// The run found it so; the key ring was not opened.
    AsTheRunFound,
    /// Neither: of a duplicate the run keeps only that it is one.
    NotKnown,
}

/// What a check looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the fields have the names of the rules, units last")]
pub enum Seen {
    Form {
        date: String,
        time: String,
        tti: String,
    },
    /// The flag byte of the record, 2 hex digits.
    TestCard {
        flag_byte: String,
    },
    TerminalRegistered {
        terminal: TerminalId,
        registered: bool,
    },
    TerminalInService {
        date: Date,
        package_merchant: MerchantCode,
        service: Vec<ServiceDates>,
    },
    OperatorRegistered {
        issuer_id: IssuerId,
        operator: Option<OperatorCode>,
    },
    NotFutureDated {
        date: Date,
        latest: Date,
    },
    NotTooOld {
        date: Date,
        earliest: Date,
        max_age_days: u16,
    },
    KeyAvailable {
        operator: OperatorCode,
        key_version: u8,
        algorithm_byte: String,
        algorithm: Option<&'static str>,
        source: Source,
    },
    /// The TAC as it was sent; the right one is never shown.
    TacRight {
        tac_sent: String,
        source: Source,
    },
    BalancesAddUp {
        before_fen: u32,
        amount_fen: u32,
        expected_after_fen: i64,
        after_fen: u32,
    },
    ContractInForce {
        merchant: MerchantCode,
        operator: OperatorCode,
        date: Date,
        contract: Option<Contract>,
    },
    WithinLimit {
        amount_fen: u32,
        limit_fen: Fen,
    },
    NotDenyListed {
        serial: Serial,
        when: DateTime,
        held_version: u32,
        in_force: Option<Listed>,
        listed_since: Option<Listed>,
        grace_hours: u16,
        grace_ends: Option<DateTime>,
    },
}

/// A registered stay of the terminal at a merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceDates {
    /// At which.
    pub merchant: MerchantCode,
    /// First date.
    pub from: Date,
    /// Last date; none while it stays.
    pub until: Option<Date>,
}

/// A version of a deny list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its version.
    pub version: u32,
    /// From when it is in force.
    pub effective: DateTime,
}
