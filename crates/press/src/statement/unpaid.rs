//! Records that were not accepted, one by one.

use serde::{Serialize, Serializer};
use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, Disposition, Fen, Reason, Serial, TerminalId, TerminalNumber, Verdict,
};

/// A record that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnpaidRecord {
    /// The window in which it was cleared.
    pub window: BusinessDate,
    /// The terminal that took it.
    pub terminal: TerminalId,
    /// The terminal's number for it.
    pub terminal_number: TerminalNumber,
    /// The card.
    pub card: Serial,
    /// The date as it was sent, perhaps not a date.
    pub date: BcdDate,
    /// The time as it was sent, perhaps not a time.
    pub time: BcdTime,
    /// Its amount.
    pub amount: Fen,
    /// What became of it, and why.
    pub verdict: Verdict,
}

/// Where a participant finds every record that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnpaidList {
    /// In the document, complete.
    Here(Vec<UnpaidRecord>),
    /// In a file of that name, because there are too many for paper.
    InFile(String),
}

impl UnpaidRecord {
    /// The date as people write it; the digits as sent when they are no date.
    pub(crate) fn date_text(&self) -> String {
        self.date.to_civil().map_or_else(|| self.date.to_string(), |date| date.to_string())
    }

    /// The time as people write it; the digits as sent when they are no time.
    pub(crate) fn time_text(&self) -> String {
        self.time
            .to_civil()
            .map_or_else(|| self.time.to_string(), |time| time.strftime("%H:%M:%S").to_string())
    }

    /// The reason's code; empty for a duplicate.
    pub(crate) fn reason_code(&self) -> &'static str {
        self.verdict.reason().map_or("", Reason::name)
    }

    /// The reason in words, Chinese and English.
    pub(crate) fn reason_words(&self) -> (&'static str, &'static str) {
        match (self.verdict.reason(), self.verdict.disposition()) {
            (Some(reason), _) => (reason.zh(), reason.en()),
            (None, Disposition::Duplicate) => ("该记录此前已收到", "a copy of a record that was seen before"),
            (None, other) => (other.zh(), other.en()),
        }
    }
}

impl UnpaidList {
    /// The records that stand in the document.
    #[must_use]
    pub fn records(&self) -> &[UnpaidRecord] {
        match self {
            Self::Here(records) => records,
            Self::InFile(_) => &[],
        }
    }
}

impl Serialize for UnpaidRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row {
            window: BusinessDate,
            terminal: TerminalId,
            terminal_number: TerminalNumber,
            card: Serial,
            date: String,
            time: String,
            amount_fen: Fen,
            disposition: Disposition,
            reason: Option<Reason>,
            reason_zh: &'static str,
            reason_en: &'static str,
        }
        let (reason_zh, reason_en) = self.reason_words();
        let row = Row {
            window: self.window,
            terminal: self.terminal,
            terminal_number: self.terminal_number,
            card: self.card,
            date: self.date_text(),
            time: self.time_text(),
            amount_fen: self.amount,
            disposition: self.verdict.disposition(),
            reason: self.verdict.reason(),
            reason_zh,
            reason_en,
        };
        row.serialize(serializer)
    }
}
