//! How wide the columns of a table are, and in which size it is set.

use super::length::Length;
use super::letters::Letters;
use crate::table::{Cell, Column, Kind, Table};
use crate::words::{grouped, yuan};

/// On each side of a column.
pub(super) const PADDING: Length = Length::tenths(28);
/// The sizes that are tried, in tenths of a point; the last is set whatever it takes.
const SIZES: [i32; 6] = [80, 75, 70, 65, 60, 55];
/// A column of words is never narrower.
const WORDS_MIN: Length = Length::mm(24);

/// How the words of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// Chinese and English in one line.
    OneLine,
    /// Chinese above English, each wrapped where it must be.
    TwoLines,
}

/// The size of a table's text and its columns.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) size: Length,
    pub(super) widths: Vec<Length>,
    pub(super) settings: Vec<Setting>,
}

/// What a column needs, padding included: with words in one line, and with Chinese above English.
struct Need {
    one_line: Length,
    two_lines: Length,
    is_words: bool,
}

impl Measured {
    /// The largest size in which `table` fits into `width`.
    pub(super) fn of(letters: &Letters<'_>, table: &Table<'_>, width: Length) -> Self {
        // Widths grow with the size, so that they are measured once.
        let base = Length::pt(100);
        let needs: Vec<Need> = table
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| need(letters, table, at, column, base))
            .collect();
        let fitting = SIZES.into_iter().find_map(|tenths| try_size(&needs, tenths, width));
        fitting.unwrap_or_else(|| squeezed(&needs, width))
    }
}

fn need(letters: &Letters<'_>, table: &Table<'_>, at: usize, column: &Column, size: Length) -> Need {
    let header =
        letters.width(column.label.zh, size).max(letters.width(column.label.en, size.share(88, 100)));
    let (mut one_line, mut two_lines) = (header, header);
    for row in table.rows.iter().chain(&table.total) {
        let Some(cell) = row.get(at) else { continue };
        let whole = letters.width(&text(cell), size);
        one_line = one_line.max(whole);
        two_lines = two_lines.max(match cell {
            Cell::Words(zh, en) => letters.width(zh, size).max(letters.width(en, size)),
            _ => whole,
        });
    }
    Need { one_line, two_lines, is_words: column.kind == Kind::Words }
}

/// The widths in a size, if the table fits.
fn try_size(needs: &[Need], tenths: i32, width: Length) -> Option<Measured> {
    let size = Length::tenths(tenths);
    let wide = |length: Length| length.share(i64::from(tenths), 1_000) + PADDING * 2;
    for setting in [Setting::OneLine, Setting::TwoLines] {
        let widths = needs.iter().map(|need| match setting {
            Setting::OneLine => wide(need.one_line),
            Setting::TwoLines => wide(need.two_lines),
        });
        let widths: Vec<Length> = widths.collect();
        let sum: Length = widths.iter().copied().sum();
        if sum <= width {
            let settings = vec![setting; needs.len()];
            return Some(Measured { size, widths: stretched(widths, width - sum), settings });
        }
    }
    // Words are wrapped in what the other columns leave.
    let others: Length = needs.iter().filter(|it| !it.is_words).map(|it| wide(it.two_lines)).sum();
    let wish: Length = needs.iter().filter(|it| it.is_words).map(|it| wide(it.two_lines)).sum();
    let least: Length =
        needs.iter().filter(|it| it.is_words).map(|it| wide(it.two_lines).min(WORDS_MIN)).sum();
    let left = width - others;
    if left < least || wish == Length::ZERO {
        return None;
    }
    // Each gets its least and a share of the rest by what it would like beyond it.
    let (rest, wish_beyond) = (left - least, wish - least);
    let widths = needs.iter().map(|need| {
        let full = wide(need.two_lines);
        if !need.is_words {
            return full;
        }
        let beyond = full - full.min(WORDS_MIN);
        full.min(WORDS_MIN)
            + rest.share(i64::from(beyond.thousandths()), i64::from(wish_beyond.thousandths()))
    });
    Some(Measured { size, widths: widths.collect(), settings: vec![Setting::TwoLines; needs.len()] })
}

/// The smallest size, every column cut down by the same share and wrapped.
fn squeezed(needs: &[Need], width: Length) -> Measured {
    let size = Length::tenths(SIZES[SIZES.len() - 1]);
    let sum: Length = needs.iter().map(|it| it.two_lines).sum();
    let share = |it: &Need| width.share(i64::from(it.two_lines.thousandths()), i64::from(sum.thousandths()));
    Measured {
        size,
        widths: needs.iter().map(share).collect(),
        settings: vec![Setting::TwoLines; needs.len()],
    }
}

/// The widths with `extra` given to all columns alike.
fn stretched(widths: Vec<Length>, extra: Length) -> Vec<Length> {
    let columns = i32::try_from(widths.len().max(1)).unwrap_or(i32::MAX);
    widths.into_iter().map(|width| width + extra / columns).collect()
}

/// A cell's text in one line.
pub(super) fn text(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Id(text) => text.clone().into_owned(),
        Cell::Words(zh, en) if en.is_empty() => zh.clone().into_owned(),
        Cell::Words(zh, en) => format!("{zh} {en}"),
        Cell::Count(count) => grouped(*count),
        Cell::Fen(amount) => yuan(*amount),
        Cell::Date(date) => date.to_string(),
    }
}
