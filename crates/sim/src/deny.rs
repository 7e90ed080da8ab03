//! Deny lists: who is on which version, and what that means for a tap.
//!
//! Every card operator has a first version long in force and one new version each day at 05:00. All are known before
//! the first night. Memory: the listed cards are at most [`LISTED_MAX`].

use crate::moment::{DAY_SECONDS, Day, Moment};

/// Listed cards of all operators together; few enough for a day's growth to stay below the guard's 1,000 entries.
pub(crate) const LISTED_MAX: u32 = 2_000;
/// One card in so many is listed at some time.
pub(crate) const LISTED_ONE_IN: u32 = 40;
/// Number of the first version.
const FIRST_VERSION: u32 = 100;
/// Second of the day at which its version takes effect.
const EFFECTIVE_SECOND: i32 = 5 * 3600;
/// The centre's grace, in seconds.
const GRACE_SECONDS: i32 = DAY_SECONDS;

/// A version, counted from the first one; version `n` from 1 on belongs to the `n`-th window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListVersion(pub(crate) u16);

/// What the lists say about a tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// Not on the list in force.
    Clear,
    /// On it, and the merchant should have refused.
    Refuse,
    /// On it, but the terminal could not know yet.
    Late,
}

/// When a card is on the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// From this version on.
    From(ListVersion),
    /// On all versions but this one.
    Except(ListVersion),
}

impl Stay {
    /// The stay of the `index`-th listed card in a run of `days` windows: a quarter always, a quarter taken off for
    /// one version, half put on during the run.
    pub(crate) fn of(index: u32, days: u16) -> Self {
        let version = 1 + index / 4 % u32::from(days);
        let version = ListVersion(u16::try_from(version).expect("at most as many as days"));
        match index % 4 {
            0 => Self::From(ListVersion(0)),
            3 => Self::Except(version),
            _ => Self::From(version),
        }
    }

    /// Whether the card is on `version`.
    pub(crate) fn contains(self, version: ListVersion) -> bool {
        match self {
            Self::From(first) => first <= version,
            Self::Except(off) => version != off,
        }
    }

    /// What the lists say about a tap at `when` on a terminal that held version `held`.
    pub(crate) fn listing(self, held: ListVersion, when: Moment, days: u16) -> Listing {
        let in_force = in_force(when, days);
        if !self.contains(in_force) {
            return Listing::Clear;
        }
        let mut since = in_force;
        while since.0 > 0 && self.contains(ListVersion(since.0 - 1)) {
            since.0 -= 1;
        }
        if held >= since || when >= effective(since).plus(GRACE_SECONDS) {
            Listing::Refuse
        } else {
            Listing::Late
        }
    }
}

/// The number that lists and records carry.
pub(crate) fn number(version: ListVersion) -> u32 {
    FIRST_VERSION + u32::from(version.0)
}

/// When `version` takes effect.
pub(crate) fn effective(version: ListVersion) -> Moment {
    if version.0 == 0 { Day(-60).at(0) } else { Day(i32::from(version.0) - 1).at(EFFECTIVE_SECOND) }
}

/// The version in force at `when` among those of a run of `days` windows; the first one even before its time.
pub(crate) fn in_force(when: Moment, days: u16) -> ListVersion {
    let mut version = ListVersion(0);
    while version.0 < days && effective(ListVersion(version.0 + 1)) <= when {
        version.0 += 1;
    }
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_before_during_and_after_the_grace() {
        use Listing::{Clear, Late, Refuse};
        let from = |version| Stay::From(ListVersion(version));
        let except = |version| Stay::Except(ListVersion(version));
        // Stay, version held, day, second of the day, what the lists say.
        let table = [
            (from(0), 0, 0, 0, Refuse),
            (from(2), 1, 1, 17_999, Clear),
            (from(2), 1, 1, 18_000, Late),
            (from(2), 2, 1, 18_000, Refuse),
            (from(2), 1, 2, 17_999, Late),
            (from(2), 1, 2, 18_000, Refuse),
            (except(1), 0, 0, 17_999, Refuse),
            (except(1), 0, 0, 18_000, Clear),
            (except(1), 1, 1, 18_000, Late),
            (except(1), 0, 1, 18_000, Late),
            (except(1), 2, 1, 18_000, Refuse),
        ];
        for (stay, held, day, second, expected) in table {
            let listing = stay.listing(ListVersion(held), Day(day).at(second), 3);
            assert_eq!(listing, expected, "{stay:?} {held} {day} {second}");
        }
    }
}
