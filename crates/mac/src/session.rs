//! Session keys (过程密钥) and the MACs under them: MAC1 and MAC2 of purchase and load.
//!
//! Messages follow `card.md`, *Keys and MACs*; amounts and balances are fen, numbers big-endian.

use std::fmt;

use subtle::ConstantTimeEq;
use tongclear_types::{BcdDate, BcdTime, TerminalId, TerminalNumber, Tti};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::block::{Tdes, des_mac, sm4_encrypt, sm4_mac};
use crate::key::two_halves;
use crate::{Algorithm, CardKey};

/// What purchase MAC1 and load MAC2 are computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Fen.
    pub amount_fen: u32,
    /// Transaction type.
    pub tti: Tti,
    /// The terminal, or the load agent's terminal.
    pub terminal: TerminalId,
    /// By the terminal's clock, or the load host's.
    pub date: BcdDate,
    /// By the same clock.
    pub time: BcdTime,
}

/// What load MAC1 is computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadRequest {
    /// Balance before the load, fen.
    pub balance_before_fen: u32,
    /// Fen to be loaded.
    pub amount_fen: u32,
    /// Transaction type.
    pub tti: Tti,
    /// The load agent's terminal.
    pub terminal: TerminalId,
}

/// The key of one transaction between a card and a PSAM or load host.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SessionKey(Secret);

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
enum Secret {
    Des([u8; 8]),
    Sm4([u8; 16]),
}

impl CardKey {
    /// The session key of a purchase: the card's purchase key over
    /// `random 4 · offline counter 2 · low 2 bytes of the terminal transaction number`.
    #[must_use]
    pub fn purchase_session(
        &self,
        random: [u8; 4],
        offline_counter: u16,
        terminal_number: TerminalNumber,
    ) -> SessionKey {
        let [_, _, high, low] = terminal_number.0.to_be_bytes();
        self.session(random, offline_counter, [high, low])
    }

    /// The session key of a load: the card's load key over `random 4 · online counter 2 · 8000`.
    #[must_use]
    pub fn load_session(&self, random: [u8; 4], online_counter: u16) -> SessionKey {
        self.session(random, online_counter, [0x80, 0x00])
    }

    /// DES: 3DES of the 8 bytes. SM4, adopted by analogy: one block of the 8 bytes and their complement.
    fn session(&self, random: [u8; 4], counter: u16, tail: [u8; 2]) -> SessionKey {
        let mut input = [0; 8];
        input[..4].copy_from_slice(&random);
        input[4..6].copy_from_slice(&counter.to_be_bytes());
        input[6..].copy_from_slice(&tail);
        SessionKey(match self.algorithm {
            Algorithm::Des => Secret::Des(Tdes::new(&self.bytes).encrypt(input)),
            Algorithm::Sm4 => {
                Secret::Sm4(sm4_encrypt(&self.bytes, two_halves(input, input.map(|byte| !byte))))
            }
        })
    }
}

impl SessionKey {
    /// Purchase MAC1, by which the card believes the terminal: `amount 4 · TTI 1 · terminal 6 · date 4 · time 3`.
    #[must_use]
    pub fn purchase_mac1(&self, terms: &Terms) -> [u8; 4] {
        self.mac(&terms.message())
    }

    /// Purchase MAC2, by which the terminal believes the card: `amount 4`.
    #[must_use]
    pub fn purchase_mac2(&self, amount_fen: u32) -> [u8; 4] {
        self.mac(&amount_fen.to_be_bytes())
    }

    /// Load MAC1, by which the host believes the card: `balance before 4 · amount 4 · TTI 1 · terminal 6`.
    #[must_use]
    pub fn load_mac1(&self, request: &LoadRequest) -> [u8; 4] {
        let mut message = [0; 15];
        message[..4].copy_from_slice(&request.balance_before_fen.to_be_bytes());
        message[4..8].copy_from_slice(&request.amount_fen.to_be_bytes());
        message[8] = request.tti.0;
        message[9..].copy_from_slice(&request.terminal.0);
        self.mac(&message)
    }

    /// Load MAC2, by which the card believes the host: `amount 4 · TTI 1 · terminal 6 · date 4 · time 3`.
    #[must_use]
    pub fn load_mac2(&self, terms: &Terms) -> [u8; 4] {
        self.mac(&terms.message())
    }

    fn mac(&self, message: &[u8]) -> [u8; 4] {
        match &self.0 {
            Secret::Des(key) => des_mac(key, message),
            Secret::Sm4(key) => sm4_mac(key, message),
        }
    }

    /// Whether this key's bytes are `bytes`; for vectors.
    #[cfg(test)]
    pub(crate) fn is(&self, bytes: &[u8]) -> bool {
        match &self.0 {
            Secret::Des(key) => key.as_slice() == bytes,
            Secret::Sm4(key) => key.as_slice() == bytes,
        }
    }
}

impl Terms {
    fn message(&self) -> [u8; 18] {
        let mut message = [0; 18];
        message[..4].copy_from_slice(&self.amount_fen.to_be_bytes());
        message[4] = self.tti.0;
        message[5..11].copy_from_slice(&self.terminal.0);
        message[11..15].copy_from_slice(&self.date.0);
        message[15..].copy_from_slice(&self.time.0);
        message
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

/// Whether two MACs or TACs are equal, in constant time.
#[must_use]
pub fn mac_matches(computed: &[u8; 4], received: &[u8; 4]) -> bool {
    computed.ct_eq(received).into()
}
