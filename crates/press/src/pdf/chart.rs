//! Charts drawn from rectangles and text: bars upright for days and ages, lying for sectors.

use super::flow::{Flow, Style};
use super::length::Length;
use super::page::{Ink, Meaning, Shape};
use super::scale::Scale;
use crate::words::Label;

/// What the values of a chart are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Records.
    Count,
    /// Money in fen, shown in yuan.
    Fen,
}

/// Bars, one a label; each is a stack of one value a series. A value below zero has no bar.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) title: Label,
    pub(super) unit: Unit,
    /// Names of the series; a single one needs none.
    pub(super) series: Vec<Label>,
    /// Labels and their values, one a series.
    pub(super) bars: Vec<(String, Vec<i64>)>,
}

/// Where a chart stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) x: Length,
    pub(super) y: Length,
    pub(super) width: Length,
    pub(super) height: Length,
}

const SMALL: Length = Length::tenths(65);
const QUIET: Style = Style::plain(SMALL, Ink::Quiet);

impl Chart {
    fn sums(&self) -> impl Iterator<Item = i64> {
        self.bars.iter().map(|(_, values)| values.iter().map(|it| (*it).max(0)).sum())
    }

    fn scale(&self) -> Scale {
        Scale::of(self.sums().max().unwrap_or_default(), self.unit)
    }

    /// The chart in words, for those who cannot see it.
    fn alternative(&self, scale: &Scale) -> String {
        let bars: Vec<String> = self
            .bars
            .iter()
            .zip(self.sums())
            .map(|((label, _), sum)| format!("{label}: {}", scale.show(sum)))
            .collect();
        format!("{} {} ({}): {}", self.title.zh, self.title.en, scale.unit(), bars.join("; "))
    }

    /// Title, unit, and the key of the series; returns the figure's node and where the plot begins.
    fn heading(&self, flow: &mut Flow<'_>, frame: Frame, scale: &Scale) -> (usize, Length) {
        let node = flow.node(Meaning::Figure(self.alternative(scale)), None);
        let y = frame.y + Length::pt(9);
        let end =
            flow.text(Some(node), (frame.x, y), Style::bold(Length::tenths(85), Ink::Text), self.title.zh);
        let english = Style::plain(Length::tenths(75), Ink::Quiet);
        let end = flow.text(Some(node), (end + Length::pt(4), y), english, self.title.en);
        let unit = scale.unit();
        if !unit.is_empty() {
            flow.text(Some(node), (end + Length::pt(4), y), english, &format!("({unit})"));
        }
        if self.series.len() < 2 {
            return (node, y + Length::pt(8));
        }
        let (mut x, y) = (frame.x, y + Length::pt(11));
        for (at, label) in self.series.iter().enumerate() {
            let side = Length::pt(5);
            let ink = Ink::Series(at);
            flow.draw(Some(node), Shape::Rectangle { x, y: y - side, width: side, height: side, ink });
            let text = format!("{} {}", label.zh, label.en);
            x = flow.text(Some(node), (x + Length::pt(8), y), QUIET, &text) + Length::pt(10);
        }
        (node, y + Length::pt(8))
    }

    /// Upright bars with an axis on the left.
    pub(super) fn upright(&self, flow: &mut Flow<'_>, frame: Frame) {
        let scale = self.scale();
        let (node, top) = self.heading(flow, frame, &scale);
        let ticks = scale.ticks();
        let axis =
            ticks.iter().map(|it| flow.letters.width(&scale.show(*it), SMALL)).max().unwrap_or_default();
        let left = frame.x + axis + Length::pt(4);
        let width = frame.x + frame.width - left;
        let bottom = frame.y + frame.height - Length::pt(12);
        let height = bottom - top;
        for tick in ticks {
            let y = bottom - height.share(tick, scale.top());
            flow.draw(
                Some(node),
                Shape::Rectangle { x: left, y, width, height: Length::tenths(3), ink: Ink::Hair },
            );
            let label = scale.show(tick);
            flow.text_to(Some(node), (left - Length::pt(3), y + Length::tenths(22)), QUIET, &label);
        }
        let count = i32::try_from(self.bars.len().max(1)).unwrap_or(i32::MAX);
        let slot = width / count;
        let bar = slot.share(70, 100).min(Length::pt(26));
        // As many labels as find room beside each other.
        let widest =
            self.bars.iter().map(|(label, _)| flow.letters.width(label, SMALL)).max().unwrap_or_default();
        let every = (1..=count).find(|every| slot * *every >= widest + Length::pt(3)).unwrap_or(count);
        for (at, (label, values)) in (0..).zip(&self.bars) {
            let middle = left + slot * at + slot / 2;
            let mut y = bottom;
            for (series, value) in values.iter().enumerate() {
                let tall = height.share((*value).max(0), scale.top());
                y = y - tall;
                let shape = Shape::Rectangle {
                    x: middle - bar / 2,
                    y,
                    width: bar,
                    height: tall,
                    ink: Ink::Series(series),
                };
                if tall > Length::ZERO {
                    flow.draw(Some(node), shape);
                }
            }
            if at % every == 0 {
                let x = middle - flow.letters.width(label, SMALL) / 2;
                flow.text(Some(node), (x, bottom + Length::pt(9)), QUIET, label);
            }
        }
    }

    /// Lying bars with their values behind them.
    pub(super) fn lying(&self, flow: &mut Flow<'_>, frame: Frame) {
        let scale = self.scale();
        let (node, top) = self.heading(flow, frame, &scale);
        let labels =
            self.bars.iter().map(|(label, _)| flow.letters.width(label, SMALL)).max().unwrap_or_default();
        let values =
            self.sums().map(|it| flow.letters.width(&scale.show(it), SMALL)).max().unwrap_or_default();
        let left = frame.x + labels + Length::pt(4);
        let width = frame.x + frame.width - left - values - Length::pt(4);
        let count = i32::try_from(self.bars.len().max(1)).unwrap_or(i32::MAX);
        let slot = ((frame.y + frame.height - top) / count).min(Length::pt(18));
        let largest = self.sums().max().unwrap_or_default();
        for (at, ((label, _), sum)) in (0..).zip(self.bars.iter().zip(self.sums())) {
            let y = top + slot * at;
            let base = y + slot / 2 + Length::tenths(22);
            flow.text_to(Some(node), (left - Length::pt(4), base), QUIET, label);
            let height = slot.share(64, 100);
            let wide = width.share(sum, largest);
            let shape = Shape::Rectangle {
                x: left,
                y: y + (slot - height) / 2,
                width: wide,
                height,
                ink: Ink::Series(0),
            };
            if wide > Length::ZERO {
                flow.draw(Some(node), shape);
            }
            flow.text(Some(node), (left + wide + Length::pt(4), base), QUIET, &scale.show(sum));
        }
    }
}
