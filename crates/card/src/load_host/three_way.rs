//! Three books of the same loads: the agent's, the host's and the card's. Where do they disagree?

use std::collections::{BTreeMap, BTreeSet};

use tongclear_types::CardId;

use super::{GrantState, LoadBook};

/// A load as the agent's journal or a card's log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadSeen {
    /// Whose card.
    pub card: CardId,
    /// Online counter, before.
    pub online_counter: u16,
    /// Fen.
    pub amount_fen: u32,
}

/// A load that not all three books have, or not with the same amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    /// Whose card.
    pub card: CardId,
    /// Online counter, before.
    pub online_counter: u16,
    /// Fen in the agent's book.
    pub agent_fen: Option<u32>,
    /// Fen in the host's book, confirmed or open.
    pub host_fen: Option<u32>,
    /// Fen in the card's log.
    pub card_fen: Option<u32>,
}

/// Compares the three; a grant that was withdrawn is none. A card whose log was not read has no say: give it in `read`
/// only if its log reaches back to the loads in question.
#[must_use]
pub fn compare(
    agent: &[LoadSeen],
    host: &LoadBook,
    cards: &[LoadSeen],
    read: &BTreeSet<CardId>,
) -> Vec<Disagreement> {
    let mut loads: BTreeMap<(CardId, u16), [Option<u32>; 3]> = BTreeMap::new();
    for (at, side) in [(0, agent), (2, cards)] {
        for seen in side {
            loads.entry((seen.card, seen.online_counter)).or_default()[at] = Some(seen.amount_fen);
        }
    }
    for (_, entry) in host.entries().filter(|(_, entry)| entry.state != GrantState::Withdrawn) {
        loads.entry((entry.card, entry.online_counter)).or_default()[1] = Some(entry.amount_fen);
    }
    loads
        .into_iter()
        .filter(|((card, _), [agent, host, on_card])| {
            agent != host || (read.contains(card) && on_card != host)
        })
        .map(|((card, online_counter), [agent_fen, host_fen, card_fen])| Disagreement {
            card,
            online_counter,
            agent_fen,
            host_fen,
            card_fen,
        })
        .collect()
}
