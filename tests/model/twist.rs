//! What goes wrong with records: each twist by itself, so that several on one record try the order of the checks.
//!
//! Bounded by: a twist changes one record; copies and clones are made from what was sent before.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use tongclear_types::{BcdDate, BcdTime, IssuerId, TerminalId, TransactionRecord, Tti};

use crate::city::City;
use crate::dice::Dice;
use crate::facts::Registry;
use crate::rules::{is_load, stay};
use crate::street::{Draft, Street, TacKind};

/// How many different twists there are.
const TWISTS: usize = 25;

/// Does one thing to the record that may or may not matter.
pub(crate) fn twist(dice: &mut Dice, street: &Street, city: &City, window: usize, draft: &mut Draft) {
    let registry = &city.registries[window];
    let today = city.dates[window];
    let record = &mut draft.record;
    match dice.place(TWISTS) {
        0 => {
            record.date.0 = dice.pick(&[
                [0x20, 0x26, 0x13, 0x01],
                [0x20, 0x27, 0x02, 0x29],
                [0x20, 0x2a, 0x11, 0x01],
                [0x19, 0x99, 0x12, 0x31],
                [0x21, 0x00, 0x01, 0x01],
                [0; 4],
                [0xff; 4],
            ]);
        }
        1 => {
            record.time.0 =
                dice.pick(&[[0x24, 0, 0], [0x23, 0x60, 0], [0x12, 0, 0x60], [0x0a, 0, 0], [0xff; 3]])
        }
        2 => record.tti = Tti(dice.pick(&[0, 1, 3, 4, 7, 8, 0x0a, 0xff])),
        3 => record.flags.0 |= 4,
        4 => record.terminal = TerminalId([0x65, 0x10, 0, 9, 9, dice.byte() % 3]),
        5 => draft.merchant = registry.merchants[dice.place(registry.merchants.len() - 1)].code,
        6 => record.issuer = IssuerId([1, 1, 0x10, 0, 0xff, 0xff, 0xff, 0xff]),
        7 | 8 => {
            let age = i64::from(registry.max_age_days);
            let days = dice.pick(&[1, 2, 3, -1, -age, -age - 1, -age + 1]);
            record.date = BcdDate::from_civil(today.saturating_add(days.days()));
        }
        9 => record.key_version = dice.pick(&[0, 2, 3, 255]),
        10 => record.algorithm = dice.pick(&[0, 1, 2, 3, 4, 5, 0xff]),
        11 => draft.tac = TacKind::Wrong,
        12 => {
            record.balance_after_fen =
                dice.pick(&[record.balance_after_fen.wrapping_add(1), record.balance_before_fen, 0, u32::MAX])
        }
        13 => {
            // The sum still holds: only the record before it on the card gives it away.
            record.balance_before_fen = record.balance_before_fen.saturating_add(10);
            record.balance_after_fen = record.balance_after_fen.saturating_add(10);
        }
        14 | 15 => over_limit(dice, registry, draft),
        16 | 17 => edge_of_grace(dice, street, registry, draft),
        18 => record.offline_counter = near(dice, record.offline_counter),
        19 => record.online_counter = near(dice, record.online_counter),
        20 | 21 => record.deny_list_version = dice.pick(&[0, 1, 2, 3, 4, u32::MAX]),
        22 => at_the_edge(dice, street, record),
        23 => record.flags.0 |= dice.pick(&[1, 2, 8, 0x80]),
        _ => {
            record.list_price_fen =
                dice.pick(&[0, record.amount_fen, record.amount_fen.saturating_add(300), u32::MAX])
        }
    }
}

/// Puts the counter exactly where a rule changes its mind about the card's highest counter.
fn at_the_edge(dice: &mut Dice, street: &Street, record: &mut TransactionRecord) {
    let height =
        street.heights.iter().find(|(card, loads, _)| *card == record.card() && *loads == is_load(record));
    let Some((_, loads, highest)) = height else { return };
    let counter = match dice.place(8) {
        0 => highest.saturating_add(1_024),
        1 | 2 => highest.saturating_add(1_025),
        3 => highest.saturating_sub(63),
        4 => highest.saturating_sub(64),
        5 => highest.saturating_sub(65),
        6 => highest.saturating_add(1),
        _ => *highest,
    };
    *(if *loads { &mut record.online_counter } else { &mut record.offline_counter }) = counter;
}

/// A counter about as far away as a rule looks.
fn near(dice: &mut Dice, counter: u16) -> u16 {
    let by = dice.pick(&[1, 2, 3, 10, 62, 63, 64, 65, 66, 70, 130, 1_020, 1_023, 1_024, 1_025, 1_026, 3_000]);
    match dice.place(20) {
        0 => dice.pick(&[0, 1, u16::MAX - 1, u16::MAX]),
        1..=9 => counter.saturating_sub(by),
        _ => counter.saturating_add(by),
    }
}

/// An amount at or just above some contract's limit, with balances that hold it.
fn over_limit(dice: &mut Dice, registry: &Registry, draft: &mut Draft) {
    let limits: Vec<i64> = registry
        .contracts
        .iter()
        .filter(|it| it.merchant == draft.merchant)
        .map(|it| it.amount_limit_fen)
        .collect();
    if limits.is_empty() {
        return;
    }
    let limit = u32::try_from(dice.pick(&limits)).unwrap_or(u32::MAX);
    let amount = limit.saturating_add(dice.number(0, 1));
    let record = &mut draft.record;
    let rest = record.balance_after_fen.min(5_000).min(u32::MAX - amount);
    (record.balance_before_fen, record.balance_after_fen) =
        if is_load(record) { (rest, rest + amount) } else { (rest + amount, rest) };
    record.amount_fen = amount;
}

/// Puts a listed card's tap right on an edge: the beginning of the stay, or the end of its grace.
fn edge_of_grace(dice: &mut Dice, street: &Street, registry: &Registry, draft: &mut Draft) {
    let Some(list) = street.lists.get(dice.place(street.lists.len().max(1))) else { return };
    let Some(serial) = list.serials.first() else { return };
    let Some(card) = street.cards.iter().find(|card| card.serial == *serial) else { return };
    let Some((version, effective)) = stay(&street.lists, list.operator, *serial, list.effective) else {
        return;
    };
    let grace = i64::from(registry.grace_hours);
    let when: DateTime = dice
        .pick(&[effective, effective.saturating_add(grace.hours()), list.effective])
        .saturating_add(dice.between(-1, 0).seconds());
    let record = &mut draft.record;
    (record.serial, record.issuer) = (*serial, card.operator.issuer);
    record.date = BcdDate::from_civil(when.date());
    record.time = BcdTime::from_civil(when.time());
    record.deny_list_version = dice.pick(&[0, version.saturating_sub(1), version.saturating_sub(1), version]);
}

/// Something that was sent before, or was to be, comes again in another shape.
pub(crate) fn echo(dice: &mut Dice, street: &mut Street, registry: &Registry, today: Date) -> Option<Draft> {
    if street.history.is_empty() {
        return None;
    }
    // Half of the time something recent.
    let from = if dice.chance(50) { street.history.len().saturating_sub(60) } else { 0 };
    let at = from + dice.place(street.history.len() - from);
    let mut draft = street.history[at].clone();
    draft.tac = TacKind::Kept;
    let record = &mut draft.record;
    match dice.place(14) {
        // The same again, perhaps in another package.
        0..=3 => {}
        // A replay with another counter: a purchase's TAC still holds.
        4 | 5 => record.offline_counter = near(dice, record.offline_counter),
        // The same again, as another merchant's.
        6 => draft.merchant = registry.merchants[dice.place(registry.merchants.len() - 1)].code,
        // A clone: the same counters at another terminal.
        7 | 8 => {
            let row = registry.services[dice.place(registry.services.len())];
            record.terminal = row.terminal;
            draft.merchant = row.merchant;
            draft.tac = TacKind::Right;
            record.terminal_number = street.next_number(row.terminal);
        }
        // The terminal's number comes again for another card.
        9 | 10 => {
            let number = record.terminal_number;
            let (terminal, merchant) = (record.terminal, draft.merchant);
            draft = street.tap(dice, registry, today, 500);
            draft.record.terminal = terminal;
            draft.record.terminal_number = number;
            draft.merchant = merchant;
        }
        // Put right: what was rejected or suspended comes as the card would have it.
        11 => {
            draft.tac = TacKind::Right;
            record.flags.0 &= !4;
        }
        // All but one thing the same, TAC included: where no TAC was checked, it is not a copy.
        12 => match dice.place(3) {
            0 => record.amount_fen = record.amount_fen.saturating_add(1),
            1 => record.time.0[2] ^= 1,
            _ => record.date.0[3] ^= 1,
        },
        // The counter is used twice at the same terminal, in the same second.
        _ => {
            record.terminal_number = street.next_number(record.terminal);
            draft.tac = TacKind::Right;
        }
    }
    Some(draft)
}
