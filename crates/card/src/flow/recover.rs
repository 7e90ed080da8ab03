//! Torn transactions (防拔): whether a debit or load that was cut off happened (`card.md`, *Torn transactions*).
//!
//! The card must be back, its purse selected. Cards differ in which counter they expect, the one from initialise or that
//! plus one: both are asked. An answer alone is not enough: balance and counter must have moved as expected.

use tongclear_types::{TerminalId, Tti};

use crate::command::{GetBalance, InitialiseLoad, InitialisePurchase, KeyIndex, Prove, TransactionProve};
use crate::{CardError, Channel, StatusWord, Transport};

/// What the card says of a transaction that was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It happened; the TAC is the one that was lost.
    Happened(Prove),
    /// It did not: the card knows of none, and balance and counter are as before.
    DidNotHappen,
    /// The card cannot tell: what it holds fits neither.
    Undecided {
        /// Fen on the purse now.
        balance_fen: u32,
        /// The counter now.
        counter: u16,
    },
}

/// What the card said at initialise, and what was asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cut {
    tti: Tti,
    counter: u16,
    balance_before_fen: u32,
    balance_after_fen: u32,
}

/// Finds out about a purchase whose initialise gave `counter` and `balance_before_fen`.
///
/// # Errors
/// The card went away again, or refused even to be asked.
pub fn prove_purchase<T: Transport>(
    card: &mut Channel<T>,
    tti: Tti,
    counter: u16,
    (balance_before_fen, balance_after_fen): (u32, u32),
    (key_index, terminal): (KeyIndex, TerminalId),
) -> Result<Proof, CardError> {
    let cut = Cut { tti, counter, balance_before_fen, balance_after_fen };
    let proves = ask_both(card, cut)?;
    // A purchase of nothing tells the offline counter and changes nothing.
    let probe =
        InitialisePurchase { composite: tti == Tti::COMPOSITE_PURCHASE, key_index, amount_fen: 0, terminal };
    let offer = card.ask(&probe)?;
    Ok(cut.judge(proves, offer.balance_fen, offer.offline_counter))
}

/// Finds out about a load whose initialise gave `counter` and `balance_before_fen`.
///
/// # Errors
/// The card went away again, or refused even to be asked.
pub fn prove_load<T: Transport>(
    card: &mut Channel<T>,
    counter: u16,
    (balance_before_fen, balance_after_fen): (u32, u32),
    (key_index, terminal): (KeyIndex, TerminalId),
) -> Result<Proof, CardError> {
    let cut = Cut { tti: Tti::LOAD, counter, balance_before_fen, balance_after_fen };
    let proves = ask_both(card, cut)?;
    let balance_fen = card.ask(&GetBalance)?;
    let offer = card.ask(&InitialiseLoad { key_index, amount_fen: 0, terminal })?;
    Ok(cut.judge(proves, balance_fen, offer.online_counter))
}

/// Asks for the proof under both counters; the first that answers.
fn ask_both<T: Transport>(card: &mut Channel<T>, cut: Cut) -> Result<Option<Prove>, CardError> {
    for counter in [Some(cut.counter), cut.counter.checked_add(1)].into_iter().flatten() {
        match card.ask(&TransactionProve { tti: cut.tti, counter }) {
            Ok(prove) => return Ok(Some(prove)),
            Err(CardError::Status { status: StatusWord::NO_PROVE, .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

impl Cut {
    fn judge(&self, prove: Option<Prove>, balance_fen: u32, counter: u16) -> Proof {
        let has_moved = self.counter.checked_add(1) == Some(counter) && balance_fen == self.balance_after_fen;
        let stands = counter == self.counter && balance_fen == self.balance_before_fen;
        match prove {
            Some(prove) if has_moved => Proof::Happened(prove),
            // Under the other convention the answer is about the transaction before.
            _ if stands => Proof::DidNotHappen,
            _ => Proof::Undecided { balance_fen, counter },
        }
    }
}
