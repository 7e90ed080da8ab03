//! Anomalies of a card's chain: counters astray, clones, losses, records that come late or twice.

use tongclear_types::{BcdDate, Chain, Reason, RecordFlags, Sector, TerminalNumber};

use super::{Made, wish};
use crate::draft::Slot;
use crate::kind::Anomaly;
use crate::plan::SimError;
use crate::view::{JUMP_ABOVE, STALE_BELOW};
use crate::world::{Carried, World};

/// How far beyond a limit a counter goes, at most.
const BEYOND_MAX: u16 = 400;
/// Days that a terminal keeps a record before its collector takes it, at most; well below the centre's 30.
const KEPT_DAYS_MAX: u32 = 24;

impl World<'_> {
    /// A genuine purchase on a terminal that uses a number again which an earlier window accepted.
    pub(super) fn number_reused(&mut self, slot: Slot) -> Made {
        let mut draft = wish!(self.draft_purchase_if(slot, |_| true));
        let terminals = self.city.merchants[draft.merchant].terminals.clone();
        for _ in 0..8 {
            let index = terminals.start + self.random.index(terminals.len());
            let terminal = &mut self.city.terminals[index];
            let Some(number) = terminal.take_accepted_before(draft.card, self.day) else { continue };
            draft.terminal = index;
            draft.collector = terminal.collector;
            let mut tap = self.tap_numbered(&draft, TerminalNumber(number));
            self.book(&mut tap, 1)?;
            self.send_refused(&tap, Reason::NumberConflict)?;
            return Ok(Some(Anomaly::NumberReused));
        }
        Ok(None)
    }

    /// A genuine purchase whose counter the terminal misread: too far below or above the card's highest.
    pub(super) fn counter_astray(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let (low, high) = (STALE_BELOW + 1, u16::MAX - JUMP_ABOVE - 1 - BEYOND_MAX);
        let day = self.day;
        let fits = |before: u16| if kind == Anomaly::StaleCounter { before >= low } else { before <= high };
        let draft =
            wish!(self.draft_purchase_if(slot, |card| card.purchases.highest_before(day).is_some_and(fits)));
        let before = wish!(self.cards[draft.card].purchases.highest_before(day));
        // The drawn counter, or the nearest one further from the card's.
        let (counter, reason) = if kind == Anomaly::StaleCounter {
            let stale = before - low;
            let drawn = stale - self.random.step(0, BEYOND_MAX.min(stale));
            (self.misread_counter(draft.card, (0..=drawn).rev()), Reason::StaleCounter)
        } else {
            let drawn = before + JUMP_ABOVE + 1 + self.random.step(0, BEYOND_MAX);
            (self.misread_counter(draft.card, drawn..=u16::MAX), Reason::CounterJump)
        };
        let counter = wish!(counter);
        let mut tap = self.genuine(&draft)?;
        tap.record.offline_counter = counter;
        self.send_refused(&tap, reason)?;
        Ok(Some(kind))
    }

    /// A clone: another purchase, later, with the counter of the card's last accepted one.
    pub(super) fn clone_taps(&mut self, slot: Slot) -> Made {
        let draft = wish!(self.draft_purchase_if(slot, |card| card.purchases.highest().is_some()));
        let card = &self.cards[draft.card];
        let counter = wish!(card.purchases.highest());
        if !card.purchases.last_is_before(draft.dated) {
            return Ok(None);
        }
        let mut tap = self.forge(&draft);
        tap.record.offline_counter = counter;
        self.send_refused(&tap, Reason::CounterConflict)?;
        Ok(Some(Anomaly::CounterConflict))
    }

    /// A transaction whose record never arrives, and the next one of the card, which shows the gap.
    pub(super) fn lose(&mut self, slot: Slot) -> Made {
        let draft = wish!(self.draft_if(slot, |card| card.purchases.highest().is_some()));
        wish!(self.unseen(&draft)?);
        self.follow(draft.card, slot)?;
        Ok(Some(Anomaly::RecordLost))
    }

    /// A purchase whose record is held back until the next window, and the next one of the card, which is not.
    pub(super) fn hold_one_of_two(&mut self, slot: Slot) -> Made {
        let draft = wish!(self.draft_purchase_if(slot, |card| !card.holding && card.balance_fen > 2_000));
        let tap = self.genuine(&draft)?;
        self.cards[draft.card].holding = true;
        self.carried.push(Carried::Held(tap));
        let followed = self.follow(draft.card, Slot { sector: Sector::Bus, ..slot })?;
        Ok(Some(if followed { Anomaly::GapClosed } else { Anomaly::LateNextWindow }))
    }

    /// Lets the card make another ordinary tap within three minutes, if it can; says whether it did.
    fn follow(&mut self, card: usize, slot: Slot) -> Result<bool, SimError> {
        let pause = 60 + self.random_days(120);
        let Some(draft) = self.draft(card, Slot { at: slot.at.plus(pause), ..slot }) else {
            return Ok(false);
        };
        self.settle(&draft)?;
        Ok(true)
    }

    /// A transaction whose record is held back until the next window.
    pub(super) fn hold(&mut self, slot: Slot) -> Made {
        let draft = wish!(self.draft_if(slot, |card| !card.holding));
        let tap = self.genuine(&draft)?;
        self.cards[draft.card].holding = true;
        self.carried.push(Carried::Held(tap));
        Ok(Some(Anomaly::LateNextWindow))
    }

    /// Money that reached or left the card by no record, between two purchases that follow each other.
    pub(super) fn break_balance(&mut self, slot: Slot) -> Made {
        let draft = wish!(
            self.draft_purchase_if(slot, |card| card.purchases.is_followed_by(card.offline, card.online))
        );
        let shift = self.random.between(1, 500);
        let card = &mut self.cards[draft.card];
        card.balance_fen += shift;
        if card.balance_fen == card.view(Chain::Purchase).balance_fen() {
            card.balance_fen += 1;
        }
        self.settle(&draft)?;
        Ok(Some(Anomaly::BalanceBreak))
    }

    /// A record whose TAC was recovered later.
    pub(super) fn supplementary(&mut self, slot: Slot) -> Made {
        let draft = wish!(self.draft_if(slot, |_| true));
        let mut tap = self.genuine(&draft)?;
        tap.record.flags.0 |= RecordFlags::SUPPLEMENTARY;
        let (verdict, fee_fen) = self.judge(&tap);
        self.send_paid(&tap, verdict, fee_fen)?;
        Ok(Some(Anomaly::Supplementary))
    }

    /// A record dated some days before the window, in its place in the chain by its counter.
    pub(super) fn late(&mut self, slot: Slot) -> Made {
        let mut draft = wish!(self.draft_if(slot, |_| true));
        let kept_days = 1 + self.random_days(KEPT_DAYS_MAX - 1);
        draft.dated = self.on_day(-kept_days, draft.when);
        self.settle(&draft)?;
        Ok(Some(Anomaly::Late))
    }

    /// A garbled record, which is rejected, and the same one whole, which is accepted.
    pub(super) fn corrected(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let next_window = kind == Anomaly::CorrectedNextWindow;
        let draft = wish!(self.draft_if(slot, |card| !(next_window && card.holding)));
        let tap = self.genuine_with(&draft, 2)?;
        let mut garbled = tap;
        let reason = if self.random.chance(1, 2) {
            garbled.record.tac[0] ^= 0xff;
            Reason::TacMismatch
        } else {
            garbled.record.date = BcdDate([0xff; 4]);
            Reason::Malformed
        };
        self.send_refused(&garbled, reason)?;
        if next_window {
            self.cards[tap.card].holding = true;
            self.carried.push(Carried::Held(tap));
        } else {
            let (verdict, fee_fen) = self.judge(&tap);
            self.outbox.push_later(tap.collector, tap.row(verdict, fee_fen))?;
        }
        Ok(Some(kind))
    }
}
