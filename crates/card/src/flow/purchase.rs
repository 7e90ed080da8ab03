//! A purchase between card and PSAM, simple or composite, as steps that can each be journaled.
//!
//! [`Prepared`] → debit → [`Debited`] → confirm → [`Settled`]. Whatever happens between the debit's command and its
//! answer is unknown to the terminal: [`Prepared::debit`] gives an error and `recover` finds out.

use tongclear_mac::KeyLevels;
use tongclear_types::{BcdDate, BcdTime, CardId, TerminalId, TerminalNumber, Tti};

use crate::command::{
    Debit, DebitAnswer, InitialisePurchase, KeyIndex, PsamDebit, PsamInfo, PsamInitialise, PsamKeyIndex,
    PsamTerminalId, PurchaseOffer, UpdateComposite, VerifyMac2,
};
use crate::{CardError, Channel, StatusWord, Transport};

/// A date and time by the terminal's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Date.
    pub date: BcdDate,
    /// Time.
    pub time: BcdTime,
}

/// A PSAM that said who it is.
#[derive(Debug)]
pub struct Psam<T> {
    channel: Channel<T>,
    /// The terminal id that it was issued with.
    pub terminal: TerminalId,
    /// Which purchase key the terminal names to cards.
    pub key_index: KeyIndex,
    /// Its own serial and version.
    pub info: [u8; 14],
}

impl<T: Transport> Psam<T> {
    /// Asks the PSAM in `transport` who it is.
    ///
    /// # Errors
    /// It did not answer, or not as a PSAM.
    pub fn open(transport: T) -> Result<Self, CardError> {
        let mut channel = Channel::new(transport);
        let terminal = channel.ask(&PsamTerminalId)?;
        let info = channel.ask(&PsamInfo)?;
        let key_index = channel.ask(&PsamKeyIndex)?;
        Ok(Self { channel, terminal, key_index, info })
    }

    /// The conversation with it.
    pub const fn channel(&mut self) -> &mut Channel<T> {
        &mut self.channel
    }

    /// Makes the PSAM count on after a debit whose answer never came, so that its number is not used twice: it is shown
    /// a MAC2 that cannot be right.
    ///
    /// # Errors
    /// It did not answer, or answered otherwise than it does to a wrong MAC2.
    pub fn spend_number(&mut self) -> Result<(), CardError> {
        match self.channel.ask(&VerifyMac2 { mac2: [0; 4] }) {
            Ok(()) | Err(CardError::Status { status: StatusWord::MAC_WRONG, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What shall be taken from the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Fen; may be 0 when composite.
    pub amount_fen: u32,
    /// When.
    pub moment: Moment,
    /// Whose card.
    pub card: CardId,
    /// By how many factors its keys are diversified.
    pub levels: KeyLevels,
    /// What a composite purchase writes; none for a simple one.
    pub composite: Option<Vec<UpdateComposite>>,
}

impl Order {
    /// Transaction type.
    #[must_use]
    pub const fn tti(&self) -> Tti {
        if self.composite.is_some() { Tti::COMPOSITE_PURCHASE } else { Tti::PURCHASE }
    }
}

/// Who of the two did not do its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PurchaseFault {
    /// The card.
    #[error("card: {0}")]
    Card(#[source] CardError),
    /// The PSAM.
    #[error("PSAM: {0}")]
    Psam(#[source] CardError),
}

/// Both sides are ready: from here a debit can be asked for. Nothing has been taken yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// What was ordered.
    pub order: Order,
    /// The terminal in whose name.
    pub terminal: TerminalId,
    /// The card's side.
    pub offer: PurchaseOffer,
    /// The PSAM's number of this transaction.
    pub terminal_number: TerminalNumber,
    mac1: [u8; 4],
}

impl Prepared {
    /// Initialises card and PSAM, in that order.
    ///
    /// # Errors
    /// Either refused, went away or answered garbage; no money was taken.
    pub fn prepare<C: Transport, P: Transport>(
        card: &mut Channel<C>,
        psam: &mut Psam<P>,
        order: Order,
    ) -> Result<Self, PurchaseFault> {
        let offer = card
            .ask(&InitialisePurchase {
                composite: order.composite.is_some(),
                key_index: psam.key_index,
                amount_fen: order.amount_fen,
                terminal: psam.terminal,
            })
            .map_err(PurchaseFault::Card)?;
        for update in order.composite.iter().flatten() {
            card.ask(update).map_err(PurchaseFault::Card)?;
        }
        let answer = psam
            .channel
            .ask(&PsamInitialise(PsamDebit {
                random: offer.random,
                offline_counter: offer.offline_counter,
                amount_fen: order.amount_fen,
                tti: order.tti(),
                date: order.moment.date,
                time: order.moment.time,
                key_version: offer.key_version,
                algorithm: offer.algorithm,
                card: order.card,
                levels: order.levels,
            }))
            .map_err(PurchaseFault::Psam)?;
        let terminal = psam.terminal;
        Ok(Self { order, terminal, offer, terminal_number: answer.terminal_number, mac1: answer.mac1 })
    }

    /// Fen on the purse once the debit has happened; none when the card promised less than the amount.
    #[must_use]
    pub const fn balance_after_fen(&self) -> Option<u32> {
        self.offer.balance_fen.checked_sub(self.order.amount_fen)
    }

    /// Takes the money. The caller has made its intent durable before.
    ///
    /// # Errors
    /// A status word means that nothing was taken; anything else means that it is unknown.
    pub fn debit<C: Transport>(&self, card: &mut Channel<C>) -> Result<Debited, CardError> {
        card.ask(&Debit {
            terminal_number: self.terminal_number,
            date: self.order.moment.date,
            time: self.order.moment.time,
            mac1: self.mac1,
        })
        .map(|DebitAnswer { tac, mac2 }| Debited { tac, mac2 })
    }
}

/// The card says that it has paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Debited {
    /// For the centre.
    pub tac: [u8; 4],
    mac2: [u8; 4],
}

impl Debited {
    /// Lets the PSAM judge whether the card is real.
    ///
    /// # Errors
    /// `9302`: it is not, or their keys differ.
    pub fn confirm<P: Transport>(self, psam: &mut Psam<P>) -> Result<Settled, CardError> {
        psam.channel.ask(&VerifyMac2 { mac2: self.mac2 }).map(|()| Settled { tac: self.tac })
    }
}

/// The money was taken and the card is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// For the centre.
    pub tac: [u8; 4],
}
