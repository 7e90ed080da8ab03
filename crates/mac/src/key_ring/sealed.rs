//! The sealed form of a key ring: what lies on disk.
//!
//! Layout, numbers big-endian: magic `TCKEYRNG` 8 · version 1 · memory in KiB 4 · passes 4 · lanes 4 · salt 16 ·
//! nonce 12 · ciphertext · authentication tag 16 · SHA-256 of all before 32. The key is argon2id of the
//! passphrase (RFC 9106); the cipher is ChaCha20-Poly1305 (RFC 8439) with everything before the ciphertext as
//! associated data. The plain SHA-256 adds no secrecy: it tells a damaged file from a wrong passphrase.

use argon2::{Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{KeyRingError, Passphrase};

const MAGIC: &[u8; 8] = b"TCKEYRNG";
const VERSION: u8 = 1;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;
/// 8 + 1 + 3 × 4 + 16 + 12.
const HEADER_BYTES: usize = 49;
/// 16 MiB: some 100,000 keys, far more than a centre has.
const SEALED_BYTES_MAX: usize = 16 << 20;

/// What argon2 is asked to spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
    pub(crate) lanes: u32,
}

impl Cost {
    /// 19 MiB, 2 passes, 1 lane: what argon2's authors' crate recommends (OWASP's first choice).
    pub(crate) const RECOMMENDED: Self = Self {
        memory_kib: Params::DEFAULT_M_COST,
        passes: Params::DEFAULT_T_COST,
        lanes: Params::DEFAULT_P_COST,
    };
    /// The most that a file may ask for: 256 MiB, 16 passes, 8 lanes. A file is input, and may be hostile.
    const MOST: Self = Self { memory_kib: 256 * 1024, passes: 16, lanes: 8 };

    fn params(self) -> Result<Params, KeyRingError> {
        let Self { memory_kib, passes, lanes } = self;
        let most = Self::MOST;
        if memory_kib > most.memory_kib || passes > most.passes || lanes > most.lanes {
            return Err(KeyRingError::Damaged { what: "argon2 parameters beyond what is allowed" });
        }
        Params::new(memory_kib, passes, lanes, Some(32))
            .map_err(|_| KeyRingError::Damaged { what: "argon2 parameters below what is possible" })
    }
}

/// Seals `plain` with fresh salt and nonce.
pub(crate) fn seal(plain: &[u8], passphrase: &Passphrase, cost: Cost) -> Result<Vec<u8>, KeyRingError> {
    if plain.len() > SEALED_BYTES_MAX - HEADER_BYTES - TAG_BYTES - DIGEST_BYTES {
        return Err(KeyRingError::TooLarge { bytes: plain.len() });
    }
    let mut random = [0; SALT_BYTES + NONCE_BYTES];
    getrandom::fill(&mut random).map_err(|error| KeyRingError::Randomness(error.to_string()))?;
    let mut sealed = Vec::with_capacity(HEADER_BYTES + plain.len() + TAG_BYTES + DIGEST_BYTES);
    sealed.extend_from_slice(MAGIC);
    sealed.push(VERSION);
    for number in [cost.memory_kib, cost.passes, cost.lanes] {
        sealed.extend_from_slice(&number.to_be_bytes());
    }
    sealed.extend_from_slice(&random);
    let (salt, nonce) = random.split_at(SALT_BYTES);
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().expect("the rest of the array is the nonce");
    let payload = Payload { msg: plain, aad: &sealed };
    let ciphertext = cipher(passphrase, salt, cost)?
        .encrypt(&nonce.into(), payload)
        .map_err(|_| KeyRingError::TooLarge { bytes: plain.len() })?;
    sealed.extend_from_slice(&ciphertext);
    let digest = Sha256::digest(&sealed);
    sealed.extend_from_slice(&digest);
    Ok(sealed)
}

/// What was sealed.
pub(crate) fn open(sealed: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, KeyRingError> {
    let damaged = |what| KeyRingError::Damaged { what };
    if sealed.len() > SEALED_BYTES_MAX {
        return Err(damaged("longer than a key ring can be"));
    }
    let (header, rest) =
        sealed.split_first_chunk::<HEADER_BYTES>().ok_or(damaged("shorter than its header"))?;
    let Some(rest) = header.strip_prefix(MAGIC).map(|fields| (fields, rest)) else {
        return Err(damaged("not a key ring: its first bytes are others"));
    };
    let (fields, rest) = rest;
    let (&version, fields) = fields.split_first().ok_or(damaged("shorter than its header"))?;
    if version != VERSION {
        return Err(KeyRingError::UnknownVersion { version });
    }
    let (ciphertext, digest) =
        rest.split_last_chunk::<DIGEST_BYTES>().ok_or(damaged("shorter than its digest"))?;
    if Sha256::digest(&sealed[..sealed.len() - DIGEST_BYTES]).as_slice() != digest {
        return Err(damaged("its digest is not that of its bytes"));
    }
    let (numbers, random) = fields.split_at(12);
    let number = |i: usize| numbers[4 * i..4 * i + 4].iter().fold(0, |n, byte| n << 8 | u32::from(*byte));
    let cost = Cost { memory_kib: number(0), passes: number(1), lanes: number(2) };
    let (salt, nonce) = random.split_at(SALT_BYTES);
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().expect("the header's last field is the nonce");
    cipher(passphrase, salt, cost)?
        .decrypt(&nonce.into(), Payload { msg: ciphertext, aad: header })
        .map(Zeroizing::new)
        .map_err(|_| KeyRingError::WrongPassphrase)
}

fn cipher(passphrase: &Passphrase, salt: &[u8], cost: Cost) -> Result<ChaCha20Poly1305, KeyRingError> {
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, cost.params()?)
        .hash_password_into(passphrase.bytes(), salt, key.as_mut())
        .map_err(|_| KeyRingError::Damaged { what: "argon2 cannot work with its parameters" })?;
    Ok(ChaCha20Poly1305::new((&*key).into()))
}
