//! How wide the columns of a table are, and in which size it is set.

use super::grid::is_figure;
use super::length::Length;
use super::letters::Letters;
use crate::table::{Cell, Kind, Table};
use crate::words::{grouped, yuan};

/// On each side of a column.
pub(super) const PADDING: Length = Length::tenths(28);
/// Between figures on the right and words on the left of the next column.
const LEAD: Length = Length::pt(8);
/// The sizes that are weighed, in tenths of a point.
const SIZES: [i32; 4] = [80, 75, 70, 65];
/// The sizes for tables that do not fit otherwise; the last is set whatever it takes.
const LAST_SIZES: [i32; 2] = [60, 55];
/// What a tenth of a point of size is worth, in thousandths of the lines: a smaller size must save that many.
const WORTH_OF_A_TENTH: i64 = 10;
/// So many lines more or less are no reason to set a short table smaller.
const FEW_LINES: i64 = 12;
/// A column of words is never narrower.
const WORDS_MIN: Length = Length::mm(24);
/// Widths are measured in this size, and scale with it.
const BASE_PT: i32 = 100;

/// How the words of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// Chinese and English in one line.
    OneLine,
    /// Chinese above English where they do not fit in one line, each wrapped where it must be.
    TwoLines,
}

/// The size of a table's text and its columns.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) size: Length,
    pub(super) setting: Setting,
    pub(super) columns: Vec<Placed>,
}

/// A column's place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) width: Length,
    /// How far in its text begins.
    pub(super) indent: Length,
}

/// What a column needs, in the base size.
struct Need {
    one_line: Length,
    two_lines: Length,
    lead: Length,
    is_words: bool,
    /// For words: the widths of Chinese and English, row by row.
    words: Vec<(Length, Length)>,
}

impl Measured {
    /// The setting of `table` in `width` that takes the fewest lines, larger sizes preferred.
    pub(super) fn of(letters: &Letters<'_>, table: &Table<'_>, width: Length) -> Self {
        let needs: Vec<Need> = (0..table.columns.len()).map(|at| need(letters, table, at)).collect();
        let rows = table.rows.len();
        let ways = SIZES.into_iter().flat_map(|tenths| settings(&needs, tenths, width));
        let weighed = ways.min_by_key(|(tenths, it)| {
            (lines(&needs, *tenths, it, rows) + FEW_LINES)
                * (1_000 + WORTH_OF_A_TENTH * i64::from(SIZES[0] - tenths))
        });
        let last = || LAST_SIZES.into_iter().find_map(|tenths| settings(&needs, tenths, width).next());
        let fitting = weighed.or_else(last);
        fitting.map_or_else(|| squeezed(&needs, width), |(_, measured)| measured)
    }
}

fn need(letters: &Letters<'_>, table: &Table<'_>, at: usize) -> Need {
    let size = Length::pt(BASE_PT);
    let kind = table.columns[at].kind;
    let label = table.columns[at].label;
    let header = letters.width(label.zh, size).max(letters.width(label.en, size.share(88, 100)));
    let (mut one_line, mut two_lines, mut words) = (header, header, Vec::new());
    for row in table.rows.iter().chain(&table.total) {
        let Some(cell) = row.get(at) else { continue };
        let whole = letters.width(&text(cell), size);
        one_line = one_line.max(whole);
        let (zh, en) = match cell {
            Cell::Words(zh, en) => (letters.width(zh, size), letters.width(en, size)),
            _ => (whole, Length::ZERO),
        };
        two_lines = two_lines.max(zh).max(en);
        if kind == Kind::Words {
            words.push((zh, en));
        }
    }
    let follows_figures = at.checked_sub(1).is_some_and(|before| is_figure(table.columns[before].kind));
    let lead = if follows_figures && !is_figure(kind) { LEAD } else { Length::ZERO };
    Need { one_line, two_lines, lead, is_words: kind == Kind::Words, words }
}

/// A width of the base size in a size of so many tenths of a point.
fn in_size(width: Length, tenths: i32) -> Length {
    width.share(i64::from(tenths), i64::from(BASE_PT) * 10)
}

impl Need {
    fn full(&self, width: Length, tenths: i32) -> Length {
        in_size(width, tenths) + PADDING * 2 + self.lead
    }

    fn placed(&self, width: Length) -> Placed {
        Placed { width, indent: PADDING + self.lead }
    }
}

/// The ways in which the table fits in a size.
fn settings(needs: &[Need], tenths: i32, width: Length) -> impl Iterator<Item = (i32, Measured)> {
    let size = Length::tenths(tenths);
    let whole = |setting: Setting| {
        let wide = |need: &Need| match setting {
            Setting::OneLine => need.full(need.one_line, tenths),
            Setting::TwoLines => need.full(need.two_lines, tenths),
        };
        let sum: Length = needs.iter().map(wide).sum();
        let parts = i32::try_from(needs.len().max(1)).unwrap_or(i32::MAX);
        (sum <= width).then(|| {
            let extra = (width - sum) / parts;
            let columns = needs.iter().map(|need| need.placed(wide(need) + extra)).collect();
            Measured { size, setting, columns }
        })
    };
    let ways = [whole(Setting::OneLine), whole(Setting::TwoLines), wrapped(needs, tenths, width)];
    ways.into_iter().flatten().map(move |it| (tenths, it))
}

/// Words wrapped in what the other columns leave: each column of words gets its least, and of the rest a share by what it
/// would like beyond.
fn wrapped(needs: &[Need], tenths: i32, width: Length) -> Option<Measured> {
    let full = |need: &Need| need.full(need.two_lines, tenths);
    let others: Length = needs.iter().filter(|it| !it.is_words).map(full).sum();
    let wish: Length = needs.iter().filter(|it| it.is_words).map(full).sum();
    let least: Length = needs.iter().filter(|it| it.is_words).map(|it| full(it).min(WORDS_MIN)).sum();
    let left = width - others;
    if left < least || wish <= least {
        return None;
    }
    let columns = needs.iter().map(|need| {
        let full = full(need);
        if !need.is_words {
            return need.placed(full);
        }
        let least_here = full.min(WORDS_MIN);
        let (part, all) = ((full - least_here).thousandths(), (wish - least).thousandths());
        need.placed(least_here + (left - least).share(i64::from(part), i64::from(all)))
    });
    Some(Measured { size: Length::tenths(tenths), setting: Setting::TwoLines, columns: columns.collect() })
}

/// About how many lines the rows take.
fn lines(needs: &[Need], tenths: i32, measured: &Measured, rows: usize) -> i64 {
    let count = |width: Length, room: Length| {
        let (width, room) = (in_size(width, tenths).thousandths(), room.thousandths().max(1));
        i64::from((width + room - 1) / room)
    };
    let gap = Length::pt(BASE_PT / 4);
    let of_row = |row: usize| {
        let words = needs.iter().zip(&measured.columns).filter_map(|(need, placed)| {
            let (zh, en) = need.words.get(row)?;
            let room = placed.width - placed.indent - PADDING;
            Some(match measured.setting {
                Setting::OneLine => 1,
                // As the cell is set: in one line where it fits.
                Setting::TwoLines if in_size(*zh + *en + gap, tenths) <= room => 1,
                Setting::TwoLines => count(*zh, room) + count(*en, room),
            })
        });
        words.max().unwrap_or(1).max(1)
    };
    (0..rows).map(of_row).sum()
}

/// The smallest size, every column cut down by the same share and wrapped.
fn squeezed(needs: &[Need], width: Length) -> Measured {
    let sum: Length = needs.iter().map(|it| it.two_lines).sum();
    let share = |it: &Need| width.share(i64::from(it.two_lines.thousandths()), i64::from(sum.thousandths()));
    let columns = needs.iter().map(|it| Placed { width: share(it), indent: PADDING }).collect();
    Measured { size: Length::tenths(LAST_SIZES[1]), setting: Setting::TwoLines, columns }
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
