//! A laid-out document: what stands where on which page, and what it means to a reader that cannot see.

use super::length::Length;
use crate::words::Label;

/// A4, upright.
pub(super) const PAGE_WIDTH: Length = Length::mm(210);
/// A4, upright.
pub(super) const PAGE_HEIGHT: Length = Length::mm(297);
/// On the left and on the right.
pub(super) const MARGIN: Length = Length::mm(15);
/// Between the margins.
pub(super) const TEXT_WIDTH: Length = Length::mm(180);

/// Colours, by what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text and figures.
    Text,
    /// English beside Chinese, notes.
    Quiet,
    /// Hairlines.
    Hair,
    /// Behind headers.
    Tint,
    /// Headings, and rules under them.
    Accent,
    /// The n-th series of a chart.
    Series(usize),
}

/// The structure of the document, for readers that are read to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A heading of that level, with its text.
    Heading(u16, String),
    /// A paragraph.
    Paragraph,
    /// A table.
    Table,
    /// Rows of headers.
    Head,
    /// Rows of a table.
    Body,
    /// A row.
    Row,
    /// A header of a column.
    Header,
    /// A cell.
    Cell,
    /// A picture, with what it shows in words.
    Figure(String),
}

/// A part of the structure; the index of its parent lies before its own.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) meaning: Meaning,
    pub(super) parent: Option<usize>,
}

/// Something to be drawn; `node` is none for what has no meaning of its own, such as rules and repeated headers.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) node: Option<usize>,
    pub(super) shape: Shape,
}

/// What is drawn.
#[derive(Debug)]
pub(super) enum Shape {
    /// A line of text; `y` is its base line.
    Text { x: Length, y: Length, size: Length, ink: Ink, is_bold: bool, text: String },
    /// A filled rectangle.
    Rectangle { x: Length, y: Length, width: Length, height: Length, ink: Ink },
}

/// A page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) items: Vec<Item>,
}

/// A heading to jump to.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) title: Label,
    pub(super) page: usize,
    pub(super) y: Length,
}
