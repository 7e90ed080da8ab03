//! From a column's plain value to a typed one and back, for every store alike.
//!
//! Databases know only signed 64-bit integers and text. A value that does not fit its type is
//! [`StoreError::Corrupt`] with the column's name, never a wrapped or cut number.

use std::fmt::Display;
use std::str::FromStr;

use tongclear_types::{BcdDate, BcdTime, Chain, Fen, Reason};

use crate::{Digest, StoreError, WindowState};

/// `value` in `column` is not what the column promises.
pub fn corrupt(column: &'static str, value: impl Display, reason: impl Display) -> StoreError {
    StoreError::Corrupt { column, value: value.to_string(), reason: reason.to_string() }
}

/// A stored integer as a narrower or unsigned one.
///
/// # Errors
/// [`StoreError::Corrupt`] when it does not fit.
pub fn narrow<T>(column: &'static str, value: i64) -> Result<T, StoreError>
where
    T: TryFrom<i64, Error: Display>,
{
    T::try_from(value).map_err(|reason| corrupt(column, value, reason))
}

/// A count as the integer to store.
///
/// # Errors
/// [`StoreError::Corrupt`] above 2^63 − 1, which no real count reaches.
pub fn stored(column: &'static str, count: u64) -> Result<i64, StoreError> {
    i64::try_from(count).map_err(|reason| corrupt(column, count, reason))
}

/// A stored number of fen.
///
/// # Errors
/// [`StoreError::Corrupt`] outside the domain of [`Fen`].
pub fn fen(column: &'static str, value: i64) -> Result<Fen, StoreError> {
    Fen::new(value).map_err(|reason| corrupt(column, value, reason))
}

/// A stored id, code or date.
///
/// # Errors
/// [`StoreError::Corrupt`] when the text does not have the form.
pub fn parsed<T>(column: &'static str, text: &str) -> Result<T, StoreError>
where
    T: FromStr<Err: Display>,
{
    text.parse().map_err(|reason| corrupt(column, text, reason))
}

/// Stored bytes, written as hex.
///
/// # Errors
/// [`StoreError::Corrupt`] when the text is not hex of `N` bytes.
pub fn bytes<const N: usize>(column: &'static str, text: &str) -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|reason| corrupt(column, text, reason))?;
    Ok(bytes)
}

/// Bytes as they are stored: lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// A stored digest.
///
/// # Errors
/// [`StoreError::Corrupt`] when the text is not 64 hex digits.
pub fn digest(column: &'static str, text: &str) -> Result<Digest, StoreError> {
    bytes(column, text).map(Digest)
}

/// A stored BCD date, exactly as it was sent.
///
/// # Errors
/// [`StoreError::Corrupt`] when the text is not 8 hex digits.
pub fn bcd_date(column: &'static str, text: &str) -> Result<BcdDate, StoreError> {
    bytes(column, text).map(BcdDate)
}

/// A stored BCD time, exactly as it was sent.
///
/// # Errors
/// [`StoreError::Corrupt`] when the text is not 6 hex digits.
pub fn bcd_time(column: &'static str, text: &str) -> Result<BcdTime, StoreError> {
    bytes(column, text).map(BcdTime)
}

/// A stored window state.
///
/// # Errors
/// [`StoreError::Corrupt`] when there is no state of that name.
pub fn window_state(column: &'static str, text: &str) -> Result<WindowState, StoreError> {
    let found = WindowState::ALL.into_iter().find(|state| state.name() == text);
    found.ok_or_else(|| corrupt(column, text, "no such state"))
}

/// A stored reason.
///
/// # Errors
/// [`StoreError::Corrupt`] when there is no reason of that name.
pub fn reason(column: &'static str, text: &str) -> Result<Reason, StoreError> {
    Reason::from_name(text).ok_or_else(|| corrupt(column, text, "no such reason"))
}

/// A stored chain.
///
/// # Errors
/// [`StoreError::Corrupt`] when there is no chain of that name.
pub fn chain(column: &'static str, text: &str) -> Result<Chain, StoreError> {
    Chain::from_name(text).ok_or_else(|| corrupt(column, text, "no such chain"))
}

#[cfg(test)]
mod tests {
    use tongclear_types::CollectorId;

    use super::*;

    #[track_caller]
    fn check<T: std::fmt::Debug>(result: Result<T, StoreError>, expected: &str) {
        match result {
            Ok(value) => assert_eq!(format!("{value:?}"), expected),
            Err(error) => assert_eq!(error.to_string(), format!("database: {expected}")),
        }
    }

    #[test]
    fn what_does_not_fit_its_type_is_corrupt() {
        let out_of_range = "out of range integral type conversion attempted";
        check(narrow::<u32>("t.n", 4_294_967_295), "4294967295");
        check(narrow::<u32>("t.n", 4_294_967_296), &format!("t.n holds \"4294967296\": {out_of_range}"));
        check(narrow::<u64>("t.n", -1), &format!("t.n holds \"-1\": {out_of_range}"));
        check(narrow::<u16>("t.n", 65_536), &format!("t.n holds \"65536\": {out_of_range}"));
        check(stored("t.n", 9_223_372_036_854_775_807), "9223372036854775807");
        check(
            stored("t.n", 9_223_372_036_854_775_808),
            &format!("t.n holds \"9223372036854775808\": {out_of_range}"),
        );
        check(fen("t.fen", -5), "Fen(-5)");
        check(
            fen("t.fen", i64::MAX),
            "t.fen holds \"9223372036854775807\": amount is outside ±(2^62 − 1) fen",
        );
        check(parsed::<CollectorId>("t.id", "6510000000f1"), "CollectorId(6510000000f1)");
        check(
            parsed::<CollectorId>("t.id", "6510"),
            "t.id holds \"6510\": \"6510\" is not a collector id of 12 hex digits",
        );
        check(bytes::<2>("t.tac", "c1ea"), "[193, 234]");
        check(bytes::<2>("t.tac", "c1"), "t.tac holds \"c1\": Invalid string length");
        check(window_state("t.state", "ajar"), "t.state holds \"ajar\": no such state");
        check(reason("t.reason", "rainy"), "t.reason holds \"rainy\": no such reason");
        check(chain("t.chain", "iron"), "t.chain holds \"iron\": no such chain");
    }

    #[test]
    fn names_are_read_back() {
        for state in WindowState::ALL {
            assert_eq!(window_state("t.state", state.name()).ok(), Some(state));
        }
        for it in [Chain::Purchase, Chain::Load] {
            assert_eq!(chain("t.chain", it.name()).ok(), Some(it));
        }
    }
}
