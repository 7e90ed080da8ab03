//! PDF: A4, Chinese with English beside it, figures in columns that line up, text that can be selected and read out.
//!
//! Layout is integer arithmetic ([`length`]) into a list of what stands where ([`page`]); only [`paint`] knows the PDF library
//! and its floats. Fonts are embedded as subsets; dates come with the values, so that the same values give the same bytes.

mod chart;
mod cover;
mod flow;
mod fonts;
mod grid;
mod length;
mod letters;
mod measure;
mod month_charts;
mod page;
mod paint;
mod scale;

use self::flow::Flow;
pub use self::fonts::{FONTS, FontCandidate, FontError, FontFile, Fonts};
use self::length::Length;
use self::letters::Letters;
use self::page::{MARGIN, TEXT_WIDTH};
use crate::table::{Document, Table};
use crate::{MonthReport, PressError, Statement, tables};

/// The statement as PDF.
///
/// # Errors
/// [`PressError`] when a sum leaves the domain of money or the PDF cannot be written.
pub fn pdf(statement: &Statement, fonts: &Fonts) -> Result<Vec<u8>, PressError> {
    let document = tables::of_statement(statement)?;
    let letters = Letters::new(fonts);
    let mut flow = Flow::new(&letters);
    cover::head(&mut flow, &document);
    let rest = first_tables(&mut flow, &document);
    sections(&mut flow, rest);
    cover::feet(&mut flow, &document);
    paint::paint(&flow, &document, fonts)
}

/// The month's report as PDF, with charts.
///
/// # Errors
/// [`PressError`] when a sum leaves the domain of money or the PDF cannot be written.
pub fn month_pdf(report: &MonthReport, fonts: &Fonts) -> Result<Vec<u8>, PressError> {
    let document = tables::of_month(report)?;
    let letters = Letters::new(fonts);
    let mut flow = Flow::new(&letters);
    cover::head(&mut flow, &document);
    let rest = first_tables(&mut flow, &document);
    month_charts::place(&mut flow, report.figures())?;
    sections(&mut flow, rest);
    cover::feet(&mut flow, &document);
    paint::paint(&flow, &document, fonts)
}

/// Summary and dispositions side by side; returns the other tables.
fn first_tables<'d, 'a>(flow: &mut Flow<'_>, document: &'d Document<'a>) -> &'d [Table<'a>] {
    let [summary, dispositions, rest @ ..] = &document.tables[..] else { return &document.tables };
    let gap = Length::mm(8);
    let left = (TEXT_WIDTH - gap).share(56, 100);
    let right = TEXT_WIDTH - gap - left;
    flow.heading(summary.title, grid::BEGINNING);
    if let Some(note) = &summary.note {
        flow.note(note);
    }
    let top = flow.y;
    grid::place(flow, summary, MARGIN, left);
    let bottom = flow.y;
    flow.y = top;
    grid::place(flow, dispositions, MARGIN + left + gap, right);
    flow.y = bottom.max(flow.y);
    rest
}

/// Sections one after another.
fn sections(flow: &mut Flow<'_>, tables: &[Table<'_>]) {
    for table in tables {
        flow.heading(table.title, grid::BEGINNING);
        if let Some(note) = &table.note {
            flow.note(note);
        }
        if !table.rows.is_empty() {
            grid::place(flow, &table.without_empty_columns(), MARGIN, TEXT_WIDTH);
        }
    }
}
