//! The load host (圈存主机): checks a card's MAC1, answers MAC2, and keeps a book of what it granted.

mod book;
mod library;
mod three_way;

pub use book::{BookEntry, GrantId, GrantState, LoadBook};
pub use library::{LibraryLoadHost, LoadKeys};
pub use three_way::{Disagreement, LoadSeen, compare};

use tongclear_mac::LoadRequest;
use tongclear_types::CardId;

use crate::flow::Moment;

/// A load that a terminal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadAsked {
    /// Whose card.
    pub card: CardId,
    /// Balance, amount, type and terminal: what MAC1 is computed over.
    pub request: LoadRequest,
    /// Online counter, before.
    pub online_counter: u16,
    /// Version of the load key.
    pub key_version: u8,
    /// Algorithm byte.
    pub algorithm: u8,
    /// The card's random.
    pub random: [u8; 4],
    /// By which the host believes the card.
    pub mac1: [u8; 4],
    /// By the host's clock.
    pub moment: Moment,
}

/// What the host grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadGrant {
    /// Its line in the host's book.
    pub id: GrantId,
    /// Date and time that the card shall write.
    pub moment: Moment,
    /// By which the card believes the host.
    pub mac2: [u8; 4],
}

/// Why a host does not grant a load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadRefusal {
    /// No key of that version and algorithm.
    #[error("no load key of version {version}, algorithm byte {algorithm:02x}, for that card")]
    UnknownKey {
        /// As the card named it.
        version: u8,
        /// As the card named it.
        algorithm: u8,
    },
    /// The card is not real, or speaks of another balance or amount.
    #[error("the card's MAC1 is wrong")]
    MacWrong,
    /// More than the purse may hold.
    #[error("the purse would hold {after_fen} fen, its limit is {limit_fen}")]
    TooMuch {
        /// Fen after the load.
        after_fen: u64,
        /// Fen.
        limit_fen: u32,
    },
    /// The host could not be reached or could not keep its book.
    #[error("the load host failed: {0}")]
    Unavailable(String),
}

/// Whoever grants loads; the library's own is [`LibraryLoadHost`], a card operator's may stand behind a network.
pub trait LoadHost {
    /// Judges `asked`, and writes a grant into the book before it is answered.
    ///
    /// # Errors
    /// Why not; nothing was written.
    fn authorise(&mut self, asked: &LoadAsked) -> Result<LoadGrant, LoadRefusal>;

    /// The card was credited, with this TAC.
    ///
    /// # Errors
    /// The host could not be told: tell it again.
    fn confirm(&mut self, id: GrantId, tac: [u8; 4]) -> Result<(), LoadRefusal>;

    /// The card was not credited.
    ///
    /// # Errors
    /// The host could not be told: tell it again.
    fn withdraw(&mut self, id: GrantId) -> Result<(), LoadRefusal>;
}
