//! Placing things down the pages.

use super::length::Length;
use super::letters::Letters;
use super::page::{Ink, Item, MARGIN, Mark, Meaning, Node, PAGE_HEIGHT, Page, Shape, TEXT_WIDTH};
use crate::Words;
use crate::words::Label;

/// Where text begins on every page but the first.
const TOP: Length = Length::mm(22);
/// Below it only the foot stands.
const BOTTOM: Length = Length::mm(297 - 20);

/// A document while it is laid out.
pub(super) struct Flow<'a> {
    pub(super) letters: &'a Letters<'a>,
    pub(super) pages: Vec<Page>,
    pub(super) nodes: Vec<Node>,
    pub(super) marks: Vec<Mark>,
    /// Where the next thing goes.
    pub(super) y: Length,
}

/// How a line of text is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) size: Length,
    pub(super) ink: Ink,
    pub(super) is_bold: bool,
}

impl Style {
    pub(super) const fn plain(size: Length, ink: Ink) -> Self {
        Self { size, ink, is_bold: false }
    }

    pub(super) const fn bold(size: Length, ink: Ink) -> Self {
        Self { size, ink, is_bold: true }
    }
}

impl<'a> Flow<'a> {
    /// An empty document, at the top of its first page.
    pub(super) fn new(letters: &'a Letters<'a>) -> Self {
        Self {
            letters,
            pages: vec![Page::default()],
            nodes: Vec::new(),
            marks: Vec::new(),
            y: Length::mm(15),
        }
    }

    /// A part of the structure.
    pub(super) fn node(&mut self, meaning: Meaning, parent: Option<usize>) -> usize {
        self.nodes.push(Node { meaning, parent });
        self.nodes.len() - 1
    }

    /// Draws on the current page.
    pub(super) fn draw(&mut self, node: Option<usize>, shape: Shape) {
        if let Some(page) = self.pages.last_mut() {
            page.items.push(Item { node, shape });
        }
    }

    /// A line of text with its base line at `y`; returns where it ends.
    pub(super) fn text(
        &mut self,
        node: Option<usize>,
        (x, y): (Length, Length),
        style: Style,
        text: &str,
    ) -> Length {
        let Style { size, ink, is_bold } = style;
        let end = x + self.letters.width(text, size);
        if !text.is_empty() {
            self.draw(node, Shape::Text { x, y, size, ink, is_bold, text: text.to_owned() });
        }
        end
    }

    /// A line of text that ends at `x`.
    pub(super) fn text_to(
        &mut self,
        node: Option<usize>,
        (x, y): (Length, Length),
        style: Style,
        text: &str,
    ) {
        let start = x - self.letters.width(text, style.size);
        self.text(node, (start, y), style, text);
    }

    /// A horizontal rule.
    pub(super) fn rule(&mut self, (x, y): (Length, Length), width: Length, thickness: Length, ink: Ink) {
        self.draw(None, Shape::Rectangle { x, y, width, height: thickness, ink });
    }

    /// Begins a page.
    pub(super) fn new_page(&mut self) {
        self.pages.push(Page::default());
        self.y = TOP;
    }

    /// Whether `height` still fits on this page.
    pub(super) fn fits(&self, height: Length) -> bool {
        debug_assert!(BOTTOM < PAGE_HEIGHT, "the foot has room");
        self.y + height <= BOTTOM
    }

    /// A section's heading, with `behind` of room for what must follow on the same page.
    pub(super) fn heading(&mut self, title: Label, behind: Length) {
        if !self.fits(Length::mm(14) + behind) {
            self.new_page();
        } else {
            self.y += Length::mm(7);
        }
        let page = self.pages.len() - 1;
        self.marks.push(Mark { title, page, y: self.y });
        self.y += Length::pt(11);
        let node = self.node(Meaning::Heading(2, format!("{} {}", title.zh, title.en)), None);
        let at = (MARGIN, self.y);
        let end = self.text(Some(node), at, Style::bold(Length::tenths(110), Ink::Accent), title.zh);
        let quiet = Style::plain(Length::tenths(85), Ink::Quiet);
        self.text(Some(node), (end + Length::pt(5), self.y), quiet, title.en);
        self.y += Length::pt(5);
    }

    /// What a reader must know to read a section: each language in lines of its own.
    pub(super) fn note(&mut self, note: &Words) {
        let style = Style::plain(Length::tenths(70), Ink::Quiet);
        let node = self.node(Meaning::Paragraph, None);
        for text in [&note.zh, &note.en] {
            for line in self.letters.wrap(text, style.size, TEXT_WIDTH) {
                self.y += Length::tenths(95);
                self.text(Some(node), (MARGIN, self.y), style, &line);
            }
        }
        self.y += Length::pt(4);
    }
}
