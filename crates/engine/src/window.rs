//! Windows: closing the open one under a business date.

use tongclear_store::{StoreError, WindowRow, WindowState, cut};
use tongclear_types::BusinessDate;

use crate::centre::{ClosedWindow, closed_windows};
use crate::{Centre, EngineError};

/// What a close did.
#[derive(Debug, Clone, Copy)]
pub enum Closed {
    /// The open window was closed.
    Now(ClosedWindow),
    /// The last window already has that date; nothing was done.
    Already(ClosedWindow),
}

impl Closed {
    /// The window of the date, however it came to be closed.
    #[must_use]
    pub const fn window(&self) -> &ClosedWindow {
        match self {
            Self::Now(window) | Self::Already(window) => window,
        }
    }
}

/// Closes the open window under `date`, which must lie after the last window's; the next one opens.
///
/// # Errors
/// [`EngineError::Refused`] for a date before the last window's, without a registry or without keys; store
/// faults.
pub async fn close(centre: &Centre, date: BusinessDate) -> Result<Closed, EngineError> {
    let windows = centre.store.windows().await?;
    if let Some(same) = closed_windows(&windows).rfind(|window| window.date() == date) {
        return Ok(Closed::Already(same));
    }
    refuse_if_past(&windows, date)?;
    centre.registry().await?;
    if centre.store.latest_key_ring().await?.is_none() {
        return Err(EngineError::Refused(
            "there is no key ring yet; load keys with `tongclear keys load FILE`".into(),
        ));
    }
    let open = open_window(&windows)?;
    let row = match centre.store.close_window(open.id, date, &centre.stamp()).await {
        Ok(row) => row,
        // Another night may have closed it under the same date meanwhile.
        Err(conflict @ StoreError::Conflict { .. }) => {
            return centre.window(date).await.map(Closed::Already).map_err(|_| conflict.into());
        }
        Err(error) => return Err(error.into()),
    };
    cut::pass("close.closed");
    let snapshot = row.snapshot.ok_or_else(|| EngineError::Internal("a closed window has no date".into()))?;
    Ok(Closed::Now(ClosedWindow { row, snapshot }))
}

/// Refuses a date before the last window's: business dates only ascend.
///
/// # Errors
/// [`EngineError::Refused`] naming both dates.
pub fn refuse_if_past(windows: &[WindowRow], date: BusinessDate) -> Result<(), EngineError> {
    match closed_windows(windows).next_back() {
        Some(last) if date < last.date() => Err(EngineError::Refused(format!(
            "window {date} would lie before the last window, {}; business dates only ascend",
            last.date()
        ))),
        _ => Ok(()),
    }
}

/// The window that takes packages.
///
/// # Errors
/// [`EngineError::Internal`] when there is none, which the store never allows.
pub fn open_window(windows: &[WindowRow]) -> Result<&WindowRow, EngineError> {
    windows
        .iter()
        .find(|window| window.state == WindowState::Open)
        .ok_or_else(|| EngineError::Internal("no window is open".into()))
}
