//! CSV that a spreadsheet opens with its Chinese intact: UTF-8 with its mark, CRLF, one section after another.
//!
//! Each section is a line with its key and headings, a header line, its rows, its total, and an empty line. Amounts are in
//! yuan with two decimals and no separators. Columns of words take two columns, Chinese and English.

use crate::table::{Cell, Document, Kind, Table};
use crate::{MonthReport, PressError, Statement, tables};

/// Makes spreadsheets read the file as UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The statement as CSV.
///
/// # Errors
/// [`PressError`] when a sum leaves the domain of money or the CSV cannot be written.
pub fn csv(statement: &Statement) -> Result<Vec<u8>, PressError> {
    write(&tables::of_statement(statement)?)
}

/// The month's report as CSV.
///
/// # Errors
/// [`PressError`] when a sum leaves the domain of money or the CSV cannot be written.
pub fn month_csv(report: &MonthReport) -> Result<Vec<u8>, PressError> {
    write(&tables::of_month(report)?)
}

fn write(document: &Document<'_>) -> Result<Vec<u8>, PressError> {
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record([document.title.zh, document.title.en])?;
    writer.write_record([harmless(&document.centre.zh), harmless(&document.centre.en)])?;
    for (label, value) in &document.facts {
        writer.write_record([format!("{} {}", label.zh, label.en), harmless(value)])?;
    }
    for table in &document.tables {
        // One empty field, unquoted: a line that programs and people both see as a gap.
        writer.write_record([" "])?;
        section(&mut writer, table)?;
    }
    writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()).into())
}

fn section(writer: &mut ::csv::Writer<Vec<u8>>, table: &Table<'_>) -> Result<(), PressError> {
    writer.write_record([table.key, table.title.zh, table.title.en])?;
    if let Some(note) = &table.note {
        writer.write_record([&note.zh, &note.en])?;
    }
    if table.rows.is_empty() {
        return Ok(());
    }
    let mut header = Vec::new();
    for column in &table.columns {
        if column.kind == Kind::Words {
            header.extend([column.label.zh.to_owned(), column.label.en.to_owned()]);
        } else {
            header.push(format!("{} {}", column.label.zh, column.label.en));
        }
    }
    writer.write_record(&header)?;
    for row in table.rows.iter().chain(&table.total) {
        let mut fields = Vec::with_capacity(header.len());
        for (column, cell) in table.columns.iter().zip(row) {
            push(&mut fields, column.kind, cell);
        }
        writer.write_record(&fields)?;
    }
    Ok(())
}

/// The fields of a cell: two in a column of words, one in all others.
fn push(fields: &mut Vec<String>, kind: Kind, cell: &Cell<'_>) {
    match (cell, kind) {
        (Cell::Words(zh, en), Kind::Words) => fields.extend([harmless(zh), harmless(en)]),
        (Cell::Words(zh, en), _) => fields.push(format!("{zh} {en}")),
        (Cell::Empty, Kind::Words) => fields.extend([String::new(), String::new()]),
        (Cell::Empty, _) => fields.push(String::new()),
        (Cell::Id(text), _) => fields.push(harmless(text)),
        (Cell::Count(count), _) => fields.push(count.to_string()),
        (Cell::Fen(amount), _) => fields.push(amount.yuan().to_string()),
        (Cell::Date(date), _) => fields.push(date.to_string()),
    }
}

/// A text that no spreadsheet takes for a formula: names and reasons are written by others.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_formula() {
        for (text, written) in
            [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("公交一公司", "公交一公司"), ("", "")]
        {
            assert_eq!(harmless(text), written);
        }
    }
}
