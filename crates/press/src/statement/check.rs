//! Whether a statement's figures re-add.

use tongclear_types::{Disposition, DispositionTallies, Fen, Tally};

use super::{Draft, Movement, UnpaidList};
use crate::{Disagreement, Period, reckon};

/// Every check, from the first page to the last.
pub(super) fn all(draft: &Draft) -> Result<(), Disagreement> {
    summary(draft)?;
    lines(draft)?;
    breakdowns(draft)?;
    adjustments(draft)?;
    positions(draft)?;
    payouts(draft)?;
    days(draft)?;
    unpaid(draft)
}

fn summary(draft: &Draft) -> Result<(), Disagreement> {
    let summary = &draft.summary;
    let net = summary.movement.net()?.checked_add(summary.adjustments)?;
    reckon::amount(|| "net of the period".to_owned(), summary.net, net)?;
    let closing = summary.opening.checked_add(summary.net)?.checked_sub(summary.payouts)?;
    reckon::amount(|| "closing amount".to_owned(), summary.closing, closing)?;
    let accepted = summary.dispositions.accepted.count;
    reckon::count(|| "accepted records".to_owned(), accepted, summary.movement.count)
}

fn lines(draft: &Draft) -> Result<(), Disagreement> {
    for line in &draft.lines {
        let what = || format!("net of {} under contract {}", line.counterparty.code, line.contract);
        reckon::amount(what, line.net, line.movement.net()?)?;
    }
    let added = Movement::sum(draft.lines.iter().map(|line| &line.movement))?;
    reckon::movement("all lines by counterparty and contract", &draft.summary.movement, &added)
}

fn breakdowns(draft: &Draft) -> Result<(), Disagreement> {
    let movement = &draft.summary.movement;
    let stated = Tally { count: movement.count, amount_fen: movement.turnover()? };
    for breakdown in &draft.breakdowns {
        let added = reckon::sum(breakdown.rows.iter().map(|row| &row.tally))?;
        reckon::tally(&format!("totals by {:?}", breakdown.kind), &stated, &added)?;
    }
    Ok(())
}

fn inside(draft: &Draft, date: tongclear_types::BusinessDate, what: &str) -> Result<(), Disagreement> {
    if draft.period.contains(date) {
        return Ok(());
    }
    Err(Disagreement::OutsidePeriod { what: format!("{what} {date}"), period: draft.period.to_string() })
}

fn adjustments(draft: &Draft) -> Result<(), Disagreement> {
    for adjustment in &draft.adjustments {
        inside(draft, adjustment.window, "the adjustment of window")?;
    }
    let added = Fen::try_sum(draft.adjustments.iter().map(|it| it.amount))?;
    reckon::amount(|| "all adjustments".to_owned(), draft.summary.adjustments, added)
}

fn positions(draft: &Draft) -> Result<(), Disagreement> {
    let mut net = Fen::ZERO;
    for position in &draft.positions {
        inside(draft, position.window, "the position of window")?;
        let what = || format!("payable of window {} on {}", position.window, position.value_date);
        reckon::amount(what, position.payable, position.net.checked_sub(position.carried_out)?)?;
        net = net.checked_add(position.net)?.checked_sub(position.carried_in)?;
    }
    reckon::amount(|| "nets of all positions without what was carried in".to_owned(), draft.summary.net, net)
}

fn payouts(draft: &Draft) -> Result<(), Disagreement> {
    for payout in &draft.payouts {
        if !payout.fits_state() {
            return Err(Disagreement::PayoutState {
                reference: payout.reference.clone(),
                state: payout.state.name(),
                ordered: payout.ordered,
                paid: payout.paid,
            });
        }
    }
    let added = Fen::try_sum(draft.payouts.iter().map(|it| it.paid))?;
    reckon::amount(|| "all payouts".to_owned(), draft.summary.payouts, added)
}

fn days(draft: &Draft) -> Result<(), Disagreement> {
    for day in &draft.days {
        inside(draft, day.window, "window")?;
        let net = day.movement.net()?.checked_add(day.adjustments)?;
        reckon::amount(|| format!("net of window {}", day.window), day.net, net)?;
    }
    // A statement of one window has its day on the first page.
    if draft.days.is_empty() && matches!(draft.period, Period::Window(_)) {
        return Ok(());
    }
    let added = Movement::sum(draft.days.iter().map(|day| &day.movement))?;
    reckon::movement("all windows", &draft.summary.movement, &added)?;
    let added = Fen::try_sum(draft.days.iter().map(|day| day.adjustments))?;
    reckon::amount(|| "adjustments of all windows".to_owned(), draft.summary.adjustments, added)?;
    let dispositions = &draft.summary.dispositions;
    let stated = reckon::sum([&dispositions.duplicate, &dispositions.suspended, &dispositions.rejected])?;
    let added = reckon::sum(draft.days.iter().map(|day| &day.unpaid))?;
    reckon::tally("unpaid records of all windows", &stated, &added)
}

fn unpaid(draft: &Draft) -> Result<(), Disagreement> {
    let UnpaidList::Here(records) = &draft.unpaid else { return Ok(()) };
    let mut added = DispositionTallies::default();
    for record in records {
        inside(draft, record.window, "the unpaid record of window")?;
        added.get_mut(record.verdict.disposition()).add(record.amount)?;
    }
    for disposition in [Disposition::Duplicate, Disposition::Suspended, Disposition::Rejected] {
        let what = format!("unpaid records that are {disposition}");
        reckon::tally(&what, draft.summary.dispositions.get(disposition), added.get(disposition))?;
    }
    reckon::count(|| "accepted records among the unpaid ones".to_owned(), 0, added.accepted.count)
}
