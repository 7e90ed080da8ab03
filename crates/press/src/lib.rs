//! Statements on paper: from values to documents that merchants, card operators and the centre's management read.
//!
//! A [`Statement`] or a [`MonthReport`] is checked when it is made: every sum re-adds, or it is refused with both figures.
//! Each becomes PDF ([`pdf`], [`month_pdf`]), XLSX ([`xlsx`], [`month_xlsx`]), CSV ([`csv`], [`month_csv`]) and JSON
//! ([`json`], [`month_json`]). The same values give the same bytes; Chinese and English stand side by side.
//!
//! **Invariant:** no IO, no clock, nothing fetched. Money is [`tongclear_types::Fen`]; floats exist only where a PDF's
//! coordinates or a workbook's cells are written (`tests/shape/tidy.rs` names the files).

mod csv;
mod heading;
mod json;
mod month;
mod pdf;
mod reckon;
mod statement;
mod table;
mod tables;
mod words;
mod xlsx;

pub use self::csv::{csv, month_csv};
pub use self::heading::{Centre, Month, Party, Period};
pub use self::json::{json, month_json};
pub use self::month::{
    AGING_BUCKETS, MonthDay, MonthDraft, MonthReport, OpenItems, PartyMonth, PayoutMonth, ReasonMonth,
    SectorMonth,
};
pub use self::pdf::{FONTS, FontCandidate, FontError, FontFile, Fonts, month_pdf, pdf};
pub use self::reckon::Disagreement;
pub use self::statement::{
    Adjustment, Breakdown, BreakdownKind, BreakdownRow, Day, Draft, Line, Movement, Payout, PayoutState,
    Position, Role, Statement, Summary, UnpaidList, UnpaidRecord,
};
pub use self::words::Words;
pub use self::xlsx::{month_xlsx, xlsx};

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// A sum left the domain of money.
    #[error(transparent)]
    Money(#[from] tongclear_types::MoneyError),
    /// Writing CSV in memory.
    #[error("writing the statement as CSV: {0}")]
    Csv(#[from] ::csv::Error),
    /// Writing JSON in memory.
    #[error("writing the statement as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Writing a workbook in memory.
    #[error("writing the statement as XLSX: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// A section has more rows than a sheet can hold.
    #[error(
        "section {section} has {rows} rows, a sheet of a workbook holds {rows_max}; send this section as CSV"
    )]
    TooLong {
        /// The section's key.
        section: &'static str,
        /// Its rows.
        rows: usize,
        /// What a sheet holds.
        rows_max: usize,
    },
    /// The PDF library refused the document.
    #[error("writing the statement as PDF: {0}")]
    Pdf(String),
}
