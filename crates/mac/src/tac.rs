//! Transaction authentication codes (交易验证码, TAC), one at a time: the plain path.
//!
//! The bulk verifier is checked against this one.

use tongclear_types::{BcdDate, BcdTime, Chain, TerminalId, TerminalNumber, TransactionRecord, Tti};
use zeroize::Zeroizing;

use crate::block::{PAD, des_mac, sm4_mac};
use crate::{Algorithm, CardKey, mac_matches};

/// Bytes of a purchase TAC's message: `amount 4 · TTI 1 · terminal 6 · terminal number 4 · date 4 · time 3`.
pub(crate) const PURCHASE_BYTES: usize = 22;
/// Bytes of a load TAC's message:
/// `balance after 4 · online counter 2 · amount 4 · TTI 1 · terminal 6 · date 4 · time 3`.
pub(crate) const LOAD_BYTES: usize = 24;

/// What a TAC is computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TacInput {
    /// A purchase or composite purchase.
    Purchase {
        /// Fen debited.
        amount_fen: u32,
        /// Transaction type.
        tti: Tti,
        /// The terminal.
        terminal: TerminalId,
        /// The terminal's transaction number.
        terminal_number: TerminalNumber,
        /// By the terminal's clock.
        date: BcdDate,
        /// By the terminal's clock.
        time: BcdTime,
    },
    /// A load.
    Load {
        /// Balance after the load, fen.
        balance_after_fen: u32,
        /// Load counter as reported at initialise, not incremented.
        online_counter: u16,
        /// Fen credited.
        amount_fen: u32,
        /// Transaction type.
        tti: Tti,
        /// The load agent's terminal.
        terminal: TerminalId,
        /// By the load host's clock.
        date: BcdDate,
        /// By the load host's clock.
        time: BcdTime,
    },
}

/// A message as bytes, of its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TacMessage {
    Purchase([u8; PURCHASE_BYTES]),
    Load([u8; LOAD_BYTES]),
}

impl TacInput {
    /// What `record`'s TAC was computed over; none when its type is not one that can be cleared.
    #[must_use]
    pub const fn of(record: &TransactionRecord) -> Option<Self> {
        let TransactionRecord { amount_fen, tti, terminal, terminal_number, date, time, .. } = *record;
        match tti.chain() {
            Some(Chain::Purchase) => {
                Some(Self::Purchase { amount_fen, tti, terminal, terminal_number, date, time })
            }
            Some(Chain::Load) => Some(Self::Load {
                balance_after_fen: record.balance_after_fen,
                online_counter: record.online_counter,
                amount_fen,
                tti,
                terminal,
                date,
                time,
            }),
            None => None,
        }
    }

    pub(crate) fn message(&self) -> TacMessage {
        match *self {
            Self::Purchase { amount_fen, tti, terminal, terminal_number, date, time } => {
                let mut message = [0; PURCHASE_BYTES];
                message[..4].copy_from_slice(&amount_fen.to_be_bytes());
                message[4] = tti.0;
                message[5..11].copy_from_slice(&terminal.0);
                message[11..15].copy_from_slice(&terminal_number.0.to_be_bytes());
                message[15..19].copy_from_slice(&date.0);
                message[19..].copy_from_slice(&time.0);
                TacMessage::Purchase(message)
            }
            Self::Load { balance_after_fen, online_counter, amount_fen, tti, terminal, date, time } => {
                let mut message = [0; LOAD_BYTES];
                message[..4].copy_from_slice(&balance_after_fen.to_be_bytes());
                message[4..6].copy_from_slice(&online_counter.to_be_bytes());
                message[6..10].copy_from_slice(&amount_fen.to_be_bytes());
                message[10] = tti.0;
                message[11..17].copy_from_slice(&terminal.0);
                message[17..21].copy_from_slice(&date.0);
                message[21..].copy_from_slice(&time.0);
                TacMessage::Load(message)
            }
        }
    }
}

/// Messages as numbers of 8 bytes, padding included, as the bulk verifier takes them. Tests hold them against
/// [`TacInput::message`].
impl TacMessage {
    /// What follows the 24 bytes of a load's message: the padding up to a whole block.
    pub(crate) const LOAD_PADDING: u64 = (PAD as u64) << 56;

    /// Terminal, date and time.
    #[inline]
    const fn numbers(record: &TransactionRecord) -> [u64; 3] {
        let ([t0, t1, t2, t3, t4, t5], [d0, d1, d2, d3]) = (record.terminal.0, record.date.0);
        let [hour, minute, second] = record.time.0;
        [
            u64::from_be_bytes([0, 0, t0, t1, t2, t3, t4, t5]),
            u64::from_be_bytes([0, 0, 0, 0, d0, d1, d2, d3]),
            u64::from_be_bytes([0, 0, 0, 0, 0, hour, minute, second]),
        ]
    }

    /// The message of a purchase, padded.
    #[inline]
    pub(crate) fn purchase_blocks(record: &TransactionRecord) -> [u64; 3] {
        let [terminal, date, time] = Self::numbers(record);
        [
            u64::from(record.amount_fen) << 32 | u64::from(record.tti.0) << 24 | terminal >> 24,
            terminal << 40 | u64::from(record.terminal_number.0) << 8 | date >> 24,
            date << 40 | time << 16 | u64::from(PAD) << 8,
        ]
    }

    /// The message of a load; [`TacMessage::LOAD_PADDING`] follows.
    #[inline]
    pub(crate) fn load_blocks(record: &TransactionRecord) -> [u64; 3] {
        let [terminal, date, time] = Self::numbers(record);
        let amount = u64::from(record.amount_fen);
        [
            u64::from(record.balance_after_fen) << 32 | u64::from(record.online_counter) << 16 | amount >> 16,
            amount << 48 | u64::from(record.tti.0) << 40 | terminal >> 8,
            terminal << 56 | date << 24 | time,
        ]
    }

    /// The message back from what one of the two functions above gave.
    pub(crate) fn of_blocks(chain: Chain, blocks: [u64; 3]) -> Self {
        let bytes = blocks.map(u64::to_be_bytes);
        let bytes = bytes.as_flattened();
        match chain {
            Chain::Purchase => Self::Purchase(std::array::from_fn(|i| bytes[i])),
            Chain::Load => Self::Load(std::array::from_fn(|i| bytes[i])),
        }
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Purchase(bytes) => bytes,
            Self::Load(bytes) => bytes,
        }
    }
}

impl CardKey {
    /// The TAC under this card's TAC key: DES under the exclusive or of the key's halves (all zero when they
    /// are equal), SM4 under the key itself.
    #[must_use]
    pub fn tac(&self, input: &TacInput) -> [u8; 4] {
        self.tac_of_message(&input.message())
    }

    pub(crate) fn tac_of_message(&self, message: &TacMessage) -> [u8; 4] {
        match self.algorithm {
            Algorithm::Des => {
                let key: Zeroizing<[u8; 8]> =
                    Zeroizing::new(std::array::from_fn(|i| self.bytes[i] ^ self.bytes[i + 8]));
                des_mac(&key, message.as_bytes())
            }
            Algorithm::Sm4 => sm4_mac(&self.bytes, message.as_bytes()),
        }
    }
}

/// The TAC that `record` must carry under its card's TAC key; none when its type cannot be cleared.
#[must_use]
pub fn tac(card_key: &CardKey, record: &TransactionRecord) -> Option<[u8; 4]> {
    Some(card_key.tac(&TacInput::of(record)?))
}

/// Whether `record` carries the right TAC, compared in constant time; none when its type cannot be cleared.
#[must_use]
pub fn verify_tac(card_key: &CardKey, record: &TransactionRecord) -> Option<bool> {
    Some(mac_matches(&tac(card_key, record)?, &record.tac))
}
