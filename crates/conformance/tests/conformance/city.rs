//! The packages that an integrator could send, with TACs and seals under the keys of the layout examples.

use tongclear_conformance::{PackageFile, Report, examine};
use tongclear_mac::{Algorithm, CardKeyId, KeyFile, KeyLevels, KeyUse, tac};
use tongclear_package::{PackageHeaderFields, Ride, SectorData, file_name, write_package};
use tongclear_registry::Registry;
use tongclear_types::{
    BcdDate, BcdTime, IssuerId, PackageSequence, RecordFlags, Serial, TerminalId, TerminalNumber,
    TransactionRecord, Tti,
};

pub(crate) const COLLECTOR: &str = "6510000000f1";
const CREATED_AT_UNIX_S: u64 = 1_795_440_000;
/// Records of each of the two packages.
pub(crate) const PER_PACKAGE: u32 = 60;

pub(crate) fn registry() -> Registry {
    let toml = include_str!("../../../../fixtures/layouts/registry/registry.toml");
    let terminals = include_bytes!("../../../../fixtures/layouts/registry/terminals.csv");
    Registry::parse(toml, terminals).unwrap()
}

pub(crate) fn keys() -> KeyFile {
    KeyFile::parse(include_str!("../../../../fixtures/layouts/keys.toml")).unwrap()
}

/// A package before it is sealed.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) sequence: u32,
    pub(crate) records: Vec<TransactionRecord>,
}

/// A city: two packages of one collector, with everything that a certificate demands.
pub(crate) fn drafts() -> Vec<Draft> {
    (0..2)
        .map(|package| Draft {
            sequence: package + 1,
            records: (0..PER_PACKAGE).map(|row| record(package * PER_PACKAGE + row)).collect(),
        })
        .collect()
}

/// Purchase number `n`: twenty cards take turns on one validator.
fn record(n: u32) -> TransactionRecord {
    let (card, turn) = (u8::try_from(n % 20).unwrap(), u16::try_from(n / 20).unwrap());
    let before = 5_000 - 200 * u32::from(turn);
    let ride = Ride {
        line: 3,
        vehicle_or_station: 10_017,
        boarding_stop: 5,
        direction: 0,
        driver_or_operator: 700_017,
        entry_date: BcdDate([0; 4]),
        entry_time: BcdTime([0; 3]),
    };
    let flags = if n == 50 { RecordFlags::SUPPLEMENTARY } else { 0 };
    with_tac(TransactionRecord {
        amount_fen: 200,
        tti: Tti::PURCHASE,
        terminal: "651000000017".parse::<TerminalId>().unwrap(),
        terminal_number: TerminalNumber(101 + n),
        date: BcdDate([0x20, 0x26, 0x11, 0x23]),
        time: BcdTime([0x08, bcd(n / 60), bcd(n % 60)]),
        tac: [0; 4],
        key_version: 1,
        algorithm: if card == 7 { 4 } else { 0 },
        issuer: IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]),
        serial: Serial([0x00, 0x04, 0x17, 0, 0, 0, 0, 0, 0x01, bcd(card.into())]),
        offline_counter: 40 + turn,
        online_counter: 3,
        balance_before_fen: before,
        balance_after_fen: before - 200,
        list_price_fen: 200,
        sector: 1,
        flags: RecordFlags(flags),
        deny_list_version: 7,
        card_random: [1, 2, 3, 4],
        sector_data: SectorData::Ride(ride).to_bytes(),
    })
}

fn bcd(value: u32) -> u8 {
    u8::try_from(value / 10 * 16 + value % 10).unwrap()
}

/// The record with the TAC that is right for it, if it has one.
pub(crate) fn with_tac(record: TransactionRecord) -> TransactionRecord {
    let Some(algorithm) = Algorithm::from_record_byte(record.algorithm) else { return record };
    let operator = "0417".parse().unwrap();
    let id = CardKeyId { key_use: KeyUse::Tac, operator, version: record.key_version, algorithm };
    let keys = keys();
    let Some(master) = keys.master(&id) else { return record };
    let card_key = master.for_card(KeyLevels::Two, &record.card());
    TransactionRecord { tac: tac(&card_key, &record).unwrap_or_default(), ..record }
}

/// The sealed packages, chained in their order, with the names of their files.
pub(crate) fn sealed(drafts: &[Draft]) -> Vec<(String, Vec<u8>)> {
    let keys = keys();
    let mut previous_seal = [0; 8];
    let mut packages = Vec::new();
    for draft in drafts {
        let fields = PackageHeaderFields {
            merchant: "BUS00001".parse().unwrap(),
            collector: COLLECTOR.parse().unwrap(),
            sequence: PackageSequence(draft.sequence),
            created_at_unix_s: CREATED_AT_UNIX_S,
            seal_key_version: 1,
            previous_seal,
        };
        let bytes = write_package(&fields, &draft.records, keys.seal_master(1).unwrap());
        previous_seal = bytes[bytes.len() - 32..][..8].try_into().unwrap();
        packages.push((file_name(fields.collector, fields.sequence), bytes));
    }
    packages
}

/// Seals bytes again after a change.
pub(crate) fn seal_again(bytes: &mut Vec<u8>) {
    let keys = keys();
    bytes.truncate(bytes.len() - 32);
    let seal = keys.seal_master(1).unwrap().seal_key(COLLECTOR.parse().unwrap()).seal(bytes);
    bytes.extend_from_slice(&seal);
}

pub(crate) fn examined(packages: &[(String, Vec<u8>)], keys: Option<&KeyFile>) -> Report {
    let files: Vec<PackageFile<'_>> =
        packages.iter().map(|(name, bytes)| PackageFile { name, bytes }).collect();
    examine(&files, &registry(), keys)
}
