//! What is asked, and the answer to it.

use serde::Serialize;
use tongclear_types::{
    BusinessDate, Chain, CollectorId, IssuerId, OperatorCode, PackageSequence, Serial, TerminalId,
    TerminalNumber,
};

use crate::Life;

/// What a transaction is asked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Handle {
    /// A card and a counter of it.
    Card {
        /// Whose card.
        issuer: Issuer,
        /// Which card.
        serial: Serial,
        /// The counter.
        counter: u16,
        /// Of which chain; none for both.
        chain: Option<Chain>,
    },
    /// A terminal and its number.
    Terminal {
        /// Which terminal.
        terminal: TerminalId,
        /// Its number.
        number: TerminalNumber,
    },
    /// A package and a row in it.
    Package {
        /// Who sent it.
        collector: CollectorId,
        /// Its number.
        sequence: PackageSequence,
        /// The row, from 0.
        row: u32,
    },
}

/// Whose card is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    /// Any registered card operator's.
    Any,
    /// That of a registered card operator.
    Operator(OperatorCode),
    /// With these first 8 bytes of file 15, registered or not.
    Id(IssuerId),
}

/// The answer: every record that the handle names, with its life, in the order of arrival.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// What was asked.
    pub asked: Handle,
    /// Where it was looked for.
    pub searched: Searched,
    /// What was found.
    pub lives: Vec<Life>,
}

/// Where a transaction was looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Searched {
    /// The only window that was asked about; none for all.
    pub only: Option<BusinessDate>,
    /// The issuer ids under which a card was looked for.
    pub issuers: Vec<IssuerId>,
    /// The cleared windows whose records were searched by card.
    pub windows: Vec<BusinessDate>,
    /// How many packages were opened to find it; none when it was looked for by card.
    pub packages: Option<usize>,
    /// How many windows hold packages that no run has sorted by card yet; a card is not looked for in them.
    pub not_cleared: usize,
}
