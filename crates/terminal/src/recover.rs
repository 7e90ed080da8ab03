//! Taps that were cut off: when the card is back, it is asked whether the debit or load happened (`card.md`, *Torn
//! transactions*). Open taps of other terminals are proven too, in their name, where they were handed over.

use tongclear_card::command::KeyIndex;
use tongclear_card::flow::{Proof, prove_load, prove_purchase};
use tongclear_card::{CardError, Channel, Transport};
use tongclear_types::{Chain, RecordFlags, TransactionRecord};

use crate::journal::StoredTap;
use crate::look::{Seen, balance, failed};
use crate::{Outcome, Terminal, TerminalError, Verdict};

impl Terminal {
    /// Closes what `seen` left open here. An outcome when the card is done with: the torn tap was this ride's, or the card
    /// left again.
    pub(crate) fn recover<C: Transport>(
        &mut self,
        card: &mut Channel<C>,
        seen: &Seen,
        key_index: KeyIndex,
    ) -> Result<Option<Outcome>, TerminalError> {
        let mut outcome = None;
        for tap in self.journal.open_taps_of(&seen.card())? {
            match ask(card, &tap.record, key_index) {
                Ok(Proof::Happened(prove)) => {
                    let verdict = self.close_paid(&tap, prove.tac)?;
                    outcome = self.is_this_ride(&tap).then(|| Outcome {
                        card: Some(seen.card()),
                        tap: Some(tap.id),
                        amount_fen: Some(tap.record.amount_fen),
                        balance_fen: balance(card),
                        ..Outcome::new(verdict)
                    });
                }
                Ok(Proof::DidNotHappen) => {
                    self.journal.refuse(tap.id, "did_not_happen", self.now_ms())?;
                }
                Ok(Proof::Undecided { balance_fen, counter }) => {
                    let why = format!("undecided: the card has {balance_fen} fen at counter {counter}");
                    self.journal.leave_open(tap.id, &why)?;
                }
                Err(error @ CardError::Transport { .. }) => {
                    return Ok(Some(Outcome { card: Some(seen.card()), ..failed(&error) }));
                }
                Err(error) => self.journal.leave_open(tap.id, &format!("not proven: {error}"))?,
            }
        }
        Ok(outcome)
    }

    /// Closes a tap as paid with a TAC that came later.
    pub(crate) fn close_paid(&mut self, tap: &StoredTap, tac: [u8; 4]) -> Result<Verdict, TerminalError> {
        let flags = RecordFlags(tap.record.flags.0 | RecordFlags::SUPPLEMENTARY);
        let record = TransactionRecord { tac, flags, ..tap.record };
        self.journal.pay(tap.id, &record, Verdict::Recovered.name(), self.now_ms())?;
        Ok(match record.sort_chain() {
            Chain::Purchase => Verdict::Recovered,
            Chain::Load => Verdict::Loaded,
        })
    }

    /// Whether a torn tap belongs to the ride that the passenger is about to begin.
    fn is_this_ride(&self, tap: &StoredTap) -> bool {
        let age_ms = self.now_ms().saturating_sub(tap.written_ms);
        age_ms <= i64::from(self.config.rules.same_tap_seconds) * 1_000
    }

    /// Proves taps of other terminals that `seen` left open there, before its memory of them is written over.
    pub(crate) fn prove_for_neighbours<C: Transport>(
        &mut self,
        card: &mut Channel<C>,
        seen: &Seen,
        key_index: KeyIndex,
    ) -> Result<(), TerminalError> {
        for record in self.journal.neighbours_of(&seen.card())? {
            // The neighbour keeps its tap open when the card cannot tell.
            match ask(card, &record, key_index) {
                Ok(Proof::Happened(prove)) => {
                    self.journal.neighbour_proven(
                        record.terminal,
                        record.terminal_number,
                        Some(prove.tac),
                    )?;
                }
                Ok(Proof::DidNotHappen) => {
                    self.journal.neighbour_proven(record.terminal, record.terminal_number, None)?;
                }
                Ok(Proof::Undecided { .. }) | Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Asks the card about the transaction of `record`.
fn ask<C: Transport>(
    card: &mut Channel<C>,
    record: &TransactionRecord,
    key_index: KeyIndex,
) -> Result<Proof, CardError> {
    let balances = (record.balance_before_fen, record.balance_after_fen);
    let by = (key_index, record.terminal);
    match record.sort_chain() {
        Chain::Purchase => prove_purchase(card, record.tti, record.offline_counter, balances, by),
        Chain::Load => prove_load(card, record.online_counter, balances, by),
    }
}
