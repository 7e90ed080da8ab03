//! Every line of the table of dispositions, every pair of lines in its order, and the deny list's edges.
//!
//! Bounded by: one record a case, bent from [`sample::record`].

use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use tongclear_types::{BcdDate, BcdTime, IssuerId, TerminalId, Tti};

use super::*;
use crate::sample;

/// What makes a check fail, or just pass.
type Bend = fn(&mut Frozen, &mut Taken);

/// The marker of a TAC that must not be made right.
const WRONG: [u8; 4] = [0xff; 4];

fn dated(text: &str) -> BcdDate {
    BcdDate(hex::decode(text).unwrap().try_into().unwrap())
}

fn timed(text: &str) -> BcdTime {
    BcdTime(hex::decode(text).unwrap().try_into().unwrap())
}

fn list_today(frozen: &mut Frozen, _: &mut Taken) {
    frozen.lists.push(DenyList {
        operator: sample::OPERATOR,
        version: 1,
        effective: date(2026, 11, 1).at(0, 0, 0, 0),
        serials: [sample::SERIAL].into(),
    });
}

fn over_limit(_: &mut Frozen, taken: &mut Taken) {
    taken.record.amount_fen += 801;
    taken.record.balance_after_fen = taken.record.balance_after_fen.wrapping_sub(801);
}

fn look_after(bends: &[Bend]) -> (String, Vec<String>) {
    let (mut frozen, mut taken) = (sample::frozen(), sample::taken(sample::record()));
    for bend in bends {
        bend(&mut frozen, &mut taken);
    }
    if taken.record.tac != WRONG {
        let cipher = if taken.record.algorithm == 4 { Cipher::Sm4 } else { Cipher::Des };
        taken.record.tac = tac([0x11; 16], cipher, true, &taken.record);
    }
    let mut trail = Vec::new();
    let look = look(&frozen, &taken, &mut trail);
    let text = match look {
        Look::Passed(passed) if passed.deny_listed_late => "passed late".to_owned(),
        Look::Passed(_) => "passed".to_owned(),
        Look::Refused(reason) => reason.to_string(),
    };
    (text, trail)
}

#[test]
fn every_check_alone() {
    let table: &[(&str, Bend, &str)] = &[
        ("nothing", |_, _| {}, "passed"),
        ("month 13", |_, t| t.record.date = dated("20261322"), "malformed"),
        ("31 November", |_, t| t.record.date = dated("20261131"), "malformed"),
        ("a nibble above 9 in the date", |_, t| t.record.date = dated("2026112a"), "malformed"),
        ("year 1999", |_, t| t.record.date = dated("19991122"), "malformed"),
        ("year 2100", |_, t| t.record.date = dated("21001122"), "malformed"),
        ("zeros", |_, t| t.record.date = dated("00000000"), "malformed"),
        ("hour 24", |_, t| t.record.time = timed("240000"), "malformed"),
        ("second 60", |_, t| t.record.time = timed("125960"), "malformed"),
        ("a nibble above 9 in the time", |_, t| t.record.time = timed("12000f"), "malformed"),
        ("the last second", |_, t| t.record.time = timed("235959"), "passed"),
        ("TTI 01", |_, t| t.record.tti = Tti(1), "malformed"),
        ("TTI 07", |_, t| t.record.tti = Tti(7), "malformed"),
        ("TTI 05", |_, t| t.record.tti = Tti(5), "passed"),
        ("TTI 09", |_, t| t.record.tti = Tti(9), "passed"),
        ("a load", |_, t| (t.record.tti, t.record.balance_after_fen) = (Tti(2), 5_200), "passed"),
        ("test card", |_, t| t.record.flags.0 = 4, "test_card"),
        ("the other flags", |_, t| t.record.flags.0 = 0xfb, "passed"),
        ("unknown terminal", |_, t| t.record.terminal = TerminalId([9; 6]), "unknown_terminal"),
        ("another merchant's", |_, t| t.merchant = sample::sponsor(), "terminal_not_in_service"),
        (
            "not yet in service",
            |f, _| f.registry.services[0].from = date(2026, 11, 23),
            "terminal_not_in_service",
        ),
        ("first day in service", |f, _| f.registry.services[0].from = date(2026, 11, 22), "passed"),
        ("last day in service", |f, _| f.registry.services[0].until = Some(date(2026, 11, 22)), "passed"),
        (
            "no longer in service",
            |f, _| f.registry.services[0].until = Some(date(2026, 11, 21)),
            "terminal_not_in_service",
        ),
        (
            "a second row",
            |f, _| {
                let mut row = f.registry.services[0];
                (row.from, f.registry.services[0].until) = (date(2026, 11, 22), Some(date(2026, 11, 20)));
                f.registry.services.push(row);
            },
            "passed",
        ),
        ("unknown issuer", |_, t| t.record.issuer = IssuerId([9; 8]), "unknown_operator"),
        ("tomorrow", |_, t| t.record.date = dated("20261123"), "passed"),
        ("the day after", |_, t| t.record.date = dated("20261124"), "future_dated"),
        ("30 days old", |_, t| t.record.date = dated("20261023"), "passed"),
        ("31 days old", |_, t| t.record.date = dated("20261022"), "too_old"),
        ("no age allowed", |f, _| f.registry.max_age_days = 0, "passed"),
        ("key version 2", |_, t| t.record.key_version = 2, "key_unavailable"),
        ("algorithm 02", |_, t| t.record.algorithm = 2, "key_unavailable"),
        ("algorithm ff", |_, t| t.record.algorithm = 0xff, "key_unavailable"),
        ("algorithm 04 without its key", |_, t| t.record.algorithm = 4, "key_unavailable"),
        (
            "algorithm 05 is not 04",
            |f, t| {
                t.record.algorithm = 5;
                f.keys.tac[0].cipher = Cipher::Sm4;
            },
            "key_unavailable",
        ),
        ("algorithm 00", |_, t| t.record.algorithm = 0, "passed"),
        (
            "algorithm 04 with its key",
            |f, t| {
                t.record.algorithm = 4;
                f.keys.tac[0].cipher = Cipher::Sm4;
            },
            "passed",
        ),
        ("wrong TAC", |_, t| t.record.tac = WRONG, "tac_mismatch"),
        ("balance after too high", |_, t| t.record.balance_after_fen += 1, "balance_arithmetic"),
        ("more than the card had", |_, t| t.record.balance_before_fen = 199, "balance_arithmetic"),
        (
            "below zero and wrapped",
            |_, t| (t.record.balance_before_fen, t.record.balance_after_fen) = (0, u32::MAX - 199),
            "balance_arithmetic",
        ),
        ("a load that takes", |_, t| t.record.tti = Tti(2), "balance_arithmetic"),
        ("no contract", |f, _| f.registry.contracts.clear(), "no_contract"),
        ("contract from tomorrow", |f, _| f.registry.contracts[0].from = date(2026, 11, 23), "no_contract"),
        ("contract until today", |f, _| f.registry.contracts[0].until = Some(date(2026, 11, 22)), "passed"),
        (
            "contract until yesterday",
            |f, _| f.registry.contracts[0].until = Some(date(2026, 11, 21)),
            "no_contract",
        ),
        (
            "another operator's contract",
            |f, _| f.registry.contracts[0].operator = Some(OperatorCode([1, 1])),
            "no_contract",
        ),
        ("at the limit", |f, _| f.registry.contracts[0].amount_limit_fen = 200, "passed"),
        ("above the limit", |f, _| f.registry.contracts[0].amount_limit_fen = 199, "over_limit"),
        ("deny-listed", list_today, "deny_listed"),
    ];
    for (name, bend, expected) in table {
        let (got, trail) = look_after(&[*bend]);
        assert_eq!(got, *expected, "{name}: {trail:?}");
    }
}

#[test]
fn the_first_check_that_fails_decides() {
    let table: &[(&str, Bend)] = &[
        ("malformed", |_, t| t.record.tti = Tti(1)),
        ("test_card", |_, t| t.record.flags.0 |= 4),
        ("unknown_terminal", |_, t| t.record.terminal = TerminalId([9; 6])),
        ("terminal_not_in_service", |f, _| f.registry.services[0].merchant = sample::sponsor()),
        ("unknown_operator", |_, t| t.record.issuer = IssuerId([9; 8])),
        ("future_dated", |_, t| t.record.date = dated("20261124")),
        ("too_old", |_, t| t.record.date = dated("20261022")),
        ("key_unavailable", |_, t| t.record.key_version = 2),
        ("tac_mismatch", |_, t| t.record.tac = WRONG),
        ("balance_arithmetic", |_, t| t.record.balance_before_fen += 1),
        ("no_contract", |f, _| f.registry.contracts[0].until = Some(date(2026, 1, 2))),
        ("over_limit", over_limit),
        ("deny_listed", list_today),
    ];
    for (i, (first, bend_first)) in table.iter().enumerate() {
        for (second, bend_second) in &table[i + 1..] {
            if (*first, *second) == ("future_dated", "too_old") {
                continue; // no date is both
            }
            let (got, trail) = look_after(&[*bend_first, *bend_second]);
            assert_eq!(got, *first, "with {second}: {trail:?}");
        }
    }
}

/// Versions of a list as `(version, hours after midnight of 22 November, whether the card is on it)`.
type Versions = &'static [(u32, i64, bool)];

#[test]
fn the_deny_list_in_force_and_the_stay_on_it() {
    let table: &[(Versions, u32, &str, &str)] = &[
        (&[], 0, "120000", "passed"),
        (&[(1, 0, false)], 1, "120000", "passed"),
        (&[(1, 12, true)], 0, "120000", "passed late"),
        (&[(1, 12, true)], 0, "115959", "passed"),
        (&[(1, 12, true)], 1, "120000", "deny_listed"),
        (&[(1, 12, true)], 1, "115959", "passed"),
        // 24 hours of grace
        (&[(1, -12, true)], 0, "120000", "deny_listed"),
        (&[(1, -12, true)], 0, "115959", "passed late"),
        // the stay began with version 1, so neither a newer version nor its time counts
        (&[(1, -12, true), (2, 6, true)], 0, "120000", "deny_listed"),
        (&[(1, 6, true), (2, 7, true)], 1, "120000", "deny_listed"),
        // taken off and put on again: the stay begins with version 3
        (&[(1, -90, true), (2, -80, false), (3, 6, true)], 2, "120000", "passed late"),
        (&[(1, -90, true), (2, -80, false), (3, 6, true)], 3, "120000", "deny_listed"),
        (&[(1, -90, true), (2, -80, false), (3, 6, true), (4, 7, true)], 3, "120000", "deny_listed"),
        // taken off, in force or not yet
        (&[(1, -90, true), (2, -80, false)], 1, "120000", "passed"),
        (&[(1, -90, true), (2, 13, false)], 0, "120000", "deny_listed"),
        // a version newer than the terminal's, not yet in force
        (&[(1, -90, false), (2, 13, true)], 2, "120000", "passed"),
        // the highest version in force, even if an older one took effect later
        (&[(1, 6, true), (2, 5, false)], 0, "120000", "passed"),
        // a terminal that claims a version nobody has sent
        (&[(1, 6, true)], 9, "120000", "deny_listed"),
    ];
    for (versions, terminal_had, time, expected) in table {
        let (mut frozen, mut taken) = (sample::frozen(), sample::taken(sample::record()));
        let midnight: DateTime = sample::TODAY.at(0, 0, 0, 0);
        for (version, hours, listed) in *versions {
            frozen.lists.push(DenyList {
                operator: sample::OPERATOR,
                version: *version,
                effective: midnight.saturating_add(hours.hours()),
                serials: if *listed { [sample::SERIAL].into() } else { [].into() },
            });
        }
        taken.record.time = timed(time);
        taken.record.deny_list_version = *terminal_had;
        taken.record = sample::signed(taken.record);
        let mut trail = Vec::new();
        let got = match look(&frozen, &taken, &mut trail) {
            Look::Passed(passed) if passed.deny_listed_late => "passed late",
            Look::Passed(_) => "passed",
            Look::Refused(reason) => reason.name(),
        };
        assert_eq!(got, *expected, "{versions:?} {terminal_had} {time}: {trail:?}");
    }
}

#[test]
fn another_operators_list_does_not_count() {
    let (mut frozen, mut taken) = (sample::frozen(), sample::taken(sample::signed(sample::record())));
    list_today(&mut frozen, &mut taken);
    frozen.lists[0].operator = OperatorCode([1, 1]);
    assert!(matches!(look(&frozen, &taken, &mut Vec::new()), Look::Passed(_)));
}

#[test]
fn the_operator_named_wins_and_then_the_latest_from() {
    /// `(named, first month in force, last month in force)`, told apart by the limit, which is its place.
    type Contracts = &'static [(bool, i8, i8)];
    let table: &[(Contracts, i64)] = &[
        (&[(false, 1, 12)], 0),
        (&[(false, 1, 12), (true, 1, 12)], 1),
        (&[(true, 1, 12), (false, 10, 12)], 0),
        (&[(true, 1, 12), (true, 10, 12)], 1),
        (&[(true, 10, 12), (true, 1, 12)], 0),
        (&[(false, 1, 12), (false, 11, 12)], 1),
        (&[(false, 1, 12), (true, 1, 10)], 0),
        (&[(false, 1, 12), (true, 12, 12)], 0),
        (&[(true, 12, 12), (true, 1, 12), (false, 11, 12)], 1),
    ];
    for (contracts, expected) in table {
        let mut registry = sample::registry();
        registry.contracts = (0..)
            .zip(*contracts)
            .map(|(place, (named, from, until))| {
                let mut contract = sample::contract();
                contract.operator = named.then_some(sample::OPERATOR);
                contract.from = date(2026, *from, 1);
                contract.until = Some(date(2026, *until, 28));
                contract.amount_limit_fen = place;
                contract
            })
            .collect();
        let taken = sample::taken(sample::record());
        let chosen = contract_for(&registry, &taken, sample::OPERATOR, sample::TODAY).unwrap();
        assert_eq!(chosen.amount_limit_fen, *expected, "{contracts:?}");
    }
}
