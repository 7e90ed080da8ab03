//! Amounts on the wire: yuan with two decimals, from [`Fen`] and back by digits alone.

use std::fmt;

use tongclear_types::Fen;

use crate::error::{ReadError, ValueError};

/// Digits of an amount that the schemas allow (`totalDigits` 18), so fen up to 10^18 − 1.
const DIGITS_MAX: usize = 18;
/// The largest amount that can be written.
const FEN_MAX: i64 = 999_999_999_999_999_999;
/// Decimals of yuan.
const DECIMALS: usize = 2;

// What can be written is in the domain of `Fen`, and digits that are no more than DIGITS_MAX are no more than FEN_MAX.
const _: () = assert!(FEN_MAX < Fen::MAX.get());
const _: () = assert!(FEN_MAX == 10_i64.pow(18) - 1 && DIGITS_MAX == 18);

/// An amount that can be paid: more than nothing, and no more than the schemas have digits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Fen);

impl Amount {
    /// The largest amount, 10^18 − 1 fen.
    pub const MAX_FEN: i64 = FEN_MAX;

    /// An amount of `fen`.
    ///
    /// # Errors
    /// [`ValueError`] unless it lies between 1 fen and [`Amount::MAX_FEN`].
    pub fn new(fen: Fen) -> Result<Self, ValueError> {
        if !(1..=FEN_MAX).contains(&fen.get()) {
            return Err(ValueError::new("amount", fen, format!("1 to {FEN_MAX} fen")));
        }
        Ok(Self(fen))
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> Fen {
        self.0
    }
}

/// Yuan with two decimals, as on the wire.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&yuan(self.0))
    }
}

/// The size of `fen` in yuan, with exactly two decimals; the sign is said beside it (`CdtDbtInd`).
pub(crate) fn yuan(fen: Fen) -> String {
    let size = fen.get().unsigned_abs();
    format!("{}.{:02}", size / 100, size % 100)
}

/// Yuan with at most two decimals, to the fen.
pub(crate) fn from_yuan(text: &str) -> Result<Fen, ReadError> {
    let wrong = || ReadError::value(text, "an amount in yuan with at most two decimals and 18 digits");
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |it: &str| it.bytes().all(|digit| digit.is_ascii_digit());
    let whole = if whole.len() > 1 { whole.trim_start_matches('0') } else { whole };
    if text.starts_with('.')
        || text.is_empty()
        || !are_digits(whole)
        || !are_digits(decimals)
        || decimals.len() > DECIMALS
        || whole.len() + DECIMALS > DIGITS_MAX
    {
        return Err(wrong());
    }
    format!("{whole}{decimals:0<DECIMALS$}").parse().ok().and_then(|fen| Fen::new(fen).ok()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_become_fen_by_their_digits() {
        let table = [
            ("0", Some(0)),
            ("0.00", Some(0)),
            ("1", Some(100)),
            ("1.", Some(100)),
            ("1.5", Some(150)),
            ("1.05", Some(105)),
            ("007.10", Some(710)),
            ("9999999999999999.99", Some(FEN_MAX)),
            ("10000000000000000.00", None),
            ("1.050", None),
            ("1.234", None),
            ("", None),
            (".", None),
            (".5", None),
            ("-1.00", None),
            ("+1.00", None),
            ("1,00", None),
            ("1e2", None),
            ("1.0.0", None),
            ("１.00", None),
            (" 1.00", None),
        ];
        for (text, expected) in table {
            assert_eq!(from_yuan(text).ok().map(Fen::get), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for fen in [0, 1, 9, 10, 99, 100, 101, 123_456_789, FEN_MAX] {
            let fen = Fen::new(fen).unwrap();
            assert_eq!(from_yuan(&yuan(fen)).unwrap(), fen);
        }
        assert_eq!(yuan(Fen::new(-5).unwrap()), "0.05");
    }

    #[test]
    fn nothing_and_too_much_cannot_be_paid() {
        for (fen, valid) in [(-1, false), (0, false), (1, true), (FEN_MAX, true), (FEN_MAX + 1, false)] {
            assert_eq!(Amount::new(Fen::new(fen).unwrap()).is_ok(), valid, "{fen}");
        }
        assert_eq!(
            Amount::new(Fen::ZERO).unwrap_err().to_string(),
            "amount is \"0\", expected 1 to 999999999999999999 fen"
        );
    }
}
