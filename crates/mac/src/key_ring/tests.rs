//! Key rings: merging, sealing, and every way a sealed one can be wrong.

use sha2::{Digest, Sha256};

use super::*;
use crate::SealAlgorithm;

const OPERATOR: OperatorCode = OperatorCode([0x04, 0x17]);
/// As little as argon2 allows: these tests open many rings.
const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

fn file(tac: u8, seal: u8) -> KeyFile {
    let mut file = KeyFile::new();
    file.add(KeyUse::Tac, OPERATOR, 1, MasterKey::new(Algorithm::Des, [tac; 16])).unwrap();
    file.add(KeyUse::Load, OPERATOR, 1, MasterKey::new(Algorithm::Sm4, [9; 16])).unwrap();
    file.add_seal(1, SealMaster::new(SealAlgorithm::HmacSha256, [seal; 32])).unwrap();
    file
}

fn ring() -> KeyRing {
    let mut ring = KeyRing::empty();
    ring.merge(file(1, 2)).unwrap();
    ring
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

#[test]
fn merging_adds_what_is_new_and_overwrites_nothing() {
    let mut ring = KeyRing::empty();
    let added = ring.merge(file(1, 2)).unwrap();
    assert_eq!(added, ring.entries().collect::<Vec<_>>());
    assert_eq!(ring.merge(file(1, 2)).unwrap(), []);
    let before: Vec<KeyInfo> = ring.entries().collect();
    for (other, held) in [(file(3, 2), &before[0]), (file(1, 3), &before[2])] {
        let mut other = other;
        other.add_seal(7, SealMaster::new(SealAlgorithm::HmacSm3, [7; 32])).unwrap();
        assert_eq!(ring.merge(other).unwrap_err(), KeyRingError::Overwrite { held: held.clone() });
        assert_eq!(ring.entries().collect::<Vec<_>>(), before, "all or none");
    }
    let message = ring.merge(file(3, 2)).unwrap_err().to_string();
    assert!(message.contains("a key is never overwritten"), "{message}");
}

#[test]
fn custody_answers_by_operator_version_and_algorithm() {
    let ring = ring();
    let custody: &dyn KeyCustody = &ring;
    assert!(custody.tac_master(OPERATOR, 1, Algorithm::Des).is_some());
    assert!(custody.tac_master(OPERATOR, 2, Algorithm::Des).is_none());
    assert!(custody.tac_master(OPERATOR, 1, Algorithm::Sm4).is_none(), "the load key is no TAC key");
    assert!(custody.tac_master(OperatorCode([1, 1]), 1, Algorithm::Des).is_none());
    assert_eq!(custody.seal_master(1).map(SealMaster::algorithm), Some(SealAlgorithm::HmacSha256));
    assert!(custody.seal_master(2).is_none());
}

#[test]
fn entries_are_shown_as_json_without_a_key() {
    let shown = serde_json::to_value(ring().entries().collect::<Vec<_>>()).unwrap();
    assert_eq!(shown[0]["use"], "tac");
    assert_eq!(shown[0]["operator"], "0417");
    assert_eq!(shown[0]["version"], 1);
    assert_eq!(shown[0]["algorithm"], "des");
    assert_eq!(shown[0]["check_value"].as_str().map(str::len), Some(6));
    assert_eq!(shown[2]["use"], "seal");
    assert_eq!(shown[2]["operator"], serde_json::Value::Null);
    assert!(!shown.to_string().contains("0101"));
}

/// At the cost that is used in earnest.
#[test]
fn a_ring_goes_to_rest_and_comes_back() {
    let ring = ring();
    let right = passphrase("correct horse");
    let sealed = ring.seal(&right).unwrap();
    assert_eq!(&sealed[..9], b"TCKEYRNG\x01");
    assert_eq!(sealed[9..21], [0, 0, 0x4c, 0, 0, 0, 0, 2, 0, 0, 0, 1], "19 MiB, 2 passes, 1 lane");
    let opened = KeyRing::open(&sealed, &right).unwrap();
    assert_eq!(*opened.keys.to_toml(), *ring.keys.to_toml());
    assert_eq!(
        KeyRing::open(&sealed, &passphrase("wrong horse")).unwrap_err(),
        KeyRingError::WrongPassphrase
    );
    assert_ne!(ring.seal(&right).unwrap(), sealed, "salt and nonce are fresh");
    assert_eq!(ring.seal(&passphrase("")).unwrap_err(), KeyRingError::EmptyPassphrase);
}

#[test]
fn an_empty_ring_can_be_sealed() {
    let sealed = KeyRing::empty().seal_at(&passphrase("p"), CHEAP).unwrap();
    assert_eq!(KeyRing::open(&sealed, &passphrase("p")).unwrap().entries().count(), 0);
}

#[test]
fn every_truncation_and_every_flipped_bit_is_noticed() {
    let right = passphrase("p");
    let sealed = ring().seal_at(&right, CHEAP).unwrap();
    let damaged = |bytes: &[u8], what: String| match KeyRing::open(bytes, &right) {
        Err(KeyRingError::Damaged { .. } | KeyRingError::UnknownVersion { .. }) => {}
        other => panic!("{what}: {other:?}"),
    };
    for length in 0..sealed.len() {
        damaged(&sealed[..length], format!("{length} bytes"));
    }
    for bit in 0..8 * sealed.len() {
        let mut bytes = sealed.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        damaged(&bytes, format!("bit {bit}"));
    }
    let longer = [sealed.as_slice(), &[0]].concat();
    damaged(&longer, "one byte more".to_owned());
}

/// Whoever forges the digest too still has the authentication tag against him, header included.
#[test]
fn a_forged_digest_does_not_help() {
    let right = passphrase("p");
    let sealed = ring().seal_at(&right, CHEAP).unwrap();
    let content = sealed.len() - 32;
    // From the version byte on; parameters that would be slow but are allowed are left out (bytes 9 to 20).
    for at in (21..content).chain([8]) {
        let mut bytes = sealed.clone();
        bytes[at] ^= 0x40;
        let error = reopen(&mut bytes, &right).unwrap_err();
        let expected = if at == 8 {
            KeyRingError::UnknownVersion { version: 0x41 }
        } else {
            KeyRingError::WrongPassphrase
        };
        assert_eq!(error, expected, "byte {at}");
    }
}

/// A hostile file may ask for terabytes.
#[test]
fn costs_are_bounded_before_they_are_paid() {
    let right = passphrase("p");
    let sealed = ring().seal_at(&right, CHEAP).unwrap();
    let too_much = "argon2 parameters beyond what is allowed";
    let too_little = "argon2 parameters below what is possible";
    let rows = [
        (9, u32::MAX, too_much),
        (9, 256 * 1024 + 1, too_much),
        (13, 17, too_much),
        (17, 9, too_much),
        (9, 0, too_little),
        (13, 0, too_little),
        (17, 0, too_little),
        (17, 2, too_little),
    ];
    for (at, value, what) in rows {
        let mut bytes = sealed.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
        assert_eq!(reopen(&mut bytes, &right).unwrap_err(), KeyRingError::Damaged { what }, "{at}: {value}");
    }
}

/// Opens `bytes` after making their digest fit.
fn reopen(bytes: &mut [u8], passphrase: &Passphrase) -> Result<KeyRing, KeyRingError> {
    let (content, digest) = bytes.split_last_chunk_mut::<32>().unwrap();
    *digest = Sha256::digest(content).into();
    KeyRing::open(bytes, passphrase)
}
