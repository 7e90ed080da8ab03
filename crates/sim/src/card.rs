//! The cards in circulation: what each holds, and what it has done.
//!
//! Memory grows with the cards and with nothing else: about 150 bytes each.

use tongclear_types::{CardId, Chain, Serial};

use crate::city::{City, Operator};
use crate::deny::{LISTED_MAX, LISTED_ONE_IN, Stay};
use crate::keys::TacKey;
use crate::merchants::TIANFU;
use crate::moment::{Day, Moment};
use crate::plan::Plan;
use crate::random::Random;
use crate::view::View;

/// The most a purse may hold, fen: 1,000 yuan.
pub(crate) const BALANCE_MAX_FEN: u32 = 100_000;
/// A card is left alone when its counter is this far above the highest that earlier windows accepted, so that none of
/// its taps ever jumps by accident.
const ADVANCE_MAX: u16 = 900;

/// Whose card it is, for the fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pays the full fare.
    Normal,
    /// Rides buses for nothing.
    Senior,
    /// Rides the metro for half.
    Student,
}

/// A card.
pub(crate) struct Card {
    /// Index of its operator.
    pub(crate) operator: usize,
    /// Its application serial.
    pub(crate) serial: Serial,
    /// Whose it is.
    pub(crate) kind: Kind,
    /// Version of its TAC key.
    pub(crate) key_version: u8,
    /// Algorithm byte.
    pub(crate) algorithm: u8,
    /// When it is on the deny lists; most never are.
    pub(crate) stay: Option<Stay>,
    /// Offline counter of its next purchase.
    pub(crate) offline: u16,
    /// Online counter of its next load.
    pub(crate) online: u16,
    /// What it holds, fen.
    pub(crate) balance_fen: u32,
    /// When it was last used.
    pub(crate) last: Moment,
    /// Whether one of its records is held back until the next window.
    pub(crate) holding: bool,
    /// Its purchases as the centre sees them.
    pub(crate) purchases: View,
    /// Its loads as the centre sees them.
    pub(crate) loads: View,
    /// Its TAC key, once it was needed.
    pub(crate) tac_key: Option<TacKey>,
}

impl Card {
    /// The chain as the centre sees it.
    pub(crate) fn view(&self, chain: Chain) -> &View {
        match chain {
            Chain::Purchase => &self.purchases,
            Chain::Load => &self.loads,
        }
    }

    /// Whether the card may tap in the window of `day` without coming near a counter limit.
    pub(crate) fn is_fresh(&self, day: Day) -> bool {
        let near = |next: u16, view: &View| {
            next == u16::MAX
                || view.highest_before(day).is_some_and(|before| next.saturating_sub(before) > ADVANCE_MAX)
        };
        !near(self.offline, &self.purchases) && !near(self.online, &self.loads)
    }

    /// The card's id.
    pub(crate) fn id(&self, operators: &[Operator]) -> CardId {
        CardId { issuer: operators[self.operator].issuer, serial: self.serial }
    }
}

/// Makes the cards of `plan`: 3 % foreign, 12 % of concession, a tenth of the city's own with SM4.
pub(crate) fn circulate(plan: &Plan, city: &City, random: &mut Random) -> Vec<Card> {
    let listed_step = LISTED_ONE_IN.max(plan.cards.div_ceil(LISTED_MAX));
    (0..plan.cards)
        .map(|index| {
            // The first card is the city's own, so that the smallest city can ride its bus.
            let operator = match random.below(100) {
                0 | 1 if index > 0 => 1,
                2 if index > 0 => 2,
                _ => TIANFU,
            };
            let kind = match random.below(100) {
                _ if operator != TIANFU => Kind::Normal,
                0..8 => Kind::Senior,
                8..12 => Kind::Student,
                _ => Kind::Normal,
            };
            let (key_version, algorithm) = match random.below(20) {
                0 | 1 if operator == TIANFU => (2, 4),
                2 => (1, 1),
                _ => (1, 0),
            };
            let listed = index % listed_step == listed_step - 1;
            Card {
                operator,
                serial: serial(city.operators[operator].prefix, index),
                kind,
                key_version,
                algorithm,
                stay: listed.then(|| Stay::of(index / listed_step, plan.days)),
                offline: random.step(0, 2_000),
                online: random.step(0, 150),
                balance_fen: random.between(2_000, 40_000),
                last: Day(-1).at(0),
                holding: false,
                purchases: View::default(),
                loads: View::default(),
                tac_key: None,
            }
        })
        .collect()
}

/// The 20-digit serial of the `index`-th card: a zero, the prefix, and eleven digits.
fn serial(prefix: u64, index: u32) -> Serial {
    Serial(bcd(prefix * 100_000_000_000 + 10_000_000_000 + u64::from(index)))
}

/// Twenty BCD digits.
pub(crate) fn bcd(mut number: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    for byte in bytes.iter_mut().rev() {
        let two = u8::try_from(number % 100).expect("below 100");
        *byte = ((two / 10) << 4) | (two % 10);
        number /= 100;
    }
    bytes
}
