//! Whether a month's figures re-add.

use tongclear_types::{Disposition, DispositionTallies, Tally};

use super::{MonthDraft, OpenItems, unpaid};
use crate::{Disagreement, Movement, reckon};

/// Every check, from volumes to breaks.
pub(super) fn all(draft: &MonthDraft) -> Result<(), Disagreement> {
    let accepted = draft.dispositions.accepted.count;
    reckon::count(|| "accepted records".to_owned(), accepted, draft.movement.count)?;
    days(draft)?;
    let not_accepted = unpaid(&draft.dispositions)?;
    movement("all card operators", draft, draft.operators.iter().map(|it| &it.movement))?;
    movement("all sectors", draft, draft.sectors.iter().map(|it| &it.movement))?;
    let added = reckon::sum(draft.operators.iter().map(|it| &it.unpaid))?;
    reckon::tally("unpaid records of all card operators", &not_accepted, &added)?;
    let added = reckon::sum(draft.sectors.iter().map(|it| &it.unpaid))?;
    reckon::tally("unpaid records of all sectors", &not_accepted, &added)?;
    draft.open_items.iter().try_for_each(open_items)
}

fn days(draft: &MonthDraft) -> Result<(), Disagreement> {
    let mut added = DispositionTallies::default();
    for day in &draft.days {
        if !draft.month.contains(day.window) {
            let (what, period) = (format!("window {}", day.window), draft.month.to_string());
            return Err(Disagreement::OutsidePeriod { what, period });
        }
        added.merge(&day.dispositions)?;
    }
    for disposition in Disposition::ALL {
        let what = format!("{disposition} records of all windows");
        reckon::tally(&what, draft.dispositions.get(*disposition), added.get(*disposition))?;
    }
    movement("all windows", draft, draft.days.iter().map(|it| &it.movement))
}

/// A sum of movements against the month's, column by column.
fn movement<'a>(
    what: &str,
    draft: &MonthDraft,
    movements: impl Iterator<Item = &'a Movement>,
) -> Result<(), Disagreement> {
    reckon::movement(what, &draft.movement, &Movement::sum(movements)?)
}

/// opening + new = cleared + closing, and the ages give the closing.
fn open_items(items: &OpenItems) -> Result<(), Disagreement> {
    let operator = &items.operator.code;
    let before: Tally = reckon::sum([&items.opening, &items.new])?;
    let after = reckon::sum([&items.cleared, &items.closing])?;
    reckon::tally(
        &format!("open items with {operator}: opening + new against cleared + closing"),
        &before,
        &after,
    )?;
    let aged = reckon::sum(&items.aging)?;
    reckon::tally(&format!("open items with {operator}: closing against all ages"), &items.closing, &aged)?;
    reckon::at_most(&format!("breaks with {operator}"), &items.breaks, &items.closing)
}
