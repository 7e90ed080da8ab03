//! The form of a package: everything at the door that the bytes answer by themselves.
//!
//! Each check is one function or one line; their order is that of `package.md` and is kept by
//! [`Form::check`] (length to merchant form) and [`admit`](crate::admit) (all the rest).

use tongclear_mac::SealAlgorithm;
use tongclear_types::{CollectorId, MerchantCode, PackageSequence};

use crate::header::{
    FORMAT_VERSION, HEADER_LEN, HEADER_LEN_FIELD, MAGIC, PackageHeader, RECORD_LAYOUT, RECORD_LEN,
    RECORD_LEN_FIELD, RECORDS_MAX, SEAL_LEN, at,
};
use crate::record::amount_fen;
use crate::refusal::{QuarantineReason, Refusal, shown_text};
use crate::wire::part;

/// The parts of a package whose lengths, constants and merchant code are right.
#[derive(Clone, Copy)]
pub(crate) struct Form<'a> {
    head: &'a [u8; HEADER_LEN],
    /// The merchant code of the header.
    pub(crate) merchant: MerchantCode,
    /// Header and records: what the seal is over.
    pub(crate) sealed: &'a [u8],
    /// The records.
    pub(crate) records: &'a [[u8; RECORD_LEN]],
    /// The seal.
    pub(crate) seal: &'a [u8; SEAL_LEN],
}

/// A refusal because of the form.
fn malformed(
    field: &'static str,
    value: impl std::fmt::Display,
    expected: impl std::fmt::Display,
) -> Refusal {
    Refusal::new(QuarantineReason::MalformedPackage, field, value, expected)
}

impl<'a> Form<'a> {
    /// The checks from length to merchant form.
    pub(crate) fn check(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let length = bytes.len();
        let Some(head) = bytes.first_chunk::<HEADER_LEN>() else {
            return Err(malformed("length", length, format_args!("at least {HEADER_LEN}")));
        };
        let record_count = u32::from_be_bytes(part::<{ at::RECORD_COUNT }, 4, _>(head));
        let length_expected = package_len(record_count);
        if u64::try_from(length) != Ok(length_expected) {
            return Err(malformed(
                "length",
                length,
                format_args!("{length_expected} for {record_count} records"),
            ));
        }
        if record_count > RECORDS_MAX {
            return Err(malformed("record_count", record_count, format_args!("at most {RECORDS_MAX}")));
        }

        let magic = part::<{ at::MAGIC }, 4, _>(head);
        if magic != MAGIC {
            return Err(malformed("magic", shown_text(&magic, 4), shown_text(&MAGIC, 4)));
        }
        check_u16("version", part::<{ at::VERSION }, 2, _>(head), FORMAT_VERSION)?;
        check_u16("header_length", part::<{ at::HEADER_LENGTH }, 2, _>(head), HEADER_LEN_FIELD)?;
        check_u16("record_length", part::<{ at::RECORD_LENGTH }, 2, _>(head), RECORD_LEN_FIELD)?;
        let layout = head[at::RECORD_LAYOUT];
        if layout != RECORD_LAYOUT {
            return Err(malformed("record_layout", layout, RECORD_LAYOUT));
        }
        check_zero("reserved_22", at::RESERVED_22, &part::<{ at::RESERVED_22 }, 2, _>(head))?;
        check_zero("reserved_64", at::RESERVED_64, &part::<{ at::RESERVED_64 }, 64, _>(head))?;
        let merchant = part::<{ at::MERCHANT }, 8, _>(head);
        let Some(merchant) = MerchantCode::from_bytes(merchant) else {
            return Err(malformed("merchant", shown_text(&merchant, 8), "8 characters A-Z and 0-9"));
        };

        // From here on the parts are where the length check says they are.
        let (sealed, seal) = bytes.split_last_chunk::<SEAL_LEN>().expect("the length holds a seal");
        let (records, rest) = sealed[HEADER_LEN..].as_chunks::<RECORD_LEN>();
        assert!(rest.is_empty(), "the length is that of whole records");
        Ok(Self { head, merchant, sealed, records, seal })
    }

    /// The collector that the header names.
    pub(crate) fn collector(&self) -> CollectorId {
        CollectorId(part::<{ at::COLLECTOR }, 6, _>(self.head))
    }

    /// The seal key version that the header names.
    pub(crate) fn seal_key_version(&self) -> u32 {
        u32::from_be_bytes(part::<{ at::SEAL_KEY_VERSION }, 4, _>(self.head))
    }

    /// The seal algorithm, if there is one of that byte.
    pub(crate) fn seal_algorithm(&self) -> Result<SealAlgorithm, Refusal> {
        let byte = self.head[at::SEAL_ALGORITHM];
        SealAlgorithm::from_byte(byte).ok_or_else(|| {
            let value = format_args!("{byte:02x}").to_string();
            Refusal::new(QuarantineReason::UnknownSealKey, "seal_algorithm", value, "01 or 02")
        })
    }

    /// The sum of the records' amounts is the header's.
    pub(crate) fn check_sum(&self) -> Result<(), Refusal> {
        let stated = self.amount_sum_fen();
        // At most 1,000,000 × (2^32 − 1), far below 2^64.
        let sum: u64 = self.records.iter().map(|record| u64::from(amount_fen(record))).sum();
        if stated != sum {
            let expected = format_args!("{sum}, the sum of the records").to_string();
            return Err(Refusal::new(QuarantineReason::SumMismatch, "amount_sum", stated, expected));
        }
        Ok(())
    }

    /// Sequences count from 1.
    pub(crate) fn check_sequence(&self) -> Result<(), Refusal> {
        if self.sequence().0 == 0 {
            return Err(malformed("sequence", 0, "1 or more"));
        }
        Ok(())
    }

    /// The header, its algorithm byte being that of `seal_algorithm`.
    pub(crate) fn header(&self, seal_algorithm: SealAlgorithm) -> PackageHeader {
        PackageHeader {
            merchant: self.merchant,
            collector: self.collector(),
            sequence: self.sequence(),
            record_count: u32::from_be_bytes(part::<{ at::RECORD_COUNT }, 4, _>(self.head)),
            amount_sum_fen: self.amount_sum_fen(),
            created_at_unix_s: u64::from_be_bytes(part::<{ at::CREATED_AT }, 8, _>(self.head)),
            seal_key_version: self.seal_key_version(),
            seal_algorithm,
            previous_seal: part::<{ at::PREVIOUS_SEAL }, 8, _>(self.head),
        }
    }

    fn sequence(&self) -> PackageSequence {
        PackageSequence(u32::from_be_bytes(part::<{ at::SEQUENCE }, 4, _>(self.head)))
    }

    fn amount_sum_fen(&self) -> u64 {
        u64::from_be_bytes(part::<{ at::AMOUNT_SUM }, 8, _>(self.head))
    }
}

/// The length of a package of `record_count` records, bytes; at most 160 + 96 × (2^32 − 1), which fits.
fn package_len(record_count: u32) -> u64 {
    128 + 96 * u64::from(record_count) + 32
}

/// A two-byte field that has only one value.
fn check_u16(field: &'static str, bytes: [u8; 2], expected: u16) -> Result<(), Refusal> {
    let value = u16::from_be_bytes(bytes);
    if value != expected {
        return Err(malformed(field, value, expected));
    }
    Ok(())
}

/// Reserved bytes, which begin at `start`, are zero; the first that is not is named.
fn check_zero(field: &'static str, start: usize, bytes: &[u8]) -> Result<(), Refusal> {
    if let Some((at, byte)) = (start..).zip(bytes).find(|(_, byte)| **byte != 0) {
        return Err(malformed(field, format_args!("{byte:02x} at byte {at}"), "zeros"));
    }
    Ok(())
}
