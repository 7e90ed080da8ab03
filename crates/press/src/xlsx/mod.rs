//! XLSX: a sheet a section, numbers as numbers, ids as text, ready to filter and to print.
//!
//! The date in the workbook's properties is the day the statement was made, so that the same values give the same bytes.

mod cell;
mod style;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet};

use self::cell::{characters, exact_yuan};
use self::style::Styles;
use crate::table::{Cell, Document, Kind, Table};
use crate::{MonthReport, PressError, Statement, tables};

/// Rows of a sheet, less the header and the total.
const ROWS_MAX: usize = 1_048_576 - 2;

/// A4, as workbooks number papers.
const A4: u8 = 9;

/// Columns are not made wider than this many characters; longer words are wrapped.
const COLUMN_CHARACTERS_MAX: u16 = 72;

/// The height of a line of a row.
const LINE_PIXELS: u32 = 20;

/// The statement as a workbook.
///
/// # Errors
/// [`PressError`] when a sum leaves the domain of money, a section is longer than a sheet, or writing fails.
pub fn xlsx(statement: &Statement) -> Result<Vec<u8>, PressError> {
    write(&tables::of_statement(statement)?)
}

/// The month's report as a workbook.
///
/// # Errors
/// [`PressError`] when a sum leaves the domain of money, a section is longer than a sheet, or writing fails.
pub fn month_xlsx(report: &MonthReport) -> Result<Vec<u8>, PressError> {
    write(&tables::of_month(report)?)
}

fn write(document: &Document<'_>) -> Result<Vec<u8>, PressError> {
    let styles = Styles::new();
    let mut workbook = Workbook::new();
    let made_on = document.made_on.civil();
    let created = ExcelDateTime::parse_from_str(&made_on.to_string())?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(format!("{} {}", document.title.zh, document.title.en))
            .set_subject(&document.short)
            .set_author(&document.centre.zh)
            .set_company(&document.centre.zh)
            .set_creation_datetime(&created),
    );
    head(workbook.add_worksheet(), document, &styles)?;
    for table in &document.tables {
        let sheet = workbook.add_worksheet();
        sheet.set_name(
            format!("{} {}", table.title.zh, table.title.en).chars().take(31).collect::<String>(),
        )?;
        if table.rows.is_empty() {
            note(sheet, table, &styles)?;
        } else {
            section(sheet, table, &styles)?;
        }
        print_setup(sheet, document)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// The first sheet: who, which days, and the notes that sheets of rows have no room for.
fn head(sheet: &mut Worksheet, document: &Document<'_>, styles: &Styles) -> Result<(), PressError> {
    sheet.set_name("封面 Cover")?;
    sheet.write_string_with_format(0, 0, &document.centre.zh, &styles.title)?;
    sheet.write_string(0, 1, &document.centre.en)?;
    sheet.write_string_with_format(1, 0, document.title.zh, &styles.title)?;
    sheet.write_string(1, 1, document.title.en)?;
    let mut row = 3;
    for (label, value) in &document.facts {
        sheet.write_string_with_format(row, 0, format!("{} {}", label.zh, label.en), &styles.strong)?;
        sheet.write_string(row, 1, value)?;
        row += 1;
    }
    for table in &document.tables {
        let Some(note) = &table.note else { continue };
        row += 1;
        sheet.write_string_with_format(
            row,
            0,
            format!("{} {}", table.title.zh, table.title.en),
            &styles.strong,
        )?;
        sheet.write_string(row, 1, &note.zh)?;
        sheet.write_string(row + 1, 1, &note.en)?;
        row += 1;
    }
    sheet.set_column_width(0, 50)?.set_column_width(1, 90)?;
    print_setup(sheet, document)
}

/// A section without rows says why.
fn note(sheet: &mut Worksheet, table: &Table<'_>, styles: &Styles) -> Result<(), PressError> {
    if let Some(note) = &table.note {
        sheet.write_string_with_format(0, 0, format!("{} {}", note.zh, note.en), &styles.strong)?;
    }
    Ok(())
}

/// The columns of the sheet: a column of words takes two, Chinese and English.
fn sheet_columns(table: &Table<'_>) -> Vec<(Kind, String)> {
    let mut columns = Vec::new();
    for column in &table.columns {
        let label = column.label;
        if column.kind == Kind::Words {
            columns.extend([(Kind::Words, label.zh.to_owned()), (Kind::Words, label.en.to_owned())]);
        } else {
            columns.push((column.kind, format!("{}\n{}", label.zh, label.en)));
        }
    }
    columns
}

fn section(sheet: &mut Worksheet, table: &Table<'_>, styles: &Styles) -> Result<(), PressError> {
    if table.rows.len() > ROWS_MAX {
        return Err(PressError::TooLong { section: table.key, rows: table.rows.len(), rows_max: ROWS_MAX });
    }
    let columns = sheet_columns(table);
    let mut widths: Vec<u16> = Vec::with_capacity(columns.len());
    for (at, (kind, header)) in (0..).zip(&columns) {
        sheet.write_string_with_format(0, at, header, styles.header(*kind))?;
        // Room for the filter's button beside the words.
        widths.push(header.lines().map(characters).max().unwrap_or_default() + 3);
    }
    let mut number = 0;
    for (index, row) in table.rows.iter().enumerate() {
        number += 1;
        write_row(sheet, number, table, row, styles, table.strong.contains(&index), &mut widths)?;
    }
    let last = number;
    if let Some(total) = &table.total {
        number += 1;
        write_row(sheet, number, table, total, styles, true, &mut widths)?;
    }
    for (at, width) in (0..).zip(&widths) {
        sheet.set_column_width(at, (*width).min(COLUMN_CHARACTERS_MAX))?;
    }
    sheet.set_row_height_pixels(0, LINE_PIXELS * 2)?.set_freeze_panes(1, 0)?;
    if let Some(at) = (0..).take(columns.len()).last() {
        sheet.autofilter(0, 0, last, at)?;
    }
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

/// Writes a row, and widens `widths` to what it needs.
fn write_row(
    sheet: &mut Worksheet,
    number: u32,
    table: &Table<'_>,
    row: &[Cell<'_>],
    styles: &Styles,
    is_strong: bool,
    widths: &mut [u16],
) -> Result<(), PressError> {
    let (mut at, mut lines): (u16, u16) = (0, 1);
    let mut write = |kind: Kind, cell: &Cell<'_>| -> Result<(), PressError> {
        let format = styles.cell(kind, is_strong);
        let width = match cell {
            Cell::Empty => {
                sheet.write_blank(number, at, format)?;
                0
            }
            Cell::Id(text) => {
                sheet.write_string_with_format(number, at, text.as_ref(), format)?;
                characters(text)
            }
            Cell::Words(zh, en) => {
                let text = format!("{zh} {en}");
                sheet.write_string_with_format(number, at, text.trim(), format)?;
                characters(&text)
            }
            Cell::Count(count) => {
                let text = count.to_string();
                match cell::exact_count(*count) {
                    Some(value) => sheet.write_number_with_format(number, at, value, format)?,
                    None => sheet.write_string_with_format(number, at, &text, format)?,
                };
                characters(&text) + 2
            }
            Cell::Fen(amount) => {
                let text = crate::words::yuan(*amount);
                match exact_yuan(*amount) {
                    Some(value) => sheet.write_number_with_format(number, at, value, format)?,
                    None => sheet.write_string_with_format(number, at, &text, format)?,
                };
                characters(&text) + 1
            }
            Cell::Date(date) => {
                let date = ExcelDateTime::parse_from_str(&date.to_string())?;
                sheet.write_datetime_with_format(number, at, &date, format)?;
                11
            }
        };
        if let Some(widest) = widths.get_mut(usize::from(at)) {
            *widest = (*widest).max(width + 2);
        }
        if kind == Kind::Words {
            lines = lines.max((width + 2).div_ceil(COLUMN_CHARACTERS_MAX));
        }
        at += 1;
        Ok(())
    };
    for (column, cell) in table.columns.iter().zip(row) {
        match (column.kind, cell) {
            (Kind::Words, Cell::Words(zh, en)) => {
                write(Kind::Words, &Cell::Id(zh.as_ref().into()))?;
                write(Kind::Words, &Cell::Id(en.as_ref().into()))?;
            }
            (Kind::Words, other) => {
                write(Kind::Words, other)?;
                write(Kind::Words, &Cell::Empty)?;
            }
            (kind, other) => write(kind, other)?,
        }
    }
    if lines > 1 {
        // Programs that open a workbook do not all find out how tall a wrapped row must be.
        sheet.set_row_height_pixels(number, LINE_PIXELS * u32::from(lines))?;
    }
    Ok(())
}

/// A4 across, as wide as the page, with the same foot as the PDF.
fn print_setup(sheet: &mut Worksheet, document: &Document<'_>) -> Result<(), PressError> {
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    let plain = |text: &str| text.replace('&', "&&");
    sheet.set_header(format!("&L{} {}&R&A", plain(&document.centre.zh), plain(document.title.zh)));
    sheet.set_footer(format!("&L{}&R第 &P 页 共 &N 页 · page &P of &N", plain(&document.short)));
    Ok(())
}
