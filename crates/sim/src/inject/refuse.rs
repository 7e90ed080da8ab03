//! Records that are rejected: they take no part in their card's chain, whose next record then shows a gap.

use tongclear_package::OperatorStatus;
use tongclear_types::{BcdDate, BcdTime, Flag, IssuerId, Reason, RecordFlags, Serial, Tti, Verdict};

use super::{Made, wish};
use crate::deny::{self, ListVersion, Listing};
use crate::draft::{Draft, Slot};
use crate::kind::Anomaly;
use crate::plan::SimError;
use crate::world::World;

/// Dates that are none: no such month, no such day, not this century, a digit above 9, nothing at all.
const BAD_DATES: [[u8; 4]; 6] = [
    [0x20, 0x26, 0x13, 0x01],
    [0x20, 0x26, 0x02, 0x30],
    [0x19, 0x99, 0x12, 0x31],
    [0x20, 0x2a, 0x01, 0x01],
    [0x20, 0x27, 0x11, 0x00],
    [0x00, 0x00, 0x00, 0x00],
];
/// Times that are none.
const BAD_TIMES: [[u8; 3]; 5] =
    [[0x24, 0x00, 0x00], [0x12, 0x60, 0x00], [0x12, 0x00, 0x60], [0x0a, 0x00, 0x00], [0xff, 0xff, 0xff]];
/// Types that cannot be cleared.
const BAD_TYPES: [u8; 5] = [0x00, 0x01, 0x03, 0x07, 0x88];
/// A card operator that is registered nowhere.
const STRANGER: IssuerId = IssuerId([0x09, 0x99, 0x99, 0x99, 0xff, 0xff, 0xff, 0xff]);
/// How many listed cards are drawn before giving up.
const LISTED_TRIES: usize = 48;

impl World<'_> {
    /// A date, time or type that check 1 rejects whatever the rest says.
    pub(super) fn malformed(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let draft = wish!(self.draft_if(slot, |_| true));
        let mut tap = if kind == Anomaly::MalformedType {
            // Nobody finds the line by a type that is none.
            wish!(self.unseen(&draft)?)
        } else {
            self.genuine(&draft)?
        };
        match kind {
            Anomaly::MalformedDate => tap.record.date = BcdDate(self.random.pick(&BAD_DATES)),
            Anomaly::MalformedTime => tap.record.time = BcdTime(self.random.pick(&BAD_TIMES)),
            _ => tap.record.tti = Tti(self.random.pick(&BAD_TYPES)),
        }
        self.send_refused(&tap, Reason::Malformed)?;
        Ok(Some(kind))
    }

    /// A card that no circulating one shares a serial with, so nothing else depends on it.
    pub(super) fn phantom_card(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let draft = wish!(self.draft_if(slot, |_| true));
        let mut tap = self.forge(&draft);
        let mut serial: [u8; 10] = [0x03, 0x10, 0x47, 0x89, 0x90, 0, 0, 0, 0, 0];
        for byte in &mut serial[5..] {
            *byte = self.random.pick(&[0x00, 0x17, 0x25, 0x33, 0x48, 0x56, 0x61, 0x79, 0x82, 0x99]);
        }
        tap.record.serial = Serial(serial);
        tap.record.tac = self.random.bytes();
        let reason = if kind == Anomaly::TestCard {
            tap.record.flags.0 |= RecordFlags::TEST_CARD;
            Reason::TestCard
        } else {
            tap.record.issuer = STRANGER;
            Reason::UnknownOperator
        };
        self.send_refused(&tap, reason)?;
        Ok(Some(kind))
    }

    /// A terminal that the registry does not have, or not at this merchant on this date.
    pub(super) fn wrong_terminal(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let mut draft = wish!(self.draft_if(slot, |_| true));
        let city = &self.city;
        let (terminal, reason) = match kind {
            Anomaly::UnknownTerminal => {
                let strangers = city.unregistered.clone();
                let which = self.random.index(strangers.len());
                (strangers.start + which, Reason::UnknownTerminal)
            }
            Anomaly::RetiredTerminal => {
                (city.merchants[draft.merchant].retired, Reason::TerminalNotInService)
            }
            _ => {
                let spare = &city.spare;
                let others = spare.iter().find(|it| city.terminals[**it].merchant != draft.merchant);
                (*wish!(others), Reason::TerminalNotInService)
            }
        };
        // The terminal in service did not take part, so it keeps its number.
        draft.terminal = terminal;
        let tap = self.genuine(&draft)?;
        self.send_refused(&tap, reason)?;
        Ok(Some(kind))
    }

    /// A TAC that does not belong to the record.
    pub(super) fn wrong_tac(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let tampered = kind == Anomaly::AmountTampered;
        let draft = if tampered {
            self.draft_purchase_if(slot, |card| card.balance_fen >= 10_000)
        } else {
            self.draft_if(slot, |_| true)
        };
        let mut tap = self.genuine(&wish!(draft))?;
        let agreed = tap.record.tac;
        let record = &mut tap.record;
        if tampered && record.balance_after_fen >= 100 {
            record.amount_fen += 100;
            record.list_price_fen += 100;
            record.balance_after_fen -= 100;
            // Two amounts may share a TAC, once in 2^32 times; the bits are flipped then.
            self.sign(&mut tap);
        }
        if tap.record.tac == agreed {
            let byte = self.random.index(4);
            tap.record.tac[byte] ^= self.random.pick(&[0x01, 0x80, 0x5a, 0xff]);
        } else {
            tap.record.tac = agreed;
        }
        self.send_refused(&tap, Reason::TacMismatch)?;
        Ok(Some(kind))
    }

    /// A listed card, with the list that its terminal held chosen for the outcome.
    pub(super) fn listed(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let wanted = if kind == Anomaly::DenyListed { Listing::Refuse } else { Listing::Late };
        if self.listed.is_empty() {
            return Ok(None);
        }
        for _ in 0..LISTED_TRIES {
            let index = self.random.pick(&self.listed);
            let Some(mut draft) = self.draft(index, slot) else { continue };
            let Some(stay) = self.cards[index].stay else { continue };
            let newest = deny::in_force(draft.when, self.plan.days);
            draft.list = ListVersion(newest.0 - self.random.step(0, newest.0));
            if stay.listing(draft.list, draft.when, self.plan.days) != wanted {
                continue;
            }
            if wanted == Listing::Refuse {
                let mut tap = self.tap(&draft);
                let status = OperatorStatus::Refused(Reason::DenyListed.name().to_owned());
                self.book_as(&mut tap, 1, status)?;
                self.send_refused(&tap, Reason::DenyListed)?;
            } else {
                self.settle_listed_late(&draft)?;
            }
            return Ok(Some(kind));
        }
        Ok(None)
    }

    /// An accepted transaction of a card that was listed too late for its terminal.
    fn settle_listed_late(&mut self, draft: &Draft) -> Result<(), SimError> {
        let tap = self.genuine(draft)?;
        let (verdict, fee_fen) = self.judge(&tap);
        let verdict = match verdict {
            Verdict::Accepted(flags) => Verdict::Accepted(flags.with(Flag::DenyListedLate)),
            other => other,
        };
        self.send_paid(&tap, verdict, fee_fen)
    }
}
