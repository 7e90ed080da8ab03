//! Why a package is quarantined (`package.md`, What is refused at the door): the reason, the field, the value.
//!
//! Values come from outside, so they are shown shortened to [`SHOWN_BYTES_MAX`] bytes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most bytes of a value that a message shows: a whole seal.
pub(crate) const SHOWN_BYTES_MAX: usize = 32;

/// The reasons for quarantine, in the order in which the documentation lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// The bytes do not have the form of a package.
    MalformedPackage,
    /// The collector is not registered.
    UnknownCollector,
    /// The collector is another merchant's.
    MerchantMismatch,
    /// The centre has no such seal key.
    UnknownSealKey,
    /// The seal is not the one of these bytes.
    SealInvalid,
    /// The records' amounts do not add up to the header's sum.
    SumMismatch,
    /// The sequence was accepted before with other bytes.
    SequenceConflict,
    /// The package does not fit its accepted neighbours.
    ChainBroken,
}

impl QuarantineReason {
    /// All of them, in the order of the documentation.
    pub const ALL: &[Self] = &[
        Self::MalformedPackage,
        Self::UnknownCollector,
        Self::MerchantMismatch,
        Self::UnknownSealKey,
        Self::SealInvalid,
        Self::SumMismatch,
        Self::SequenceConflict,
        Self::ChainBroken,
    ];

    /// The name in files and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MalformedPackage => "malformed_package",
            Self::UnknownCollector => "unknown_collector",
            Self::MerchantMismatch => "merchant_mismatch",
            Self::UnknownSealKey => "unknown_seal_key",
            Self::SealInvalid => "seal_invalid",
            Self::SumMismatch => "sum_mismatch",
            Self::SequenceConflict => "sequence_conflict",
            Self::ChainBroken => "chain_broken",
        }
    }

    /// For people, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::MalformedPackage => "数据包格式错误",
            Self::UnknownCollector => "采集点未登记",
            Self::MerchantMismatch => "采集点不属于该商户",
            Self::UnknownSealKey => "缺少封签密钥",
            Self::SealInvalid => "封签不符",
            Self::SumMismatch => "金额合计不符",
            Self::SequenceConflict => "包序号冲突",
            Self::ChainBroken => "包链断裂",
        }
    }

    /// For people, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::MalformedPackage => "the bytes do not have the form of a package",
            Self::UnknownCollector => "the collector is not registered",
            Self::MerchantMismatch => "the collector belongs to another merchant",
            Self::UnknownSealKey => "the key of the seal is not in the key ring",
            Self::SealInvalid => "the seal is wrong: the bytes were changed, or sealed with another key",
            Self::SumMismatch => "the records' amounts do not add up to the sum in the header",
            Self::SequenceConflict => "another package with this sequence was accepted before",
            Self::ChainBroken => "the package does not fit the accepted one before or after it",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.name() == name)
    }
}

impl fmt::Display for QuarantineReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a package was refused: a result to keep beside its bytes, not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {field} is {value}, expected {expected}")]
pub struct Refusal {
    /// The reason.
    pub reason: QuarantineReason,
    /// The header field that decided, as the documentation names it, in `snake_case`.
    pub field: &'static str,
    /// What the field held, shortened.
    pub value: String,
    /// What it should have held.
    pub expected: String,
}

impl Refusal {
    /// A refusal; `value` and `expected` are bounded by whoever makes them.
    pub(crate) fn new(
        reason: QuarantineReason,
        field: &'static str,
        value: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        Self { reason, field, value: value.to_string(), expected: expected.to_string() }
    }
}

/// `bytes` in hex, at most [`SHOWN_BYTES_MAX`] of them.
pub(crate) fn shown_hex(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN_BYTES_MAX) {
        Some(start) if bytes.len() > SHOWN_BYTES_MAX => format!("{}…", hex::encode(start)),
        _ => hex::encode(bytes),
    }
}

/// `bytes` as quoted ASCII, at most `bytes_max` of them, everything unprintable escaped.
pub(crate) fn shown_text(bytes: &[u8], bytes_max: usize) -> String {
    match bytes.get(..bytes_max) {
        Some(start) if bytes.len() > bytes_max => format!("\"{}…\"", start.escape_ascii()),
        _ => format!("\"{}\"", bytes.escape_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_found_again_and_those_of_json() {
        for reason in QuarantineReason::ALL {
            assert_eq!(QuarantineReason::from_name(reason.name()), Some(*reason));
            assert_eq!(serde_json::to_string(reason).unwrap(), format!("\"{reason}\""));
        }
        assert_eq!(QuarantineReason::from_name("already_received"), None);
    }

    #[test]
    fn shown_values_are_bounded() {
        assert_eq!(shown_hex(&[0xab; 32]), "ab".repeat(32));
        assert_eq!(shown_hex(&[0xab; 1000]), format!("{}…", "ab".repeat(32)));
        assert_eq!(shown_text(b"a\"\xff", 16), r#""a\"\xff""#);
        assert_eq!(shown_text(&[b'a'; 100], 3), "\"aaa…\"");
    }
}
