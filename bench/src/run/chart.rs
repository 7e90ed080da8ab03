//! The chart: wall times by size, on a logarithmic scale, as SVG.

use std::fmt::Write as _;

use super::{Contender, Results};

/// Sizes of the picture, in its own units.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 40.0;
/// Room between bars, and the share of a size's room that its bars take.
const GAP: f64 = 3.0;
const SHARE: f64 = 0.86;

/// Who is drawn, in which colour; told apart by people who see no red or green.
const COLOURS: [(Contender, &str); 5] = [
    (Contender::Night, "#0072b2"),
    (Contender::NightOfOne, "#56b4e9"),
    (Contender::DuckDb, "#e69f00"),
    (Contender::Postgres, "#8c6bb1"),
    (Contender::Floor, "#999999"),
];

/// The chart; writing to a `String` cannot fail.
pub(crate) fn svg(results: &Results) -> String {
    let times = results.sizes.iter().flat_map(|size| &size.contenders).flat_map(|it| &it.seconds);
    let (shortest, longest) =
        times.fold((f64::INFINITY, 0.0_f64), |(low, high), it| (low.min(*it), high.max(*it)));
    let low = shortest.log10().floor().min(longest.log10().floor());
    let high = longest.log10().ceil().max(low + 1.0);
    let y = |seconds: f64| {
        let share = (seconds.max(1e-6).log10() - low) / (high - low);
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"15\" font-weight=\"bold\" fill=\"#222222\">\
         Wall time by transactions, seconds (medians; logarithmic)</text>\n"
    );
    legend(&mut out, results);
    let mut power = low;
    while power <= high {
        let (seconds, at) = (10.0_f64.powf(power), y(10.0_f64.powf(power)));
        let label = if power < 0.0 { format!("{seconds}") } else { format!("{seconds:.0}") };
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#444444\">{label}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            at + 4.0
        );
        power += 1.0;
    }
    let room = (WIDTH - LEFT - RIGHT) / number(results.sizes.len());
    for (place, size) in results.sizes.iter().enumerate() {
        let begin = LEFT + room * number(place);
        let drawn: Vec<_> =
            COLOURS.iter().filter_map(|(who, colour)| Some((size.of(*who)?, *colour))).collect();
        let width = room * SHARE / number(drawn.len());
        for (bar, (measured, colour)) in drawn.iter().enumerate() {
            let (x, top) = (begin + room * (1.0 - SHARE) / 2.0 + width * number(bar), y(measured.median()));
            let middle = x + (width - GAP) / 2.0;
            let label = match measured.median() {
                seconds if seconds < 10.0 => format!("{seconds:.2}"),
                seconds => format!("{seconds:.1}"),
            };
            let (min, max) = measured.range();
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>\
                 <line x1=\"{middle:.1}\" x2=\"{middle:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"#222222\"/>\
                 <text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"11\" fill=\"#222222\">{label}</text>",
                width - GAP,
                HEIGHT - BOTTOM - top,
                y(max),
                y(min),
                y(max) - 5.0
            );
        }
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"13\" fill=\"#222222\">{} million</text>",
            begin + room / 2.0,
            HEIGHT - BOTTOM + 22.0,
            size.transactions / 1_000_000
        );
    }
    out + "</svg>\n"
}

/// Who is who, in one line.
fn legend(out: &mut String, results: &Results) {
    let mut x = LEFT;
    for (who, colour) in COLOURS {
        if results.sizes.iter().any(|size| size.of(who).is_some()) {
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"36\" width=\"11\" height=\"11\" fill=\"{colour}\"/>\
                 <text x=\"{:.1}\" y=\"46\" fill=\"#222222\">{}</text>",
                x + 15.0,
                short(who)
            );
            x += 36.0 + 6.6 * number(short(who).len());
        }
    }
}

/// The name as far as it tells bars apart.
fn short(who: Contender) -> &'static str {
    who.name().split(", relational").next().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "places and lengths are small")]
fn number(place: usize) -> f64 {
    place as f64
}
