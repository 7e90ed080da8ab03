//! What the cards do in a day: a fifth of those that are out makes two thirds of the taps, three tenths of all stay at home.
//!
//! Memory: 24 bytes a tap, and 8 bytes a card for its purse.

use tongclear_types::Sector;

use super::city::City;
use super::random::Random;
use super::terms::amount_fen;

/// In a thousand cards, those that are used all day long.
const BUSY_PER_MILLE: u32 = 140;
/// In a thousand others, those that are used at all on a day.
const OUT_PER_MILLE: u32 = 651;
/// Taps that load the card, in a thousand.
const LOADS_PER_MILLE: u32 = 20;
/// Purchases that never reach the centre, in ten thousand: the counter goes on, the record is missing.
const LOST_PER_TEN_THOUSAND: u32 = 30;
/// Thousandths of cards in the population to one transaction wanted; with what a card does on average, and the duplicates, this
/// gives what was asked for within a few tenths of a per cent.
const CARDS_PER_MILLE: u64 = 500;

/// First and last second of taps, and how many of a thousand come in each hour between.
const FIRST_HOUR: u32 = 6;
const HOURS: [u32; 17] = [40, 130, 150, 60, 40, 45, 55, 50, 40, 45, 60, 120, 90, 35, 20, 12, 8];

/// What a card holds between days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Purse {
    offline: u16,
    online: u16,
    balance_fen: u32,
}

/// A transaction as card and terminal agreed on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tap {
    pub(crate) card: u32,
    /// Second of the day.
    pub(crate) second: u32,
    pub(crate) amount_fen: u32,
    pub(crate) balance_before_fen: u32,
    pub(crate) offline: u16,
    pub(crate) online: u16,
    pub(crate) terminal: u16,
    pub(crate) load: bool,
}

/// The cards in circulation in a city with so many transactions a day.
pub(crate) fn population(transactions: u64) -> u32 {
    u32::try_from(transactions * CARDS_PER_MILLE / 1_000).unwrap_or(u32::MAX).max(1)
}

/// What the card holds before its first day.
pub(crate) fn purse(seed: u64, card: u32) -> Purse {
    let mut random = Random::new(seed, 4, card.into());
    Purse {
        offline: random.step(0, 20_000),
        online: random.step(0, 500),
        balance_fen: random.between(2_000, 30_000),
    }
}

/// The card's taps on the `day`-th day, in their order in time; `purse` is as it was and becomes as it is.
pub(crate) fn live(seed: u64, city: &City, day: u64, card: u32, purse: &mut Purse, taps: &mut Vec<Tap>) {
    let busy = Random::new(seed, 5, card.into()).per_mille(BUSY_PER_MILLE);
    let mut random = Random::new(seed, 6 + day, card.into());
    let count = match random.below(1_000) {
        _ if busy => random.between(4, 15),
        OUT_PER_MILLE.. => return,
        // Most who are out once go there and stay.
        _ => match random.below(100) {
            0..86 => 1,
            86..96 => 2,
            96..99 => 3,
            _ => 4,
        },
    };
    let first = taps.len();
    for _ in 0..count {
        let second = moment(&mut random);
        taps.push(Tap { card, second, ..Tap::default() });
    }
    taps[first..].sort_unstable_by_key(|tap| tap.second);
    for tap in &mut taps[first..] {
        let terminal = city.shop(&mut random);
        let sector = city.merchants[city.terminals[usize::from(terminal)].merchant].sector;
        tap.terminal = terminal;
        tap.amount_fen = amount_fen(sector, &mut random);
        tap.load = random.per_mille(LOADS_PER_MILLE) || purse.balance_fen < tap.amount_fen;
        if tap.load {
            tap.terminal = city.load_point(&mut random);
            tap.amount_fen = amount_fen(Sector::Load, &mut random);
        } else if random.below(10_000) < LOST_PER_TEN_THOUSAND {
            purse.offline += 1;
        }
        (tap.offline, tap.online, tap.balance_before_fen) = (purse.offline, purse.online, purse.balance_fen);
        if tap.load {
            purse.online += 1;
            purse.balance_fen += tap.amount_fen;
        } else {
            purse.offline += 1;
            purse.balance_fen -= tap.amount_fen;
        }
    }
}

impl Tap {
    /// What the card holds afterwards, fen.
    pub(crate) const fn balance_after_fen(&self) -> u32 {
        if self.load {
            self.balance_before_fen + self.amount_fen
        } else {
            self.balance_before_fen - self.amount_fen
        }
    }
}

/// A second of the day.
fn moment(random: &mut Random) -> u32 {
    let mut ball = random.below(HOURS.iter().sum());
    let mut hour = FIRST_HOUR;
    for share in HOURS {
        if ball < share {
            break;
        }
        ball -= share;
        hour += 1;
    }
    hour * 3_600 + random.below(3_600)
}
