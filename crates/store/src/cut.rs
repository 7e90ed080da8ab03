//! Places where a test may cut the program off, as a crash would: nothing is unwound, flushed or put away.
//!
//! `TONGCLEAR_CUT_AT=name:n` aborts the process when it passes the place of that name for the n-th time. Only builds with
//! debug assertions look at it; in a release build a place is nothing at all.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The variable that arms a place.
pub const VARIABLE: &str = "TONGCLEAR_CUT_AT";

/// Every place, in the order in which a day passes them.
pub const PLACES: &[&str] = &[
    "registry.stored",
    "keys.stored",
    "list.in_vault",
    "list.stored",
    "intake.decided",
    "intake.written",
    "intake.in_vault",
    "intake.committed",
    "close.closed",
    "clear.loaded",
    "clear.package_read",
    "clear.package_judged",
    "clear.partition_judged",
    "clear.file_written",
    "clear.files_durable",
    "clear.summary_file_written",
    "commit.begun",
    "commit.posted",
    "commit.recorded",
    "commit.done",
    "settle.checked",
    "settle.committed",
    "results.file_written",
    "reports.file_written",
    "reports.before_summary",
    "reports.summary_written",
    "reconcile.file_kept",
    "reconcile.piece_read",
    "reconcile.partition_matched",
    "reconcile.files_durable",
    "reconcile.committed",
    "payout.checked",
    "payout.in_vault",
    "payout.posted",
    "payout.committed",
    "bank.in_vault",
    "bank.posted",
    "bank.committed",
];

struct Armed {
    place: String,
    /// How often it is still passed unharmed.
    left: AtomicU32,
}

/// Passes the place `name`, or ends the process there.
///
/// # Panics
/// In builds with debug assertions, when `name` is none of [`PLACES`].
pub fn pass(name: &'static str) {
    if !cfg!(debug_assertions) {
        return;
    }
    debug_assert!(PLACES.contains(&name), "{name} is not in the list of places");
    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
    let Some(armed) = ARMED.get_or_init(|| std::env::var(VARIABLE).ok().and_then(|text| parse(&text))) else {
        return;
    };
    if armed.place == name && armed.left.fetch_sub(1, Ordering::SeqCst) == 1 {
        std::process::abort();
    }
}

/// `name:n` with n from 1.
fn parse(text: &str) -> Option<Armed> {
    let (place, times) = text.rsplit_once(':')?;
    let left = times.parse().ok().filter(|times| *times > 0)?;
    Some(Armed { place: place.to_owned(), left: AtomicU32::new(left) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_named_once_and_armed_by_name_and_number() {
        let mut names = PLACES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PLACES.len());
        let armed = parse("commit.done:3").unwrap();
        assert_eq!((armed.place.as_str(), armed.left.load(Ordering::SeqCst)), ("commit.done", 3));
        for text in ["commit.done", "commit.done:0", "commit.done:x", ""] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
