//! The tables of `RESULTS.md`, between their marks; the words around them are a person's.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::contest::{Measured, SizeResult};
use super::machine::Machine;
use super::{Contender, Results};

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";
const GIB: f64 = 1_073_741_824.0;

/// Puts the tables between the marks of the file, or at its end.
pub(crate) fn write(path: &Path, results: &Results, machine: &Machine) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = placed(&text, &markdown(results, machine));
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn placed(text: &str, tables: &str) -> String {
    let block = format!("{BEGIN}\n\n{tables}\n{END}");
    match (text.find(BEGIN), text.find(END)) {
        (Some(begin), Some(end)) if begin < end => {
            format!("{}{block}{}", &text[..begin], &text[end + END.len()..])
        }
        _ => format!("{}\n\n{block}\n", text.trim_end()),
    }
}

/// All tables.
pub(crate) fn markdown(results: &Results, machine: &Machine) -> String {
    let Machine { text, command, load } = machine;
    let mut out = format!("{text}; load before the start {load}. To repeat: `{command}`.\n");
    out += "\n![Wall times by size](results.svg)\n";
    for size in &results.sizes {
        contest(&mut out, size);
    }
    targets(&mut out, results);
    out
}

/// Writing to a `String` cannot fail, here and below.
fn contest(out: &mut String, size: &SizeResult) {
    let gib = bytes(size.package_bytes) / GIB;
    let _ = write!(
        out,
        "\n### {} million transactions\n\n{} records in {} packages, {gib:.2} GiB",
        size.transactions / 1_000_000,
        grouped(size.records),
        grouped(size.packages),
    );
    if size.cards > 0 {
        let _ = write!(out, "; {} cards, {} chains", grouped(size.cards), grouped(size.chains));
    }
    out.push_str(".\n\n| contender | median, s | min–max, s | night is | processor, s | peak memory, GiB |\n|---|---|---|---|---|---|\n");
    let night = size.of(Contender::Night).map(Measured::median);
    for measured in &size.contenders {
        let (min, max) = measured.range();
        let ratio = night.map_or_else(dash, |night| format!("{:.2} ×", night / measured.median()));
        let mut cpu = Measured::new("");
        cpu.seconds.clone_from(&measured.cpu_s);
        let cpu = some(cpu.median(), 1.0);
        let peak = some(bytes(measured.anon_bytes), GIB);
        let (name, median) = (&measured.name, measured.median());
        let _ = writeln!(out, "| {name} | **{median:.2}** | {min:.2}–{max:.2} | {ratio} | {cpu} | {peak} |");
    }
    for measured in size.contenders.iter().filter(|it| !it.stages.is_empty()) {
        let stages: Vec<_> = measured.stages.iter().map(|(stage, s)| format!("{stage} {s:.2}")).collect();
        let _ = write!(out, "\nStages of the last run, {}, s: {}.\n", measured.name, stages.join("; "));
    }
    let (wall, cpu) = (size.intake.median(), median(&size.intake.cpu_s));
    let records = bytes(size.records);
    let _ = writeln!(
        out,
        "\nIntake, durable, one process: {wall:.2} s, {cpu:.2} s of processor time: {} records a second, {} a second of a core.",
        grouped_f(records / wall),
        grouped_f(records / cpu)
    );
}

/// What was aimed at, and what came.
fn targets(out: &mut String, results: &Results) {
    let mut rows: Vec<(&str, String, bool)> = Vec::new();
    let median = |size: u64, contender: Contender| {
        let size = results.sizes.iter().find(|it| it.transactions == size)?;
        size.of(contender).map(Measured::median)
    };
    let Some(large) = results.sizes.iter().max_by_key(|it| it.transactions) else { return };
    let (most, five) = (large.transactions, 5_000_000);
    if let Some(night) = median(most, Contender::Night) {
        let mut ratio = |what, of: Option<f64>, limit: f64| {
            if let Some(of) = of {
                rows.push((what, format!("{:.2}", night / of), night / of <= limit));
            }
        };
        ratio("night / DuckDB's relational part ≤ 0.6", median(most, Contender::DuckDb), 0.6);
        ratio("night / hashing the packages ≤ 10", median(most, Contender::Floor), 10.0);
        if most == 20_000_000 {
            ratio("night(20 M) / night(5 M) ≤ 4.4", median(five, Contender::Night), 4.4);
        }
        if let Some(one) = median(most, Contender::NightOfOne) {
            let speed = one / night;
            rows.push(("one worker / two workers ≥ 1.7", format!("{speed:.2}"), speed >= 1.7));
        }
        let peak = large.of(Contender::Night).map_or(0.0, |it| bytes(it.anon_bytes) / GIB);
        rows.push(("peak memory ≤ 4 GiB", format!("{peak:.2} GiB"), peak <= 4.0));
        if let Some(later) = &results.later {
            let second = later.second_night.median() / night;
            rows.push(("second night / first ≤ 1.3", format!("{second:.2}"), second <= 1.3));
            let (_, why) = later.why.range();
            rows.push(("`why`, the slowest of three handles < 1 s", format!("{why:.2} s"), why < 1.0));
            let check = later.check.median();
            rows.push(("`check` < 60 s", format!("{check:.1} s"), check < 60.0));
        }
    }
    let intake = bytes(large.records) / self::median(&large.intake.cpu_s);
    rows.push(("intake ≥ 150,000 records/s a core", grouped_f(intake), intake >= 150_000.0));
    let millions = most / 1_000_000;
    let _ =
        writeln!(out, "\n### What was aimed at, at {millions} million\n\n| aim | seen | |\n|---|---|---|");
    for (what, seen, holds) in rows {
        let _ = writeln!(out, "| {what} | {seen} | {} |", if holds { "holds" } else { "**missed**" });
    }
    if let Some(later) = &results.later {
        let (min, max) = later.second_night.range();
        let _ = writeln!(
            out,
            "\nThe second night follows the first over the same cards: {} records, {} chains known from the first night; \
             {:.2} s ({min:.2}–{max:.2}).",
            grouped(later.second_records),
            grouped(large.chains),
            later.second_night.median()
        );
    }
}

fn median(values: &[f64]) -> f64 {
    let mut measured = Measured::new("");
    measured.seconds = values.to_vec();
    measured.median()
}

fn some(value: f64, unit: f64) -> String {
    if value > 0.0 { format!("{:.2}", value / unit) } else { dash() }
}

fn dash() -> String {
    "–".to_owned()
}

#[expect(clippy::cast_precision_loss, reason = "counts and bytes of a bench are far below 2^53")]
fn bytes(number: u64) -> f64 {
    number as f64
}

/// Rounded to thousands, for rates.
fn grouped_f(rate: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is far below 2^53 and not negative"
    )]
    let rate = (rate / 1_000.0).round() as u64 * 1_000;
    grouped(rate)
}

/// With commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_around_the_tables_stay() {
        let first = placed("# Results\n\nWords.\n", "old\n");
        assert_eq!(first, format!("# Results\n\nWords.\n\n{BEGIN}\n\nold\n\n{END}\n"));
        let more = format!("{first}\n## More\n");
        assert_eq!(placed(&more, "new\n"), more.replace("old", "new"));
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (20_066_412, "20,066,412")] {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        for (values, expected) in [(&[3.0][..], 3.0), (&[3.0, 1.0, 2.0], 2.0), (&[4.0, 1.0], 2.5)] {
            assert!((median(values) - expected).abs() < 1e-9);
        }
    }
}
