//! Public holidays and make-up working days, as data for the city and for its registry.
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
pub(crate) fn holidays() -> impl Iterator<Item = Date> {
    HOLIDAYS.iter().flat_map(|(first, last)| {
        let last = date(last);
        std::iter::successors(Some(date(first)), |day| day.tomorrow().ok())
            .take_while(move |day| *day <= last)
    })
}

/// Every make-up working day, ascending.
pub(crate) fn workdays() -> impl Iterator<Item = Date> {
    WORKDAYS.iter().map(|day| date(day))
}

/// Whether the city is at work on `day`.
pub(crate) fn is_working(day: Date) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    workdays().any(|it| it == day) || (!weekend && !holidays().any(|it| it == day))
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
        for made_up in workdays() {
            assert!(matches!(made_up.weekday(), Weekday::Saturday | Weekday::Sunday), "{made_up}");
        }
    }
}
