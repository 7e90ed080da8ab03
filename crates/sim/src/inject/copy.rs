//! Copies: of accepted and of suspended records, in the same window and in the next.
//!
//! A copy has the same card, chain, terminal, terminal number, amount, date, time and TAC. Of two copies in a window
//! the one that comes first in the order is not the duplicate; all that can differ between them here is the counter,
//! the collector, the sequence and the row, so it is known at once which one is first.

use tongclear_types::{Reason, Verdict};

use super::{Made, wish};
use crate::draft::Slot;
use crate::kind::Anomaly;
use crate::plan::SimError;
use crate::world::{Carried, Tap, World};

/// How far the counter of a replay lies above the right one, or above the card's highest, at most.
const REPLAY_STEP_MAX: u16 = 20;
/// Counters among which a replay finds one that may be used.
const REPLAY_RANGE: u16 = 900;
/// The kinds of suspended record that are copied.
const SUSPENDED: [Anomaly; 5] = [
    Anomaly::BalanceArithmetic,
    Anomaly::FutureDated,
    Anomaly::TooOld,
    Anomaly::UnknownKeyVersion,
    Anomaly::UnknownAlgorithm,
];

impl World<'_> {
    /// An accepted record and its copy by the same collector.
    pub(super) fn copy(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let replay = kind == Anomaly::DuplicateOtherCounter;
        let draft = if replay {
            self.draft_purchase_if(slot, |card| card.offline < u16::MAX - REPLAY_STEP_MAX)
        } else {
            self.draft_if(slot, |_| true)
        };
        let (mut tap, _, _) = self.settle(&wish!(draft))?;
        match kind {
            Anomaly::DuplicateLaterPackage => {
                self.outbox.push_later(tap.collector, tap.row(Verdict::Duplicate, None))?;
            }
            Anomaly::DuplicateNextWindow => self.carried.push(Carried::Copy(tap)),
            _ => {
                // A lower counter would come first in the order and make the genuine record the duplicate.
                if replay {
                    let counter = tap.record.offline_counter + self.random.step(1, REPLAY_STEP_MAX);
                    // Counters to come meet no line yet, so it is this one.
                    let free = self.misread_counter(tap.card, counter..=u16::MAX);
                    tap.record.offline_counter = free.unwrap_or(counter);
                }
                self.send(&tap, Verdict::Duplicate)?;
            }
        }
        Ok(Some(kind))
    }

    /// An accepted record that two collectors of its merchant send: the lower collector id comes first.
    pub(super) fn copy_elsewhere(&mut self, slot: Slot) -> Made {
        let draft = wish!(self.draft_if(slot, |_| true));
        let collectors = self.city.merchants[draft.merchant].collectors.clone();
        if collectors.len() < 2 {
            return Ok(None);
        }
        let step = 1 + self.random.index(collectors.len() - 1);
        let elsewhere = collectors.start + (draft.collector - collectors.start + step) % collectors.len();
        let tap = self.genuine(&draft)?;
        let copy = Tap { collector: elsewhere, ..tap };
        let (verdict, fee_fen) = self.judge(&tap);
        let id = |tap: &Tap| self.city.collectors[tap.collector].id;
        let (first, second) = if id(&tap) < id(&copy) { (tap, copy) } else { (copy, tap) };
        self.send_paid(&first, verdict, fee_fen)?;
        self.send(&second, Verdict::Duplicate)?;
        Ok(Some(Anomaly::DuplicateOtherCollector))
    }

    /// A suspended record and its copy: a duplicate in this window and in every later one.
    pub(super) fn copy_suspended(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let draft = wish!(self.draft_if(slot, |_| true));
        let how = self.random.pick(&SUSPENDED);
        let (tap, reason) = self.suspend(how, draft)?;
        self.send_refused(&tap, reason)?;
        if kind == Anomaly::SuspendedTwice {
            self.send(&tap, Verdict::Duplicate)?;
        } else {
            self.carried.push(Carried::Copy(tap));
        }
        Ok(Some(kind))
    }

    /// An accepted purchase, to be sent again in the next window under another counter.
    pub(super) fn begin_replay(&mut self, slot: Slot) -> Made {
        let draft = wish!(self.draft_purchase_if(slot, |card| card.offline < u16::MAX - 2_000));
        let (tap, _, _) = self.settle(&draft)?;
        self.carried.push(Carried::Replay(Tap { line: None, ..tap }));
        Ok(Some(Anomaly::ReplayNextWindow))
    }

    /// The copy under another counter, in the next window: above every counter accepted before, so the counter is
    /// free, while the terminal number is not.
    pub(crate) fn replay(&mut self, mut tap: Tap) -> Result<(), SimError> {
        let highest =
            self.cards[tap.card].purchases.highest_before(self.day).unwrap_or(tap.record.offline_counter);
        let counter = highest.saturating_add(self.random.step(1, REPLAY_STEP_MAX));
        // Any counter above the highest will do, as long as it does not jump.
        let free = self.misread_counter(tap.card, counter..counter.saturating_add(REPLAY_RANGE));
        tap.record.offline_counter = free.unwrap_or(counter);
        self.send(&tap, Verdict::Refused(Reason::NumberConflict))
    }
}
