//! A PSAM in software.

use serde::{Deserialize, Serialize};
use tongclear_mac::{Algorithm, CardKey, KeyLevels, SessionKey, Terms, mac_matches};
use tongclear_types::{BcdDate, BcdTime, CardId, IssuerId, Serial, TerminalId, TerminalNumber, Tti};

use super::{Answer, PsamKey, to_wire};
use crate::bytes::part;
use crate::{Apdu, StatusWord, Transport, TransportError};

/// When a PSAM counts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberAdvance {
    /// With every MAC2 that it is shown after an initialise, right or wrong.
    AnyMac2,
    /// Only with a right one: after a torn debit it offers the same number again.
    RightMac2,
}

/// What changes in a PSAM, and survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PsamMemory {
    /// The next transaction's number.
    pub next_number: TerminalNumber,
}

/// A PSAM with its memory.
pub struct SimulatedPsam {
    terminal: TerminalId,
    key_index: u8,
    keys: Vec<PsamKey>,
    advance: NumberAdvance,
    memory: PsamMemory,
    state: State,
    is_powered: bool,
}

enum State {
    Idle,
    Waiting { session: SessionKey, amount_fen: u32 },
    LockKey(CardKey),
}

/// The fixed part of INITIALISE's data: everything but the issuer factor.
const ONE_LEVEL_LEN: usize = 28;
/// With the issuer factor.
const TWO_LEVELS_LEN: usize = 36;

impl SimulatedPsam {
    /// A PSAM of `terminal` that names purchase key 1 to cards.
    #[must_use]
    pub const fn new(
        terminal: TerminalId,
        keys: Vec<PsamKey>,
        memory: PsamMemory,
        advance: NumberAdvance,
    ) -> Self {
        Self { terminal, key_index: 1, keys, advance, memory, state: State::Idle, is_powered: true }
    }

    /// What it remembers.
    #[must_use]
    pub const fn memory(&self) -> PsamMemory {
        self.memory
    }

    /// Puts it into a slot.
    pub fn power_on(&mut self) {
        (self.state, self.is_powered) = (State::Idle, true);
    }

    /// Takes it out.
    pub fn power_off(&mut self) {
        (self.state, self.is_powered) = (State::Idle, false);
    }

    fn execute(&mut self, command: &[u8]) -> Answer {
        let apdu = Apdu::parse(command)?;
        let state = std::mem::replace(&mut self.state, State::Idle);
        match apdu.header {
            [0x00, 0xB0, 0x96, 0x00] => Ok(self.terminal.0.to_vec()),
            [0x00, 0xB0, 0x95, 0x00] => Ok(self.information()),
            [0x00, 0xB0, 0x97, 0x00] => Ok(vec![self.key_index]),
            [0x80, 0x70, 0x00, 0x00] => self.initialise(&apdu.data),
            [0x80, 0x72, 0x00, 0x00] => self.verify(state, &apdu.data),
            [0x80, 0x1A, 0x45, 0x02] => self.deliver_lock_key(&apdu.data),
            [0x80, 0xFA, 0x05, 0x00] => lock_mac(&state, &apdu.data),
            [0x00, 0xB0, ..] => Err(StatusWord::FILE_NOT_FOUND),
            _ => Err(StatusWord::INSTRUCTION_NOT_SUPPORTED),
        }
    }

    /// Serial (the terminal id behind zeros), version 1, key card type 0, issuer's own data 0000.
    fn information(&self) -> Vec<u8> {
        [[0; 4].as_slice(), &self.terminal.0, &[0x01, 0x00, 0x00, 0x00]].concat()
    }

    fn initialise(&mut self, data: &[u8]) -> Answer {
        let (common, issuer) = match data.len() {
            ONE_LEVEL_LEN => (data.first_chunk::<ONE_LEVEL_LEN>(), None),
            TWO_LEVELS_LEN => {
                (data.first_chunk::<ONE_LEVEL_LEN>(), data.last_chunk::<8>().map(|it| IssuerId(*it)))
            }
            _ => return Err(StatusWord::WRONG_LENGTH),
        };
        let common = common.ok_or(StatusWord::WRONG_LENGTH)?;
        let amount_fen = u32::from_be_bytes(part::<6, 4, 28>(common));
        let (version, algorithm) = (common[18], Algorithm::from_record_byte(common[19]));
        let key = self.key(issuer, version, algorithm).ok_or(StatusWord::KEY_INDEX)?;
        let card = named(issuer, part::<20, 8, 28>(common));
        let session = key.purchase.for_card(key.levels, &card).purchase_session(
            part::<0, 4, 28>(common),
            u16::from_be_bytes(part::<4, 2, 28>(common)),
            self.memory.next_number,
        );
        let mac1 = session.purchase_mac1(&Terms {
            amount_fen,
            tti: Tti(common[10]),
            terminal: self.terminal,
            date: BcdDate(part::<11, 4, 28>(common)),
            time: BcdTime(part::<15, 3, 28>(common)),
        });
        let answer = [self.memory.next_number.0.to_be_bytes(), mac1].concat();
        self.state = State::Waiting { session, amount_fen };
        Ok(answer)
    }

    /// The purchase key by what the terminal told: with an issuer factor a two-level key of that operator.
    fn key(&self, issuer: Option<IssuerId>, version: u8, algorithm: Option<Algorithm>) -> Option<&PsamKey> {
        let levels = if issuer.is_some() { KeyLevels::Two } else { KeyLevels::One };
        self.keys.iter().find(|key| {
            key.version == version
                && Some(key.purchase.algorithm()) == algorithm
                && key.levels == levels
                && issuer.is_none_or(|issuer| issuer.0.starts_with(&key.operator.0))
        })
    }

    fn verify(&mut self, state: State, data: &[u8]) -> Answer {
        let State::Waiting { session, amount_fen } = state else { return Err(StatusWord::WRONG_STATE) };
        let mac2: [u8; 4] = data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
        let is_right = mac_matches(&session.purchase_mac2(amount_fen), &mac2);
        if is_right || self.advance == NumberAdvance::AnyMac2 {
            self.memory.next_number.0 += 1;
        }
        if is_right { Ok(Vec::new()) } else { Err(StatusWord::MAC_WRONG) }
    }

    fn deliver_lock_key(&mut self, data: &[u8]) -> Answer {
        let data: &[u8; 16] = data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
        let issuer = IssuerId(part::<8, 8, 16>(data));
        let key = self.keys.iter().find(|key| {
            issuer.0.starts_with(&key.operator.0)
                && key.maintenance.as_ref().is_some_and(|master| master.algorithm() == Algorithm::Des)
        });
        let (key, master) = key
            .and_then(|key| Some((key, key.maintenance.as_ref()?)))
            .ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let card = named(Some(issuer), part::<0, 8, 16>(data));
        self.state = State::LockKey(master.for_card(key.levels, &card));
        Ok(Vec::new())
    }
}

/// CIPHER DATA over `challenge · 00000000 · 841E000004 · 800000`.
fn lock_mac(state: &State, data: &[u8]) -> Answer {
    let State::LockKey(key) = state else { return Err(StatusWord::WRONG_STATE) };
    let data: &[u8; 16] = data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
    let mac = key.secure_messaging_mac(part::<0, 4, 16>(data), &part::<8, 5, 16>(data));
    mac.map(Vec::from).ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)
}

/// The card of these factors; its number's first two bytes are not among them.
fn named(issuer: Option<IssuerId>, card_factor: [u8; 8]) -> CardId {
    let mut serial = [0; 10];
    serial[2..].copy_from_slice(&card_factor);
    CardId { issuer: issuer.unwrap_or(IssuerId([0; 8])), serial: Serial(serial) }
}

impl Transport for SimulatedPsam {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        if self.is_powered { Ok(to_wire(self.execute(command))) } else { Err(TransportError::CardGone) }
    }
}

impl std::fmt::Debug for SimulatedPsam {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SimulatedPsam({}, next number {})", self.terminal, self.memory.next_number)
    }
}
