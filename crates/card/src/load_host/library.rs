//! The library's own load host, over a key ring's load masters.

use tongclear_mac::{Algorithm, KeyLevels, MasterKey, Terms, mac_matches};
use tongclear_types::CardId;

use super::{BookEntry, GrantId, GrantState, LoadAsked, LoadBook, LoadGrant, LoadHost, LoadRefusal};

/// Most that a purse may hold, fen: 1,000 yuan (JR/T 0025.1-2010 leaves it to the issuer; T-Union has 1,000).
const PURSE_LIMIT_FEN: u32 = 100_000;

/// Where the host finds load keys.
pub trait LoadKeys {
    /// The load master for `card` by version and algorithm, and by how many factors it is diversified.
    fn load_master(
        &self,
        card: &CardId,
        version: u8,
        algorithm: Algorithm,
    ) -> Option<(&MasterKey, KeyLevels)>;
}

/// A load host in the same program.
#[derive(Debug)]
pub struct LibraryLoadHost<K> {
    keys: K,
    limit_fen: u32,
    book: LoadBook,
}

impl<K: LoadKeys> LibraryLoadHost<K> {
    /// A host with these keys that goes on with `book`.
    pub const fn new(keys: K, book: LoadBook) -> Self {
        Self { keys, limit_fen: PURSE_LIMIT_FEN, book }
    }

    /// The book.
    pub const fn book(&self) -> &LoadBook {
        &self.book
    }
}

impl<K: LoadKeys> LoadHost for LibraryLoadHost<K> {
    fn authorise(&mut self, asked: &LoadAsked) -> Result<LoadGrant, LoadRefusal> {
        let unknown = LoadRefusal::UnknownKey { version: asked.key_version, algorithm: asked.algorithm };
        let (master, levels) = Algorithm::from_record_byte(asked.algorithm)
            .and_then(|algorithm| self.keys.load_master(&asked.card, asked.key_version, algorithm))
            .ok_or(unknown)?;
        let session = master.for_card(levels, &asked.card).load_session(asked.random, asked.online_counter);
        if !mac_matches(&session.load_mac1(&asked.request), &asked.mac1) {
            return Err(LoadRefusal::MacWrong);
        }
        let after_fen = u64::from(asked.request.balance_before_fen) + u64::from(asked.request.amount_fen);
        if after_fen > self.limit_fen.into() {
            return Err(LoadRefusal::TooMuch { after_fen, limit_fen: self.limit_fen });
        }
        // From here on it must succeed.
        let id = self.book.grant(BookEntry {
            card: asked.card,
            terminal: asked.request.terminal,
            online_counter: asked.online_counter,
            amount_fen: asked.request.amount_fen,
            state: GrantState::Open,
        });
        let mac2 = session.load_mac2(&Terms {
            amount_fen: asked.request.amount_fen,
            tti: asked.request.tti,
            terminal: asked.request.terminal,
            date: asked.moment.date,
            time: asked.moment.time,
        });
        Ok(LoadGrant { id, moment: asked.moment, mac2 })
    }

    fn confirm(&mut self, id: GrantId, tac: [u8; 4]) -> Result<(), LoadRefusal> {
        self.book.close(id, GrantState::Confirmed { tac });
        Ok(())
    }

    fn withdraw(&mut self, id: GrantId) -> Result<(), LoadRefusal> {
        self.book.close(id, GrantState::Withdrawn);
        Ok(())
    }
}
