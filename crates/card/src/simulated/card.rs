//! A card in software: files, states, power.

use super::purse::{Credit, Pending, Purchase};
use super::{Answer, CardKeys, CardMemory, CardProfile, Randoms, Tear, TearPoint, to_wire};
use crate::command::{Aid, Sfi};
use crate::flow::Scheme;
use crate::{Apdu, StatusWord, Transport, TransportError};

/// A purse card with its memory. Power it on before the first command; every tear powers it off.
pub struct SimulatedCard {
    pub(super) profile: CardProfile,
    pub(super) keys: CardKeys,
    pub(super) memory: CardMemory,
    pub(super) randoms: Randoms,
    pub(super) pending: Pending,
    pub(super) challenge: Option<[u8; 4]>,
    is_powered: bool,
    /// Whether the master file is selected rather than the purse.
    at_master: bool,
    tear: Option<Tear>,
}

impl SimulatedCard {
    /// A card that lies powered in a reader.
    #[must_use]
    pub const fn new(profile: CardProfile, keys: CardKeys, memory: CardMemory, randoms: Randoms) -> Self {
        Self {
            profile,
            keys,
            memory,
            randoms,
            pending: Pending::Nothing,
            challenge: None,
            is_powered: true,
            at_master: false,
            tear: None,
        }
    }

    /// What the issuer wrote.
    #[must_use]
    pub const fn profile(&self) -> &CardProfile {
        &self.profile
    }

    /// What it holds now.
    #[must_use]
    pub const fn memory(&self) -> &CardMemory {
        &self.memory
    }

    /// Lets the next command that fits tear the card out.
    pub const fn tear_at(&mut self, tear: Tear) {
        self.tear = Some(tear);
    }

    /// Takes a tear back that found no command.
    pub const fn tear_no_more(&mut self) {
        self.tear = None;
    }

    /// Whether it is in a field.
    #[must_use]
    pub const fn is_powered(&self) -> bool {
        self.is_powered
    }

    /// Puts it into a field: nothing selected, nothing begun.
    pub fn power_on(&mut self) {
        self.forget();
        self.is_powered = true;
    }

    /// Takes it out of the field.
    pub fn power_off(&mut self) {
        self.forget();
        self.is_powered = false;
    }

    fn forget(&mut self) {
        self.pending = Pending::Nothing;
        self.challenge = None;
        self.at_master = false;
    }

    /// Does what `command` says.
    fn execute(&mut self, command: &[u8]) -> Answer {
        let apdu = Apdu::parse(command)?;
        let [cla, ins, p1, p2] = apdu.header;
        // A transaction that was begun goes on with its next command or not at all.
        let pending = match (cla, ins) {
            (0x80, 0x54 | 0x52 | 0xDC) => std::mem::replace(&mut self.pending, Pending::Nothing),
            _ => {
                self.pending = Pending::Nothing;
                Pending::Nothing
            }
        };
        match (cla, ins) {
            (0x00, 0xA4) => self.select(p1, &apdu.data),
            (0x00, 0xB0) => self.read_binary(p1, p2, apdu.expected),
            (0x00, 0xB2) => self.read_record(p1, p2, apdu.expected),
            (0x00, 0x84) => self.give_challenge(),
            (0x80, 0x5C) => exact(&apdu.data, 0).and(Ok(self.memory.balance_fen.to_be_bytes().to_vec())),
            (0x80, 0x50) => self.initialise(p1, &apdu.data),
            (0x80, 0xDC) => self.update_composite(pending, (p1, p2), apdu.data),
            (0x80, 0x54) => self.debit(pending, &apdu.data),
            (0x80, 0x52) => self.credit(pending, &apdu.data),
            (0x80, 0x5A) => self.prove(p2, &apdu.data),
            (0x84, 0x1E) => self.block(&apdu.data),
            (0x00 | 0x80 | 0x84, _) => Err(StatusWord::INSTRUCTION_NOT_SUPPORTED),
            _ => Err(StatusWord(0x6E00)),
        }
    }

    fn select(&mut self, p1: u8, data: &[u8]) -> Answer {
        let file = <[u8; 2]>::try_from(data).ok();
        let found = match (p1, self.profile.scheme) {
            (0x04, Scheme::TUnion) => data == Aid::T_UNION.bytes(),
            (0x04, Scheme::CityUnion) => data == Aid::CITY_UNION.bytes(),
            (0x00, Scheme::Pboc) => matches!(file, Some([0x3F, 0x00] | [0x10, 0x01] | [0x3F, 0x01])),
            (0x00, _) => file == Some([0x3F, 0x00]),
            _ => false,
        };
        if !found {
            return Err(StatusWord::FILE_NOT_FOUND);
        }
        self.at_master = file == Some([0x3F, 0x00]);
        if self.memory.is_blocked {
            return Err(StatusWord::APPLICATION_BLOCKED);
        }
        Ok(if p1 == 0x04 { fci(data, &self.profile.public.to_bytes()) } else { Vec::new() })
    }

    fn read_binary(&self, p1: u8, offset: u8, expected: Option<u8>) -> Answer {
        let file = match Sfi(p1 & 0x1F) {
            _ if p1 & 0x80 == 0 || self.at_master => return Err(StatusWord::FILE_NOT_FOUND),
            Sfi::PUBLIC => self.profile.public.to_bytes().to_vec(),
            Sfi::MANAGEMENT => self
                .profile
                .management
                .map(|management| management.to_bytes().to_vec())
                .ok_or(StatusWord::FILE_NOT_FOUND)?,
            Sfi::TRIP if self.profile.scheme == Scheme::TUnion => self.memory.trip.clone(),
            _ => return Err(StatusWord::FILE_NOT_FOUND),
        };
        let rest = file.get(usize::from(offset)..).filter(|rest| !rest.is_empty());
        cut(rest.ok_or(StatusWord::WRONG_OFFSET)?, expected)
    }

    fn read_record(&self, number: u8, p2: u8, expected: Option<u8>) -> Answer {
        let records = match (Sfi(p2 >> 3), p2 & 0x07) {
            _ if self.at_master => return Err(StatusWord::FILE_NOT_FOUND),
            (Sfi::LOG, 4) => &self.memory.log,
            (Sfi::TRIPS, 4) if self.profile.scheme == Scheme::TUnion => &self.memory.trips,
            (_, 4) => return Err(StatusWord::FILE_NOT_FOUND),
            _ => return Err(StatusWord::WRONG_PARAMETERS),
        };
        let record = usize::from(number).checked_sub(1).and_then(|at| records.get(at));
        cut(record.ok_or(StatusWord::RECORD_NOT_FOUND)?, expected)
    }

    fn give_challenge(&mut self) -> Answer {
        let challenge = (self.randoms)();
        self.challenge = Some(challenge);
        Ok(challenge.to_vec())
    }

    fn block(&mut self, data: &[u8]) -> Answer {
        let challenge = self.challenge.take().ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let header = crate::command::BlockApplication::HEADER;
        let mac = self.keys.maintenance.secure_messaging_mac(challenge, &header);
        if mac.is_none_or(|mac| mac.as_slice() != data) {
            return Err(StatusWord::SECURE_MESSAGING_WRONG);
        }
        self.memory.is_blocked = true;
        Ok(Vec::new())
    }

    fn initialise(&mut self, p1: u8, data: &[u8]) -> Answer {
        if self.memory.is_blocked {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        match p1 {
            0x00 => Credit::begin(self, data),
            0x01 => Purchase::begin(self, data, false),
            0x03 => Purchase::begin(self, data, true),
            _ => Err(StatusWord::WRONG_PARAMETERS),
        }
    }
}

/// The data are of that length.
pub(super) const fn exact(data: &[u8], length: usize) -> Result<(), StatusWord> {
    if data.len() == length { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}

/// As much of `data` as was asked for; `6CXX` when there is less.
fn cut(data: &[u8], expected: Option<u8>) -> Answer {
    let whole = || u8::try_from(data.len()).map_err(|_| StatusWord::WRONG_LENGTH);
    match expected {
        None => Err(StatusWord(u16::from_be_bytes([0x6C, whole()?]))),
        Some(0) => Ok(data.to_vec()),
        Some(length) => match data.get(..length.into()) {
            Some(part) => Ok(part.to_vec()),
            None => Err(StatusWord(u16::from_be_bytes([0x6C, whole()?]))),
        },
    }
}

/// File control information with file 15 in `9F0C`.
fn fci(name: &[u8], public: &[u8]) -> Vec<u8> {
    let tagged = |tag: &[u8], value: &[u8]| {
        let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
        [tag, &[length], value].concat()
    };
    let proprietary = [tagged(&[0x9F, 0x08], &[0x02]), tagged(&[0x9F, 0x0C], public)].concat();
    tagged(&[0x6F], &[tagged(&[0x84], name), tagged(&[0xA5], &proprietary)].concat())
}

impl Transport for SimulatedCard {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        if !self.is_powered {
            return Err(TransportError::CardGone);
        }
        let Some(Tear { point, .. }) = self.tear.take_if(|tear| tear.strikes(command)) else {
            return Ok(to_wire(self.execute(command)));
        };
        match point {
            TearPoint::Before | TearPoint::DuringUnwritten => {}
            TearPoint::DuringWritten | TearPoint::After => drop(self.execute(command)),
        }
        self.power_off();
        Err(TransportError::CardGone)
    }
}

impl std::fmt::Debug for SimulatedCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SimulatedCard({}, {} fen)", self.profile.public.serial, self.memory.balance_fen)
    }
}
