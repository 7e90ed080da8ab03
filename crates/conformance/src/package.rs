//! One package by itself: everything that the door refuses, all of it and not only the first, and the records as far
//! as the form lets them be read.
//!
//! The checks are in the door's order, so that the first error found is the reason that the door would give.

use jiff::tz::Offset;
use tongclear_mac::{KeyFile, SealAlgorithm};
use tongclear_package::{HEADER_LEN, RECORD_LEN, RECORDS_MAX, SEAL_LEN, decode_record, file_name};
use tongclear_registry::Registry;
use tongclear_types::{CollectorId, MerchantCode, PackageSequence};

use crate::PackageFile;
use crate::field::{Field, header as at};
use crate::finding::{Findings, Place};
use crate::rule::Rule;

/// Fields with one value, without which it is not known where and what the records are.
const CONSTANTS: [(Field, u64); 5] = [
    (at::MAGIC, 0x4354_504b),
    (at::VERSION, 1),
    (at::HEADER_LENGTH, 128),
    (at::RECORD_LENGTH, 96),
    (at::RECORD_LAYOUT, 1),
];

/// 2000-01-01 and 2100-01-01 in Unix seconds: what is outside is no date of a package, or milliseconds.
const CREATED_AT_UNIX_S: std::ops::Range<u64> = 946_684_800..4_102_444_800;

/// The zone of records (`package.md`): Asia/Shanghai has had one offset since 1991.
const CENTRE_OFFSET: Offset = Offset::constant(8);

/// Records as they lie in a package.
pub(crate) type Records<'a> = &'a [[u8; RECORD_LEN]];

/// A package with a header, looked at where it lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened<'a> {
    pub(crate) file: PackageFile<'a>,
    pub(crate) collector: CollectorId,
    pub(crate) sequence: PackageSequence,
    /// The merchant, if its code has the form.
    pub(crate) merchant: Option<MerchantCode>,
    /// The records; none when the form does not say where they lie.
    pub(crate) records: Records<'a>,
    /// The first 8 bytes of the seal; none when it is not known where the seal lies.
    pub(crate) seal_start: Option<[u8; 8]>,
}

impl<'a> Opened<'a> {
    /// Reads header and places; nothing when there are too few bytes for a header.
    pub(crate) fn read(file: PackageFile<'a>) -> Option<Self> {
        let head = file.bytes.first_chunk::<HEADER_LEN>()?;
        let array = |field: Field| field.of(head);
        let parts = parts(file.bytes);
        let merchant = array(at::MERCHANT).try_into().ok().and_then(MerchantCode::from_bytes);
        Some(Self {
            file,
            collector: CollectorId(array(at::COLLECTOR).try_into().unwrap_or_default()),
            sequence: PackageSequence(u32::try_from(at::SEQUENCE.number(head)).unwrap_or(u32::MAX)),
            merchant,
            records: parts.filter(|_| is_readable(head)).map_or(&[], |(records, _)| records),
            seal_start: parts.and_then(|(_, seal)| seal.first_chunk()).copied(),
        })
    }

    fn head(&self) -> &'a [u8] {
        &self.file.bytes[..HEADER_LEN]
    }
}

/// Where the length says that records and seal lie, if it is one of whole records.
fn parts(bytes: &[u8]) -> Option<(Records<'_>, &[u8; SEAL_LEN])> {
    let (sealed, seal) = bytes.split_last_chunk::<SEAL_LEN>()?;
    let (records, rest) = sealed.get(HEADER_LEN..)?.as_chunks::<RECORD_LEN>();
    rest.is_empty().then_some((records, seal))
}

/// Whether the header says that records of layout 1 follow.
fn is_readable(head: &[u8]) -> bool {
    CONSTANTS.iter().all(|(field, value)| field.number(head) == *value)
}

/// What the door asks registry and keys.
#[derive(Clone, Copy)]
pub(crate) struct Door<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) keys: Option<&'a KeyFile>,
}

impl Door<'_> {
    /// That a file has no header at all.
    pub(crate) fn too_short(self, index: usize, file: PackageFile<'_>, findings: &mut Findings) {
        let length = file.bytes.len();
        let place = (Place { package: index, row: None }, file.name);
        let expected = format!("at least {HEADER_LEN}");
        findings.add(Rule::Form, place, Some(0), "length", || length.to_string(), expected);
    }

    /// Everything that is wrong with package number `index` itself.
    pub(crate) fn check(self, index: usize, package: &Opened<'_>, findings: &mut Findings) {
        let place = (Place { package: index, row: None }, package.file.name);
        check_form(place, package, findings);
        self.check_registry(place, package, findings);
        if let Some(keys) = self.keys {
            check_seal(place, package, keys, findings);
        }
        check_sum(place, package, findings);
        if package.sequence.0 == 0 {
            findings.field(Rule::Form, place, at::SEQUENCE, package.head(), "1 or more");
        }
        check_name(place, package, findings);
        check_created(place, package, findings);
    }

    fn check_registry(self, place: (Place, &str), package: &Opened<'_>, findings: &mut Findings) {
        let Some(merchant) = package.merchant else { return };
        let head = package.head();
        match self.registry.collector(&package.collector) {
            None => {
                findings.field(
                    Rule::CollectorRegistered,
                    place,
                    at::COLLECTOR,
                    head,
                    "a registered collector",
                );
            }
            Some(known) if known.merchant != merchant => {
                let expected = format!("{}, the merchant of collector {}", known.merchant, known.id);
                findings.field(Rule::MerchantOfCollector, place, at::MERCHANT, head, expected);
            }
            Some(_) => {}
        }
    }
}

fn check_form(place: (Place, &str), package: &Opened<'_>, findings: &mut Findings) {
    let (head, length) = (package.head(), package.file.bytes.len());
    let count = at::RECORD_COUNT.number(head);
    let expected = 128 + 96 * count + 32;
    if u64::try_from(length) != Ok(expected) {
        let expected = format!("{expected} for {count} records");
        findings.add(Rule::Form, place, Some(0), "length", || length.to_string(), expected);
    }
    if count > u64::from(RECORDS_MAX) {
        findings.field(Rule::Form, place, at::RECORD_COUNT, head, format!("at most {RECORDS_MAX}"));
    }
    for (field, value) in CONSTANTS {
        if field.number(head) != value {
            let expected = format!("{value:0fill$x}", fill = 2 * field.len);
            findings.field(Rule::Form, place, field, head, expected);
        }
    }
    for field in [at::RESERVED_22, at::RESERVED_64] {
        if field.of(head).iter().any(|byte| *byte != 0) {
            findings.field(Rule::Form, place, field, head, "zeros");
        }
    }
    if package.merchant.is_none() {
        findings.field(Rule::Form, place, at::MERCHANT, head, "8 characters A-Z and 0-9");
    }
}

fn check_seal(place: (Place, &str), package: &Opened<'_>, keys: &KeyFile, findings: &mut Findings) {
    let head = package.head();
    let byte = u8::try_from(at::SEAL_ALGORITHM.number(head)).unwrap_or_default();
    let algorithm = SealAlgorithm::from_byte(byte);
    if algorithm.is_none() {
        findings.field(Rule::SealKey, place, at::SEAL_ALGORITHM, head, "01 or 02");
    }
    let version = u32::try_from(at::SEAL_KEY_VERSION.number(head)).unwrap_or(u32::MAX);
    let Some(master) = keys.seal_master(version) else {
        findings.field(Rule::SealKey, place, at::SEAL_KEY_VERSION, head, "a version in the key file");
        return;
    };
    if algorithm.is_some_and(|algorithm| algorithm != master.algorithm()) {
        let expected = format!("{:02x} for seal key version {version}", master.algorithm().byte());
        findings.field(Rule::SealKey, place, at::SEAL_ALGORITHM, head, expected);
        return;
    }
    let Some((sealed, seal)) = package.file.bytes.split_last_chunk::<SEAL_LEN>() else { return };
    if algorithm.is_some()
        && package.seal_start.is_some()
        && !master.seal_key(package.collector).verify(sealed, seal)
    {
        let offset = sealed.len();
        let expected = "the seal of header and records under the collector's key";
        findings.add(Rule::Seal, place, Some(offset), "seal", || hex::encode(seal), expected);
    }
}

fn check_sum(place: (Place, &str), package: &Opened<'_>, findings: &mut Findings) {
    let head = package.head();
    if u64::try_from(package.records.len()) != Ok(at::RECORD_COUNT.number(head)) {
        return;
    }
    let sum: u64 = package.records.iter().map(|record| crate::field::record::AMOUNT.number(record)).sum();
    if sum != at::AMOUNT_SUM.number(head) {
        let expected = format!("{sum:016x}, the sum of the records");
        findings.field(Rule::AmountSum, place, at::AMOUNT_SUM, head, expected);
    }
}

/// The file's name, at which the door does not look.
fn check_name(place: (Place, &str), package: &Opened<'_>, findings: &mut Findings) {
    let expected = file_name(package.collector, package.sequence);
    let name = package.file.name.rsplit(['/', '\\']).next().unwrap_or_default();
    if name != expected {
        findings.add(Rule::FileName, place, None, "file_name", || name.to_owned(), expected);
    }
}

/// The time of creation is one, and not before the latest record of the package.
fn check_created(place: (Place, &str), package: &Opened<'_>, findings: &mut Findings) {
    let head = package.head();
    let created_at_unix_s = at::CREATED_AT.number(head);
    if !CREATED_AT_UNIX_S.contains(&created_at_unix_s) {
        findings.field(Rule::CreatedAt, place, at::CREATED_AT, head, "Unix seconds of 2000 to 2099");
        return;
    }
    let latest = package.records.iter().filter_map(|bytes| decode_record(bytes).when()).max();
    let latest =
        latest.and_then(|when| CENTRE_OFFSET.to_timestamp(when).ok().map(|it| (when, it.as_second())));
    if let Some((when, _)) =
        latest.filter(|(_, second)| u64::try_from(*second).is_ok_and(|it| it > created_at_unix_s))
    {
        let expected = format!("Unix seconds not before its latest record, {when} in Asia/Shanghai");
        findings.field(Rule::CreatedAt, place, at::CREATED_AT, head, expected);
    }
}

#[cfg(test)]
mod tests;
