//! A conversation with the card in a reader.

use std::fmt;

use pcsc::{Card, Disposition, MAX_BUFFER_SIZE, Protocols, ShareMode, Transaction};
use tongclear_card::{Transport, TransportError};

use crate::error::in_conversation;

/// The card in a reader.
pub struct PcscTransport {
    card: Card,
    reader: String,
}

impl PcscTransport {
    pub(crate) const fn new(card: Card, reader: String) -> Self {
        Self { card, reader }
    }

    /// The reader's name.
    #[must_use]
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// Holds the card for one conversation: no other program's commands come in between.
    ///
    /// # Errors
    /// The card or the reader is gone; the card was reset, and [`PcscTransport::reconnect`] is needed first.
    pub fn exclusively<A>(
        &mut self,
        work: impl FnOnce(&mut Exclusive<'_>) -> A,
    ) -> Result<A, TransportError> {
        let transaction = self.card.transaction().map_err(in_conversation)?;
        let mut exclusive = Exclusive { transaction };
        let done = work(&mut exclusive);
        // A card that left in the middle cannot be let go of; what was done with it is known already.
        drop(exclusive.transaction.end(Disposition::LeaveCard));
        Ok(done)
    }

    /// Takes up the conversation after the card was reset; whatever was selected or begun is forgotten.
    ///
    /// # Errors
    /// The card or the reader is gone.
    pub fn reconnect(&mut self) -> Result<(), TransportError> {
        self.card
            .reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard)
            .map_err(in_conversation)
    }

    /// Resets the card: nothing is selected, nothing begun.
    ///
    /// # Errors
    /// The card or the reader is gone.
    pub fn reset(&mut self) -> Result<(), TransportError> {
        self.card
            .reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard)
            .map_err(in_conversation)
    }
}

/// Sends one command and copies the answer.
fn transmit(card: &Card, command: &[u8]) -> Result<Vec<u8>, TransportError> {
    let mut buffer = [0; MAX_BUFFER_SIZE];
    match card.transmit(command, &mut buffer).map_err(in_conversation)? {
        // Some drivers answer with nothing when the card left in the middle; no card answers without a status word.
        [] => Err(TransportError::CardGone),
        answer => Ok(answer.to_vec()),
    }
}

impl Transport for PcscTransport {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        transmit(&self.card, command)
    }
}

impl fmt::Debug for PcscTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PcscTransport({:?})", self.reader)
    }
}

/// The card in a reader, held for this conversation alone.
pub struct Exclusive<'a> {
    transaction: Transaction<'a>,
}

impl Transport for Exclusive<'_> {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        transmit(&self.transaction, command)
    }
}
