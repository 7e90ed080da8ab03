//! Tables: columns as wide as they need, headers repeated on every page, figures on the right.

use super::flow::{Flow, Style};
use super::length::Length;
use super::measure::{Measured, PADDING, Setting};
use super::page::{Ink, Meaning, Shape};
use crate::table::{Cell, Kind, Table};

/// From one line of a cell to the next, in hundredths of the size.
const LEADING: i64 = 128;
/// Above and below the lines of a row.
const ROW_PADDING: Length = Length::tenths(22);

/// In longer tables each row is one cell to a reader that cannot see: marks take some 110 bytes each, and ten thousand rows
/// cell by cell would make a file of 15 MB.
const MARKED_ROWS_MAX: usize = 200;

/// A table as it is being placed.
struct Grid<'t, 'a> {
    table: &'t Table<'a>,
    measured: Measured,
    x: Length,
    width: Length,
}

/// The lines of a cell.
type Lines = Vec<(String, Ink)>;

/// Places `table` from `x` on, `width` wide, beginning at the flow's height.
pub(super) fn place(flow: &mut Flow<'_>, table: &Table<'_>, x: Length, width: Length) {
    let grid = Grid { table, measured: Measured::of(flow.letters, table, width), x, width };
    let node = flow.node(Meaning::Table, None);
    let head = flow.node(Meaning::Head, Some(node));
    grid.header(flow, Some(head));
    let body = flow.node(Meaning::Body, Some(node));
    for (index, row) in table.rows.iter().enumerate() {
        grid.row(flow, body, row, table.strong.contains(&index));
    }
    if let Some(total) = &table.total {
        grid.row(flow, body, total, true);
    }
}

/// How much room a heading must leave for a table to begin behind it: its header and two rows.
pub(super) const BEGINNING: Length = Length::mm(24);

impl Grid<'_, '_> {
    /// Whether the table is so long that its rows are marked as wholes.
    const fn is_long(&self) -> bool {
        self.table.rows.len() > MARKED_ROWS_MAX
    }

    fn leading(&self) -> Length {
        self.measured.size.share(LEADING, 100)
    }

    /// Headers in both languages; `head` is none where they are repeated.
    fn header(&self, flow: &mut Flow<'_>, head: Option<usize>) {
        let size = self.measured.size;
        let height = self.leading() * 2 + ROW_PADDING * 2;
        let (x, y) = (self.x, flow.y);
        flow.draw(None, Shape::Rectangle { x, y, width: self.width, height, ink: Ink::Tint });
        let row = head.map(|head| flow.node(Meaning::Row, Some(head)));
        let mut left = self.x;
        for (column, placed) in self.table.columns.iter().zip(&self.measured.columns) {
            let node = row.map(|row| flow.node(Meaning::Header, Some(row)));
            let first = flow.y + ROW_PADDING + size;
            let english = size.share(88, 100);
            let lines = [
                (column.label.zh, Style::bold(size, Ink::Text), first),
                (column.label.en, Style::plain(english, Ink::Quiet), first + self.leading()),
            ];
            for (text, style, y) in lines {
                if is_figure(column.kind) {
                    flow.text_to(node, (left + placed.width - PADDING, y), style, text);
                } else {
                    flow.text(node, (left + placed.indent, y), style, text);
                }
            }
            left += placed.width;
        }
        flow.y += height;
        flow.rule((self.x, flow.y), self.width, Length::tenths(6), Ink::Accent);
    }

    /// A row, on the next page when it does not fit; headers come with it.
    fn row(&self, flow: &mut Flow<'_>, body: usize, cells: &[Cell<'_>], is_strong: bool) {
        let cells: Vec<Lines> = cells
            .iter()
            .zip(&self.measured.columns)
            .map(|(cell, placed)| self.lines(flow, cell, placed.width - placed.indent - PADDING))
            .collect();
        let most = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let height = self.leading() * i32::try_from(most).unwrap_or(i32::MAX) + ROW_PADDING * 2;
        if !flow.fits(height) {
            self.continued(flow);
        }
        if is_strong {
            flow.rule((self.x, flow.y), self.width, Length::tenths(5), Ink::Accent);
        }
        let row = flow.node(Meaning::Row, Some(body));
        let whole = self.is_long().then(|| flow.node(Meaning::Cell, Some(row)));
        let mut left = self.x;
        for ((lines, column), placed) in
            cells.into_iter().zip(&self.table.columns).zip(&self.measured.columns)
        {
            let node = whole.unwrap_or_else(|| flow.node(Meaning::Cell, Some(row)));
            let mut y = flow.y + ROW_PADDING + self.measured.size;
            for (text, ink) in lines {
                let style = Style { size: self.measured.size, ink, is_bold: is_strong };
                if is_figure(column.kind) {
                    flow.text_to(Some(node), (left + placed.width - PADDING, y), style, &text);
                } else {
                    flow.text(Some(node), (left + placed.indent, y), style, &text);
                }
                y += self.leading();
            }
            left += placed.width;
        }
        flow.y += height;
        flow.rule((self.x, flow.y), self.width, Length::tenths(3), Ink::Hair);
    }

    /// Begins the next page with the table's name and headers.
    fn continued(&self, flow: &mut Flow<'_>) {
        flow.new_page();
        flow.y += Length::pt(8);
        let title = self.table.title;
        let text = format!("{} {}（续 continued）", title.zh, title.en);
        flow.text(None, (self.x, flow.y), Style::plain(Length::tenths(80), Ink::Quiet), &text);
        flow.y += Length::pt(4);
        self.header(flow, None);
    }

    /// The lines of a cell in a column of that width.
    fn lines(&self, flow: &Flow<'_>, cell: &Cell<'_>, width: Length) -> Lines {
        let size = self.measured.size;
        let wrapped = |text: &str, ink: Ink| {
            flow.letters.wrap(text, size, width).into_iter().map(move |line| (line, ink)).collect::<Lines>()
        };
        match cell {
            Cell::Empty => Lines::new(),
            Cell::Words(zh, en) if self.measured.setting == Setting::TwoLines && !en.is_empty() => {
                let whole = super::measure::text(cell);
                if flow.letters.width(&whole, size) <= width {
                    return vec![(whole, Ink::Text)];
                }
                let mut lines = wrapped(zh, Ink::Text);
                lines.extend(wrapped(en, Ink::Quiet));
                lines
            }
            other => wrapped(&super::measure::text(other), Ink::Text),
        }
    }
}

pub(super) const fn is_figure(kind: Kind) -> bool {
    matches!(kind, Kind::Count | Kind::Fen)
}
