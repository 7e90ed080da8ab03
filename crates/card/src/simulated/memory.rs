//! What a simulated card keeps when its power goes.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use tongclear_types::Tti;

use crate::file::{Management, PublicInfo, Trip};
use crate::flow::Scheme;

/// Records that the log and the trip file hold.
pub(super) const RECORDS_MAX: usize = 10;

/// Which counter a card writes into its log and wants in GET TRANSACTION PROVE: real cards differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterConvention {
    /// The one from initialise.
    Before,
    /// That plus one.
    After,
}

impl CounterConvention {
    /// The counter under this convention of a transaction whose initialise gave `before`.
    #[must_use]
    pub const fn of(self, before: u16) -> u16 {
        match self {
            Self::Before => before,
            Self::After => before.saturating_add(1),
        }
    }
}

/// What the issuer wrote into a card.
#[derive(Debug, Clone)]
pub struct CardProfile {
    /// Which applications it answers to.
    pub scheme: Scheme,
    /// File 15.
    pub public: PublicInfo,
    /// File 17 of a T-Union card.
    pub management: Option<Management>,
    /// For the log.
    pub log_counter: CounterConvention,
    /// For GET TRANSACTION PROVE.
    pub prove_counter: CounterConvention,
    /// Which purchase and load key the card has.
    pub key_index: u8,
    /// How far below zero the purse may go, fen, below 2^24.
    pub overdraft_limit_fen: u32,
}

/// The proof of a card's last transaction of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProveMemory {
    pub(super) tti: u8,
    pub(super) counter: u16,
    pub(super) mac: [u8; 4],
    pub(super) tac: [u8; 4],
}

/// What changes in a card, and survives a power cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardMemory {
    /// Fen on the purse.
    pub balance_fen: u32,
    /// Next purchase's counter.
    pub offline_counter: u16,
    /// Next load's counter.
    pub online_counter: u16,
    /// Whether the application is locked.
    pub is_blocked: bool,
    /// Log records, newest first.
    pub(super) log: VecDeque<Vec<u8>>,
    /// Proofs of the last purchase and the last load.
    pub(super) proves: Vec<ProveMemory>,
    /// File 1A.
    pub(super) trip: Vec<u8>,
    /// Records of file 1E, newest first.
    pub(super) trips: VecDeque<Vec<u8>>,
}

impl CardMemory {
    /// A card that was never used.
    #[must_use]
    pub fn new(balance_fen: u32, offline_counter: u16, online_counter: u16) -> Self {
        Self {
            balance_fen,
            offline_counter,
            online_counter,
            is_blocked: false,
            log: VecDeque::new(),
            proves: Vec::new(),
            trip: Trip::NONE.bytes().to_vec(),
            trips: VecDeque::new(),
        }
    }

    /// Writes `record` into the log, over the oldest when it is full.
    pub(super) fn write_log(&mut self, record: [u8; 23]) {
        push_cyclic(&mut self.log, record.to_vec());
    }

    /// Writes a record of file 1E.
    pub(super) fn write_trip_record(&mut self, record: Vec<u8>) {
        push_cyclic(&mut self.trips, record);
    }

    /// Remembers `prove` as the last of its chain.
    pub(super) fn remember(&mut self, prove: ProveMemory) {
        self.proves.retain(|it| Tti(it.tti).chain() != Tti(prove.tti).chain());
        self.proves.push(prove);
    }
}

/// Puts `record` first and forgets the oldest.
fn push_cyclic(records: &mut VecDeque<Vec<u8>>, record: Vec<u8>) {
    records.push_front(record);
    records.truncate(RECORDS_MAX);
}
