//! The three rules by which records and lines find each other (`reconciliation.md`, Matching): pure.
//!
//! Each rule names a key. Items of equal keys are paired off first with first, both sides in the order of date, time,
//! package and row; what is left goes on to the next rule.

use super::item::{Facts, Ours, Theirs};

/// A rule's number in the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rule(pub(crate) u8);

/// A record and a line of the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) ours: Ours,
    pub(crate) theirs: Theirs,
    pub(crate) rule: Rule,
}

/// Fields in which a pair can differ, in the order in which they are named.
pub(crate) const FIELDS: [&str; 7] =
    ["amount", "counter", "terminal", "terminal_number", "date", "time", "status"];

/// The fields in which a pair differs: bit i stands for [`FIELDS`]`[i]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Differing(pub(crate) u8);

impl Differing {
    /// Whether both sides agree.
    pub(crate) fn none(self) -> bool {
        self.0 == 0
    }

    /// The names, in order.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        FIELDS.into_iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| name)
    }
}

impl Pair {
    /// In which fields it differs.
    pub(crate) fn differing(&self) -> Differing {
        let (ours, theirs) = (&self.ours.facts, &self.theirs.facts);
        let differs = [
            ours.amount_fen != theirs.amount_fen,
            ours.counter != theirs.counter,
            ours.terminal != theirs.terminal,
            ours.terminal_number != theirs.terminal_number,
            ours.date != theirs.date,
            ours.time != theirs.time,
            !self.theirs.status.is_ok(),
        ];
        Differing(
            differs.iter().enumerate().fold(0, |bits, (bit, differs)| bits | (u8::from(*differs) << bit)),
        )
    }
}

/// Applies rule 1 and takes the pairs out of both sides.
pub(crate) fn by_everything(ours: &mut Vec<Ours>, theirs: &mut Vec<Theirs>, pairs: &mut Vec<Pair>) {
    // The order of `Facts` is the key, then date and time.
    ours.sort_unstable_by_key(|it| (it.facts, it.place));
    theirs.sort_unstable_by_key(|it| (it.facts, it.place));
    let key = |it: &Facts| (it.serial, it.tti, it.counter, it.terminal, it.terminal_number, it.amount_fen);
    pair_off(Rule(1), ours, theirs, key, pairs);
}

/// Applies rules 2 and 3 to what rule 1 left and takes the pairs out of both sides.
pub(crate) fn by_part(ours: &mut Vec<Ours>, theirs: &mut Vec<Theirs>, pairs: &mut Vec<Pair>) {
    let by_terminal = |it: &Facts| (it.serial, it.tti, it.terminal, it.terminal_number);
    ours.sort_unstable_by_key(|it| (by_terminal(&it.facts), it.facts.date, it.facts.time, it.place));
    theirs.sort_unstable_by_key(|it| (by_terminal(&it.facts), it.facts.date, it.facts.time, it.place));
    pair_off(Rule(2), ours, theirs, by_terminal, pairs);
    let by_counter = |it: &Facts| (it.serial, it.tti, it.counter);
    ours.sort_unstable_by_key(|it| (by_counter(&it.facts), it.facts.date, it.facts.time, it.place));
    theirs.sort_unstable_by_key(|it| (by_counter(&it.facts), it.facts.date, it.facts.time, it.place));
    pair_off(Rule(3), ours, theirs, by_counter, pairs);
}

/// Merges two sides that are sorted by `key` and then by the order of ties.
fn pair_off<K: Ord>(
    rule: Rule,
    ours: &mut Vec<Ours>,
    theirs: &mut Vec<Theirs>,
    key: impl Fn(&Facts) -> K,
    pairs: &mut Vec<Pair>,
) {
    let (mut left_ours, mut left_theirs) = (0, 0);
    let (mut i, mut j) = (0, 0);
    while i < ours.len() && j < theirs.len() {
        match key(&ours[i].facts).cmp(&key(&theirs[j].facts)) {
            std::cmp::Ordering::Equal => {
                pairs.push(Pair { ours: ours[i], theirs: theirs[j], rule });
                (i, j) = (i + 1, j + 1);
            }
            // What is left moves to the front, in order.
            std::cmp::Ordering::Less => {
                ours[left_ours] = ours[i];
                (left_ours, i) = (left_ours + 1, i + 1);
            }
            std::cmp::Ordering::Greater => {
                theirs[left_theirs] = theirs[j];
                (left_theirs, j) = (left_theirs + 1, j + 1);
            }
        }
    }
    ours.drain(left_ours..i);
    theirs.drain(left_theirs..j);
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
