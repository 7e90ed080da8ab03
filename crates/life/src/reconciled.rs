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

/// What reconciliation made of a record: one run's item in which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorView {
    /// The run, by number.
    pub run: u32,
    /// The day that its file was for.
    pub business_date: BusinessDate,
    /// What ages were counted to.
    pub as_of: BusinessDate,
    /// The state.
    pub state: ItemState,
    /// The rule that paired it.
    pub rule: Option<u8>,
    /// The fields in which both sides differ.
    pub fields: Vec<String>,
    /// The operator's line; none when the operator does not have it.
    pub line: Option<LineView>,
}

/// The operator's line, for people and programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineView {
    /// The day that its file is for.
    pub file_date: BusinessDate,
    /// The run that took the file in.
    pub file_run: u32,
    /// Its number in the file.
    pub line: u64,
    /// `ok` or `refused:<reason>`.
    pub status: String,
    /// The counter.
    pub counter: u16,
    /// The terminal.
    pub terminal: TerminalId,
    /// Its number.
    pub terminal_number: TerminalNumber,
    /// Its amount.
    pub amount_fen: Fen,
    /// `YYYYMMDD`.
    pub date: String,
    /// `hhmmss`.
    pub time: String,
}

impl From<&LineSide> for LineView {
    fn from(line: &LineSide) -> Self {
        let seen = &line.seen;
        Self {
            file_date: line.file_date,
            file_run: line.run,
            line: line.line,
            status: line.status.clone(),
            counter: seen.counter,
            terminal: seen.terminal,
            terminal_number: seen.terminal_number,
            amount_fen: seen.amount,
            date: seen.date.to_string(),
            time: seen.time.to_string(),
        }
    }
}
