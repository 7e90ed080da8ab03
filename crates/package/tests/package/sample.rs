//! A small centre and what its collectors send: always the same bytes.

use tongclear_mac::{SealAlgorithm, SealMaster};
use tongclear_package::{Door, HEADER_LEN, PackageHeaderFields, SEAL_LEN, write_package};
use tongclear_types::{
    BcdDate, BcdTime, CollectorId, IssuerId, MerchantCode, PackageSequence, RecordFlags, Serial, TerminalId,
    TerminalNumber, TransactionRecord, Tti,
};

/// A bus depot; it seals with key version 1, HMAC-SHA-256.
pub(crate) const BUS: CollectorId = CollectorId([0x65, 0x10, 0, 0, 0, 0xf1]);
/// A metro station; it seals with key version 2, HMAC-SM3.
pub(crate) const METRO: CollectorId = CollectorId([0x65, 0x10, 0, 0, 0, 0xf2]);

/// The registry and keys of the centre.
pub(crate) struct Centre([SealMaster; 2]);

impl Centre {
    pub(crate) fn new() -> Self {
        Self([
            SealMaster::new(SealAlgorithm::HmacSha256, [0x11; 32]),
            SealMaster::new(SealAlgorithm::HmacSm3, [0x22; 32]),
        ])
    }
}

impl Door for Centre {
    fn merchant_of(&self, collector: CollectorId) -> Option<MerchantCode> {
        match collector {
            BUS => Some(merchant("BUS00001")),
            METRO => Some(merchant("MET00001")),
            _ => None,
        }
    }

    fn seal_master(&self, version: u32) -> Option<&SealMaster> {
        self.0.get(usize::try_from(version.checked_sub(1)?).ok()?)
    }
}

pub(crate) fn merchant(code: &str) -> MerchantCode {
    code.parse().unwrap()
}

/// A fare of 2.00 yuan, or a free ride when `number` is even.
pub(crate) fn record(number: u32) -> TransactionRecord {
    let amount_fen = if number.is_multiple_of(2) { 0 } else { 200 };
    TransactionRecord {
        amount_fen,
        tti: Tti::PURCHASE,
        terminal: TerminalId([0x65, 0x10, 0, 0, 0x0a, 0x01]),
        terminal_number: TerminalNumber(number),
        date: BcdDate([0x20, 0x26, 0x11, 0x24]),
        time: BcdTime([0x08, 0x30, 0x00]),
        tac: [0xde, 0xad, 0xbe, 0xef],
        key_version: 1,
        algorithm: 0,
        issuer: IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]),
        serial: Serial([0x00, 0x00, 0x51, 0x00, 0x01, 0x23, 0x45, 0x67, 0x89, 0x01]),
        offline_counter: 7,
        online_counter: 2,
        balance_before_fen: 5_000,
        balance_after_fen: 5_000 - amount_fen,
        list_price_fen: 200,
        sector: 1,
        flags: RecordFlags(0),
        deny_list_version: 3,
        card_random: [1, 2, 3, 4],
        sector_data: [0; 24],
    }
}

/// A sealed package of `collector` with the records 1 to `records`.
pub(crate) fn package(
    collector: CollectorId,
    sequence: u32,
    records: u32,
    previous_seal: [u8; 8],
) -> Vec<u8> {
    let centre = Centre::new();
    let seal_key_version = if collector == METRO { 2 } else { 1 };
    let fields = PackageHeaderFields {
        merchant: centre.merchant_of(collector).unwrap_or(merchant("BUS00001")),
        collector,
        sequence: PackageSequence(sequence),
        created_at_unix_s: 1_795_500_000,
        seal_key_version,
        previous_seal,
    };
    let records: Vec<_> = (1..=records).map(record).collect();
    write_package(&fields, &records, centre.seal_master(seal_key_version).unwrap())
}

/// The package with `value` written over its bytes from `at`, and sealed again with the bus depot's key.
pub(crate) fn changed(mut bytes: Vec<u8>, at: usize, value: &[u8]) -> Vec<u8> {
    bytes[at..at + value.len()].copy_from_slice(value);
    let collector = CollectorId(bytes[16..22].try_into().unwrap());
    let body = bytes.len() - SEAL_LEN;
    assert!(body >= HEADER_LEN);
    let seal = Centre::new().seal_master(1).unwrap().seal_key(collector).seal(&bytes[..body]);
    bytes[body..].copy_from_slice(&seal);
    bytes
}

/// The package with one bit of the byte at `at` turned over, and not sealed again.
pub(crate) fn flipped(mut bytes: Vec<u8>, at: usize, bit: u32) -> Vec<u8> {
    bytes[at] ^= 1 << bit;
    bytes
}

/// The first 8 bytes of the seal.
pub(crate) fn seal_start(bytes: &[u8]) -> [u8; 8] {
    let seal = bytes.last_chunk::<SEAL_LEN>().unwrap();
    seal[..8].try_into().unwrap()
}
