//! The profiles of the examples, and records that they can carry, with TACs that are right.

use tongclear_layout::Profile;
use tongclear_mac::{Algorithm, CardKeyId, KeyFile, KeyLevels, KeyUse, tac};
use tongclear_package::{Ride, SectorData, TillReference};
use tongclear_types::{
    BcdDate, BcdTime, IssuerId, RecordFlags, Sector, Serial, TerminalId, TerminalNumber, TransactionRecord,
    Tti,
};

/// The root of the project's fixtures of layouts.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/layouts");

pub(crate) fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

pub(crate) fn validator() -> Profile {
    Profile::parse(&text("validator-fixed.toml")).unwrap()
}

pub(crate) fn shop() -> Profile {
    Profile::parse(&text("shop-csv.toml")).unwrap()
}

pub(crate) const ISSUER: IssuerId = IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]);

/// A card with the last digits `card`.
pub(crate) fn serial(card: u8) -> Serial {
    Serial([0x00, 0x04, 0x17, 0, 0, 0, 0, 0, 0x01, card])
}

/// A purchase on `card` that the validators and the tills have in common.
pub(crate) fn purchase(terminal: TerminalId, number: u32, card: u8, amount_fen: u32) -> TransactionRecord {
    TransactionRecord {
        amount_fen,
        tti: Tti::PURCHASE,
        terminal,
        terminal_number: TerminalNumber(number),
        date: BcdDate([0x20, 0x26, 0x11, 0x23]),
        time: BcdTime([0x08, 0x15, 0x30]),
        tac: [0; 4],
        key_version: 1,
        algorithm: 0,
        issuer: ISSUER,
        serial: serial(card),
        offline_counter: 40,
        online_counter: 3,
        balance_before_fen: 5_000,
        balance_after_fen: 5_000 - amount_fen,
        list_price_fen: amount_fen,
        sector: 1,
        flags: RecordFlags(0),
        deny_list_version: 7,
        card_random: [0xde, 0xad, 0xbe, 0xef],
        sector_data: [0; 24],
    }
}

/// The same with the TAC that the card of the examples' keys computes.
pub(crate) fn with_tac(record: TransactionRecord) -> TransactionRecord {
    let keys = KeyFile::parse(&text("keys.toml")).unwrap();
    let algorithm = Algorithm::from_record_byte(record.algorithm).unwrap();
    let id = CardKeyId {
        key_use: KeyUse::Tac,
        operator: "0417".parse().unwrap(),
        version: record.key_version,
        algorithm,
    };
    let key = keys.master(&id).unwrap().for_card(KeyLevels::Two, &record.card());
    TransactionRecord { tac: tac(&key, &record).unwrap(), ..record }
}

fn ride(line: u16, vehicle: u32, stop: u16, direction: u8, driver: u32) -> [u8; 24] {
    let ride = Ride {
        line,
        vehicle_or_station: vehicle,
        boarding_stop: stop,
        direction,
        driver_or_operator: driver,
        entry_date: BcdDate([0; 4]),
        entry_time: BcdTime([0; 3]),
    };
    SectorData::Ride(ride).to_bytes()
}

/// What two validators recorded on one morning.
pub(crate) fn rides() -> Vec<TransactionRecord> {
    let one: TerminalId = "651000000017".parse().unwrap();
    let two: TerminalId = "651000000018".parse().unwrap();
    let records = [
        TransactionRecord { sector_data: ride(3, 10_017, 5, 0, 700_017), ..purchase(one, 101, 1, 200) },
        TransactionRecord {
            list_price_fen: 200,
            time: BcdTime([0x08, 0x15, 0x41]),
            sector_data: ride(3, 10_017, 5, 0, 700_017),
            ..purchase(one, 102, 2, 100)
        },
        TransactionRecord {
            flags: RecordFlags(RecordFlags::SUPPLEMENTARY),
            time: BcdTime([0x08, 0x21, 0x02]),
            tti: Tti::COMPOSITE_PURCHASE,
            sector_data: ride(3, 10_017, 7, 1, 700_017),
            ..purchase(one, 103, 3, 180)
        },
        TransactionRecord {
            algorithm: 4,
            time: BcdTime([0x09, 0x00, 0x00]),
            sector_data: ride(2, 204, 0, 0, 88),
            ..purchase(two, 77, 4, 400)
        },
    ];
    records.map(with_tac).to_vec()
}

/// What two tills recorded on one day.
pub(crate) fn sales() -> Vec<TransactionRecord> {
    let one: TerminalId = "651000000901".parse().unwrap();
    let two: TerminalId = "651000000902".parse().unwrap();
    let sector = Sector::Commerce.byte().unwrap();
    let till = |reference: &str| SectorData::Till(reference.parse::<TillReference>().unwrap()).to_bytes();
    let records = [
        TransactionRecord { sector, sector_data: till("A-0001"), ..purchase(one, 11, 0x11, 1_230) },
        TransactionRecord {
            sector,
            algorithm: 1,
            offline_counter: 41,
            balance_before_fen: 3_770,
            balance_after_fen: 3_765,
            time: BcdTime([0x12, 0x00, 0x01]),
            sector_data: till("A-0002, gift"),
            ..purchase(one, 12, 0x11, 5)
        },
        TransactionRecord {
            sector,
            flags: RecordFlags(RecordFlags::DEGRADED),
            tti: Tti::COMPOSITE_PURCHASE,
            list_price_fen: 2_000,
            sector_data: till("B-0001"),
            ..purchase(two, 5, 0x12, 1_800)
        },
    ];
    records.map(with_tac).to_vec()
}

/// A ride or a sale in which everything that its layout carries is `seed`'s.
pub(crate) fn any_ride(seed: [u8; 32]) -> TransactionRecord {
    let [a, b, c, d, e, f, g, h, ..] = seed;
    let amount = u32::from(u16::from_be_bytes([a, b]));
    let before = amount + u32::from_be_bytes([0, c, d, e]);
    let direction = g & 1;
    let sector = if h & 1 == 0 { Sector::Bus } else { Sector::Metro };
    let driver = u32::from_be_bytes([0, seed[8], seed[9], seed[10]]);
    TransactionRecord {
        amount_fen: amount,
        list_price_fen: u32::from_be_bytes([seed[11], seed[12], seed[13], seed[14]]),
        balance_before_fen: before,
        balance_after_fen: before - amount,
        sector: sector.byte().unwrap(),
        sector_data: ride(u16::from(f), u32::from_be_bytes([c, d, e, f]), u16::from(g), direction, driver),
        tac: [a, c, e, g],
        key_version: h,
        tti: [Tti::PURCHASE, Tti::ED_PURCHASE, Tti::COMPOSITE_PURCHASE][usize::from(f) % 3],
        algorithm: [0, 1, 4][usize::from(g) % 3],
        flags: RecordFlags(a & 1),
        offline_counter: u16::from_be_bytes([b, d]),
        card_random: [seed[15], seed[16], seed[17], seed[18]],
        issuer: IssuerId([seed[19], seed[20], seed[21], seed[22], a, b, c, d]),
        deny_list_version: u32::from_be_bytes([seed[23], seed[24], seed[25], seed[26]]),
        ..purchase("651000001234".parse().unwrap(), u32::from_be_bytes([h, g, f, e]), bcd(d), 0)
    }
}

pub(crate) fn any_sale(seed: [u8; 32]) -> TransactionRecord {
    let reference: String = seed[..usize::from(seed[27]) % 17]
        .iter()
        .map(|byte| char::from(b' ' + byte % 95))
        .collect::<String>()
        .trim_end()
        .to_owned();
    let [a, b, ..] = seed;
    let free = |at: usize| u32::from_be_bytes([seed[at], seed[at + 1], seed[at + 2], seed[at + 3]]);
    TransactionRecord {
        sector: Sector::Commerce.byte().unwrap(),
        issuer: ISSUER,
        sector_data: SectorData::Till(reference.parse::<TillReference>().unwrap()).to_bytes(),
        tti: [Tti::PURCHASE, Tti::COMPOSITE_PURCHASE][usize::from(b) % 2],
        flags: RecordFlags(a % 3),
        terminal: TerminalId([0x65, 0x10, bcd(seed[28]), bcd(seed[29]), bcd(seed[30]), bcd(seed[31])]),
        amount_fen: free(0),
        list_price_fen: free(4),
        balance_before_fen: free(8),
        balance_after_fen: free(12),
        ..any_ride(seed)
    }
}

/// Two decimal digits.
fn bcd(byte: u8) -> u8 {
    let value = byte % 100;
    value / 10 * 16 + value % 10
}
