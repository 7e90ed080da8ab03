//! What all renderers share: a document as facts and tables of typed cells, laid out by none of them.

use std::borrow::Cow;

use tongclear_types::{BusinessDate, Fen, Tally};

use crate::words::{Label, label};
use crate::{Movement, Words};

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    /// Nothing.
    Empty,
    /// An id or code, which no spreadsheet may take for a number.
    Id(Cow<'a, str>),
    /// A fixed text or one given with the values, in both languages; the English may be empty.
    Words(Cow<'a, str>, Cow<'a, str>),
    /// A number of records.
    Count(u64),
    /// Money.
    Fen(Fen),
    /// A day.
    Date(BusinessDate),
}

/// What a column holds; renderers choose side and format by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ids, codes.
    Id,
    /// Words in two languages, which may be wrapped.
    Words,
    /// Counts.
    Count,
    /// Money.
    Fen,
    /// Days.
    Date,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) label: Label,
    pub(crate) kind: Kind,
}

/// A table: a section of the document.
#[derive(Debug, Clone)]
pub(crate) struct Table<'a> {
    /// Its name in CSV, and in messages.
    pub(crate) key: &'static str,
    /// Its heading.
    pub(crate) title: Label,
    /// What a reader must know to read it; empty when it speaks for itself.
    pub(crate) note: Option<Words>,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    /// Its rows, each with a cell for every column.
    pub(crate) rows: Vec<Vec<Cell<'a>>>,
    /// Rows that are sums of rows above them, by index.
    pub(crate) strong: Vec<usize>,
    /// The sum of the rows.
    pub(crate) total: Option<Vec<Cell<'a>>>,
}

/// A document: what stands at its head, and its tables.
#[derive(Debug, Clone)]
pub(crate) struct Document<'a> {
    /// Who makes it, in both languages.
    pub(crate) centre: Words,
    /// What it is.
    pub(crate) title: Label,
    /// Whose it is and what it covers, in a few words, for the foot of every page.
    pub(crate) short: String,
    /// Facts of the head: a label and its value.
    pub(crate) facts: Vec<(Label, String)>,
    /// The day it was made.
    pub(crate) made_on: BusinessDate,
    /// Its sections; the first is the summary.
    pub(crate) tables: Vec<Table<'a>>,
}

/// A column.
pub(crate) const fn column(zh: &'static str, en: &'static str, kind: Kind) -> Column {
    Column { label: label(zh, en), kind }
}

/// A fixed text as a cell.
pub(crate) const fn fixed(label: Label) -> Cell<'static> {
    Cell::Words(Cow::Borrowed(label.zh), Cow::Borrowed(label.en))
}

/// A fixed text in a column of something else.
pub(crate) fn fixed_id<'a>(label: Label) -> Cell<'a> {
    Cell::Id(Cow::Owned(format!("{} {}", label.zh, label.en)))
}

/// An id as a cell.
pub(crate) fn id<'a>(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
    Cell::Id(text.into())
}

/// A text given in both languages as a cell.
pub(crate) fn both<'a>(zh: &'a str, en: &'a str) -> Cell<'a> {
    Cell::Words(Cow::Borrowed(zh), Cow::Borrowed(en))
}

/// Count and amount of a tally.
pub(crate) const fn tally<'a>(tally: &Tally) -> [Cell<'a>; 2] {
    [Cell::Count(tally.count), Cell::Fen(tally.amount_fen)]
}

/// The columns of a movement.
pub(crate) const MOVEMENT: [Column; 5] = [
    column("笔数", "Count", Kind::Count),
    column("消费", "Purchases", Kind::Fen),
    column("手续费", "Fees", Kind::Fen),
    column("优惠补贴", "Concessions", Kind::Fen),
    column("充值", "Loads", Kind::Fen),
];

/// The cells of a movement, in the order of [`MOVEMENT`].
pub(crate) const fn movement<'a>(movement: &Movement) -> [Cell<'a>; 5] {
    [
        Cell::Count(movement.count),
        Cell::Fen(movement.gross),
        Cell::Fen(movement.fee),
        Cell::Fen(movement.concession),
        Cell::Fen(movement.load),
    ]
}

/// The first cell of a total.
pub(crate) const TOTAL: Label = label("合计", "Total");

impl Cell<'_> {
    /// Whether nothing stands in it.
    fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Id(text) => text.is_empty(),
            Self::Words(zh, en) => zh.is_empty() && en.is_empty(),
            Self::Count(_) | Self::Fen(_) | Self::Date(_) => false,
        }
    }
}

impl<'a> Table<'a> {
    /// A table with rows and nothing else yet.
    pub(crate) fn new(
        key: &'static str,
        title: Label,
        columns: Vec<Column>,
        rows: Vec<Vec<Cell<'a>>>,
    ) -> Self {
        debug_assert!(
            rows.iter().all(|row| row.len() == columns.len()),
            "every row of {key} fills its columns"
        );
        Self { key, title, note: None, columns, rows, strong: Vec::new(), total: None }
    }

    /// With a note under the heading.
    pub(crate) fn with_note(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.note = Some(Words::new(zh, en));
        self
    }

    /// With the sum of its rows.
    pub(crate) fn with_total(mut self, total: Vec<Cell<'a>>) -> Self {
        debug_assert_eq!(total.len(), self.columns.len(), "the total of {} fills its columns", self.key);
        self.total = Some(total);
        self
    }

    /// With rows that are sums of rows above them.
    pub(crate) fn with_strong(mut self, strong: Vec<usize>) -> Self {
        self.strong = strong;
        self
    }

    /// The table without columns in which nothing stands: paper has no room for them, files keep them.
    pub(crate) fn without_empty_columns(&self) -> Table<'a> {
        let cells = |row: &Vec<Cell<'a>>, kept: &[bool]| {
            row.iter().zip(kept).filter(|(_, kept)| **kept).map(|(cell, _)| cell.clone()).collect()
        };
        let has_text = |at: usize| {
            self.rows.iter().chain(&self.total).filter_map(|row| row.get(at)).any(|cell| !cell.is_empty())
        };
        let kept: Vec<bool> = (0..self.columns.len()).map(has_text).collect();
        let columns = self.columns.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(column, _)| *column);
        Table {
            columns: columns.collect(),
            rows: self.rows.iter().map(|row| cells(row, &kept)).collect(),
            total: self.total.as_ref().map(|row| cells(row, &kept)),
            ..self.clone_head()
        }
    }

    /// Everything but columns and rows.
    fn clone_head(&self) -> Self {
        let mut head =
            Self::new(self.key, self.title, Vec::new(), Vec::new()).with_strong(self.strong.clone());
        head.note.clone_from(&self.note);
        head
    }

    /// Whether there is nothing to show.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.note.is_none()
    }
}
