//! A card's chain as the centre sees it: just enough to know the flags of the next record.
//!
//! The simulator offers only records whose place in the order it knows: a record that was held back is offered
//! before anything else of its window, and everything later has a higher counter. So one look at the highest counter
//! decides, and no bit word is needed. 20 bytes a chain.

use tongclear_types::{Flag, Flags, Reason, Verdict};

use crate::moment::{Day, Moment};

/// How far below the highest accepted counter of earlier windows anything can be said.
pub(crate) const STALE_BELOW: u16 = 64;
/// How far above it a counter may lie.
pub(crate) const JUMP_ABOVE: u16 = 1_024;

/// One chain of one card.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct View {
    /// Highest accepted counter so far.
    highest: Option<u16>,
    /// Highest accepted counter of the windows before that of `day`.
    before: Option<u16>,
    /// Balance after the record with the highest counter.
    balance_fen: u32,
    /// Counter of the other chain in that record.
    other: u16,
    /// Second of that record.
    when: i32,
    /// The window of the last look, as a day.
    day: i32,
}

/// What decides about a record's flags.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    /// Counter of this chain.
    pub(crate) counter: u16,
    /// Counter of the other chain.
    pub(crate) other: u16,
    /// Balance before, fen.
    pub(crate) before_fen: u32,
    /// Balance after, fen.
    pub(crate) after_fen: u32,
    /// When.
    pub(crate) when: Moment,
}

impl View {
    /// Highest accepted counter so far.
    pub(crate) const fn highest(&self) -> Option<u16> {
        self.highest
    }

    /// Highest accepted counter of the windows before `window`.
    pub(crate) fn highest_before(&self, window: Day) -> Option<u16> {
        if self.day == window.0 { self.before } else { self.highest }
    }

    /// Whether the record with the highest counter was made before `when`.
    pub(crate) const fn last_is_before(&self, when: Moment) -> bool {
        self.when < when.0
    }

    /// Whether a record with `counter` would follow directly on the last one, and so show a broken balance.
    pub(crate) fn is_followed_by(&self, counter: u16, other: u16) -> bool {
        self.highest.and_then(|highest| highest.checked_add(1)) == Some(counter) && self.other == other
    }

    /// Balance after the record with the highest counter, fen.
    pub(crate) const fn balance_fen(&self) -> u32 {
        self.balance_fen
    }

    /// Lines 5 to 8 of the uniqueness rules for a record that passed every check before, and the chain's flags.
    ///
    /// The offered counter is not occupied: it is above all others, or was held back from an earlier window.
    pub(crate) fn judge(&mut self, window: Day, offer: Offer) -> Verdict {
        self.before = self.highest_before(window);
        self.day = window.0;
        let counter = offer.counter;
        if let Some(before) = self.before {
            if before.saturating_sub(counter) > STALE_BELOW {
                return Verdict::Refused(Reason::StaleCounter);
            }
            if counter.saturating_sub(before) > JUMP_ABOVE {
                return Verdict::Refused(Reason::CounterJump);
            }
        }
        let Some(highest) = self.highest else {
            self.keep(offer);
            return Verdict::Accepted(Flags::NONE);
        };
        debug_assert_ne!(counter, highest, "an offered counter is free");
        let flags = Flags::NONE
            .with_if(Flag::CounterGap, counter > highest && counter - 1 != highest)
            .with_if(Flag::GapClosed, self.before.is_some_and(|before| counter < before))
            .with_if(
                Flag::BalanceBreak,
                self.is_followed_by(counter, offer.other) && offer.before_fen != self.balance_fen,
            );
        if counter > highest {
            self.keep(offer);
        }
        Verdict::Accepted(flags)
    }

    /// Makes `offer` the chain's last record.
    fn keep(&mut self, offer: Offer) {
        self.highest = Some(offer.counter);
        self.other = offer.other;
        self.balance_fen = offer.after_fen;
        self.when = offer.when.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_through_two_windows() {
        let mut view = View::default();
        // Window, counter, other counter, balance before, balance after, what the centre says.
        let table = [
            (0, 500, 1, 1000, 900, "accepted "),
            (0, 501, 1, 900, 800, "accepted "),
            (0, 502, 1, 805, 700, "accepted balance_break"),
            (0, 503, 2, 9_000, 600, "accepted "),
            (0, 510, 2, 600, 500, "accepted counter_gap"),
            (1, 445, 2, 600, 500, "suspended "),
            (1, 446, 2, 600, 500, "accepted gap_closed"),
            (1, 1535, 2, 600, 500, "suspended "),
            (1, 1534, 2, 600, 500, "accepted counter_gap"),
            (1, 1535, 2, 500, 400, "suspended "),
        ];
        for (window, counter, other, before_fen, after_fen, expected) in table {
            let offer = Offer { counter, other, before_fen, after_fen, when: Moment(0) };
            let verdict = view.judge(Day(window), offer);
            assert_eq!(format!("{} {}", verdict.disposition(), verdict.flags()), expected, "{counter}");
        }
    }
}
