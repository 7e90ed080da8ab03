//! The bytes of packages, written and read from package.md's tables alone.
//!
//! Bounded by: whole packages in memory; reading answers nothing more precise than which line of the door fails.

use hmac::{Hmac, KeyInit, Mac};
use tongclear_types::{
    BcdDate, BcdTime, CollectorId, IssuerId, RecordFlags, Serial, TerminalId, TerminalNumber,
    TransactionRecord, Tti,
};

use crate::facts::{SealHash, SealKey};

pub(crate) const HEADER: usize = 128;
pub(crate) const RECORD: usize = 96;
pub(crate) const SEAL: usize = 32;

/// A package's header as fields, so that a bad one can be written as easily as a good one.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub merchant: [u8; 8],
    pub collector: CollectorId,
    pub sequence: u32,
    pub sum: u64,
    pub key_version: u32,
    pub algorithm: u8,
    pub previous_seal: [u8; 8],
}

/// The 128 bytes of a header.
fn header_bytes(header: &Header, count: u32) -> Vec<u8> {
    let mut out = b"CTPK".to_vec();
    out.extend(1_u16.to_be_bytes());
    out.extend(128_u16.to_be_bytes());
    out.extend(header.merchant);
    out.extend(header.collector.0);
    out.extend([0; 2]);
    out.extend(header.sequence.to_be_bytes());
    out.extend(count.to_be_bytes());
    out.extend(header.sum.to_be_bytes());
    out.extend(1_795_000_000_u64.to_be_bytes());
    out.extend(header.key_version.to_be_bytes());
    out.push(header.algorithm);
    out.push(1);
    out.extend(96_u16.to_be_bytes());
    out.extend(header.previous_seal);
    out.extend([0; 64]);
    assert_eq!(out.len(), HEADER);
    out
}

/// The 96 bytes of a record.
pub(crate) fn record_bytes(record: &TransactionRecord) -> Vec<u8> {
    let mut out = record.amount_fen.to_be_bytes().to_vec();
    out.push(record.tti.0);
    out.extend(record.terminal.0);
    out.extend(record.terminal_number.0.to_be_bytes());
    out.extend(record.date.0);
    out.extend(record.time.0);
    out.extend(record.tac);
    out.push(record.key_version);
    out.push(record.algorithm);
    out.extend(record.issuer.0);
    out.extend(record.serial.0);
    out.extend(record.offline_counter.to_be_bytes());
    out.extend(record.online_counter.to_be_bytes());
    out.extend(record.balance_before_fen.to_be_bytes());
    out.extend(record.balance_after_fen.to_be_bytes());
    out.extend(record.list_price_fen.to_be_bytes());
    out.push(record.sector);
    out.push(record.flags.0);
    out.extend(record.deny_list_version.to_be_bytes());
    out.extend(record.card_random);
    out.extend(record.sector_data);
    assert_eq!(out.len(), RECORD);
    out
}

/// A whole package under `key`.
pub(crate) fn package_bytes(header: &Header, records: &[TransactionRecord], key: &SealKey) -> Vec<u8> {
    let count = u32::try_from(records.len()).expect("a test's package is small");
    let mut out = header_bytes(header, count);
    for record in records {
        out.extend(record_bytes(record));
    }
    let seal = seal(key, header.collector, &out);
    out.extend(seal);
    out
}

/// The seal over `bytes` by `collector`: first its own key from the master, then the HMAC.
pub(crate) fn seal(key: &SealKey, collector: CollectorId, bytes: &[u8]) -> [u8; 32] {
    let mut label = b"CTP-SEAL".to_vec();
    label.extend(collector.0);
    let own = hmac(key.hash, &key.master, &label);
    hmac(key.hash, &own, bytes)
}

fn hmac(hash: SealHash, key: &[u8], data: &[u8]) -> [u8; 32] {
    match hash {
        SealHash::Sha256 => {
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
            mac.update(data);
            mac.finalize().into_bytes().into()
        }
        SealHash::Sm3 => {
            let mut mac = Hmac::<sm3::Sm3>::new_from_slice(key).expect("HMAC takes a key of any length");
            mac.update(data);
            mac.finalize().into_bytes().into()
        }
    }
}

/// `N` bytes of `bytes` from `at`; the caller has checked the length.
pub(crate) fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("a slice of N bytes is an array of N bytes")
}

/// A record from its 96 bytes.
pub(crate) fn read_record(bytes: &[u8]) -> TransactionRecord {
    TransactionRecord {
        amount_fen: u32::from_be_bytes(part(bytes, 0)),
        tti: Tti(bytes[4]),
        terminal: TerminalId(part(bytes, 5)),
        terminal_number: TerminalNumber(u32::from_be_bytes(part(bytes, 11))),
        date: BcdDate(part(bytes, 15)),
        time: BcdTime(part(bytes, 19)),
        tac: part(bytes, 22),
        key_version: bytes[26],
        algorithm: bytes[27],
        issuer: IssuerId(part(bytes, 28)),
        serial: Serial(part(bytes, 36)),
        offline_counter: u16::from_be_bytes(part(bytes, 46)),
        online_counter: u16::from_be_bytes(part(bytes, 48)),
        balance_before_fen: u32::from_be_bytes(part(bytes, 50)),
        balance_after_fen: u32::from_be_bytes(part(bytes, 54)),
        list_price_fen: u32::from_be_bytes(part(bytes, 58)),
        sector: bytes[62],
        flags: RecordFlags(bytes[63]),
        deny_list_version: u32::from_be_bytes(part(bytes, 64)),
        card_random: part(bytes, 68),
        sector_data: part(bytes, 72),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_record_reads_back_as_written() {
        let mut record = sample::record();
        record.sector_data = [9; 24];
        record.card_random = [1, 2, 3, 4];
        assert_eq!(read_record(&record_bytes(&record)), record);
    }

    /// package.md: bytes 0 to 21 are what a purchase TAC is computed over; the rest at the offsets of its table.
    #[test]
    fn fields_stand_at_their_documented_offsets() {
        let record = sample::record();
        let bytes = record_bytes(&record);
        assert_eq!(part::<4>(&bytes, 0), record.amount_fen.to_be_bytes());
        assert_eq!(part::<4>(&bytes, 22), record.tac);
        assert_eq!(part::<8>(&bytes, 28), record.issuer.0);
        assert_eq!(part::<2>(&bytes, 46), record.offline_counter.to_be_bytes());
        assert_eq!(part::<4>(&bytes, 58), record.list_price_fen.to_be_bytes());
        assert_eq!(part::<4>(&bytes, 64), record.deny_list_version.to_be_bytes());
    }
}
