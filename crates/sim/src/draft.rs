//! Who taps where for how much: the choice of card, place and price for one slot of the day.
//!
//! Every draft can be carried out: the card can pay, is not refused by a list, and is far from its counter limits.

use tongclear_types::{Sector, Tti};

use crate::card::{BALANCE_MAX_FEN, Card, Kind};
use crate::deny::{self, ListVersion, Listing};
use crate::merchants::{Role, TIANFU};
use crate::moment::Moment;
use crate::plan::SimError;
use crate::world::World;

/// How many cards are drawn before giving up on a wish.
const TRIES: u32 = 48;
/// A card rests this long between taps while others are to be had, in seconds.
const REST_SECONDS: i32 = 120;

/// A record that is due: where and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    /// The sector.
    pub(crate) sector: Sector,
    /// When.
    pub(crate) at: Moment,
}

/// A tap that is about to happen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft {
    /// Index of the merchant whose package will hold it.
    pub(crate) merchant: usize,
    /// Index of the collector.
    pub(crate) collector: usize,
    /// Index of the terminal.
    pub(crate) terminal: usize,
    /// Index of the card.
    pub(crate) card: usize,
    /// Transaction type.
    pub(crate) tti: Tti,
    /// Amount, fen.
    pub(crate) amount_fen: u32,
    /// Price before the concession, fen.
    pub(crate) list_price_fen: u32,
    /// When it happens.
    pub(crate) when: Moment,
    /// When the terminal's clock says that it happens.
    pub(crate) dated: Moment,
    /// The deny list that the terminal holds.
    pub(crate) list: ListVersion,
    /// Sector data.
    pub(crate) sector_data: [u8; 24],
}

impl Draft {
    /// Whether it is a load.
    pub(crate) fn is_load(&self) -> bool {
        self.tti == Tti::LOAD
    }
}

impl World<'_> {
    /// An ordinary tap for `slot`, by any card that can make one.
    ///
    /// # Errors
    /// [`SimError::Plan`] when every card has been used up, which the limits of a plan prevent.
    pub(crate) fn ordinary(&mut self, slot: Slot) -> Result<Draft, SimError> {
        for attempt in 0..TRIES {
            let index = self.random.index(self.cards.len());
            let rested = self.cards[index].last.plus(REST_SECONDS) < slot.at;
            if !rested && attempt < 4 {
                continue;
            }
            if let Some(draft) = self.draft_clear(index, slot) {
                return Ok(draft);
            }
        }
        // A small city, or a poor one: whoever can ride a bus does, and whoever cannot pay for one loads.
        let first = self.random.index(self.cards.len());
        for step in 0..self.cards.len() {
            let index = (first + step) % self.cards.len();
            for sector in [slot.sector, Sector::Bus, Sector::Load] {
                if let Some(draft) = self.draft_clear(index, Slot { sector, ..slot }) {
                    return Ok(draft);
                }
            }
        }
        Err(SimError::Plan {
            field: "cards",
            value: self.cards.len().to_string(),
            expected: "more cards for so many transactions: all of them are used up".to_owned(),
        })
    }

    /// A tap for `slot` by a card that is never listed and that `fits`.
    pub(crate) fn draft_if(&mut self, slot: Slot, fits: impl Fn(&Card) -> bool) -> Option<Draft> {
        (0..TRIES).find_map(|_| {
            let index = self.random.index(self.cards.len());
            let card = &self.cards[index];
            (card.stay.is_none() && fits(card)).then(|| self.draft(index, slot)).flatten()
        })
    }

    /// As [`World::draft_if`], but never a load.
    pub(crate) fn draft_purchase_if(&mut self, slot: Slot, fits: impl Fn(&Card) -> bool) -> Option<Draft> {
        if slot.sector == Sector::Load {
            return None;
        }
        self.draft_if(slot, fits)
    }

    /// A tap of the card for `slot`, unless the list in force has it.
    fn draft_clear(&mut self, card: usize, slot: Slot) -> Option<Draft> {
        let draft = self.draft(card, slot)?;
        let stay = self.cards[card].stay;
        let clear =
            stay.is_none_or(|stay| stay.listing(draft.list, draft.when, self.plan.days) == Listing::Clear);
        clear.then_some(draft)
    }

    /// A tap of the card for `slot`, if it can pay and has counters left.
    pub(crate) fn draft(&mut self, card: usize, slot: Slot) -> Option<Draft> {
        let merchant = self.merchant_for(slot.sector, card)?;
        self.draft_at(card, merchant, slot.at)
    }

    /// A tap of the card at the merchant, if it can pay and has counters left.
    pub(crate) fn draft_at(&mut self, card: usize, merchant: usize, at: Moment) -> Option<Draft> {
        let index = card;
        let card = &self.cards[index];
        let when = at.max(card.last.plus(1));
        if !card.is_fresh(self.day) || when > self.day.last_moment() {
            return None;
        }
        let (kind, balance_fen) = (card.kind, card.balance_fen);
        let place = &self.city.merchants[merchant];
        let (sector, terminals) = (place.entry.sector, place.terminals.clone());
        let (amount_fen, list_price_fen, distance) = self.price(sector, kind);
        let can = if sector == Sector::Load {
            balance_fen + amount_fen <= BALANCE_MAX_FEN
        } else {
            amount_fen <= balance_fen
        };
        if !can {
            return None;
        }
        let terminal = terminals.start + self.random.index(terminals.len());
        let tti = match sector {
            Sector::Load => Tti::LOAD,
            Sector::Metro => Tti::COMPOSITE_PURCHASE,
            Sector::Commerce if self.random.chance(1, 20) => Tti::ED_PURCHASE,
            _ => Tti::PURCHASE,
        };
        let newest = deny::in_force(when, self.plan.days);
        let behind = u16::from(self.random.chance(1, 10));
        let mut draft = Draft {
            merchant,
            collector: self.city.terminals[terminal].collector,
            terminal,
            card: index,
            tti,
            amount_fen,
            list_price_fen,
            when,
            dated: when,
            list: ListVersion(newest.0.saturating_sub(behind)),
            sector_data: [0; 24],
        };
        draft.sector_data = self.sector_data(sector, &draft, distance);
        Some(draft)
    }

    /// A merchant of the sector that takes the card, the larger ones more often; buses where there is no such sector.
    fn merchant_for(&mut self, sector: Sector, card: usize) -> Option<usize> {
        let tianfu = self.cards[card].operator == TIANFU;
        let city = &self.city;
        let open = |sector| {
            let local = city.of(sector, Role::TianfuOnly).filter(move |_| tianfu);
            city.of(sector, Role::Ordinary).chain(local)
        };
        let size = |merchant: usize| city.merchants[merchant].terminals.len();
        let sector = if open(sector).next().is_some() { sector } else { Sector::Bus };
        let total: usize = open(sector).map(size).sum();
        let mut chosen = self.random.index(total.max(1));
        for merchant in open(sector) {
            if chosen < size(merchant) {
                return Some(merchant);
            }
            chosen -= size(merchant);
        }
        None
    }

    /// Amount, list price (both fen) and the stations travelled.
    fn price(&mut self, sector: Sector, kind: Kind) -> (u32, u32, u32) {
        let random = &mut self.random;
        match sector {
            Sector::Bus | Sector::Sponsor => {
                let list = random.pick(&[200, 200, 200, 300, 400]);
                (if kind == Kind::Senior { 0 } else { list }, list, 0)
            }
            Sector::Metro => {
                let distance = random.between(1, 24);
                let list = 200 + distance / 4 * 100;
                (if kind == Kind::Student { list / 2 } else { list }, list, distance)
            }
            Sector::Commerce => {
                let list = if random.chance(1, 10) {
                    random.between(3_000, 12_000)
                } else {
                    random.between(200, 3_000)
                };
                (list, list, 0)
            }
            Sector::Water => same(random.between(3_000, 9_000)),
            Sector::Power => same(random.between(5_000, 25_000)),
            Sector::Gas => same(random.between(3_000, 12_000)),
            Sector::Load => same(random.pick(&[5_000, 5_000, 10_000, 10_000, 10_000, 20_000, 50_000])),
        }
    }
}

/// A price without concession.
const fn same(list: u32) -> (u32, u32, u32) {
    (list, list, 0)
}
