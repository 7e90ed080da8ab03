//! Anomalies: each is made from a tap that really happened, so that its truth follows from what was done to it.
//!
//! A kind that cannot be made at its slot (no such merchant, no card that fits, no earlier window) leaves everything
//! as it was and says so; the city then turns to the next kind.

mod chain;
mod copy;
mod refuse;
mod suspend;

use tongclear_types::{Reason, Verdict};

use crate::draft::{Draft, Slot};
use crate::kind::Anomaly;
use crate::plan::SimError;
use crate::world::{Tap, World};

/// What was made: the kind, or nothing.
type Made<T = Anomaly> = Result<Option<T>, SimError>;

/// Leaves the function, with nothing made, when a wish cannot be met.
macro_rules! wish {
    ($wish:expr) => {
        match $wish {
            Some(granted) => granted,
            None => return Ok(None),
        }
    };
}
use wish;

impl World<'_> {
    /// Makes one anomaly of `kind` in `slot`, if it can be made there.
    ///
    /// # Errors
    /// [`SimError`] when something cannot be written.
    pub(crate) fn inject(&mut self, kind: Anomaly, slot: Slot) -> Made {
        if kind.spans_windows() && !self.may_carry() {
            return Ok(None);
        }
        match kind {
            Anomaly::MalformedDate | Anomaly::MalformedTime | Anomaly::MalformedType => {
                self.malformed(kind, slot)
            }
            Anomaly::TestCard | Anomaly::UnknownOperator => self.phantom_card(kind, slot),
            Anomaly::UnknownTerminal | Anomaly::OtherMerchantsTerminal | Anomaly::RetiredTerminal => {
                self.wrong_terminal(kind, slot)
            }
            Anomaly::TacFlipped | Anomaly::AmountTampered => self.wrong_tac(kind, slot),
            Anomaly::DenyListed | Anomaly::DenyListedLate => self.listed(kind, slot),
            Anomaly::FutureDated
            | Anomaly::TooOld
            | Anomaly::UnknownKeyVersion
            | Anomaly::UnknownAlgorithm
            | Anomaly::BalanceArithmetic => self.suspended(kind, slot),
            Anomaly::ContractNotInForce | Anomaly::ContractForOthers | Anomaly::OverLimit => {
                self.contract(kind, slot)
            }
            Anomaly::DuplicateSamePackage
            | Anomaly::DuplicateLaterPackage
            | Anomaly::DuplicateNextWindow
            | Anomaly::DuplicateOtherCounter => self.copy(kind, slot),
            Anomaly::DuplicateOtherCollector => self.copy_elsewhere(slot),
            Anomaly::SuspendedTwice | Anomaly::SuspendedNextWindow => self.copy_suspended(kind, slot),
            Anomaly::ReplayNextWindow => self.begin_replay(slot),
            Anomaly::NumberReused => self.number_reused(slot),
            Anomaly::StaleCounter | Anomaly::CounterJump => self.counter_astray(kind, slot),
            Anomaly::CounterConflict => self.clone_taps(slot),
            Anomaly::RecordLost => self.lose(slot),
            Anomaly::GapClosed => self.hold_one_of_two(slot),
            Anomaly::BalanceBreak => self.break_balance(slot),
            Anomaly::Supplementary => self.supplementary(slot),
            Anomaly::Late => self.late(slot),
            Anomaly::LateNextWindow => self.hold(slot),
            Anomaly::CorrectedSameWindow | Anomaly::CorrectedNextWindow => self.corrected(kind, slot),
        }
    }

    /// Carries out `draft` as a genuine transaction, for its record to be spoilt.
    fn genuine(&mut self, draft: &Draft) -> Result<Tap, SimError> {
        self.genuine_with(draft, 1)
    }

    /// As [`World::genuine`], where `records_due` records will carry its own card, type and terminal number.
    fn genuine_with(&mut self, draft: &Draft, records_due: u8) -> Result<Tap, SimError> {
        let mut tap = self.tap(draft);
        self.book(&mut tap, records_due)?;
        Ok(tap)
    }

    /// Carries out `draft` as a transaction that the centre gets no record of under its own type: the centre may
    /// look one up by its counter, so no other record may have that. None when one has.
    fn unseen(&mut self, draft: &Draft) -> Made<Tap> {
        let card = &self.cards[draft.card];
        if !draft.is_load() && !self.encounters.may_be_unseen(draft.card, card.offline) {
            return Ok(None);
        }
        let tap = self.genuine_with(draft, 0)?;
        if !draft.is_load() {
            self.encounters.unseen(draft.card, tap.record.offline_counter);
        }
        Ok(Some(tap))
    }

    /// A purchase counter that is not the card's, for a record of it: the first of `counters` by which the centre will
    /// look up no line.
    pub(crate) fn misread_counter(
        &mut self,
        card: usize,
        mut counters: impl Iterator<Item = u16>,
    ) -> Option<u16> {
        let counter = counters.find(|it| self.encounters.may_be_misread(card, *it))?;
        self.encounters.misread(card, counter);
        Some(counter)
    }

    /// Sends a record that is refused for `reason`.
    fn send_refused(&mut self, tap: &Tap, reason: Reason) -> Result<(), SimError> {
        self.send(tap, Verdict::Refused(reason))
    }
}
