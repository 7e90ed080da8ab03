//! Cards and terminals in use: coherent taps, one after the other, before anything happens to them.
//!
//! Bounded by: 16 cards; a card out of counters or money is topped up out of sight or left alone.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use tongclear_types::{
    BcdDate, BcdTime, CardId, MerchantCode, OperatorCode, RecordFlags, Sector, Serial, TerminalId,
    TerminalNumber, TransactionRecord, Tti,
};

use crate::city::City;
use crate::dice::Dice;
use crate::facts::{Cipher, DenyList, Operator, Registry, TacKey};
use crate::tac::tac;

/// A card as it is in someone's pocket.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub operator: Operator,
    pub serial: Serial,
    pub key: TacKey,
    pub offline: u16,
    pub online: u16,
    pub balance: u32,
}

/// What the record's TAC will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TacKind {
    /// What the card would make for exactly this record.
    Right,
    /// Something else.
    Wrong,
    /// Left as it is, whatever was done to the record.
    Kept,
}

/// A record on its way, and whose package it will be in.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub merchant: MerchantCode,
    pub record: TransactionRecord,
    pub tac: TacKind,
}

/// The state of all cards and terminals.
#[derive(Debug)]
pub(crate) struct Street {
    pub cards: Vec<Card>,
    numbers: BTreeMap<TerminalId, u32>,
    last_moment: DateTime,
    /// Everything that was ever sent or kept back.
    pub history: Vec<Draft>,
    /// Chains of cards (loads or not) with the highest counter accepted in earlier windows.
    pub heights: Vec<(CardId, bool, u16)>,
    /// Lists as the generator has published them so far, refused ones aside.
    pub lists: Vec<DenyList>,
}

impl Street {
    pub(crate) fn new(dice: &mut Dice, city: &City) -> Self {
        let mut cards = Vec::new();
        for (o, operator) in (1_u8..).zip(&city.registries[0].operators) {
            for c in 0..dice.number(4, 7) {
                let c = u8::try_from(c).expect("few");
                let keys: Vec<TacKey> =
                    city.made_with.iter().filter(|key| key.operator == operator.code).copied().collect();
                cards.push(Card {
                    operator: *operator,
                    serial: Serial([0x31, 0x04, 0x78, 0, 0, 0, 0, o, 0x12, c]),
                    key: if dice.chance(70) { keys[0] } else { dice.pick(&keys) },
                    offline: dice.pick(&[0, 0, 1, 7, 100, 1_000, 65_400, 65_520]),
                    online: dice.pick(&[0, 1, 30, 65_530]),
                    balance: dice.number(0, 20_000),
                });
            }
        }
        let numbers = city.registries[0]
            .services
            .iter()
            .map(|row| (row.terminal, dice.pick(&[0, 1, 5_000, u32::MAX - 40])))
            .collect();
        Self {
            cards,
            numbers,
            last_moment: city.dates[0].at(0, 0, 0, 0),
            history: Vec::new(),
            heights: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// A forged counter that was accepted would make all later taps of the card stale: most cards get past it.
    pub(crate) fn catch_up(&mut self, dice: &mut Dice) {
        for (card, loads, highest) in &self.heights {
            for mine in self
                .cards
                .iter_mut()
                .filter(|it| it.operator.issuer == card.issuer && it.serial == card.serial)
            {
                let counter = if *loads { &mut mine.online } else { &mut mine.offline };
                if *counter < *highest && dice.chance(70) {
                    *counter = highest.saturating_add(1).min(65_534);
                }
            }
        }
    }

    /// The terminal's next number; after the last comes the first again.
    pub(crate) fn next_number(&mut self, terminal: TerminalId) -> TerminalNumber {
        let next = self.numbers.entry(terminal).or_default();
        *next = next.wrapping_add(1);
        TerminalNumber(*next)
    }

    /// The newest version of the operator's list, 0 if there is none.
    pub(crate) fn newest_list(&self, operator: OperatorCode) -> u32 {
        self.lists.iter().filter(|list| list.operator == operator).map(|list| list.version).max().unwrap_or(0)
    }

    /// A tap as it should be, on or about `today`; `part` of 1,000 of the day is over.
    pub(crate) fn tap(&mut self, dice: &mut Dice, registry: &Registry, today: Date, part: i64) -> Draft {
        let when = self.moment(dice, today, part);
        let serving: Vec<_> = registry.services.iter().filter(|row| row.on(when.date())).collect();
        let row = if serving.is_empty() || dice.chance(5) {
            registry.services[dice.place(registry.services.len())]
        } else {
            *serving[dice.place(serving.len())]
        };
        let sector = registry
            .merchants
            .iter()
            .find(|it| it.code == row.merchant)
            .map_or(Sector::Bus, |merchant| merchant.sector);
        let loads = dice.chance(if sector == Sector::Load { 85 } else { 3 });
        let card = self.card(dice, loads);
        let tti = if loads { Tti::LOAD } else { dice.pick(&[Tti(6), Tti(6), Tti(6), Tti(9), Tti(5)]) };
        let amount = dice.pick(&[0, 1, 99, 100, 200, 200, 250, 333, 500, 700, 999]);
        let (offline, online, before) = {
            let card = &mut self.cards[card];
            let before = (card.offline, card.online, card.balance);
            if loads {
                (card.online, card.balance) = (card.online + 1, card.balance + amount);
            } else {
                (card.offline, card.balance) = (card.offline + 1, card.balance - amount);
            }
            before
        };
        let card = self.cards[card].clone();
        let newest = self.newest_list(card.operator.code);
        let list_price = if dice.chance(25) {
            amount + dice.pick(&[1, 50, 200])
        } else {
            amount.saturating_sub(u32::from(dice.chance(3)))
        };
        let record = TransactionRecord {
            amount_fen: amount,
            tti,
            terminal: row.terminal,
            terminal_number: self.next_number(row.terminal),
            date: BcdDate::from_civil(when.date()),
            time: BcdTime::from_civil(when.time()),
            tac: [0; 4],
            key_version: card.key.version,
            algorithm: if card.key.cipher == Cipher::Sm4 { 4 } else { dice.pick(&[0, 1]) },
            issuer: card.operator.issuer,
            serial: card.serial,
            offline_counter: offline,
            online_counter: online,
            balance_before_fen: before,
            balance_after_fen: card.balance,
            list_price_fen: list_price,
            sector: sector.byte().unwrap_or(0),
            flags: RecordFlags(if dice.chance(8) { dice.pick(&[1, 1, 2, 3, 8]) } else { 0 }),
            deny_list_version: match dice.place(6) {
                0 => 0,
                1 | 2 => newest.saturating_sub(1),
                _ => newest,
            },
            card_random: dice.bytes(),
            sector_data: if dice.chance(5) { dice.bytes() } else { [0; 24] },
        };
        Draft { merchant: row.merchant, record, tac: TacKind::Right }
    }

    /// Mostly later on the same day; sometimes the same second, yesterday, or after midnight.
    fn moment(&mut self, dice: &mut Dice, today: Date, part: i64) -> DateTime {
        if dice.chance(8) {
            return self.last_moment;
        }
        let day = today.at(0, 0, 0, 0);
        let seconds = part * 86 + dice.between(0, 60);
        let when = match dice.place(20) {
            0 => day.saturating_sub(dice.between(1, 50).hours()),
            1 => day.saturating_add((24 * 3_600 + dice.between(0, 7_200)).seconds()),
            _ => day.saturating_add(seconds.seconds()),
        };
        self.last_moment = when;
        when
    }

    /// A card that can do it; it may have been topped up elsewhere.
    fn card(&mut self, dice: &mut Dice, loads: bool) -> usize {
        let mut at = dice.place(self.cards.len());
        while (if loads { self.cards[at].online } else { self.cards[at].offline }) == u16::MAX {
            at = (at + 1) % self.cards.len();
        }
        let card = &mut self.cards[at];
        if card.balance < 1_000 && card.online < u16::MAX - 1 {
            (card.balance, card.online) = (card.balance + 10_000, card.online + 1);
        }
        card.balance = card.balance.max(1_000);
        at
    }

    /// Gives the draft its TAC and remembers it.
    pub(crate) fn finish(&mut self, mut draft: Draft) -> Draft {
        if draft.tac != TacKind::Kept
            && let Some(card) = self.cards.iter().find(|card| card.serial == draft.record.serial)
        {
            let right = tac(card.key.master, card.key.cipher, card.operator.two_levels, &draft.record);
            draft.record.tac = right;
            if draft.tac == TacKind::Wrong {
                draft.record.tac[3] ^= 1;
            }
        }
        self.history.push(draft.clone());
        draft
    }
}
