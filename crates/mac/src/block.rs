//! One call per primitive that the purse rules are built from, on the RustCrypto ciphers.
//!
//! Keys with bad parity and weak keys are taken as they are: real cards have them (`card.md`).

use cbc_mac::{CbcMac, KeyInit, Mac};
use des::cipher::BlockCipherEncrypt;
use des::{Des, TdesEde2};
use retail_mac::RetailMac;
use sm4::Sm4;

/// Padding of every purse MAC: one bit set, then zeros to a whole block (ISO/IEC 9797-1 padding method 2).
/// The MAC crates add the zeros.
pub(crate) const PAD: u8 = 0x80;

/// Two-key 3DES, encryption, K1 K2 K1.
pub(crate) struct Tdes(TdesEde2);

impl Tdes {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        Self(TdesEde2::new(key.into()))
    }

    pub(crate) fn encrypt(&self, block: [u8; 8]) -> [u8; 8] {
        let mut block = block.into();
        self.0.encrypt_block(&mut block);
        block.into()
    }
}

/// SM4, encryption of one block.
pub(crate) fn sm4_encrypt(key: &[u8; 16], block: [u8; 16]) -> [u8; 16] {
    let mut block = block.into();
    Sm4::new(key.into()).encrypt_block(&mut block);
    block.into()
}

/// Single-DES CBC-MAC, IV 0, padded, left 4 bytes.
pub(crate) fn des_mac(key: &[u8; 8], message: &[u8]) -> [u8; 4] {
    let mac = CbcMac::<Des>::new(key.into()).chain_update(message).chain_update([PAD]);
    left_4(mac.finalize().into_bytes().into())
}

/// SM4-CBC-MAC, IV 0, padded, left 4 bytes.
pub(crate) fn sm4_mac(key: &[u8; 16], message: &[u8]) -> [u8; 4] {
    let mac = CbcMac::<Sm4>::new(key.into()).chain_update(message).chain_update([PAD]);
    let [a, b, c, d, ..]: [u8; 16] = mac.finalize().into_bytes().into();
    [a, b, c, d]
}

/// Retail MAC (ISO/IEC 9797-1 algorithm 3) with DES, padded, left 4 bytes.
///
/// The crate takes no IV, so it is folded into the first block, which padding guarantees to exist.
pub(crate) fn retail_mac(key: &[u8; 16], iv: [u8; 8], message: &[u8]) -> [u8; 4] {
    let mut padded = [message, &[PAD]].concat();
    padded.resize(padded.len().next_multiple_of(8), 0);
    padded.iter_mut().zip(iv).for_each(|(byte, iv)| *byte ^= iv);
    let mac = RetailMac::<Des>::new(key.into()).chain_update(&padded);
    left_4(mac.finalize().into_bytes().into())
}

const fn left_4([a, b, c, d, ..]: [u8; 8]) -> [u8; 4] {
    [a, b, c, d]
}
