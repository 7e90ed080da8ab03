//! The windows and the days that a document covers.

use std::collections::BTreeSet;

use tongclear_engine::{Centre, ClosedWindow, EngineError, closed_windows};
use tongclear_press::Period;
use tongclear_store::WindowState;
use tongclear_types::BusinessDate;

/// The settled windows of a period, and the days whose transfers belong to it.
pub(super) struct Span {
    pub(super) period: Period,
    /// At least one, in order.
    pub(super) windows: Vec<ClosedWindow>,
    /// Closed windows of any period that are not settled yet: what they posted is in no statement.
    pub(super) unsettled: BTreeSet<BusinessDate>,
    /// The first of the days; none when everything before belongs to it, too.
    first: Option<BusinessDate>,
    last: BusinessDate,
}

impl Span {
    /// The span of `period`; with `so_far` windows that are not settled yet are left out instead of refused.
    ///
    /// # Errors
    /// [`EngineError::NoSuchWindow`], [`EngineError::Refused`] when the period has no window, [`EngineError::CheckFailed`]
    /// naming the windows that are not settled; faults of the store.
    pub(super) async fn of(centre: &Centre, period: Period, so_far: bool) -> Result<Self, EngineError> {
        let rows = centre.store.windows().await?;
        let (unsettled, settled): (Vec<_>, Vec<_>) =
            closed_windows(&rows).partition(|window| window.state() < WindowState::Settled);
        let mine = |windows: &[ClosedWindow]| -> Vec<ClosedWindow> {
            windows.iter().filter(|window| period.contains(window.date())).copied().collect()
        };
        let (windows, missing) = (mine(&settled), mine(&unsettled));
        if windows.is_empty() && missing.is_empty() {
            return Err(match period {
                Period::Window(date) => EngineError::NoSuchWindow(date),
                Period::Month(month) => {
                    EngineError::Refused(format!("{month} has no window yet; see `tongclear window list`"))
                }
            });
        }
        if windows.is_empty() || (!missing.is_empty() && !so_far) {
            return Err(not_settled(period, &missing, !windows.is_empty()));
        }
        let (first, last) = match period {
            // What the bank moved on days without a window belongs to the next one, so that each opens where the one before closed.
            Period::Window(date) => {
                let before = closed_windows(&rows).rfind(|window| window.date() < date);
                (before.map(|before| before.date().plus_days(1)), date)
            }
            Period::Month(month) => (Some(month.first()), month.last()),
        };
        let unsettled = unsettled.iter().map(ClosedWindow::date).collect();
        Ok(Self { period, windows, unsettled, first, last })
    }

    /// Whether what is dated `date` belongs to it.
    pub(super) fn contains(&self, date: BusinessDate) -> bool {
        !self.is_before(date) && date <= self.last
    }

    /// Whether `date` lies before it.
    pub(super) fn is_before(&self, date: BusinessDate) -> bool {
        self.first.is_some_and(|first| date < first)
    }

    /// The last of its windows.
    pub(super) fn last_window(&self) -> BusinessDate {
        self.windows.last().map_or(self.last, ClosedWindow::date)
    }
}

fn not_settled(period: Period, missing: &[ClosedWindow], some_are: bool) -> EngineError {
    let dates: Vec<String> = missing.iter().map(|window| window.date().to_string()).collect();
    let (are, last) =
        (if dates.len() == 1 { "is" } else { "are" }, dates.last().cloned().unwrap_or_default());
    let of = match period {
        Period::Window(_) => String::new(),
        Period::Month(month) => format!(" of {month}"),
    };
    let or = if some_are { ", or take those that are with --so-far" } else { "" };
    EngineError::CheckFailed(format!(
        "window {}{of} {are} not settled; run `tongclear night --date {last}` first{or}",
        dates.join(", ")
    ))
}

#[cfg(test)]
impl Span {
    /// November 2026, without looking for its windows.
    pub(super) fn november() -> Self {
        let month: tongclear_press::Month = "2026-11".parse().expect("a month");
        Self {
            period: Period::Month(month),
            windows: Vec::new(),
            unsettled: BTreeSet::new(),
            first: Some(month.first()),
            last: month.last(),
        }
    }
}
