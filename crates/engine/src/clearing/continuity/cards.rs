//! Cards: counter gaps, balance breaks and suspected clones, from how each chain was judged.
//!
//! Almost every chain of a night has neither an item from before nor a record worth noting; it is passed over after one
//! look at its verdicts.

use std::iter::Peekable;
use std::slice::Iter;

use tongclear_types::{
    CardId, Chain, ContinuityItem, ContinuityKind, Flag, Flags, ItemState, Reason, Subject, Verdict,
};

use super::super::chain::ChainState;
use super::super::ranges::NumberRanges;
use super::super::row::Row;
use super::Reach;
use super::numbering::{Cut, cut};

/// Watches the chains of one partition as they are judged, in their order.
pub(crate) struct CardWatch<'a> {
    reach: Reach,
    /// Items of earlier windows, sorted by card and chain.
    known: Peekable<Iter<'a, ContinuityItem>>,
    items: Vec<ContinuityItem>,
}

impl<'a> CardWatch<'a> {
    /// `known` are the items of the partition's cards that earlier windows left, sorted by subject.
    pub(crate) fn new(known: &'a [ContinuityItem], reach: Reach) -> Self {
        Self { reach, known: known.iter().peekable(), items: Vec::new() }
    }

    /// Looks at one judged chain; `prior` is its state before the window.
    pub(crate) fn look(&mut self, (card, chain): (CardId, Chain), rows: &[Row], prior: Option<ChainState>) {
        let subject = Subject::Card(card, chain);
        while let Some(quiet) = self.known.next_if(|item| item.subject < subject) {
            self.items.extend(carried(*quiet, self.reach));
        }
        let has_items = self.known.peek().is_some_and(|item| item.subject == subject);
        if !has_items && !rows.iter().any(is_notable) {
            return;
        }
        let mut line = Line::new(subject, self.reach);
        while let Some(item) = self.known.next_if(|item| item.subject == subject) {
            line.take(*item);
        }
        line.follow(rows, prior);
        self.items.extend(line.finish());
    }

    /// The items that are open after the window or ended in it, and the single conflicts to remember.
    pub(crate) fn finish(mut self) -> Vec<ContinuityItem> {
        let reach = self.reach;
        self.items.extend(self.known.flat_map(|quiet| carried(*quiet, reach)));
        self.items
    }
}

/// Whether a record opens or closes anything on its own.
fn is_notable(row: &Row) -> bool {
    const NOTABLE: u8 =
        Flags::NONE.with(Flag::CounterGap).with(Flag::GapClosed).with(Flag::BalanceBreak).bits();
    match row.verdict {
        Verdict::Accepted(flags) => flags.bits() & NOTABLE != 0,
        Verdict::Refused(reason) => reason == Reason::CounterConflict,
        Verdict::Duplicate => false,
    }
}

/// An item after a window that did not close it: as it is, expired, or, when it is a single conflict, forgotten.
fn carried(item: ContinuityItem, reach: Reach) -> Option<ContinuityItem> {
    if reach.covers(item.latest) {
        return Some(item);
    }
    (item.kind != ContinuityKind::SingleConflict).then(|| item.in_state(ItemState::Expired(reach.date)))
}

/// The accepted record with the highest counter so far.
#[derive(Debug, Clone, Copy)]
struct Tip {
    counter: u16,
    other_counter: u16,
    balance_fen: u32,
}

impl Tip {
    const fn of(row: &Row) -> Self {
        Self {
            counter: row.counter(),
            other_counter: row.other_counter(),
            balance_fen: row.balance_after_fen,
        }
    }

    /// Whether `row` is the very next transaction, and its balance is the one that this one left.
    fn is_continued_by(self, row: &Row) -> bool {
        self.counter.checked_add(1) == Some(row.counter())
            && self.other_counter == row.other_counter()
            && self.balance_fen == row.balance_before_fen
    }
}

/// The items of one chain.
struct Line {
    subject: Subject,
    reach: Reach,
    gaps: Vec<ContinuityItem>,
    breaks: Vec<ContinuityItem>,
    /// The suspected clone, or the single conflict that may become one.
    conflict: Option<ContinuityItem>,
    ended: Vec<ContinuityItem>,
}

impl Line {
    const fn new(subject: Subject, reach: Reach) -> Self {
        Self { subject, reach, gaps: Vec::new(), breaks: Vec::new(), conflict: None, ended: Vec::new() }
    }

    /// Takes an item of earlier windows.
    fn take(&mut self, item: ContinuityItem) {
        match item.kind {
            ContinuityKind::CounterGap => self.gaps.push(item),
            ContinuityKind::BalanceBreak => self.breaks.push(item),
            // One that has expired is not added to.
            _ => match carried(item, self.reach) {
                Some(expired) if expired.state != ItemState::Open => self.ended.push(expired),
                alive => self.conflict = alive,
            },
        }
    }

    /// Follows the judged records of the window, in order.
    fn follow(&mut self, rows: &[Row], prior: Option<ChainState>) {
        let mut tip = prior.map(|state| Tip {
            counter: state.highest,
            other_counter: state.other_counter,
            balance_fen: state.last_balance_fen,
        });
        let mut filled = Vec::new();
        for row in rows {
            let counter = u32::from(row.counter());
            match row.verdict {
                Verdict::Refused(Reason::CounterConflict) => self.note_conflict(counter),
                Verdict::Accepted(flags) => {
                    if flags.has(Flag::BalanceBreak) {
                        self.breaks.push(self.open(ContinuityKind::BalanceBreak, (counter, counter)));
                    } else if tip.is_some_and(|tip| tip.is_continued_by(row)) {
                        self.close_breaks();
                    }
                    if let Some(tip) = tip.filter(|_| flags.has(Flag::CounterGap)) {
                        let range = (u32::from(tip.counter) + 1, counter - 1);
                        self.gaps.push(self.open(ContinuityKind::CounterGap, range));
                    }
                    if flags.has(Flag::GapClosed) {
                        filled.push((counter, counter));
                    }
                    if tip.is_none_or(|tip| tip.counter < row.counter()) {
                        tip = Some(Tip::of(row));
                    }
                }
                Verdict::Refused(_) | Verdict::Duplicate => {}
            }
        }
        let Cut { inside, outside } = cut(&self.gaps, &NumberRanges::of_runs(filled).0);
        self.ended.extend(inside.into_iter().map(|item| item.in_state(ItemState::Closed(self.reach.date))));
        self.gaps = outside;
    }

    fn open(&self, kind: ContinuityKind, range: (u32, u32)) -> ContinuityItem {
        ContinuityItem::open(kind, self.subject, range, self.reach.date)
    }

    /// The balances agree again.
    fn close_breaks(&mut self) {
        let closed = ItemState::Closed(self.reach.date);
        self.ended.extend(self.breaks.drain(..).map(|item| item.in_state(closed)));
    }

    /// The first conflict is remembered; the second makes a suspected clone, and every further one keeps it.
    fn note_conflict(&mut self, counter: u32) {
        let date = self.reach.date;
        self.conflict = Some(match self.conflict {
            None => self.open(ContinuityKind::SingleConflict, (counter, counter)),
            Some(before) => ContinuityItem {
                kind: ContinuityKind::SuspectedClone,
                first: before.first.min(counter),
                last: before.last.max(counter),
                opened: if before.kind == ContinuityKind::SingleConflict { date } else { before.opened },
                count: before.count + 1,
                latest: date,
                ..before
            },
        });
    }

    /// What is left and what ended, in no particular order.
    fn finish(self) -> Vec<ContinuityItem> {
        let left = self.gaps.into_iter().chain(self.breaks).chain(self.conflict);
        let left = left.filter_map(|item| carried(item, self.reach));
        self.ended.into_iter().chain(left).collect()
    }
}

#[cfg(test)]
#[path = "cards_tests.rs"]
mod tests;
