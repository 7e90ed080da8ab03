//! The city's time: seconds since midnight of the first window's date, and the days around it.
//!
//! A working day of the city runs from 04:00 to 02:00 of the next day, so the taps of two windows never overlap and a
//! card's taps ascend in time from window to window.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use tongclear_types::{BcdDate, BcdTime, BusinessDate};

/// A day, counted from the first window's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(pub(crate) i32);

/// A second, counted from midnight of the first window's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Moment(pub(crate) i32);

/// Seconds in a day.
pub(crate) const DAY_SECONDS: i32 = 86_400;
/// The hour at which a working day begins.
pub(crate) const FIRST_HOUR: i32 = 4;
/// Hours of a working day: 04:00 to 02:00.
pub(crate) const HOURS: usize = 22;
/// No tap of a working day is later than this, counted from its midnight: 03:30 of the next day. Taps that follow
/// others closely may run a little past 02:00.
const LAST_SECOND: i32 = DAY_SECONDS + 3 * 3600 + 1800;
/// Days before and behind the first window for which dates are at hand: records are dated from 60 days before the
/// first window to 60 days after the thirtieth.
const REACH: i32 = 100;

impl Day {
    /// The moment `second` seconds after the day's midnight.
    pub(crate) const fn at(self, second: i32) -> Moment {
        Moment(self.0 * DAY_SECONDS + second)
    }

    /// The day `days` later.
    pub(crate) const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// The last moment at which a tap may still belong to this working day.
    pub(crate) const fn last_moment(self) -> Moment {
        self.at(LAST_SECOND)
    }
}

impl Moment {
    /// The calendar day.
    pub(crate) const fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_SECONDS))
    }

    /// The moment `seconds` later.
    pub(crate) const fn plus(self, seconds: i32) -> Self {
        Self(self.0 + seconds)
    }

    /// The time of day.
    pub(crate) fn time(self) -> BcdTime {
        let second = self.0.rem_euclid(DAY_SECONDS);
        let bcd = |value: i32| {
            let value = u8::try_from(value).expect("below 60");
            ((value / 10) << 4) | (value % 10)
        };
        BcdTime([bcd(second / 3600), bcd(second / 60 % 60), bcd(second % 60)])
    }
}

/// The calendar around the first window.
pub(crate) struct Dates {
    first: Date,
    bcd: Vec<BcdDate>,
}

impl Dates {
    /// The calendar around `first`.
    pub(crate) fn new(first: BusinessDate) -> Self {
        let first = first.civil();
        let bcd =
            (-REACH..=REACH).map(|days| BcdDate::from_civil(first.saturating_add(days.days()))).collect();
        Self { first, bcd }
    }

    /// The date of `day`.
    pub(crate) fn civil(&self, day: Day) -> Date {
        self.first.saturating_add(day.0.days())
    }

    /// The date of `day` as records carry it; days outside the reach take the nearest date inside.
    pub(crate) fn bcd(&self, day: Day) -> BcdDate {
        let index = (day.0 + REACH).clamp(0, 2 * REACH);
        self.bcd[usize::try_from(index).expect("clamped to the table")]
    }

    /// `moment` as a calendar date and time of day.
    pub(crate) fn date_time(&self, moment: Moment) -> DateTime {
        let time = moment.time().to_civil().expect("a second of the day is a time");
        self.civil(moment.day()).to_datetime(time)
    }

    /// `moment` in Unix seconds; Shanghai is eight hours ahead all year.
    pub(crate) fn unix_seconds(&self, moment: Moment) -> u64 {
        let epoch = Date::constant(1970, 1, 1);
        let days = i64::from((self.civil(moment.day()) - epoch).get_days());
        let seconds = days * i64::from(DAY_SECONDS) + i64::from(moment.0.rem_euclid(DAY_SECONDS)) - 8 * 3600;
        u64::try_from(seconds).unwrap_or_default()
    }
}
