//! Items of reconciliation as values: a record, a line of the operator's books, and what they are to each other.

use serde::Serialize;
use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, CollectorId, Disposition, Fen, MerchantCode, PackageSequence, Reason,
    Serial, TerminalId, TerminalNumber, Tti,
};

/// The state of an item (`reconciliation.md`, Matching); each has exactly one in each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Both sides agree.
    Matched,
    /// Both have it, a field differs.
    Mismatch,
    /// We accepted it, the operator does not (yet) have it.
    OursOnly,
    /// The operator has it; we never received it, or did not accept it.
    TheirsOnly,
}

impl ItemState {
    /// All states, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Matched, Self::Mismatch, Self::OursOnly, Self::TheirsOnly];

    /// The name in files and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Mismatch => "mismatch",
            Self::OursOnly => "ours_only",
            Self::TheirsOnly => "theirs_only",
        }
    }

    /// In Chinese and English, for people.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Matched => ("一致", "matched"),
            Self::Mismatch => ("不一致", "mismatch"),
            Self::OursOnly => ("我方独有", "ours only"),
            Self::TheirsOnly => ("对方独有", "theirs only"),
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A transaction as one side has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The card's serial; its issuer is the operator's.
    pub serial: Serial,
    /// Transaction type, as sent.
    pub tti: Tti,
    /// The counter of its chain at initialise.
    pub counter: u16,
    /// The terminal.
    pub terminal: TerminalId,
    /// The terminal's transaction number.
    pub terminal_number: TerminalNumber,
    /// Its amount.
    pub amount: Fen,
    /// Its date.
    pub date: BcdDate,
    /// Its time.
    pub time: BcdTime,
}

/// Where a record of ours lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordPlace {
    /// Whose takings.
    pub merchant: MerchantCode,
    /// Which collector sent it.
    pub collector: CollectorId,
    /// In which of its packages.
    pub package_sequence: PackageSequence,
    /// In which row, from 0.
    pub row: u32,
    /// The window that judged it.
    pub window: BusinessDate,
}

/// A line of the operator's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSide {
    /// What it says.
    pub seen: Seen,
    /// `ok` or `refused:<reason>`.
    pub status: String,
    /// The day that its file is for.
    pub file_date: BusinessDate,
    /// The run that took the file in.
    pub run: u32,
    /// Its number in the file, from 1.
    pub line: u64,
}

/// An item: a record, a line, or a pair of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its state.
    pub state: ItemState,
    /// The rule that paired it, 1 to 3.
    pub rule: Option<u8>,
    /// The fields in which a pair differs, in their order.
    pub fields: Vec<String>,
    /// Our accepted record, and where it lies.
    pub record: Option<(Seen, RecordPlace)>,
    /// The operator's line.
    pub line: Option<LineSide>,
    /// A record of ours that explains a line without an accepted one: where it lies, and why it was not accepted.
    pub known: Option<(RecordPlace, Disposition, Option<Reason>)>,
}

impl Item {
    /// The day from which its age counts: of the window that accepted the record, or of the file that brought the line.
    #[must_use]
    pub fn since(&self) -> Option<BusinessDate> {
        match (&self.record, &self.line) {
            (Some((_, place)), _) => Some(place.window),
            (None, line) => line.as_ref().map(|line| line.file_date),
        }
    }
}
