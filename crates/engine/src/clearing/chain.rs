//! Uniqueness and continuity of one card's chain (`clearing.md`, Uniqueness, Flags).
//!
//! Pure: the records of one card and chain in their order, what earlier windows left behind, and out come
//! verdicts and the chain's new state. Nothing here knows of files, workers or money.

use std::collections::HashSet;

use tongclear_types::{BcdDate, BcdTime, CardId, Chain, Flag, Flags, Reason, Verdict};

use super::ranges::NumberRanges;
use super::row::{Fingerprint, Row};

/// How far below the highest accepted counter the state remembers single counters.
pub(crate) const REMEMBERED_BELOW: u16 = 64;
/// How far above it a counter may lie before it is suspended as a jump.
pub(crate) const JUMP_MAX: u16 = 1024;
/// Up to this many earlier records, a plain scan for copies beats a hash set.
const SCAN_MAX: usize = 16;

/// What the centre knows of one card and chain after a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChainState {
    /// The highest accepted counter.
    pub(crate) highest: u16,
    /// Bit i stands for the acceptance of `highest − 1 − i`.
    pub(crate) below: u64,
    /// Balance after the record with the highest counter.
    pub(crate) last_balance_fen: u32,
    /// Its date.
    pub(crate) last_date: BcdDate,
    /// Its time.
    pub(crate) last_time: BcdTime,
    /// Its counter of the other chain.
    pub(crate) other_counter: u16,
}

/// What the state can say of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Accepted before.
    Accepted,
    /// Not accepted before.
    Free,
    /// Too far below the highest to tell.
    Forgotten,
}

impl ChainState {
    fn first(row: &Row) -> Self {
        Self {
            highest: row.counter(),
            below: 0,
            last_balance_fen: row.balance_after_fen,
            last_date: BcdDate(row.date),
            last_time: BcdTime(row.time),
            other_counter: row.other_counter(),
        }
    }

    fn standing(&self, counter: u16) -> Standing {
        let Some(distance) = self.highest.checked_sub(counter) else { return Standing::Free };
        match distance {
            0 => Standing::Accepted,
            1..=REMEMBERED_BELOW if self.below >> (distance - 1) & 1 == 1 => Standing::Accepted,
            1..=REMEMBERED_BELOW => Standing::Free,
            _ => Standing::Forgotten,
        }
    }

    /// The state after `row` was accepted too.
    fn with(self, row: &Row) -> Self {
        let counter = row.counter();
        match counter.checked_sub(self.highest) {
            // The row is not above the highest; one that is too far below cannot be noted any more.
            None | Some(0) => {
                let distance = u32::from(self.highest - counter);
                let bit = distance.checked_sub(1).and_then(|shift| 1_u64.checked_shl(shift)).unwrap_or(0);
                Self { below: self.below | bit, ..self }
            }
            // The old highest becomes bit `rise − 1`, everything below it moves up as far.
            Some(rise) => {
                let rise = u32::from(rise);
                let shifted = self.below.checked_shl(rise).unwrap_or(0);
                let old_highest = 1_u64.checked_shl(rise - 1).unwrap_or(0);
                Self { below: shifted | old_highest, ..Self::first(row) }
            }
        }
    }
}

/// Takes records that a decision releases into the state of their card and chain, in order, as if an earlier window had
/// accepted them; each gets the flags that it would have had there.
pub(crate) fn release(rows: &mut [Row], prior: Option<ChainState>) -> Option<ChainState> {
    let mut state = prior;
    for row in rows {
        row.verdict = Verdict::Accepted(continuity(row, Flags::NONE, prior, state));
        state = Some(state.map_or_else(|| ChainState::first(row), |state| state.with(row)));
    }
    state
}

/// What earlier windows left behind that a chain is judged against, besides its own state.
pub(crate) struct Past<'a> {
    /// Accepted numbers by the run's terminal index.
    pub(crate) numbers: &'a [NumberRanges],
    /// Records suspended in earlier windows.
    pub(crate) suspended: &'a HashSet<(CardId, Chain, Fingerprint)>,
}

impl Past<'_> {
    fn number_accepted(&self, row: &Row) -> bool {
        self.numbers
            .get(row.bearings.terminal as usize)
            .is_some_and(|ranges| ranges.contains(row.terminal_number))
    }
}

/// What uniqueness and continuity see of one record, besides the record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// It copies a record earlier in the order, or one suspended in an earlier window.
    pub(crate) copy: bool,
    /// An accepted record earlier in the order has its counter.
    pub(crate) occupied: bool,
    /// Its terminal number was accepted in an earlier window.
    pub(crate) number_accepted: bool,
    /// The state that earlier windows left.
    pub(crate) prior: Option<ChainState>,
    /// That state and the accepted records earlier in the order.
    pub(crate) state: Option<ChainState>,
}

impl Facts {
    /// What earlier windows say of `counter`.
    pub(crate) fn standing(&self, counter: u16) -> Standing {
        self.prior.map_or(Standing::Free, |prior| prior.standing(counter))
    }
}

/// Judges the records of one card and chain, in order, and returns the chain's state after them.
///
/// `rows` come sorted by [`Row::order`] and belong to one card and chain; `prior` is the state that earlier
/// windows left. Rejected rows are passed over: they may come again, corrected.
pub(crate) fn judge(rows: &mut [Row], prior: Option<ChainState>, past: &Past<'_>) -> Option<ChainState> {
    judge_watched(rows, prior, past, |_, _, _| {})
}

/// As [`judge`], and tells `watch` of every record it judges: the record with its verdict, what was seen of it, and
/// the number of the line that decided.
pub(crate) fn judge_watched(
    rows: &mut [Row],
    prior: Option<ChainState>,
    past: &Past<'_>,
    mut watch: impl FnMut(&Row, &Facts, u8),
) -> Option<ChainState> {
    debug_assert!(rows.is_sorted_by(|a, b| a.order(b).is_le()));
    let mut seen = Seen::default();
    let mut state = prior;
    let mut last_accepted_counter = None;
    for row in rows.iter_mut().filter(|row| row.takes_part()) {
        let copy = seen.note(row.fingerprint())
            || (!past.suspended.is_empty()
                && past.suspended.contains(&(row.card(), row.chain(), row.fingerprint())));
        let occupied = last_accepted_counter == Some(row.counter());
        let facts = Facts { copy, occupied, number_accepted: past.number_accepted(row), prior, state };
        let line;
        (line, row.verdict) = verdict(row, &facts);
        watch(row, &facts, line);
        if matches!(row.verdict, Verdict::Accepted(_)) {
            last_accepted_counter = Some(row.counter());
            state = Some(state.map_or_else(|| ChainState::first(row), |state| state.with(row)));
        }
    }
    state
}

/// The first line that applies decides, in the documented order; its number comes with the verdict.
fn verdict(row: &Row, facts: &Facts) -> (u8, Verdict) {
    let Facts { copy, occupied, number_accepted, prior, state } = *facts;
    let counter = row.counter();
    let standing = facts.standing(counter);
    if copy {
        return (1, Verdict::Duplicate);
    }
    if standing != Standing::Free && number_accepted {
        return (2, Verdict::Duplicate);
    }
    let Verdict::Accepted(flags) = row.verdict else { return (3, row.verdict) };
    if number_accepted {
        return (4, Verdict::Refused(Reason::NumberConflict));
    }
    if standing == Standing::Forgotten {
        return (5, Verdict::Refused(Reason::StaleCounter));
    }
    if prior.is_some_and(|prior| counter > prior.highest.saturating_add(JUMP_MAX)) {
        return (6, Verdict::Refused(Reason::CounterJump));
    }
    if standing == Standing::Accepted || occupied {
        return (7, Verdict::Refused(Reason::CounterConflict));
    }
    (8, Verdict::Accepted(continuity(row, flags, prior, state)))
}

/// Adds what continuity has to say about an accepted record; `state` includes the records before it.
fn continuity(row: &Row, flags: Flags, prior: Option<ChainState>, state: Option<ChainState>) -> Flags {
    let Some(known) = state else { return flags };
    let counter = row.counter();
    let follows_last = known.highest.checked_add(1) == Some(counter);
    let balance_differs = known.last_balance_fen != row.balance_before_fen;
    flags
        .with_if(Flag::CounterGap, counter > known.highest && !follows_last)
        .with_if(Flag::GapClosed, prior.is_some_and(|prior| counter < prior.highest))
        .with_if(
            Flag::BalanceBreak,
            follows_last && known.other_counter == row.other_counter() && balance_differs,
        )
}

/// Fingerprints of the records so far; a scan while they are few, a set when one card floods the night.
#[derive(Default)]
struct Seen {
    few: Vec<Fingerprint>,
    many: HashSet<Fingerprint>,
}

impl Seen {
    /// Notes `fingerprint` and says whether it was there already.
    fn note(&mut self, fingerprint: Fingerprint) -> bool {
        if self.few.len() < SCAN_MAX {
            let there = self.few.contains(&fingerprint);
            if !there {
                self.few.push(fingerprint);
            }
            return there;
        }
        self.few.contains(&fingerprint) || !self.many.insert(fingerprint)
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
