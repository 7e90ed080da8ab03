//! References: the short text by which a transfer names what it corrects, pays or collects.
//!
//! Bounded by ISO 20022's `Max35Text`, for a payment's reference is its end-to-end id at the bank.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tongclear_types::{BusinessDate, CollectorId, OperatorCode};

use crate::Participant;

/// Bytes of the longest reference: `Max35Text` of ISO 20022.
pub const REFERENCE_MAX: usize = 35;

/// What a transfer refers to: 1 to 35 characters of `A-Z a-z 0-9 - . / : _`.
///
/// ```
/// use tongclear_ledger::Reference;
/// let reference: Reference = "CDT-BUS00001-20261125".parse()?;
/// assert_eq!(reference.to_string(), "CDT-BUS00001-20261125");
/// assert!("two words".parse::<Reference>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    /// Zero behind the text, so that references sort as their texts do.
    bytes: [u8; REFERENCE_MAX],
    length: u8,
}

impl Reference {
    /// A record: `<collector>-<package sequence>-<row>`, at most 34 characters.
    #[must_use]
    pub fn record(collector: CollectorId, sequence: u32, row: u32) -> Self {
        Self::of(&format!("{collector}-{sequence}-{row}"))
    }

    /// A line of a card operator's file: `<operator>-<first 16 hex digits of the file's SHA-256>-<line>`, at most 32
    /// characters.
    #[must_use]
    pub fn line(operator: OperatorCode, sha256: &[u8; 32], line: u32) -> Self {
        let file: String = sha256[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Self::of(&format!("{operator}-{file}-{line}"))
    }

    /// A payment to, or a collection from, a participant on a value date: `<centre>-<participant>-<date, YYYYMMDD>`, the
    /// end-to-end id at the bank. A sponsor's begins with `S.`, for sponsors are named like merchants.
    ///
    /// # Errors
    /// When the centre's code has characters that no reference has.
    pub fn payment(centre: &str, participant: Participant, value_date: BusinessDate) -> Result<Self, String> {
        let who = match participant {
            Participant::Operator(code) => code.to_string(),
            Participant::Merchant(code) => code.to_string(),
            Participant::Sponsor(code) => format!("S.{code}"),
            Participant::Centre => "CENTRE".to_owned(),
        };
        format!("{centre}-{who}-{}", value_date.to_string().replace('-', "")).parse()
    }

    /// A text that is known to fit.
    fn of(text: &str) -> Self {
        text.parse().expect("ids and numbers are references")
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).expect("ASCII")
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({self})")
    }
}

impl FromStr for Reference {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-./:_".contains(&byte);
        let length =
            u8::try_from(text.len()).ok().filter(|length| (1..=REFERENCE_MAX).contains(&(*length).into()));
        let Some(length) = length.filter(|_| text.bytes().all(fits)) else {
            return Err(format!("{text:?} is not a reference: 1 to 35 of A-Z a-z 0-9 - . / : _"));
        };
        let mut bytes = [0; REFERENCE_MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, length })
    }
}

impl TryFrom<String> for Reference {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_references_and_texts_that_are_not() {
        for (text, fits) in [
            ("CDT-BUS00001-20261125", true),
            ("6510000000f1-4294967295-4294967295", true),
            ("12345678901234567890123456789012345", true),
            ("123456789012345678901234567890123456", false),
            ("", false),
            ("two words", false),
            ("line\n", false),
            ("成都", false),
        ] {
            assert_eq!(
                text.parse::<Reference>().map(String::from).ok().as_deref(),
                fits.then_some(text),
                "{text:?}"
            );
        }
    }

    #[test]
    fn records_and_payments_have_references_of_their_own() {
        let date: BusinessDate = "2026-11-25".parse().unwrap();
        for (participant, expected) in [
            ("merchant:BUS00001", "CDT-BUS00001-20261125"),
            ("sponsor:GOV00001", "CDT-S.GOV00001-20261125"),
            ("operator:0417", "CDT-0417-20261125"),
        ] {
            let reference = Reference::payment("CDT", participant.parse().unwrap(), date).unwrap();
            assert_eq!(reference.as_str(), expected);
        }
        let collector = CollectorId([0xff; 6]);
        assert_eq!(
            Reference::record(collector, u32::MAX, u32::MAX).as_str(),
            "ffffffffffff-4294967295-4294967295"
        );
        let line = Reference::line("0417".parse().unwrap(), &[0xab; 32], u32::MAX);
        assert_eq!(line.as_str(), "0417-abababababababab-4294967295");
    }
}
