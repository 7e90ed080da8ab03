//! Writing packages: what a collector does.
//!
//! Bounded by [`RECORDS_MAX`] records a package.

use tongclear_mac::SealMaster;
use tongclear_types::{CollectorId, MerchantCode, PackageSequence, TransactionRecord};

use crate::header::{HEADER_LEN, PackageHeader, RECORD_LEN, RECORDS_MAX, SEAL_LEN};
use crate::record::encode_record;

/// What the writer of a package decides; count, sum, algorithm and seal follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageHeaderFields {
    /// The merchant whose collector it is.
    pub merchant: MerchantCode,
    /// The collector.
    pub collector: CollectorId,
    /// The number of the package, from 1.
    pub sequence: PackageSequence,
    /// When the package was closed, Unix seconds.
    pub created_at_unix_s: u64,
    /// The version of the seal master.
    pub seal_key_version: u32,
    /// The first 8 bytes of the seal of the collector's previous package; zero for sequence 1.
    pub previous_seal: [u8; 8],
}

/// The sealed package of `records`, which the collector keeps in non-descending (terminal, terminal number).
///
/// # Panics
/// With more than [`RECORDS_MAX`] records: the caller begins a new package before.
#[must_use]
pub fn write_package(
    fields: &PackageHeaderFields,
    records: &[TransactionRecord],
    master: &SealMaster,
) -> Vec<u8> {
    let record_count = u32::try_from(records.len()).unwrap_or(u32::MAX);
    assert!(record_count <= RECORDS_MAX, "{record_count} records are more than a package holds");
    let header = PackageHeader {
        merchant: fields.merchant,
        collector: fields.collector,
        sequence: fields.sequence,
        record_count,
        amount_sum_fen: records.iter().map(|record| u64::from(record.amount_fen)).sum(),
        created_at_unix_s: fields.created_at_unix_s,
        seal_key_version: fields.seal_key_version,
        seal_algorithm: master.algorithm(),
        previous_seal: fields.previous_seal,
    };
    let mut bytes = Vec::with_capacity(HEADER_LEN + RECORD_LEN * records.len() + SEAL_LEN);
    bytes.extend_from_slice(&header.encode());
    records.iter().for_each(|record| bytes.extend_from_slice(&encode_record(record)));
    let seal = master.seal_key(fields.collector).seal(&bytes);
    bytes.extend_from_slice(&seal);
    bytes
}

/// The name of a package's file: `<collector, 12 hex>-<sequence, 10 digits>.ctp`.
///
/// ```
/// use tongclear_types::{CollectorId, PackageSequence};
/// let name = tongclear_package::file_name("6510000000f1".parse()?, PackageSequence(7));
/// assert_eq!(name, "6510000000f1-0000000007.ctp");
/// # Ok::<(), tongclear_types::IdError>(())
/// ```
#[must_use]
pub fn file_name(collector: CollectorId, sequence: PackageSequence) -> String {
    format!("{collector}-{:010}.ctp", sequence.0)
}
