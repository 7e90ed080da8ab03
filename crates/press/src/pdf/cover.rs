//! The head of the first page, and the running head and foot of all pages.

use super::flow::{Flow, Style};
use super::length::Length;
use super::page::{Ink, Item, MARGIN, Meaning, PAGE_HEIGHT, PAGE_WIDTH, Shape, TEXT_WIDTH};
use crate::table::Document;

/// Letterhead, title, facts.
pub(super) fn head(flow: &mut Flow<'_>, document: &Document<'_>) {
    let centre = flow.node(Meaning::Paragraph, None);
    flow.y += Length::pt(10);
    let end = flow.text(
        Some(centre),
        (MARGIN, flow.y),
        Style::bold(Length::tenths(105), Ink::Text),
        &document.centre.zh,
    );
    let quiet = Style::plain(Length::tenths(85), Ink::Quiet);
    flow.text(Some(centre), (end + Length::pt(6), flow.y), quiet, &document.centre.en);
    flow.y += Length::pt(6);
    flow.rule((MARGIN, flow.y), TEXT_WIDTH, Length::tenths(12), Ink::Accent);
    flow.y += Length::pt(32);
    let title = flow.node(Meaning::Heading(1, format!("{} {}", document.title.zh, document.title.en)), None);
    let end = flow.text(
        Some(title),
        (MARGIN, flow.y),
        Style::bold(Length::tenths(180), Ink::Accent),
        document.title.zh,
    );
    let english = Style::plain(Length::tenths(115), Ink::Quiet);
    flow.text(Some(title), (end + Length::pt(8), flow.y), english, document.title.en);
    flow.y += Length::pt(12);
    facts(flow, document);
}

/// The facts, two columns of label and value.
fn facts(flow: &mut Flow<'_>, document: &Document<'_>) {
    let column = TEXT_WIDTH / 2;
    let (label_style, value_style) =
        (Style::plain(Length::tenths(80), Ink::Quiet), Style::plain(Length::tenths(85), Ink::Text));
    let labels: Vec<String> =
        document.facts.iter().map(|(label, _)| format!("{} {}", label.zh, label.en)).collect();
    let indent = labels.iter().map(|it| flow.letters.width(it, label_style.size)).max().unwrap_or_default();
    let indent = indent + Length::pt(8);
    let facts: Vec<_> = labels.iter().zip(&document.facts).collect();
    for pair in facts.chunks(2) {
        flow.y += Length::pt(14);
        let mut most = 1;
        for (at, (label, (_, value))) in (0..).zip(pair) {
            let x = MARGIN + column * at;
            let node = flow.node(Meaning::Paragraph, None);
            flow.text(Some(node), (x, flow.y), label_style, label);
            let width = column - indent - Length::pt(6);
            let lines = flow.letters.wrap(value, value_style.size, width);
            most = most.max(lines.len());
            for (number, line) in (0..).zip(&lines) {
                let y = flow.y + Length::pt(11) * number;
                flow.text(Some(node), (x + indent, y), value_style, line);
            }
        }
        flow.y += Length::pt(11) * i32::try_from(most - 1).unwrap_or_default();
    }
    flow.y += Length::pt(4);
}

/// What stands on every page, once it is known how many there are.
pub(super) fn feet(flow: &mut Flow<'_>, document: &Document<'_>) {
    let count = flow.pages.len();
    let style = Style::plain(Length::tenths(75), Ink::Quiet);
    let foot = PAGE_HEIGHT - Length::mm(11);
    for index in 0..count {
        let number = index + 1;
        let mut texts =
            vec![(MARGIN, foot, format!("{} {} · {}", document.title.zh, document.title.en, document.short))];
        let pages = format!("第 {number} 页 共 {count} 页 · page {number} of {count}");
        texts.push((PAGE_WIDTH - MARGIN - flow.letters.width(&pages, style.size), foot, pages));
        if index > 0 {
            texts.push((MARGIN, Length::mm(14), format!("{} {}", document.centre.zh, document.centre.en)));
        }
        let Some(page) = flow.pages.get_mut(index) else { continue };
        let Style { size, ink, is_bold } = style;
        let rules = [foot - Length::pt(11), Length::mm(16)];
        for y in rules.into_iter().take(if index > 0 { 2 } else { 1 }) {
            let (x, width, height) = (MARGIN, TEXT_WIDTH, Length::tenths(4));
            page.items
                .push(Item { node: None, shape: Shape::Rectangle { x, y, width, height, ink: Ink::Hair } });
        }
        for (x, y, text) in texts {
            page.items.push(Item { node: None, shape: Shape::Text { x, y, size, ink, is_bold, text } });
        }
    }
}
