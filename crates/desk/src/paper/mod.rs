//! Statements and the month's report: their values gathered from a centre, and the documents that are made of them.
//!
//! A statement's amounts come from the ledger (opening, net, what the bank moved, closing), its rows from runs, positions and
//! records; [`tongclear_press`] refuses it when the two disagree. Bounded by the records of a period that were not accepted,
//! which are held in memory, a hundred bytes each; accepted ones are only counted.

mod books;
mod document;
mod due;
mod fonts;
mod month;
mod names;
mod records;
mod span;
mod statement;
mod takings;

pub use tongclear_press::{Fonts, Month, MonthReport, Period, Statement};

pub use self::document::{Document, Format, month_document, statement_document};
pub use self::fonts::fonts;
pub use self::month::month_report;
pub use self::statement::Papers;

use tongclear_engine::EngineError;
use tongclear_press::{Disagreement, PressError};

use crate::DeskError;

impl From<Disagreement> for DeskError {
    /// Figures of the centre that do not re-add: a business check that failed.
    fn from(error: Disagreement) -> Self {
        match error {
            Disagreement::Money(error) => error.into(),
            other => EngineError::CheckFailed(format!("no document is made: {other}")).into(),
        }
    }
}

impl From<PressError> for DeskError {
    fn from(error: PressError) -> Self {
        match error {
            PressError::Money(error) => error.into(),
            PressError::TooLong { .. } => Self::Refused(error.to_string()),
            PressError::Csv(_) | PressError::Json(_) | PressError::Xlsx(_) | PressError::Pdf(_) => {
                Self::internal(error)
            }
        }
    }
}
