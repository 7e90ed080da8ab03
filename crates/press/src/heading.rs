//! Who a document is from, whom it is for, and which days it covers.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use tongclear_types::BusinessDate;

/// The clearing centre that makes the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Centre {
    /// Its code.
    pub code: String,
    /// Its name in Chinese.
    pub name: String,
    /// Its name in English; empty when there is none.
    pub name_en: String,
}

/// A participant as documents name it; texts that are not known are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    /// The merchant's or operator's code.
    pub code: String,
    /// Its name in Chinese.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
}

/// A calendar month of business dates, `YYYY-MM`.
///
/// ```
/// use tongclear_press::Month;
/// let november: Month = "2026-11".parse()?;
/// assert!(november.contains("2026-11-30".parse()?));
/// assert!(!november.contains("2026-12-01".parse()?));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(BusinessDate);

/// What a statement covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// One window, by its business date.
    Window(BusinessDate),
    /// All windows of a month.
    Month(Month),
}

impl Month {
    /// The month that `date` lies in.
    #[must_use]
    pub fn of(date: BusinessDate) -> Self {
        Self(date.plus_days(1 - i32::from(date.civil().day())))
    }

    /// Its first day.
    #[must_use]
    pub const fn first(self) -> BusinessDate {
        self.0
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> BusinessDate {
        let next: Date = self.0.civil().saturating_add(1.month());
        BusinessDate::new(next).map_or(self.0, |next| next.plus_days(-1))
    }

    /// Whether `date` lies in it.
    #[must_use]
    pub fn contains(self, date: BusinessDate) -> bool {
        Self::of(date) == self
    }

    /// `2026年11月`.
    pub(crate) fn zh(self) -> String {
        let date = self.0.civil();
        format!("{}年{}月", date.year(), date.month())
    }
}

/// `YYYY-MM`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0.civil();
        write!(f, "{:04}-{:02}", date.year(), date.month())
    }
}

impl FromStr for Month {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        format!("{text}-01").parse().map(Self).map_err(|_| format!("{text:?} is not a month YYYY-MM"))
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Period {
    /// Whether a window's business date belongs to it.
    #[must_use]
    pub fn contains(self, date: BusinessDate) -> bool {
        match self {
            Self::Window(window) => window == date,
            Self::Month(month) => month.contains(date),
        }
    }
}

/// The window's date or the month.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Window(date) => date.fmt(f),
            Self::Month(month) => month.fmt(f),
        }
    }
}

/// `2026-11-23` or `2026-11`.
impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_where_the_calendar_says() {
        for (text, last) in [("2026-11", "2026-11-30"), ("2028-02", "2028-02-29"), ("2026-12", "2026-12-31")]
        {
            let month: Month = text.parse().unwrap();
            assert_eq!(month.to_string(), text);
            assert_eq!(month.last().to_string(), last);
            assert_eq!(Month::of(month.last()), month);
        }
        assert!("2026-13".parse::<Month>().is_err());
        assert!("2026-11-01".parse::<Month>().is_err());
    }
}
