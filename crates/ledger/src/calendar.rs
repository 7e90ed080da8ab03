//! Business days: Saturday and Sunday are off, public holidays and make-up working days are data.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use tongclear_types::BusinessDate;

use crate::Cycle;

/// A calendar of business days; no date is both holiday and working day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Its name, by which centre and operators refer to it.
    pub name: String,
    /// Dates off besides Saturdays and Sundays (公共假日).
    pub holidays: BTreeSet<Date>,
    /// Saturdays and Sundays that are worked (调休).
    pub workdays: BTreeSet<Date>,
}

/// Civil days that [`Calendar::value_date`] looks at: the longest cycle of 255 business days among
/// [`Calendar::HOLIDAYS_MAX`] holidays takes less than (255 + 1 + 2,000) × 7 / 5 + 7 = 3,165 days.
const LOOKAHEAD_DAYS_MAX: u16 = 4_000;

impl Calendar {
    /// The most holidays that a calendar may have: over fifty years of public holidays.
    pub const HOLIDAYS_MAX: usize = 2_000;

    /// The calendar without holidays: Saturday and Sunday are off.
    #[must_use]
    pub fn plain() -> Self {
        Self::default()
    }

    /// Whether banks work on `date`.
    #[must_use]
    pub fn is_business_day(&self, date: Date) -> bool {
        if self.workdays.contains(&date) {
            return true;
        }
        !self.holidays.contains(&date) && !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// When the money of `window` moves: as many business days later as the cycle says; at `T+0` on the window's
    /// own date, or the next business day when that is off.
    ///
    /// A calendar with more than [`Calendar::HOLIDAYS_MAX`] holidays could put the date off without end; it stops
    /// after 4,000 days.
    #[must_use]
    pub fn value_date(&self, window: BusinessDate, cycle: Cycle) -> BusinessDate {
        // T+0 takes the first business day not before the window, T+n the n-th one after it.
        let (mut date, mut remaining) =
            if cycle.0 == 0 { (window, 1) } else { (window.plus_days(1), cycle.0) };
        for _ in 0..LOOKAHEAD_DAYS_MAX {
            if self.is_business_day(date.civil()) {
                remaining -= 1;
                if remaining == 0 {
                    break;
                }
            }
            date = date.plus_days(1);
        }
        date
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The National Day of 2026, Thursday 1 to Wednesday 7 October, with 10 October made up for.
    fn october() -> Calendar {
        let dates = |dates: &[&str]| dates.iter().map(|date| date.parse().unwrap()).collect();
        Calendar {
            name: "centre".to_owned(),
            holidays: dates(&[
                "2026-10-01",
                "2026-10-02",
                "2026-10-03",
                "2026-10-04",
                "2026-10-05",
                "2026-10-06",
                "2026-10-07",
            ]),
            workdays: dates(&["2026-10-10"]),
        }
    }

    fn check(calendar: &Calendar, window: &str, cycle: u8, expected: &str) {
        let got = calendar.value_date(window.parse().unwrap(), Cycle(cycle));
        assert_eq!(got.to_string(), expected, "{window} T+{cycle}");
    }

    #[test]
    fn weekends_are_off() {
        let plain = Calendar::plain();
        check(&plain, "2026-11-20", 0, "2026-11-20"); // Friday
        check(&plain, "2026-11-20", 1, "2026-11-23");
        check(&plain, "2026-11-20", 2, "2026-11-24");
        check(&plain, "2026-11-20", 5, "2026-11-27");
        check(&plain, "2026-11-20", 6, "2026-11-30");
        check(&plain, "2026-11-21", 0, "2026-11-23"); // Saturday
        check(&plain, "2026-11-21", 1, "2026-11-23");
        check(&plain, "2026-11-22", 0, "2026-11-23"); // Sunday
        check(&plain, "2026-11-22", 1, "2026-11-23");
        check(&plain, "2026-11-22", 2, "2026-11-24");
        check(&plain, "2026-12-31", 1, "2027-01-01");
    }

    #[test]
    fn holidays_are_off_and_made_up_days_are_on() {
        let october = october();
        check(&october, "2026-09-30", 0, "2026-09-30");
        check(&october, "2026-09-30", 1, "2026-10-08");
        check(&october, "2026-09-30", 2, "2026-10-09");
        check(&october, "2026-09-30", 3, "2026-10-10");
        check(&october, "2026-09-30", 4, "2026-10-12");
        check(&october, "2026-10-03", 0, "2026-10-08");
        check(&october, "2026-10-03", 1, "2026-10-08");
        check(&october, "2026-10-09", 1, "2026-10-10");
        check(&october, "2026-10-10", 0, "2026-10-10");
        check(&october, "2026-10-10", 1, "2026-10-12");
    }

    #[test]
    fn years_of_holidays_end_the_search() {
        let first: Date = "2026-01-01".parse().unwrap();
        let days_off = |count| Calendar {
            holidays: first.series(jiff::ToSpan::days(1)).take(count).collect(),
            ..Calendar::plain()
        };
        check(&days_off(20_000), "2026-01-01", 0, "2036-12-14");
        let longest = days_off(Calendar::HOLIDAYS_MAX);
        let value = longest.value_date("2026-01-01".parse().unwrap(), Cycle(255));
        assert!(longest.is_business_day(value.civil()), "{value} is found within the bound");
    }
}
