//! Which record of ours a line without an accepted one is about: looked for among those that were not accepted; pure.
//!
//! Bounded by: the records that were not accepted of one partition, in the windows that a line can be of.

use tongclear_types::BusinessDate;

use super::item::{Facts, Known, Place, Theirs};

/// The earliest window in which the record of a line can lie: that of the day before its date, for a tap after midnight. What
/// a line shows must not depend on what else is in its file, so it holds for each line by itself.
pub(super) fn earliest_window(line: &Theirs) -> Option<BusinessDate> {
    let date = line.facts.date().to_civil()?;
    BusinessDate::new(date).ok().map(|date| date.plus_days(-1))
}

/// Finds, for each line, the record that it shows among `unpaid` and what it shows already: one of the same card, type,
/// terminal and terminal number goes before one of the same counter; of several the earliest.
pub(super) fn explain(theirs: &mut [Theirs], unpaid: &mut [Known]) {
    let by_terminal = |it: &Facts| (it.serial, it.tti, it.terminal, it.terminal_number);
    improve(theirs, unpaid, by_terminal);
    let by_counter = |it: &Facts| (it.serial, it.tti, it.counter);
    improve(theirs, unpaid, by_counter);
}

/// Gives each line the first record of equal `key`, where it shows none or a later one.
fn improve<K: Ord>(theirs: &mut [Theirs], unpaid: &mut [Known], key: impl Fn(&Facts) -> K) {
    unpaid.sort_unstable_by_key(|it| (key(&it.facts), it.facts.date, it.facts.time, it.place));
    for line in theirs {
        let (wanted, earliest) = (key(&line.facts), earliest_window(line));
        let place = unpaid.partition_point(|it| key(&it.facts) < wanted);
        let mut same = unpaid[place..].iter().take_while(|it| key(&it.facts) == wanted);
        let found = same.find(|it| earliest.is_none_or(|earliest| it.window >= earliest));
        let better = |found: &&Known| line.known.is_none_or(|known| rank(found, line) < rank(&known, line));
        if let Some(found) = found.filter(better) {
            line.known = Some(*found);
        }
    }
}

/// Where a record stands among those that a line could show.
fn rank(known: &Known, line: &Theirs) -> (bool, [u8; 4], [u8; 3], Place) {
    let Known { facts, place, .. } = known;
    let of_terminal =
        (facts.terminal, facts.terminal_number) == (line.facts.terminal, line.facts.terminal_number);
    (!of_terminal, facts.date, facts.time, *place)
}

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;
