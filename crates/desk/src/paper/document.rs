//! The files that a statement or a month's report becomes.

use tongclear_press::{
    Draft, Fonts, MonthReport, Statement, UnpaidList, csv, json, month_csv, month_json, month_pdf,
    month_xlsx, pdf, xlsx,
};

use crate::DeskError;

/// Unpaid records that a PDF lists: about a thousand pages; nobody reads more.
const PDF_UNPAID_MAX: usize = 50_000;
/// Unpaid records that a workbook lists: a sheet holds 1,048,576 rows, headings and total among them.
const XLSX_UNPAID_MAX: usize = 1_000_000;

tongclear_types::named! {
    /// What a document is for: to read and print, to work on, to import, for programs.
    Format {
        Pdf = "pdf", "版式文件", "to read and print";
        Xlsx = "xlsx", "电子表格", "a workbook";
        Csv = "csv", "文本表格", "tables as text";
        Json = "json", "程序数据", "for programs";
    }
}

/// A document, and the file that belongs beside it.
pub struct Document {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The statement as CSV, complete, when its unpaid records are too many for the document.
    pub beside: Option<Vec<u8>>,
}

/// Fonts, which only PDF needs.
fn needed(fonts: Option<&Fonts>) -> Result<&Fonts, DeskError> {
    fonts.ok_or_else(|| DeskError::internal("a PDF was asked for without a font"))
}

/// The statement in one format. `beside` is the name of the CSV that holds the unpaid records when they are too many.
///
/// # Errors
/// [`DeskError::Refused`] when a section is longer than the format can hold; our own faults.
pub fn statement_document(
    statement: &Statement,
    format: Format,
    fonts: Option<&Fonts>,
    beside: &str,
) -> Result<Document, DeskError> {
    let max = match format {
        Format::Pdf => PDF_UNPAID_MAX,
        Format::Xlsx => XLSX_UNPAID_MAX,
        Format::Csv | Format::Json => usize::MAX,
    };
    let short = shortened(statement, max, beside)?;
    let on_paper = short.as_ref().unwrap_or(statement);
    let bytes = match format {
        Format::Pdf => pdf(on_paper, needed(fonts)?)?,
        Format::Xlsx => xlsx(on_paper)?,
        Format::Csv => csv(on_paper)?,
        Format::Json => json(on_paper)?,
    };
    let beside = short.is_some().then(|| csv(statement)).transpose()?;
    Ok(Document { bytes, beside })
}

/// The statement with its unpaid records in the file `beside`, when they are more than `max`.
fn shortened(statement: &Statement, max: usize, beside: &str) -> Result<Option<Statement>, DeskError> {
    let figures = statement.figures();
    if figures.unpaid.records().len() <= max {
        return Ok(None);
    }
    let short = Draft { unpaid: UnpaidList::InFile(beside.to_owned()), ..figures.clone() };
    Ok(Some(Statement::new(short)?))
}

/// The month's report in one format.
///
/// # Errors
/// As [`statement_document`].
pub fn month_document(
    report: &MonthReport,
    format: Format,
    fonts: Option<&Fonts>,
) -> Result<Vec<u8>, DeskError> {
    Ok(match format {
        Format::Pdf => month_pdf(report, needed(fonts)?)?,
        Format::Xlsx => month_xlsx(report)?,
        Format::Csv => month_csv(report)?,
        Format::Json => month_json(report)?,
    })
}

#[cfg(test)]
mod tests;
