//! JSON for programs: the values as they were given, amounts in fen as integers, names that stay.

use serde::Serialize;

use crate::{MonthReport, PressError, Statement};

/// The statement as JSON, indented, ending with a newline.
///
/// # Errors
/// [`PressError::Json`] when it cannot be written.
pub fn json(statement: &Statement) -> Result<Vec<u8>, PressError> {
    write(statement)
}

/// The month's report as JSON, indented, ending with a newline.
///
/// # Errors
/// [`PressError::Json`] when it cannot be written.
pub fn month_json(report: &MonthReport) -> Result<Vec<u8>, PressError> {
    write(report)
}

fn write(values: &impl Serialize) -> Result<Vec<u8>, PressError> {
    let mut bytes = serde_json::to_vec_pretty(values)?;
    bytes.push(b'\n');
    Ok(bytes)
}
