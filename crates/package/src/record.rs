//! One record of a package on the wire (`package.md`, record layout 1): 96 bytes, big-endian.
//!
//! Any 96 bytes are a record and come back out unchanged: what they mean is judged in the clearing, not here.

use tongclear_types::{
    BcdDate, BcdTime, IssuerId, RecordFlags, Serial, TerminalId, TerminalNumber, TransactionRecord, Tti,
};

use crate::header::RECORD_LEN;
use crate::wire::{part, put};

/// The 96 bytes of `record`.
#[must_use]
pub fn encode_record(record: &TransactionRecord) -> [u8; RECORD_LEN] {
    let mut bytes = [0; RECORD_LEN];
    put::<0, 4, _>(&mut bytes, record.amount_fen.to_be_bytes());
    put::<4, 1, _>(&mut bytes, [record.tti.0]);
    put::<5, 6, _>(&mut bytes, record.terminal.0);
    put::<11, 4, _>(&mut bytes, record.terminal_number.0.to_be_bytes());
    put::<15, 4, _>(&mut bytes, record.date.0);
    put::<19, 3, _>(&mut bytes, record.time.0);
    put::<22, 4, _>(&mut bytes, record.tac);
    put::<26, 1, _>(&mut bytes, [record.key_version]);
    put::<27, 1, _>(&mut bytes, [record.algorithm]);
    put::<28, 8, _>(&mut bytes, record.issuer.0);
    put::<36, 10, _>(&mut bytes, record.serial.0);
    put::<46, 2, _>(&mut bytes, record.offline_counter.to_be_bytes());
    put::<48, 2, _>(&mut bytes, record.online_counter.to_be_bytes());
    put::<50, 4, _>(&mut bytes, record.balance_before_fen.to_be_bytes());
    put::<54, 4, _>(&mut bytes, record.balance_after_fen.to_be_bytes());
    put::<58, 4, _>(&mut bytes, record.list_price_fen.to_be_bytes());
    put::<62, 1, _>(&mut bytes, [record.sector]);
    put::<63, 1, _>(&mut bytes, [record.flags.0]);
    put::<64, 4, _>(&mut bytes, record.deny_list_version.to_be_bytes());
    put::<68, 4, _>(&mut bytes, record.card_random);
    put::<72, 24, _>(&mut bytes, record.sector_data);
    bytes
}

/// The record that 96 bytes are.
#[must_use]
#[inline(always)]
pub fn decode_record(bytes: &[u8; RECORD_LEN]) -> TransactionRecord {
    TransactionRecord {
        amount_fen: amount_fen(bytes),
        tti: Tti(bytes[4]),
        terminal: TerminalId(part::<5, 6, _>(bytes)),
        terminal_number: TerminalNumber(u32::from_be_bytes(part::<11, 4, _>(bytes))),
        date: BcdDate(part::<15, 4, _>(bytes)),
        time: BcdTime(part::<19, 3, _>(bytes)),
        tac: part::<22, 4, _>(bytes),
        key_version: bytes[26],
        algorithm: bytes[27],
        issuer: IssuerId(part::<28, 8, _>(bytes)),
        serial: Serial(part::<36, 10, _>(bytes)),
        offline_counter: u16::from_be_bytes(part::<46, 2, _>(bytes)),
        online_counter: u16::from_be_bytes(part::<48, 2, _>(bytes)),
        balance_before_fen: u32::from_be_bytes(part::<50, 4, _>(bytes)),
        balance_after_fen: u32::from_be_bytes(part::<54, 4, _>(bytes)),
        list_price_fen: u32::from_be_bytes(part::<58, 4, _>(bytes)),
        sector: bytes[62],
        flags: RecordFlags(bytes[63]),
        deny_list_version: u32::from_be_bytes(part::<64, 4, _>(bytes)),
        card_random: part::<68, 4, _>(bytes),
        sector_data: part::<72, 24, _>(bytes),
    }
}

/// The amount alone, fen: all that the sum at the door looks at.
pub(crate) fn amount_fen(bytes: &[u8; RECORD_LEN]) -> u32 {
    u32::from_be_bytes(part::<0, 4, _>(bytes))
}
