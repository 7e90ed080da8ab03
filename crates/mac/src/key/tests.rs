//! Diversification, weak keys, SM4 by analogy, and that no key is shown.

use tongclear_types::{BcdDate, BcdTime, IssuerId, Serial, TerminalId, TerminalNumber, Tti};

use super::*;
use crate::{KeyRing, Passphrase, SealAlgorithm, SealMaster, TacInput};

const CARD: CardId = CardId {
    issuer: IssuerId([0x04, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]),
    serial: Serial([0x00, 0x01, 0x31, 0x04, 0x78, 0x00, 0x12, 0x34, 0x56, 0x78]),
};

const TAP: TacInput = TacInput::Purchase {
    amount_fen: 200,
    tti: Tti::PURCHASE,
    terminal: TerminalId([0x65, 0x10, 0, 0, 0, 1]),
    terminal_number: TerminalNumber(7),
    date: BcdDate([0x20, 0x26, 0x11, 0x22]),
    time: BcdTime([0x08, 0x15, 0x30]),
};

#[test]
fn two_levels_are_one_level_after_the_issuer_factor() {
    for algorithm in [Algorithm::Des, Algorithm::Sm4] {
        let master = MasterKey::new(algorithm, *b"0123456789abcdef");
        let two = master.for_card(KeyLevels::Two, &CARD);
        let one = master.for_card(KeyLevels::One, &CARD);
        assert_eq!(two.bytes, master.diversify(CARD.issuer.0).for_card(KeyLevels::One, &CARD).bytes);
        assert_ne!(one.bytes, two.bytes);
        // The first two bytes of the serial take no part.
        let mut other = CARD;
        other.serial.0[0] = 0x99;
        assert_eq!(master.for_card(KeyLevels::One, &other).bytes, one.bytes);
        other.serial.0[9] ^= 1;
        assert_ne!(master.for_card(KeyLevels::One, &other).bytes, one.bytes);
    }
}

/// GB/T 32907-2016, A.1, example 1: this plaintext under this key.
#[test]
fn sm4_is_sm4() {
    let block: [u8; 16] = hex::decode("0123456789abcdeffedcba9876543210").unwrap().try_into().unwrap();
    let expected = "681edf34d206965e86b3e94f536e4246";
    assert_eq!(hex::encode(sm4_encrypt(&block, block)), expected);
    // The example's block happens to have the form F · NOT F, so it is a diversification too.
    let [factor @ .., _, _, _, _, _, _, _, _] = block;
    let key = MasterKey::new(Algorithm::Sm4, block);
    assert_eq!(hex::encode(key.diversify(factor).bytes), expected);
    // And the session input 01234567 89ab cdef has that form by the same rule.
    let session = CardKey::new(Algorithm::Sm4, block).purchase_session(
        [0x01, 0x23, 0x45, 0x67],
        0x89ab,
        TerminalNumber(0x1111_cdef),
    );
    assert!(session.is(&hex::decode(expected).unwrap()));
}

/// A CBC-MAC of SM4 written out by hand: 22 bytes of message, `80`, zeros.
#[test]
fn an_sm4_tac_is_a_cbc_mac_under_the_card_key_itself() {
    let key = *b"0123456789abcdef";
    let message = hex::decode("000000c8066510000000010000000720261122081530").unwrap();
    let mut padded = [0; 32];
    padded[..22].copy_from_slice(&message);
    padded[22] = 0x80;
    let (first, second) = padded.split_at(16);
    let chained = sm4_encrypt(&key, first.try_into().unwrap());
    let last = sm4_encrypt(&key, std::array::from_fn(|i| chained[i] ^ second[i]));
    assert_eq!(CardKey::new(Algorithm::Sm4, key).tac(&TAP), last[..4]);
}

/// Equal halves make an all-zero DES key: a weak key, and a real one.
#[test]
fn weak_keys_are_accepted() {
    let zero = CardKey::new(Algorithm::Des, [0; 16]).tac(&TAP);
    for half in [*b"8 bytes.", [0xff; 8], [0x01; 8], [0xe0; 8]] {
        let equal = CardKey::new(Algorithm::Des, two_halves(half, half));
        assert_eq!(equal.tac(&TAP), zero);
        assert!(equal.secure_messaging_mac([1; 4], b"command").is_some());
        let master = MasterKey::new(Algorithm::Des, two_halves(half, half));
        assert_ne!(master.for_card(KeyLevels::Two, &CARD).tac(&TAP), zero);
    }
    let unequal = two_halves([0; 8], [0x10, 0, 0, 0, 0, 0, 0, 0]);
    assert_ne!(CardKey::new(Algorithm::Des, unequal).tac(&TAP), zero);
}

/// DES of a zero block under a zero key, which begins `8ca64d`, and the check value of a key in `cli.md`, which
/// OpenSSL's `des-ede` gives as well.
#[test]
fn check_values_are_the_start_of_an_encrypted_zero_block() {
    assert_eq!(hex::encode(MasterKey::new(Algorithm::Des, [0; 16]).check_value()), "8ca64d");
    let key = hex::decode("00112233445566778899aabbccddeeff").unwrap().try_into().unwrap();
    assert_eq!(hex::encode(MasterKey::new(Algorithm::Des, key).check_value()), "fb0975");
    let sm4 = sm4_encrypt(&[0; 16], [0; 16]);
    assert_eq!(MasterKey::new(Algorithm::Sm4, [0; 16]).check_value(), sm4[..3]);
}

#[test]
fn sm4_has_no_secure_messaging() {
    assert_eq!(CardKey::new(Algorithm::Sm4, [1; 16]).secure_messaging_mac([1; 4], b"command"), None);
}

#[test]
fn same_as_means_same_bytes_and_algorithm() {
    let key = MasterKey::new(Algorithm::Des, [1; 16]);
    assert!(key.same_as(&key.clone()));
    assert!(!key.same_as(&MasterKey::new(Algorithm::Sm4, [1; 16])));
    assert!(!key.same_as(&MasterKey::new(Algorithm::Des, [2; 16])));
}

/// Every type that holds a key, under keys whose bytes would show as `5a` or `90`.
#[test]
fn debug_shows_no_key() {
    let master = MasterKey::new(Algorithm::Des, [0x5a; 16]);
    let card = CardKey::new(Algorithm::Sm4, [0x5a; 16]);
    let seal = SealMaster::new(SealAlgorithm::HmacSm3, [0x5a; 32]);
    let seal_key =
        SealMaster::new(SealAlgorithm::HmacSha256, [0x5a; 32]).seal_key(tongclear_types::CollectorId([1; 6]));
    let text = format!("[[seal]]\nversion=1\nalgorithm=\"hmac-sm3\"\nmaster=\"{}\"", "5a".repeat(32));
    let file = crate::KeyFile::parse(&text).unwrap();
    let mut ring = KeyRing::empty();
    ring.merge(file.clone()).unwrap();
    let shown = [
        (format!("{master:?}"), "MasterKey(des, …)".to_owned()),
        (format!("{card:?}"), "CardKey(sm4, …)".to_owned()),
        (format!("{:?}", card.load_session([0; 4], 1)), "SessionKey(…)".to_owned()),
        (format!("{seal:?}"), "SealMaster(hmac-sm3, …)".to_owned()),
        (format!("{seal_key:?}"), "SealKey(hmac-sha256, …)".to_owned()),
        (format!("{:?}", Passphrase::new("5a5a5a".to_owned())), "Passphrase(…)".to_owned()),
    ];
    for (found, expected) in shown {
        assert_eq!(found, expected);
    }
    for found in [format!("{file:?}"), format!("{ring:?}")] {
        assert!(!found.contains("5a5a") && !found.contains("90, 90"), "{found}");
    }
}
