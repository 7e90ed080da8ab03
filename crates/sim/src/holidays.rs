//! Public holidays and make-up working days, as data for the city, its card operators and its registry.
//!
//! 2026 as the State Council announced it; 2027 a plausible guess from the lunar calendar, to be replaced when it is
//! announced. Other years have weekends only.

use jiff::civil::{Date, Weekday};

/// Public holidays, as first and last day.
const HOLIDAYS: &[(&str, &str)] = &[
    ("2026-01-01", "2026-01-03"), // 元旦
    ("2026-02-15", "2026-02-23"), // 春节
    ("2026-04-04", "2026-04-06"), // 清明
    ("2026-05-01", "2026-05-05"), // 劳动节
    ("2026-06-19", "2026-06-21"), // 端午
    ("2026-09-25", "2026-09-27"), // 中秋
    ("2026-10-01", "2026-10-07"), // 国庆
    ("2027-01-01", "2027-01-03"),
    ("2027-02-05", "2027-02-11"),
    ("2027-04-03", "2027-04-05"),
    ("2027-05-01", "2027-05-05"),
    ("2027-06-09", "2027-06-09"),
    ("2027-09-15", "2027-09-15"),
    ("2027-10-01", "2027-10-07"),
];

/// Saturdays and Sundays that are worked to make up for them.
const WORKDAYS: &[&str] = &[
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
    "2027-01-30",
    "2027-02-14",
    "2027-05-08",
    "2027-09-26",
    "2027-10-09",
];

fn date(text: &str) -> Date {
    text.parse().expect("the tables hold dates")
}

/// Every holiday, one by one, ascending.
fn holidays() -> impl Iterator<Item = Date> {
    HOLIDAYS.iter().flat_map(|(first, last)| {
        let last = date(last);
        std::iter::successors(Some(date(first)), |day| day.tomorrow().ok())
            .take_while(move |day| *day <= last)
    })
}

/// Every make-up working day, ascending.
fn workdays() -> impl Iterator<Item = Date> {
    WORKDAYS.iter().map(|day| date(day))
}

/// Whose business days they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calendar {
    /// The city's, with make-up working days.
    Centre,
    /// Never at work on a Saturday or Sunday, whatever was made up for.
    NoWeekends,
    /// The city's, and off on the last day of the year, when the books are closed.
    YearEnd,
}

impl Calendar {
    /// All calendars.
    pub(crate) const ALL: [Self; 3] = [Self::Centre, Self::NoWeekends, Self::YearEnd];

    /// The name in the registry.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::NoWeekends => "no-weekends",
            Self::YearEnd => "year-end",
        }
    }

    /// Days off besides Saturdays and Sundays, one by one, ascending.
    pub(crate) fn holidays(self) -> Vec<Date> {
        let mut days: Vec<Date> = holidays().collect();
        if self == Self::YearEnd {
            days.extend([2026, 2027].map(|year| Date::constant(year, 12, 31)));
            days.sort_unstable();
        }
        days
    }

    /// Saturdays and Sundays that are worked, ascending.
    pub(crate) fn workdays(self) -> Vec<Date> {
        if self == Self::NoWeekends { Vec::new() } else { workdays().collect() }
    }

    /// Whether `day` is a business day.
    pub(crate) fn is_working(self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.workdays().contains(&day) || (!weekend && !self.holidays().contains(&day))
    }
}

/// Whether the city is at work on `day`.
pub(crate) fn is_working(day: Date) -> bool {
    Calendar::Centre.is_working(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_holidays_and_days_made_up_for() {
        for (day, working) in [
            ("2026-11-20", true),
            ("2026-11-21", false),
            ("2026-10-01", false),
            ("2026-10-10", true),
            ("2026-02-23", false),
            ("2026-02-24", true),
        ] {
            assert_eq!(is_working(date(day)), working, "{day}");
        }
        let others = [("2026-10-10", false, true), ("2026-12-31", true, false), ("2026-12-30", true, true)];
        for (day, no_weekends, year_end) in others {
            assert_eq!(Calendar::NoWeekends.is_working(date(day)), no_weekends, "{day}");
            assert_eq!(Calendar::YearEnd.is_working(date(day)), year_end, "{day}");
        }
        for made_up in workdays() {
            assert!(matches!(made_up.weekday(), Weekday::Saturday | Weekday::Sunday), "{made_up}");
        }
    }
}
