//! Outcomes and counts as plain structures.

use std::ffi::c_char;

use tongclear_terminal::{Counts, Outcome};

use crate::text::fixed;

/// What came of a card.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct TcOutcome {
    /// The verdict's name, such as `paid` or `not_enough_money`; the names are in docs/terminal.md.
    pub verdict: [c_char; 32],
    /// For the passenger, in Chinese, UTF-8.
    pub verdict_zh: [c_char; 64],
    /// For the passenger, in English.
    pub verdict_en: [c_char; 128],
    /// Whether the gate opens.
    pub lets_through: bool,
    /// Whether `amount_fen` says anything.
    pub has_amount: bool,
    /// Fen taken or given.
    pub amount_fen: u32,
    /// Whether `balance_fen` says anything.
    pub has_balance: bool,
    /// Fen on the purse.
    pub balance_fen: u32,
    /// The journal's line, 0 when there is none.
    pub tap: i64,
    /// Issuer id, 16 hex digits; empty when the card did not say it.
    pub issuer: [c_char; 17],
    /// Application serial, 20 digits.
    pub serial: [c_char; 21],
    /// Whether the record is marked as made in a degraded mode.
    pub is_degraded: bool,
    /// For the technician, UTF-8.
    pub detail: [c_char; 256],
}

impl From<&Outcome> for TcOutcome {
    fn from(outcome: &Outcome) -> Self {
        let card = |text: Option<String>| text.unwrap_or_default();
        Self {
            verdict: fixed(outcome.verdict.name()),
            verdict_zh: fixed(outcome.verdict.zh()),
            verdict_en: fixed(outcome.verdict.en()),
            lets_through: outcome.verdict.lets_through(),
            has_amount: outcome.amount_fen.is_some(),
            amount_fen: outcome.amount_fen.unwrap_or_default(),
            has_balance: outcome.balance_fen.is_some(),
            balance_fen: outcome.balance_fen.unwrap_or_default(),
            tap: outcome.tap.map(|tap| tap.0).unwrap_or_default(),
            issuer: fixed(&card(outcome.card.map(|it| it.issuer.to_string()))),
            serial: fixed(&card(outcome.card.map(|it| it.serial.to_string()))),
            is_degraded: !outcome.degraded.is_empty(),
            detail: fixed(outcome.detail.as_deref().unwrap_or_default()),
        }
    }
}

/// How many taps and packages are in which state.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct TcCounts {
    /// Whether they happened is not known.
    pub open: u64,
    /// Happened.
    pub paid: u64,
    /// Did not.
    pub unpaid: u64,
    /// Happened, and not yet in a package.
    pub waiting: u64,
    /// Packages that the centre has not received.
    pub packages_to_send: u64,
    /// Packages received and not yet answered.
    pub packages_unanswered: u64,
    /// Records that the centre did not accept.
    pub not_accepted: u64,
}

impl From<Counts> for TcCounts {
    fn from(counts: Counts) -> Self {
        Self {
            open: counts.open,
            paid: counts.paid,
            unpaid: counts.unpaid,
            waiting: counts.waiting,
            packages_to_send: counts.packages_to_send,
            packages_unanswered: counts.packages_unanswered,
            not_accepted: counts.not_accepted,
        }
    }
}
