//! Plain values for table tests: one of each, unremarkable, to be bent by the case.
//!
//! Bounded by: one operator, one merchant, one terminal, one contract, one key.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use tongclear_types::{
    BcdDate, BcdTime, CollectorId, IssuerId, MerchantCode, OperatorCode, RecordFlags, Rounding, Sector,
    Serial, TerminalId, TerminalNumber, TransactionRecord, Tti,
};

use crate::facts::{
    Cipher, Collector, Contract, Keys, Level, Merchant, Operator, Registry, SealHash, SealKey, Service,
    TacKey, Taken,
};
use crate::rules::Frozen;
use crate::tac::tac;

pub(crate) const OPERATOR: OperatorCode = OperatorCode([0x04, 0x17]);
pub(crate) const ISSUER: IssuerId = IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]);
pub(crate) const COLLECTOR: CollectorId = CollectorId([0x65, 0x10, 0, 0, 0, 0xf1]);
pub(crate) const TERMINAL: TerminalId = TerminalId([0x65, 0x10, 0, 0, 0, 1]);
pub(crate) const SERIAL: Serial = Serial([0x31, 0x04, 0x78, 0, 0, 0, 0, 0, 0, 1]);
/// The window's date.
pub(crate) const TODAY: Date = date(2026, 11, 22);

pub(crate) fn merchant() -> MerchantCode {
    "BUS00001".parse().expect("eight capitals and digits")
}

pub(crate) fn sponsor() -> MerchantCode {
    "GOV00001".parse().expect("eight capitals and digits")
}

/// A purchase of 2.00 yuan at noon of [`TODAY`] with an empty TAC.
pub(crate) fn record() -> TransactionRecord {
    TransactionRecord {
        amount_fen: 200,
        tti: Tti::PURCHASE,
        terminal: TERMINAL,
        terminal_number: TerminalNumber(70),
        date: BcdDate([0x20, 0x26, 0x11, 0x22]),
        time: BcdTime([0x12, 0, 0]),
        tac: [0; 4],
        key_version: 1,
        algorithm: 1,
        issuer: ISSUER,
        serial: SERIAL,
        offline_counter: 10,
        online_counter: 3,
        balance_before_fen: 5_000,
        balance_after_fen: 4_800,
        list_price_fen: 200,
        sector: 1,
        flags: RecordFlags(0),
        deny_list_version: 0,
        card_random: [0; 4],
        sector_data: [0; 24],
    }
}

/// The record with the TAC that its card makes for it.
pub(crate) fn signed(mut record: TransactionRecord) -> TransactionRecord {
    let key = keys().tac[0];
    record.tac = tac(key.master, key.cipher, true, &record);
    record
}

/// The record as the first of the collector's first package.
pub(crate) fn taken(record: TransactionRecord) -> Taken {
    Taken { merchant: merchant(), collector: COLLECTOR, sequence: 1, row: 0, record }
}

pub(crate) fn contract() -> Contract {
    Contract {
        merchant: merchant(),
        operator: None,
        from: date(2026, 1, 1),
        until: None,
        rate: Decimal::new(60, 4),
        fixed_fen: Decimal::ZERO,
        min_fee_fen: None,
        max_fee_fen: None,
        level: Level::Transaction,
        rounding: Rounding::HalfUp,
        amount_limit_fen: 1_000,
        sponsor: None,
    }
}

pub(crate) fn registry() -> Registry {
    Registry {
        max_age_days: 30,
        grace_hours: 24,
        operators: vec![Operator { code: OPERATOR, issuer: ISSUER, two_levels: true }],
        merchants: vec![
            Merchant { code: merchant(), sector: Sector::Bus },
            Merchant { code: sponsor(), sector: Sector::Sponsor },
        ],
        collectors: vec![Collector { id: COLLECTOR, merchant: merchant() }],
        contracts: vec![contract()],
        services: vec![Service {
            terminal: TERMINAL,
            merchant: merchant(),
            collector: COLLECTOR,
            from: date(2026, 1, 1),
            until: None,
        }],
    }
}

pub(crate) fn keys() -> Keys {
    Keys {
        tac: vec![TacKey { operator: OPERATOR, version: 1, cipher: Cipher::Des, master: [0x11; 16] }],
        seal: vec![SealKey { version: 1, hash: SealHash::Sha256, master: [0x22; 32] }],
    }
}

/// The window of [`TODAY`] with nothing in it.
pub(crate) fn frozen() -> Frozen {
    Frozen {
        date: TODAY,
        registry: registry(),
        keys: keys(),
        lists: Vec::new(),
        records: Vec::new(),
        packages: 1,
    }
}
