//! Dates: the BCD dates and times that travel in records, and the business dates of windows.
//!
//! All are local to the centre's zone (Asia/Shanghai, which has one offset all year), so no zone appears.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

/// A date in a record as it was sent, `YYYYMMDD` in 4 BCD bytes; perhaps not a date at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BcdDate(pub [u8; 4]);

/// A time in a record as it was sent, `hhmmss` in 3 BCD bytes; perhaps not a time at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BcdTime(pub [u8; 3]);

/// When a transaction took place, by the terminal's clock.
pub type CivilMoment = DateTime;

/// Two BCD digits, or nothing if a nibble is above 9.
#[inline]
fn bcd(byte: u8) -> Option<i8> {
    let (high, low) = (byte >> 4, byte & 0x0f);
    (high <= 9 && low <= 9).then(|| i8::try_from(high * 10 + low).ok()).flatten()
}

/// Two decimal digits as a BCD byte; `value` is at most 99.
fn to_bcd(value: u8) -> u8 {
    debug_assert!(value <= 99);
    ((value / 10) << 4) | (value % 10)
}

impl BcdDate {
    /// The calendar date, if it is one, in the years 2000 to 2099.
    #[must_use]
    #[inline]
    pub fn to_civil(self) -> Option<Date> {
        let [century, year, month, day] = self.0;
        if century != 0x20 {
            return None;
        }
        Date::new(2000 + i16::from(bcd(year)?), bcd(month)?, bcd(day)?).ok()
    }

    /// The BCD form of `date`, whose year lies between 2000 and 2099.
    #[must_use]
    pub fn from_civil(date: Date) -> Self {
        let part = |value: i16| to_bcd(u8::try_from(value.rem_euclid(100)).unwrap_or_default());
        Self([part(date.year() / 100), part(date.year()), part(date.month().into()), part(date.day().into())])
    }
}

impl BcdTime {
    /// The time of day, if it is one; there is no second 60.
    #[must_use]
    #[inline]
    pub fn to_civil(self) -> Option<Time> {
        let [hour, minute, second] = self.0;
        Time::new(bcd(hour)?, bcd(minute)?, bcd(second)?, 0).ok()
    }

    /// The BCD form of `time`, without fractions of a second.
    #[must_use]
    pub fn from_civil(time: Time) -> Self {
        let part = |value: i8| to_bcd(value.unsigned_abs());
        Self([part(time.hour()), part(time.minute()), part(time.second())])
    }
}

/// The 8 digits as sent; nibbles above 9 show as `a` to `f`.
impl fmt::Display for BcdDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::hex::fmt(&self.0, f)
    }
}

/// The 6 digits as sent; nibbles above 9 show as `a` to `f`.
impl fmt::Display for BcdTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::hex::fmt(&self.0, f)
    }
}

/// The date of a window (清算日), `D` in the rules.
///
/// ```
/// use tongclear_types::BusinessDate;
/// let friday: BusinessDate = "2026-11-20".parse()?;
/// assert_eq!(friday.plus_days(3).to_string(), "2026-11-23");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessDate(Date);

impl BusinessDate {
    /// A business date. Records carry years 2000 to 2099; the value date of the last of them lies a little later.
    ///
    /// # Errors
    /// A message with the value, outside those years.
    pub fn new(date: Date) -> Result<Self, String> {
        if !(2000..=2199).contains(&date.year()) {
            return Err(format!("{date} is not a business date: the year is outside 2000 to 2199"));
        }
        Ok(Self(date))
    }

    /// The calendar date.
    #[must_use]
    pub const fn civil(self) -> Date {
        self.0
    }

    /// The date `days` later, or earlier when negative; stops at the ends of the calendar.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days.days()))
    }
}

/// ISO 8601, `YYYY-MM-DD`.
impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for BusinessDate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        // Exactly the ISO form: jiff alone would also read a time behind it.
        let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
        date.ok_or_else(|| format!("{text:?} is not a date YYYY-MM-DD")).and_then(Self::new)
    }
}

impl TryFrom<String> for BusinessDate {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<BusinessDate> for String {
    fn from(date: BusinessDate) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bcd_dates_are_dates_of_this_century_or_nothing() {
        let table = [
            ([0x20, 0x26, 0x11, 0x24], true),
            ([0x20, 0x00, 0x02, 0x29], true),
            ([0x20, 0x99, 0x12, 0x31], true),
            ([0x20, 0x26, 0x02, 0x29], false),
            ([0x20, 0x26, 0x13, 0x01], false),
            ([0x20, 0x26, 0x00, 0x01], false),
            ([0x20, 0x26, 0x01, 0x00], false),
            ([0x20, 0x26, 0x0a, 0x01], false),
            ([0x20, 0x2a, 0x01, 0x01], false),
            ([0x19, 0x99, 0x12, 0x31], false),
            ([0x21, 0x00, 0x01, 0x01], false),
        ];
        for (bytes, valid) in table {
            let date = BcdDate(bytes);
            assert_eq!(date.to_civil().is_some(), valid, "{date}");
            if let Some(civil) = date.to_civil() {
                assert_eq!(BcdDate::from_civil(civil), date);
            }
        }
    }

    #[test]
    fn bcd_times_have_no_hour_24_and_no_second_60() {
        for (bytes, valid) in [
            ([0x00, 0x00, 0x00], true),
            ([0x23, 0x59, 0x59], true),
            ([0x24, 0x00, 0x00], false),
            ([0x12, 0x60, 0x00], false),
            ([0x12, 0x00, 0x60], false),
            ([0x12, 0x00, 0x5a], false),
            ([0xff, 0xff, 0xff], false),
        ] {
            let time = BcdTime(bytes);
            assert_eq!(time.to_civil().is_some(), valid, "{time}");
            if let Some(civil) = time.to_civil() {
                assert_eq!(BcdTime::from_civil(civil), time);
            }
        }
    }

    #[test]
    fn business_dates_are_iso_dates_only() {
        for bad in
            ["2026-11-31", "20261124", "2026-11-24T00:00", "1999-12-31", "2200-01-01", "", "+002026-11-24"]
        {
            assert!(bad.parse::<BusinessDate>().is_err(), "{bad}");
        }
    }
}
