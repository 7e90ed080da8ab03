//! The formats of cells.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::table::Kind;

/// The formats of a workbook.
pub(super) struct Styles {
    pub(super) title: Format,
    pub(super) strong: Format,
    /// Headers, on the left and on the right.
    headers: [Format; 2],
    /// Cells by kind, plain and strong.
    cells: [[Format; 2]; 5],
}

impl Styles {
    pub(super) fn new() -> Self {
        let header = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_background_color(Color::RGB(0x00E8_EEF4))
            .set_border_bottom(FormatBorder::Thin)
            .set_align(FormatAlign::VerticalCenter);
        let kinds = [Kind::Id, Kind::Words, Kind::Count, Kind::Fen, Kind::Date];
        Self {
            title: Format::new().set_bold().set_font_size(14),
            strong: Format::new().set_bold().set_align(FormatAlign::Top),
            headers: [
                header.clone().set_align(FormatAlign::Left).set_indent(1),
                header.set_align(FormatAlign::Right),
            ],
            cells: kinds.map(|kind| {
                let plain = plain(kind);
                let strong = plain.clone().set_bold().set_border_top(FormatBorder::Thin);
                [plain, strong]
            }),
        }
    }

    /// The format of a header.
    pub(super) const fn header(&self, kind: Kind) -> &Format {
        let [left, right] = &self.headers;
        if is_figure(kind) { right } else { left }
    }

    /// The format of a cell.
    pub(super) const fn cell(&self, kind: Kind, is_strong: bool) -> &Format {
        let [id, words, count, fen, date] = &self.cells;
        let [plain, strong] = match kind {
            Kind::Id => id,
            Kind::Words => words,
            Kind::Count => count,
            Kind::Fen => fen,
            Kind::Date => date,
        };
        if is_strong { strong } else { plain }
    }
}

const fn is_figure(kind: Kind) -> bool {
    matches!(kind, Kind::Count | Kind::Fen)
}

fn plain(kind: Kind) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    match kind {
        // The text format keeps a figure that someone types over it a text, too.
        Kind::Id => format.set_num_format("@").set_align(FormatAlign::Left).set_indent(1),
        Kind::Words => format.set_text_wrap().set_align(FormatAlign::Left).set_indent(1),
        Kind::Count => format.set_num_format("#,##0"),
        Kind::Fen => format.set_num_format("#,##0.00"),
        Kind::Date => format.set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left).set_indent(1),
    }
}
