//! JSON for programs: the values as they were given, amounts in fen as integers, names that stay.

use serde::Serialize;

use crate::{MonthReport, PressError, Statement};

/// The statement as JSON, indented, ending with a newline.
///
/// # Errors
/// [`PressError::Json`] when it cannot be written.
pub fn json(statement: &Statement) -> Result<Vec<u8>, PressError> {
    write("tongclear-statement-1", statement)
}

/// The month's report as JSON, indented, ending with a newline.
///
/// # Errors
/// [`PressError::Json`] when it cannot be written.
pub fn month_json(report: &MonthReport) -> Result<Vec<u8>, PressError> {
    write("tongclear-month-1", report)
}

/// What stands before the values, so that a program knows what it reads.
#[derive(Serialize)]
struct Marked<'a, T> {
    format: &'static str,
    currency: &'static str,
    #[serde(flatten)]
    values: &'a T,
}

fn write(format: &'static str, values: &impl Serialize) -> Result<Vec<u8>, PressError> {
    let mut bytes = serde_json::to_vec_pretty(&Marked { format, currency: "CNY", values })?;
    bytes.push(b'\n');
    Ok(bytes)
}
