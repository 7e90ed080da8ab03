//! Uniqueness on the card and the flags of clearing.md, with the whole past kept as plain lists.
//!
//! Bounded by: every question is answered by looking through every record ever accepted or suspended.

use tongclear_types::{CardId, Flag, Reason, TerminalId};

use crate::facts::Taken;
use crate::rules::{Look, Passed, is_load};

/// How far below the highest counter something can still be said.
const MEMORY: i64 = 64;
/// How far above the highest counter a record may be.
const JUMP: i64 = 1_024;

/// What earlier windows left behind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    pub accepted: Vec<Taken>,
    pub suspended: Vec<Taken>,
}

/// What becomes of one record that was not rejected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    Accepted(Vec<Flag>),
    Duplicate,
    Suspended(Reason),
}

/// A record with the verdict of checks 1 to 12.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub taken: Taken,
    pub look: Look,
}

/// The chain of a card: purchases (false) before loads (true).
pub(crate) type ChainOfCard = (CardId, bool);

/// Which chain of which card the record belongs to; a type that is not cleared goes with the purchases.
pub(crate) fn chain(taken: &Taken) -> ChainOfCard {
    (taken.record.card(), is_load(&taken.record))
}

/// The chain's counter as the card reported it.
pub(crate) fn counter(taken: &Taken) -> i64 {
    i64::from(if is_load(&taken.record) { taken.record.online_counter } else { taken.record.offline_counter })
}

/// The other chain's counter in the same record.
fn other_counter(taken: &Taken) -> u16 {
    if is_load(&taken.record) { taken.record.offline_counter } else { taken.record.online_counter }
}

/// The order in which the records of one chain are taken, as text that sorts like the numbers.
pub(crate) fn order(taken: &Taken) -> (i64, String, String, TerminalId, u32, [u8; 6], u32, u32) {
    (
        counter(taken),
        taken.record.date.to_string(),
        taken.record.time.to_string(),
        taken.record.terminal,
        taken.record.terminal_number.0,
        taken.collector.0,
        taken.sequence,
        taken.row,
    )
}

/// Whether two records are copies: everything but the counter and what the terminal added.
fn copies(a: &Taken, b: &Taken) -> bool {
    chain(a) == chain(b)
        && a.record.terminal == b.record.terminal
        && a.record.terminal_number == b.record.terminal_number
        && a.record.amount_fen == b.record.amount_fen
        && a.record.date == b.record.date
        && a.record.time == b.record.time
        && a.record.tac == b.record.tac
}

/// Decides one record of a chain.
///
/// `earlier` are the records of the chain that were taken before it in this window, with their fates; rejected
/// records are not among them. `trail` tells which line decided.
pub(crate) fn decide(
    past: &Past,
    earlier: &[(Taken, Fate)],
    looked: &Looked,
    window: jiff::civil::Date,
    trail: &mut Vec<String>,
) -> Fate {
    let taken = &looked.taken;
    let mine = counter(taken);
    let before: Vec<&Taken> = past.accepted.iter().filter(|it| chain(it) == chain(taken)).collect();
    let highest_before = before.iter().map(|it| counter(it)).max();
    let number_accepted = past.accepted.iter().any(|it| {
        it.record.terminal == taken.record.terminal
            && it.record.terminal_number == taken.record.terminal_number
    });

    // 1
    if earlier.iter().any(|(it, _)| copies(it, taken)) || past.suspended.iter().any(|it| copies(it, taken)) {
        trail.push("uniqueness 1: a copy".to_owned());
        return Fate::Duplicate;
    }
    // 2
    let counter_accepted = before.iter().any(|it| counter(it) == mine);
    let far_below = highest_before.is_some_and(|highest| mine < highest - MEMORY);
    if (counter_accepted || far_below) && number_accepted {
        trail.push(format!(
            "uniqueness 2: counter {mine} accepted={counter_accepted} far below {highest_before:?}={far_below}, number accepted"
        ));
        return Fate::Duplicate;
    }
    // 3
    let passed = match &looked.look {
        Look::Refused(reason) => {
            trail.push("uniqueness 3: suspended by the checks".to_owned());
            return Fate::Suspended(*reason);
        }
        Look::Passed(passed) => passed,
    };
    // 4
    if number_accepted {
        trail.push(format!("uniqueness 4: number {} accepted before", taken.record.terminal_number));
        return Fate::Suspended(Reason::NumberConflict);
    }
    // 5
    if far_below {
        trail.push(format!("uniqueness 5: {mine} is far below {highest_before:?}"));
        return Fate::Suspended(Reason::StaleCounter);
    }
    // 6
    if highest_before.is_some_and(|highest| mine > highest + JUMP) {
        trail.push(format!("uniqueness 6: {mine} is far above {highest_before:?}"));
        return Fate::Suspended(Reason::CounterJump);
    }
    // 7
    let now: Vec<&Taken> =
        earlier.iter().filter(|(_, fate)| matches!(fate, Fate::Accepted(_))).map(|(it, _)| it).collect();
    if counter_accepted || now.iter().any(|it| counter(it) == mine) {
        trail.push(format!("uniqueness 7: counter {mine} is occupied"));
        return Fate::Suspended(Reason::CounterConflict);
    }
    // 8
    let known: Vec<&Taken> = before.iter().chain(&now).copied().collect();
    let flags = flags(&known, highest_before, taken, passed, window);
    trail.push(format!("uniqueness 8: accepted, highest of earlier windows {highest_before:?}"));
    Fate::Accepted(flags)
}

/// The flags of an accepted record; `known` are the chain's records accepted before it, ever.
fn flags(
    known: &[&Taken],
    highest_before: Option<i64>,
    taken: &Taken,
    passed: &Passed,
    window: jiff::civil::Date,
) -> Vec<Flag> {
    let mine = counter(taken);
    let last = known.iter().max_by_key(|it| counter(it));
    let mut flags = Vec::new();
    if last.is_some_and(|last| mine > counter(last)) && !known.iter().any(|it| counter(it) == mine - 1) {
        flags.push(Flag::CounterGap);
    }
    if highest_before.is_some_and(|highest| mine < highest) {
        flags.push(Flag::GapClosed);
    }
    if last.is_some_and(|last| {
        counter(last) == mine - 1
            && other_counter(last) == other_counter(taken)
            && last.record.balance_after_fen != taken.record.balance_before_fen
    }) {
        flags.push(Flag::BalanceBreak);
    }
    if passed.deny_listed_late {
        flags.push(Flag::DenyListedLate);
    }
    if taken.record.flags.0 & 1 != 0 {
        flags.push(Flag::Supplementary);
    }
    if crate::rules::calendar(&taken.record).is_some_and(|when| when.date() < window) {
        flags.push(Flag::Late);
    }
    flags
}

#[cfg(test)]
#[path = "unique_tests.rs"]
mod tests;
