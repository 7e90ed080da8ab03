//! Days: those that count as business, and the buckets of age.
//!
//! Bounded by: the holidays of a few years.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

/// First day of the buckets after the first: 0–1, 2–3, 4–7, 8–30, over 30.
const BUCKETS: [i32; 4] = [2, 4, 8, 31];

/// Saturdays and Sundays are off, and holidays; make-up working days are not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calendar {
    pub(crate) holidays: BTreeSet<Date>,
    pub(crate) workdays: BTreeSet<Date>,
}

impl Calendar {
    fn is_business(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.workdays.contains(&day) || !weekend && !self.holidays.contains(&day)
    }

    /// The `days`-th business day after `date`; with none the first that is not before it.
    pub(crate) fn business_days_after(&self, date: Date, days: u16) -> Date {
        let mut day = date;
        if days == 0 {
            while !self.is_business(day) {
                day = day.tomorrow().expect("dates of this century");
            }
        }
        for _ in 0..days {
            day = day.tomorrow().expect("dates of this century");
            while !self.is_business(day) {
                day = day.tomorrow().expect("dates of this century");
            }
        }
        day
    }
}

/// The bucket of an item that is `age` days old.
pub(crate) fn bucket(age: i32) -> usize {
    BUCKETS.iter().filter(|first| age >= **first).count()
}
