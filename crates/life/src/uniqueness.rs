//! Uniqueness and continuity of a card's chain as one record met them.

use serde::Serialize;
use tongclear_types::{BusinessDate, Chain, CollectorId, Disposition, MerchantCode, PackageSequence, Reason};

use crate::{Listed, Outcome};

/// What uniqueness looked at, and which of its lines decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Uniqueness {
    /// The chain.
    pub chain: Chain,
    /// The record's counter in it.
    pub counter: u16,
    /// What earlier windows knew of the chain; none when they knew nothing.
    pub earlier: Option<Held>,
    /// That, and the accepted records of this window that come before in the order.
    pub before: Option<Held>,
    /// Whether the counter was accepted in an earlier window; none when it lies too far below to tell.
    pub counter_accepted: Option<bool>,
    /// Whether the terminal number was accepted in an earlier window.
    pub number_accepted: bool,
    /// The record of which this one is a copy.
    pub copy_of: Option<Sighting>,
    /// The records that were accepted under this terminal and number in earlier windows.
    pub number_held_by: Vec<Sighting>,
    /// The accepted record that occupies the counter.
    pub counter_held_by: Option<Sighting>,
    /// What checks 1 to 12 had said: the reason for which the record waits.
    pub suspended_before: Option<Reason>,
    /// Lines 1 to 8 in their order.
    pub lines: Vec<Line>,
}

/// One line of the uniqueness rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its number.
    pub line: u8,
    /// `failed` for the line that decided against the record; line 8 is passed when it is accepted.
    pub outcome: Outcome,
}

/// What is known of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The highest accepted counter.
    pub highest_counter: u16,
    /// 16 hex digits; bit i stands for the acceptance of highest − 1 − i.
    pub accepted_below: String,
    /// Balance after the record with the highest counter.
    pub last_balance_fen: u32,
    /// Its date, `YYYYMMDD`.
    pub last_date: String,
    /// Its time, `hhmmss`.
    pub last_time: String,
    /// Its counter of the other chain.
    pub other_counter: u16,
}

/// Another record that this one met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sighting {
    /// The window it was judged in.
    pub window: BusinessDate,
    /// Whose package.
    pub merchant: MerchantCode,
    /// Who sent it.
    pub collector: CollectorId,
    /// The package.
    pub package_sequence: PackageSequence,
    /// The row in it.
    pub row: u32,
    /// Its counter in the chain.
    pub counter: u16,
    /// What became of it.
    pub disposition: Disposition,
}

/// What a flag comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "flag", rename_all = "snake_case")]
pub enum FlagCause {
    /// The counters between have not arrived, or were not accepted.
    CounterGap {
        /// The first of them.
        from: u16,
        /// The last of them.
        to: u16,
    },
    /// The counter lies below the highest that earlier windows accepted.
    GapClosed {
        /// The counter.
        counter: u16,
        /// The highest.
        highest: u16,
    },
    /// The card began with another balance than the transaction before had left.
    BalanceBreak {
        /// What was left.
        left_fen: u32,
        /// What it began with.
        before_fen: u32,
    },
    /// The card was listed, but the terminal could not know yet.
    DenyListedLate {
        /// The first version of its stay.
        listed: Option<Listed>,
        /// The version that the terminal held.
        held_version: u32,
    },
    /// The TAC was recovered later.
    Supplementary,
    /// Dated before the window.
    Late {
        /// By how many days.
        days: i32,
    },
}
