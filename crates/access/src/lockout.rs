//! How often a password may be wrong before a name rests: what makes guessing at the door hopeless.
//!
//! Five wrong ones in a row, then fifteen minutes in which nothing is tried at all: 480 guesses a day at most.
//! Whoever guesses while the name rests cannot make the rest longer, so nobody is kept out for good from outside.

use serde::{Deserialize, Serialize};
use tongclear_types::UnixMillis;

/// Wrong passwords in a row after which a name rests.
pub const FAILURES_MAX: u32 = 5;

/// How long a name rests: 15 minutes of 60 seconds of 1000 milliseconds.
pub const LOCKED_MS: i64 = 15 * 60 * 1000;

/// The wrong passwords of one name since the last right one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// How many in a row.
    pub failures: u32,
    /// From that moment on one may try again.
    pub locked_until: Option<UnixMillis>,
}

impl Attempts {
    /// Whether a password is looked at now.
    #[must_use]
    pub fn may_try(self, now: UnixMillis) -> bool {
        self.locked_until.is_none_or(|until| until <= now)
    }

    /// After a wrong password at `now`. One that should not have been tried changes nothing; the first after a rest
    /// counts as the first.
    #[must_use]
    pub fn failed(self, now: UnixMillis) -> Self {
        if !self.may_try(now) {
            return self;
        }
        let failures = if self.locked_until.is_some() { 1 } else { self.failures.saturating_add(1) };
        let locked = failures >= FAILURES_MAX;
        Self { failures, locked_until: locked.then(|| UnixMillis(now.0.saturating_add(LOCKED_MS))) }
    }

    /// After a right password: nothing is held against the name.
    #[must_use]
    pub fn succeeded(self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    /// What happens, when (minutes), and after it: failures, until when the name rests (minutes).
    #[test]
    fn a_name_rests_after_five_wrong_passwords() {
        #[rustfmt::skip]
        let table: &[(&str, i64, u32, Option<i64>)] = &[
            ("wrong",  0, 1, None),
            ("wrong",  1, 2, None),
            ("wrong",  2, 3, None),
            ("right",  3, 0, None),
            ("wrong",  4, 1, None),
            ("wrong",  5, 2, None),
            ("wrong",  6, 3, None),
            ("wrong",  7, 4, None),
            ("wrong",  8, 5, Some(23)),
            ("locked", 9, 5, Some(23)),
            ("locked", 22, 5, Some(23)),
            ("wrong", 23, 1, None),
            ("wrong", 24, 2, None),
            ("wrong", 25, 3, None),
            ("wrong", 26, 4, None),
            ("wrong", 27, 5, Some(42)),
            ("right", 42, 0, None),
        ];
        let mut attempts = Attempts::default();
        for (event, minute, failures, until) in table {
            let now = UnixMillis(minute * MINUTE);
            assert_eq!(attempts.may_try(now), *event != "locked", "{minute}");
            attempts = if *event == "right" { attempts.succeeded() } else { attempts.failed(now) };
            let locked_until = until.map(|minute| UnixMillis(minute * MINUTE));
            assert_eq!(attempts, Attempts { failures: *failures, locked_until }, "{minute}");
        }
    }

    #[test]
    fn a_rest_is_over_to_the_millisecond() {
        let rests = Attempts { failures: FAILURES_MAX, locked_until: Some(UnixMillis(LOCKED_MS)) };
        assert!(!rests.may_try(UnixMillis(LOCKED_MS - 1)));
        assert!(rests.may_try(UnixMillis(LOCKED_MS)));
    }
}
