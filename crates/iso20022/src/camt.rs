//! `camt.053.001.08`, BankToCustomerStatement: what the bank says became of the centre's account (账户明细).
//!
//! Signs: a credit (`CRDT`) adds to the account, a debit (`DBIT`) takes from it, reversals included: `RvslInd` says of an
//! entry that it undoes another, and its own indicator still says which way the money went.

mod movement;
mod read;
mod write;

use std::io::{self, BufRead};

use tongclear_types::{BusinessDate, CivilMoment, Fen};

use crate::amount::{Amount, yuan};
use crate::error::{ReadError, ValueError};
use crate::text::{ReasonCode, Text34, Text35, Text105, Text140};

pub use movement::Movement;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
const MESSAGE: &str = "BkToCstmrStmt";

/// Which way money went, seen from the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Into the account (`CRDT`).
    Credit,
    /// Out of the account (`DBIT`).
    Debit,
}

impl Direction {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Credit => "CRDT",
            Self::Debit => "DBIT",
        }
    }

    /// `size` with the sign that it has for the account.
    pub(crate) const fn signed(self, size: Fen) -> Fen {
        match self {
            Self::Credit => size,
            Self::Debit => size.negated(),
        }
    }

    const fn of(amount: Fen) -> Self {
        if amount.is_negative() { Self::Debit } else { Self::Credit }
    }
}

/// What the account held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// At the beginning (opening) or end (closing) of which date.
    pub date: BusinessDate,
    /// How much, in fen; negative when overdrawn.
    pub amount: Fen,
}

/// Who is on the other side, as far as the bank says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counterparty {
    /// Name.
    pub name: Option<Text140>,
    /// Account.
    pub account: Option<Text34>,
    /// Its bank (`MmbId`), a CNAPS code in China.
    pub bank: Option<Text35>,
}

/// Why money came back (`RtrInf`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnInfo {
    /// The reason's code; nothing when the bank gives its own words only.
    pub reason: Option<ReasonCode>,
    /// What the bank adds, its own reason (`Prtry`) first.
    pub text: Vec<Text105>,
}

/// One transaction of an entry (`TxDtls`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The id that its payment was sent with; nothing when the bank says `NOTPROVIDED`.
    pub end_to_end: Option<Text35>,
    /// The payment group that it was sent in.
    pub group: Option<Text35>,
    /// How much and which way, in fen: negative when it left the account.
    pub amount: Fen,
    /// The other side.
    pub counterparty: Counterparty,
    /// Lines that came with it (`RmtInf/Ustrd`).
    pub remittance: Vec<Text140>,
    /// The reference that the payer quotes (`RmtInf/Strd/CdtrRefInf/Ref`).
    pub reference: Option<Text35>,
    /// That it came back, and why.
    pub returned: Option<ReturnInfo>,
}

impl Detail {
    /// A transaction of which nothing is known but its amount, negative when it left the account.
    #[must_use]
    pub fn of(amount: Fen) -> Self {
        Self {
            end_to_end: None,
            group: None,
            amount,
            counterparty: Counterparty::default(),
            remittance: Vec::new(),
            reference: None,
            returned: None,
        }
    }
}

/// One line of the account (`Ntry`), booked; a batch has several details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    reference: Option<Text35>,
    direction: Direction,
    size: Fen,
    is_reversal: bool,
    booked: BusinessDate,
    value: BusinessDate,
    details: Vec<Detail>,
}

impl Entry {
    /// An entry that adds up `details`, booked and valued on `booked`.
    ///
    /// # Errors
    /// [`ValueError`] without details, or when they add up to more than [`Amount::MAX_FEN`].
    pub fn new(
        reference: Option<Text35>,
        is_reversal: bool,
        booked: BusinessDate,
        details: Vec<Detail>,
    ) -> Result<Self, ValueError> {
        let wrong = |it: &str| ValueError::new("entry", it, format!("at most {} fen", Amount::MAX_FEN));
        if details.is_empty() {
            return Err(ValueError::new("details", 0, "at least one"));
        }
        let sum = Fen::try_sum(details.iter().map(|it| it.amount)).map_err(|_| wrong("beyond 2^62 fen"))?;
        let largest = details.iter().map(|it| it.amount).chain([sum]).map(|it| it.get().unsigned_abs()).max();
        if largest.unwrap_or_default() > Amount::MAX_FEN.unsigned_abs() {
            return Err(wrong(&sum.to_string()));
        }
        let direction = Direction::of(sum);
        let size = direction.signed(sum);
        Ok(Self { reference, direction, size, is_reversal, booked, value: booked, details })
    }

    /// The same, valued on `value`.
    #[must_use]
    pub fn valued(self, value: BusinessDate) -> Self {
        Self { value, ..self }
    }

    /// The bank's reference of the entry (`AcctSvcrRef`, or `NtryRef` without it).
    #[must_use]
    pub const fn reference(&self) -> Option<&Text35> {
        self.reference.as_ref()
    }

    /// Which way the money went.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// How much and which way, in fen: negative when it left the account. The details add up to it.
    #[must_use]
    pub const fn amount(&self) -> Fen {
        self.direction.signed(self.size)
    }

    /// Whether it undoes another entry (`RvslInd`).
    #[must_use]
    pub const fn is_reversal(&self) -> bool {
        self.is_reversal
    }

    /// When it was booked.
    #[must_use]
    pub const fn booked(&self) -> BusinessDate {
        self.booked
    }

    /// From when it bears interest.
    #[must_use]
    pub const fn value(&self) -> BusinessDate {
        self.value
    }

    /// Its transactions, at least one.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.details
    }
}

/// What the bank says of one account over some days (`Stmt`): it adds up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    id: Text35,
    account: Text34,
    opening: Balance,
    closing: Balance,
    entries: Vec<Entry>,
}

impl Statement {
    /// A statement.
    ///
    /// # Errors
    /// [`ValueError`] when opening balance and entries do not add up to the closing balance, or it closes before it opens.
    pub fn new(
        id: Text35,
        account: Text34,
        opening: Balance,
        closing: Balance,
        entries: Vec<Entry>,
    ) -> Result<Self, ValueError> {
        let all = [opening.amount].into_iter().chain(entries.iter().map(Entry::amount));
        let sum = Fen::try_sum(all).map_err(|_| {
            ValueError::new("closing balance", "beyond 2^62 fen", "a sum that can be written")
        })?;
        if sum != closing.amount {
            let sign = |it: Fen| if it.is_negative() { "-" } else { "" };
            return Err(ValueError::new(
                "closing balance",
                format!("{}{}", sign(closing.amount), yuan(closing.amount)),
                format!("{}{}, opening balance and entries", sign(sum), yuan(sum)),
            ));
        }
        for balance in [opening, closing] {
            if balance.amount.get().unsigned_abs() > Amount::MAX_FEN.unsigned_abs() {
                let expected = format!("at most {} fen", Amount::MAX_FEN);
                return Err(ValueError::new("balance", balance.amount, expected));
            }
        }
        if closing.date < opening.date {
            return Err(ValueError::new("closing date", closing.date, format!("{} or later", opening.date)));
        }
        Ok(Self { id, account, opening, closing, entries })
    }

    /// The bank's id of the statement.
    #[must_use]
    pub const fn id(&self) -> &Text35 {
        &self.id
    }

    /// Of which account.
    #[must_use]
    pub const fn account(&self) -> &Text34 {
        &self.account
    }

    /// What the account held before.
    #[must_use]
    pub const fn opening(&self) -> Balance {
        self.opening
    }

    /// What the account holds now.
    #[must_use]
    pub const fn closing(&self) -> Balance {
        self.closing
    }

    /// What happened in between.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// What the bank sends: statements of one or more accounts or days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFile {
    /// The message's id.
    pub message: Text35,
    /// When it was made, by the centre's clock.
    pub created: CivilMoment,
    /// The statements, at least one when they were read.
    pub statements: Vec<Statement>,
}

impl StatementFile {
    /// Reads a document, up to [`DOCUMENT_MAX`](crate::DOCUMENT_MAX) bytes.
    ///
    /// # Errors
    /// [`ReadError`] with the place, the value and what was expected.
    pub fn read(source: impl BufRead) -> Result<Self, ReadError> {
        read::document(source)
    }

    /// Writes the document.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write(&self, to: impl io::Write) -> io::Result<()> {
        write::document(self, to)
    }

    /// The document's bytes.
    #[must_use]
    pub fn to_xml(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes).expect("writing to memory does not fail");
        bytes
    }
}
