//! The pictures of the month's report.

use tongclear_types::{DispositionTallies, MoneyError};

use super::chart::{Chart, Frame, Unit};
use super::flow::Flow;
use super::length::Length;
use super::page::{MARGIN, TEXT_WIDTH};
use crate::MonthDraft;
use crate::month::{AGING_BUCKETS, aging};
use crate::words::label;

/// Between two charts side by side.
const GAP: Length = Length::mm(8);
/// How tall a chart is.
const HEIGHT: Length = Length::mm(48);

/// A chart shows this many reasons; the table shows all that were given.
const REASONS_MAX: usize = 8;

/// Volume, income, unpaid records day by day; income by sector; open items by age.
pub(super) fn place(flow: &mut Flow<'_>, draft: &MonthDraft) -> Result<(), MoneyError> {
    flow.heading(label("图表", "In pictures"), HEIGHT);
    flow.y += Length::pt(4);
    let day = |date: tongclear_types::BusinessDate| date.civil().day().to_string();
    let one = |title, unit, bars: Vec<(String, i64)>| Chart {
        title,
        unit,
        series: vec![title],
        bars: bars.into_iter().map(|(label, value)| (label, vec![value])).collect(),
    };
    let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let days = draft.days.iter();
    let volume = one(
        label("每日交易额", "Daily volume"),
        Unit::Fen,
        days.clone()
            .map(|it| Ok((day(it.window), it.movement.turnover()?.get())))
            .collect::<Result<_, MoneyError>>()?,
    );
    let income = one(
        label("每日手续费收入", "Daily income from fees"),
        Unit::Fen,
        days.clone().map(|it| (day(it.window), it.movement.fee.get())).collect(),
    );
    let not_accepted = |it: &DispositionTallies| {
        vec![signed(it.duplicate.count), signed(it.suspended.count), signed(it.rejected.count)]
    };
    let unpaid = Chart {
        title: label("每日未付记录", "Records not accepted, by day"),
        unit: Unit::Count,
        series: vec![label("重复", "duplicate"), label("挂账", "suspended"), label("拒付", "rejected")],
        bars: days.map(|it| (day(it.window), not_accepted(&it.dispositions))).collect(),
    };
    let sectors = one(
        label("各行业手续费收入", "Income by sector"),
        Unit::Fen,
        draft
            .sectors
            .iter()
            .map(|it| (format!("{} {}", it.sector.name_zh(), it.sector.name()), it.movement.fee.get()))
            .collect(),
    );
    let reasons = one(
        label("未付主要原因", "Why records were not accepted"),
        Unit::Count,
        draft
            .reasons
            .iter()
            .take(REASONS_MAX)
            .map(|it| (format!("{} {}", it.reason.zh(), it.reason.name()), signed(it.tally.count)))
            .collect(),
    );
    let mut charts = vec![(volume, true), (income, true), (unpaid, true), (reasons, false), (sectors, false)];
    if !draft.open_items.is_empty() {
        let ages = AGING_BUCKETS.iter().zip(aging(&draft.open_items)?);
        let bars = ages.map(|(age, it)| ((*age).to_owned(), signed(it.count))).collect();
        charts.push((one(label("未达账项账龄（天）", "Open items by age, days"), Unit::Count, bars), true));
    }
    let width = (TEXT_WIDTH - GAP) / 2;
    for pair in charts.chunks(2) {
        if !flow.fits(HEIGHT) {
            flow.new_page();
        }
        for (at, (chart, is_upright)) in (0..).zip(pair) {
            let frame = Frame { x: MARGIN + (width + GAP) * at, y: flow.y, width, height: HEIGHT };
            if *is_upright { chart.upright(flow, frame) } else { chart.lying(flow, frame) }
        }
        flow.y += HEIGHT + Length::mm(5);
    }
    Ok(())
}
