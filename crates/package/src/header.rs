//! The header of a package (`package.md`, Package): 128 bytes, big-endian.
//!
//! Bounded by [`RECORDS_MAX`] records and so by [`PACKAGE_LEN_MAX`] bytes a package.

use tongclear_mac::SealAlgorithm;
use tongclear_types::{CollectorId, MerchantCode, PackageSequence};

use crate::wire::put;

/// Length of the header, bytes.
pub const HEADER_LEN: usize = 128;
/// Length of a record, bytes.
pub const RECORD_LEN: usize = 96;
/// Length of the seal, bytes.
pub const SEAL_LEN: usize = 32;
/// The most records in one package: a busy metro line's day, and under 100 MB in memory.
pub const RECORDS_MAX: u32 = 1_000_000;
/// The longest package: 128 + 96 × 1,000,000 + 32 = 96,000,160 bytes.
pub const PACKAGE_LEN_MAX: usize = HEADER_LEN + RECORD_LEN * 1_000_000 + SEAL_LEN;

/// The first four bytes of a package.
pub(crate) const MAGIC: [u8; 4] = *b"CTPK";
/// The only format version there is.
pub(crate) const FORMAT_VERSION: u16 = 1;
/// The only record layout there is.
pub(crate) const RECORD_LAYOUT: u8 = 1;
/// [`HEADER_LEN`] as the header says it.
pub(crate) const HEADER_LEN_FIELD: u16 = 128;
/// [`RECORD_LEN`] as the header says it.
pub(crate) const RECORD_LEN_FIELD: u16 = 96;

/// Where each field of the header begins, bytes.
pub(crate) mod at {
    pub(crate) const MAGIC: usize = 0;
    pub(crate) const VERSION: usize = 4;
    pub(crate) const HEADER_LENGTH: usize = 6;
    pub(crate) const MERCHANT: usize = 8;
    pub(crate) const COLLECTOR: usize = 16;
    pub(crate) const RESERVED_22: usize = 22;
    pub(crate) const SEQUENCE: usize = 24;
    pub(crate) const RECORD_COUNT: usize = 28;
    pub(crate) const AMOUNT_SUM: usize = 32;
    pub(crate) const CREATED_AT: usize = 40;
    pub(crate) const SEAL_KEY_VERSION: usize = 48;
    pub(crate) const SEAL_ALGORITHM: usize = 52;
    pub(crate) const RECORD_LAYOUT: usize = 53;
    pub(crate) const RECORD_LENGTH: usize = 54;
    pub(crate) const PREVIOUS_SEAL: usize = 56;
    pub(crate) const RESERVED_64: usize = 64;
}

/// What the header of a package says; the fields that every package has alike are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageHeader {
    /// The merchant whose collector it is.
    pub merchant: MerchantCode,
    /// The terminal, or the depot concentrator that gathered several.
    pub collector: CollectorId,
    /// The number of the package, from 1, contiguous per collector.
    pub sequence: PackageSequence,
    /// How many records follow, at most [`RECORDS_MAX`].
    pub record_count: u32,
    /// The sum of the records' amounts, fen.
    pub amount_sum_fen: u64,
    /// When the collector closed the package, Unix seconds; never used in a decision.
    pub created_at_unix_s: u64,
    /// Which seal master the seal key comes from.
    pub seal_key_version: u32,
    /// The hash of the seal.
    pub seal_algorithm: SealAlgorithm,
    /// The first 8 bytes of the seal of this collector's previous package; zero in package 1.
    pub previous_seal: [u8; 8],
}

impl PackageHeader {
    /// The header's 128 bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        put::<{ at::MAGIC }, 4, _>(&mut bytes, MAGIC);
        put::<{ at::VERSION }, 2, _>(&mut bytes, FORMAT_VERSION.to_be_bytes());
        put::<{ at::HEADER_LENGTH }, 2, _>(&mut bytes, HEADER_LEN_FIELD.to_be_bytes());
        put::<{ at::MERCHANT }, 8, _>(&mut bytes, self.merchant.bytes());
        put::<{ at::COLLECTOR }, 6, _>(&mut bytes, self.collector.0);
        put::<{ at::SEQUENCE }, 4, _>(&mut bytes, self.sequence.0.to_be_bytes());
        put::<{ at::RECORD_COUNT }, 4, _>(&mut bytes, self.record_count.to_be_bytes());
        put::<{ at::AMOUNT_SUM }, 8, _>(&mut bytes, self.amount_sum_fen.to_be_bytes());
        put::<{ at::CREATED_AT }, 8, _>(&mut bytes, self.created_at_unix_s.to_be_bytes());
        put::<{ at::SEAL_KEY_VERSION }, 4, _>(&mut bytes, self.seal_key_version.to_be_bytes());
        put::<{ at::SEAL_ALGORITHM }, 1, _>(&mut bytes, [self.seal_algorithm.byte()]);
        put::<{ at::RECORD_LAYOUT }, 1, _>(&mut bytes, [RECORD_LAYOUT]);
        put::<{ at::RECORD_LENGTH }, 2, _>(&mut bytes, RECORD_LEN_FIELD.to_be_bytes());
        put::<{ at::PREVIOUS_SEAL }, 8, _>(&mut bytes, self.previous_seal);
        bytes
    }
}
