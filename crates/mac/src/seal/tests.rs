//! Seals: derivation, both hashes, and what must not verify.

use super::*;

const COLLECTOR: CollectorId = CollectorId([0x65, 0x10, 0, 0, 0, 0xf1]);

/// RFC 4231 test case 2 has a 4-byte key; a zero-padded key is the same HMAC key.
#[test]
fn hmac_sha256_as_in_rfc_4231() {
    let mut key = [0; 32];
    key[..4].copy_from_slice(b"Jefe");
    let found = SealAlgorithm::HmacSha256.hmac(&key, &[b"what do ya want ", b"for nothing?"]);
    assert_eq!(hex::encode(found), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/// The derivation of `package.md`, written out once more.
#[test]
fn a_seal_key_is_derived_from_label_and_collector() {
    for algorithm in [SealAlgorithm::HmacSha256, SealAlgorithm::HmacSm3] {
        let key = SealMaster::new(algorithm, [7; 32]).seal_key(COLLECTOR);
        let derived = algorithm.hmac(&[7; 32], &[b"CTP-SEAL\x65\x10\x00\x00\x00\xf1"]);
        assert_eq!(key.bytes, derived);
        let seal = key.seal(b"header and records");
        assert_eq!(seal, algorithm.hmac(&derived, &[b"header and records"]));
        assert!(key.verify(b"header and records", &seal));
        assert!(!key.verify(b"header and record", &seal));
        for bit in 0..256 {
            let mut other = seal;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.verify(b"header and records", &other), "bit {bit}");
        }
    }
}

#[test]
fn hashes_masters_and_collectors_have_keys_of_their_own() {
    let seal = |algorithm, master: u8, collector| {
        SealMaster::new(algorithm, [master; 32]).seal_key(collector).seal(b"")
    };
    let (sha, sm3) = (SealAlgorithm::HmacSha256, SealAlgorithm::HmacSm3);
    let mut seals = [
        seal(sha, 1, COLLECTOR),
        seal(sm3, 1, COLLECTOR),
        seal(sha, 2, COLLECTOR),
        seal(sha, 1, CollectorId([0; 6])),
    ];
    seals.sort_unstable();
    assert!(seals.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn bytes_and_names_are_read_back() {
    for byte in 0..=u8::MAX {
        let algorithm = SealAlgorithm::from_byte(byte);
        assert_eq!(algorithm.is_some(), byte == 1 || byte == 2);
        if let Some(algorithm) = algorithm {
            assert_eq!(algorithm.byte(), byte);
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
            assert_eq!(serde_json::to_string(&algorithm).unwrap(), format!("\"{algorithm}\""));
        }
    }
    assert!("hmac-md5".parse::<SealAlgorithm>().is_err());
}
