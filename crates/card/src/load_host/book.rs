//! The host's book: every grant, and what became of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongclear_types::{CardId, TerminalId};

/// A line of the book, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(pub u64);

/// What became of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// Not known yet.
    Open,
    /// The card was credited.
    Confirmed {
        /// The card's TAC.
        tac: [u8; 4],
    },
    /// The card was not credited.
    Withdrawn,
}

/// A grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookEntry {
    /// Whose card.
    pub card: CardId,
    /// The load agent's terminal.
    pub terminal: TerminalId,
    /// Online counter, before.
    pub online_counter: u16,
    /// Fen.
    pub amount_fen: u32,
    /// What became of it.
    pub state: GrantState,
}

/// Grants by their ids; never changed but for their state, never deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LoadBook {
    entries: BTreeMap<GrantId, BookEntry>,
}

impl LoadBook {
    /// Writes a grant.
    pub fn grant(&mut self, entry: BookEntry) -> GrantId {
        let id = GrantId(self.entries.last_key_value().map_or(1, |(GrantId(last), _)| last + 1));
        self.entries.insert(id, entry);
        id
    }

    /// Closes a grant; one that is closed already stays as it is.
    pub fn close(&mut self, id: GrantId, state: GrantState) {
        if let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.state == GrantState::Open) {
            entry.state = state;
        }
    }

    /// All grants, in their order.
    pub fn entries(&self) -> impl Iterator<Item = (GrantId, &BookEntry)> {
        self.entries.iter().map(|(id, entry)| (*id, entry))
    }
}
