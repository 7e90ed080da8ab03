//! Records that are suspended by a check of their own (5 to 11): they do not occupy their counter.

use tongclear_types::{Reason, Sector};

use super::{Made, wish};
use crate::draft::{Draft, Slot};
use crate::kind::Anomaly;
use crate::merchants::{Role, TIANFU};
use crate::moment::{DAY_SECONDS, Moment};
use crate::plan::SimError;
use crate::world::{Tap, World};

/// Days after which a record is too old; the centre's default.
const AGE_MAX_DAYS: i32 = 30;
/// The version of a key that nobody has.
const NO_SUCH_VERSION: u8 = 9;
/// Fen above a contract's limit, at most.
const OVER_LIMIT_MAX_FEN: u32 = 300;

impl World<'_> {
    /// A suspended record.
    pub(super) fn suspended(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let draft = wish!(self.draft_if(slot, |_| true));
        let (tap, reason) = self.suspend(kind, draft)?;
        self.send_refused(&tap, reason)?;
        Ok(Some(kind))
    }

    /// Carries out `draft` so that its record is suspended by the one check that `kind` fails.
    pub(super) fn suspend(&mut self, kind: Anomaly, mut draft: Draft) -> Result<(Tap, Reason), SimError> {
        // The terminal's clock is wrong, and the card signs what it says.
        let days_astray = match kind {
            Anomaly::FutureDated => 2 + self.random_days(15),
            Anomaly::TooOld => -AGE_MAX_DAYS - 1 - self.random_days(20),
            _ => 0,
        };
        if days_astray != 0 {
            draft.dated = self.on_day(days_astray, draft.when);
        }
        let mut tap = self.genuine(&draft)?;
        let sm4 = tap.record.algorithm == 4;
        let load = draft.is_load();
        let record = &mut tap.record;
        let reason = match kind {
            Anomaly::FutureDated => Reason::FutureDated,
            Anomaly::TooOld => Reason::TooOld,
            Anomaly::UnknownKeyVersion => {
                record.key_version = NO_SUCH_VERSION;
                Reason::KeyUnavailable
            }
            Anomaly::UnknownAlgorithm => {
                // Either no algorithm at all, or not that of this operator's key of this version.
                record.algorithm = self.random.pick(&[0x02, 0x03, 0x05, 0xff, if sm4 { 0x00 } else { 0x04 }]);
                Reason::KeyUnavailable
            }
            _ => {
                // A load's TAC covers the balance after, a purchase's covers no balance.
                let shift = self.random.between(1, 500);
                if load {
                    record.balance_before_fen += shift;
                } else {
                    record.balance_after_fen += shift;
                }
                Reason::BalanceArithmetic
            }
        };
        Ok((tap, reason))
    }

    /// Records without a contract, or above its limit.
    pub(super) fn contract(&mut self, kind: Anomaly, slot: Slot) -> Made {
        let (draft, reason) = match kind {
            Anomaly::OverLimit => (self.draft_over_limit(slot), Reason::OverLimit),
            Anomaly::ContractForOthers => (
                self.draft_at_role(slot, Role::TianfuOnly, |operator| operator != TIANFU),
                Reason::NoContract,
            ),
            _ => (self.draft_at_role(slot, Role::NoContract, |_| true), Reason::NoContract),
        };
        let tap = self.genuine(&wish!(draft))?;
        self.send_refused(&tap, reason)?;
        Ok(Some(kind))
    }

    /// A purchase above the limit of the contract that is in force.
    fn draft_over_limit(&mut self, slot: Slot) -> Option<Draft> {
        let mut draft = self.draft_purchase_if(slot, |card| card.balance_fen > 2_000)?;
        let card = &self.cards[draft.card];
        let contract = self.city.merchants[draft.merchant].contract(card.operator, draft.dated.day())?;
        let amount_fen = contract.limit_fen + 1 + self.random.between(0, OVER_LIMIT_MAX_FEN - 1);
        draft.amount_fen = amount_fen;
        draft.list_price_fen = amount_fen;
        (amount_fen <= self.cards[draft.card].balance_fen).then_some(draft)
    }

    /// A purchase in a shop of `role` by a card of an operator that `fits`.
    fn draft_at_role(&mut self, slot: Slot, role: Role, fits: impl Fn(usize) -> bool) -> Option<Draft> {
        let shops: Vec<usize> = self.city.of(Sector::Commerce, role).collect();
        if shops.is_empty() {
            return None;
        }
        let shop = self.random.pick(&shops);
        (0..200).find_map(|_| {
            let index = self.random.index(self.cards.len());
            let card = &self.cards[index];
            (card.stay.is_none() && fits(card.operator))
                .then(|| self.draft_at(index, shop, slot.at))
                .flatten()
        })
    }

    /// The time of day of `when`, on the day `days` after the window's date.
    pub(super) fn on_day(&self, days: i32, when: Moment) -> Moment {
        self.day.plus(days).at(when.0.rem_euclid(DAY_SECONDS))
    }

    /// A number of days from 0 to `most`.
    pub(super) fn random_days(&mut self, most: u32) -> i32 {
        i32::try_from(self.random.between(0, most)).unwrap_or(0)
    }
}
