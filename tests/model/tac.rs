//! TACs, one card at a time, straight from card.md, Keys and MACs.
//!
//! Bounded by: nothing is kept between two records, so each TAC costs the whole diversification again.

use des::cipher::{BlockCipherEncrypt, KeyInit};
use tongclear_types::{IssuerId, Serial, TransactionRecord, Tti};

use crate::facts::Cipher;

/// The TAC that the card makes for `record` when `master` is its operator's master key.
pub(crate) fn tac(master: [u8; 16], cipher: Cipher, two_levels: bool, record: &TransactionRecord) -> [u8; 4] {
    let key = card_key(master, cipher, two_levels, record.issuer, record.serial);
    let data = covered(record);
    match cipher {
        Cipher::Des => {
            let mut folded = [0; 8];
            for (i, byte) in folded.iter_mut().enumerate() {
                *byte = key[i] ^ key[i + 8];
            }
            let des = des::Des::new(&folded.into());
            cbc_mac::<8>(&data, |block| {
                let mut block = block.into();
                des.encrypt_block(&mut block);
                block.into()
            })
        }
        Cipher::Sm4 => {
            let sm4 = sm4::Sm4::new(&key.into());
            cbc_mac::<16>(&data, |block| {
                let mut block = block.into();
                sm4.encrypt_block(&mut block);
                block.into()
            })
        }
    }
}

/// The bytes that the TAC covers: a load's start with the balance and the counter, a purchase's do not.
fn covered(record: &TransactionRecord) -> Vec<u8> {
    let mut data = Vec::new();
    if record.tti == Tti::LOAD {
        data.extend(record.balance_after_fen.to_be_bytes());
        data.extend(record.online_counter.to_be_bytes());
    }
    data.extend(record.amount_fen.to_be_bytes());
    data.push(record.tti.0);
    data.extend(record.terminal.0);
    if record.tti != Tti::LOAD {
        data.extend(record.terminal_number.0.to_be_bytes());
    }
    data.extend(record.date.0);
    data.extend(record.time.0);
    data
}

/// CBC-MAC with IV 0 over the data padded with `80 00…`, left 4 bytes.
fn cbc_mac<const N: usize>(data: &[u8], encrypt: impl Fn([u8; N]) -> [u8; N]) -> [u8; 4] {
    let mut padded = data.to_vec();
    padded.push(0x80);
    while !padded.len().is_multiple_of(N) {
        padded.push(0);
    }
    let mut state = [0; N];
    for block in padded.chunks(N) {
        for (byte, input) in state.iter_mut().zip(block) {
            *byte ^= input;
        }
        state = encrypt(state);
    }
    [state[0], state[1], state[2], state[3]]
}

/// The card's own key: the master diversified by the issuer factor if there are two levels, then by the card's.
fn card_key(
    master: [u8; 16],
    cipher: Cipher,
    two_levels: bool,
    issuer: IssuerId,
    serial: Serial,
) -> [u8; 16] {
    let [_, _, card_factor @ ..] = serial.0;
    let key = if two_levels { diversify(master, cipher, issuer.0) } else { master };
    diversify(key, cipher, card_factor)
}

/// One level: both halves are the factor and its complement, encrypted; 3DES takes them one by one.
fn diversify(master: [u8; 16], cipher: Cipher, factor: [u8; 8]) -> [u8; 16] {
    let complement = factor.map(|byte| !byte);
    let mut both = [0; 16];
    both[..8].copy_from_slice(&factor);
    both[8..].copy_from_slice(&complement);
    match cipher {
        Cipher::Des => {
            let tdes = des::TdesEde2::new(&master.into());
            for half in both.chunks_mut(8) {
                let mut block: [u8; 8] = half.try_into().expect("16 bytes are two halves of 8");
                let mut cell = block.into();
                tdes.encrypt_block(&mut cell);
                block = cell.into();
                half.copy_from_slice(&block);
            }
            both
        }
        Cipher::Sm4 => {
            let mut block = both.into();
            sm4::Sm4::new(&master.into()).encrypt_block(&mut block);
            block.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use tongclear_types::{BcdDate, BcdTime, TerminalId, TerminalNumber};

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    /// klks/fmcos-python, "Set up a simple test PBOC payment environment on FMCOS CPU": master and card key.
    #[test]
    fn one_level_of_diversification() {
        let key =
            diversify(bytes("00112233445566778899AABBCCDDEEFF"), Cipher::Des, bytes("1122334455667788"));
        assert_eq!(hex::encode_upper(key), "496BD7A3513644533100B54E71196528");
    }

    /// Two levels and a composite purchase of 200 fen (recomputed from JR/T 0025 with another DES).
    #[test]
    fn two_levels_and_a_composite_purchase() {
        let mut record = sample::record();
        record.issuer = IssuerId(bytes("6510000080000000"));
        record.serial = Serial(bytes("00001122334455667788"));
        record.amount_fen = 200;
        record.tti = Tti::COMPOSITE_PURCHASE;
        record.terminal = TerminalId(bytes("651000000001"));
        record.terminal_number = TerminalNumber(0x0001_0102);
        record.date = BcdDate(bytes("20250301"));
        record.time = BcdTime(bytes("081530"));
        let made = tac(bytes("FFEEDDCCBBAA99887766554433221100"), Cipher::Des, true, &record);
        assert_eq!(hex::encode_upper(made), "753C63C0");
    }

    /// What is and is not under the TAC: changing it must, or must not, change the TAC.
    #[test]
    fn what_the_tac_covers() {
        type Change = fn(&mut TransactionRecord);
        let table: [(&str, Change, bool, bool); 9] = [
            ("amount", |r| r.amount_fen += 1, true, true),
            ("terminal", |r| r.terminal.0[5] ^= 1, true, true),
            ("terminal number", |r| r.terminal_number.0 += 1, true, false),
            ("date", |r| r.date.0[3] ^= 1, true, true),
            ("time", |r| r.time.0[2] ^= 1, true, true),
            ("offline counter", |r| r.offline_counter += 1, false, false),
            ("online counter", |r| r.online_counter += 1, false, true),
            ("balance before", |r| r.balance_before_fen += 1, false, false),
            ("balance after", |r| r.balance_after_fen += 1, false, true),
        ];
        for cipher in [Cipher::Des, Cipher::Sm4] {
            for (name, change, purchase, load) in table {
                for (tti, covered) in [(Tti::PURCHASE, purchase), (Tti::LOAD, load)] {
                    let mut record = sample::record();
                    record.tti = tti;
                    let before = tac([7; 16], cipher, true, &record);
                    change(&mut record);
                    let after = tac([7; 16], cipher, true, &record);
                    assert_eq!(before != after, covered, "{name} {tti} {cipher:?}");
                }
            }
        }
    }
}
