//! A load (圈存): the card asks, the load host answers, the card is credited; as steps that can each be journaled.

use tongclear_mac::LoadRequest;
use tongclear_types::{CardId, TerminalId, Tti};

use super::Moment;
use crate::command::{CreditLoad, InitialiseLoad, KeyIndex, LoadOffer};
use crate::load_host::{LoadAsked, LoadGrant, LoadHost, LoadRefusal};
use crate::{CardError, Channel, Transport};

/// What shall be given to the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadOrder {
    /// Fen.
    pub amount_fen: u32,
    /// Whose card.
    pub card: CardId,
    /// The load agent's terminal.
    pub terminal: TerminalId,
    /// Which load key.
    pub key_index: KeyIndex,
}

/// The card is ready to be given money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadStarted {
    /// What was ordered.
    pub order: LoadOrder,
    /// The card's side.
    pub offer: LoadOffer,
}

/// The host agreed: from here a credit can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadPending {
    /// What was ordered, and the card's side.
    pub started: LoadStarted,
    /// The host's side.
    pub grant: LoadGrant,
}

/// The card was credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// For the centre.
    pub tac: [u8; 4],
}

/// Why a load did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadFault {
    /// The card refused or went away.
    #[error("card: {0}")]
    Card(#[source] CardError),
    /// The host refused.
    #[error("load host: {0}")]
    Host(#[source] LoadRefusal),
}

impl LoadStarted {
    /// Tells the card what it will be given.
    ///
    /// # Errors
    /// The card refused, went away or answered garbage.
    pub fn begin<C: Transport>(card: &mut Channel<C>, order: LoadOrder) -> Result<Self, LoadFault> {
        let LoadOrder { amount_fen, terminal, key_index, .. } = order;
        let offer = card.ask(&InitialiseLoad { key_index, amount_fen, terminal }).map_err(LoadFault::Card)?;
        Ok(Self { order, offer })
    }

    /// Asks the host, who checks the card's MAC1 and writes the load into its book.
    ///
    /// # Errors
    /// The host's refusal; nothing was given.
    pub fn authorise(self, host: &mut dyn LoadHost, moment: Moment) -> Result<LoadPending, LoadFault> {
        let LoadOrder { amount_fen, card, terminal, .. } = self.order;
        let asked = LoadAsked {
            card,
            request: LoadRequest {
                balance_before_fen: self.offer.balance_fen,
                amount_fen,
                tti: Tti::LOAD,
                terminal,
            },
            online_counter: self.offer.online_counter,
            key_version: self.offer.key_version,
            algorithm: self.offer.algorithm,
            random: self.offer.random,
            mac1: self.offer.mac1,
            moment,
        };
        let grant = host.authorise(&asked).map_err(LoadFault::Host)?;
        Ok(LoadPending { started: self, grant })
    }
}

impl LoadPending {
    /// Fen on the purse once the credit has happened; none when it cannot hold that much.
    #[must_use]
    pub const fn balance_after_fen(&self) -> Option<u32> {
        self.started.offer.balance_fen.checked_add(self.started.order.amount_fen)
    }

    /// Gives the money. The caller has made its intent durable before.
    ///
    /// # Errors
    /// A status word means that nothing was given; anything else means that it is unknown.
    pub fn credit<C: Transport>(&self, card: &mut Channel<C>) -> Result<Loaded, CardError> {
        let LoadGrant { moment: Moment { date, time }, mac2, .. } = self.grant;
        card.ask(&CreditLoad { date, time, mac2 }).map(|tac| Loaded { tac })
    }
}
