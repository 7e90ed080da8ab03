//! The rules of `clearing.md`, one row a record, the expected verdict in the last column.

use tongclear_types::Disposition;

use super::super::row::Bearings;
use super::*;

/// A record of the one card: counters, terminal number, time of day in minutes, balances, the verdict before.
fn row(counter: u16, number: u32, minute: u8, before: u32, after: u32) -> Row {
    Row {
        package: 0,
        row: number,
        issuer: [4; 8],
        serial: [1; 10],
        terminal: [9; 6],
        terminal_number: number,
        amount_fen: before - after,
        list_price_fen: before - after,
        balance_before_fen: before,
        balance_after_fen: after,
        date: [0x20, 0x26, 0x11, 0x24],
        time: [0x08, minute, 0],
        tti: 0x06,
        tac: [7; 4],
        offline_counter: counter,
        online_counter: 3,
        passed: true,
        verdict: Verdict::Accepted(Flags::NONE),
        bearings: Bearings { terminal: 0, operator: 0, contract: None },
    }
}

/// The state after counters 100 (highest), 99 and 97, balance 500.
fn prior() -> ChainState {
    ChainState {
        highest: 100,
        below: 0b101,
        last_balance_fen: 500,
        last_date: BcdDate([0x20, 0x26, 0x11, 0x23]),
        last_time: BcdTime([0; 3]),
        other_counter: 3,
    }
}

/// Numbers 1 to 9 of the terminal were accepted before.
fn check(prior: Option<ChainState>, rows: &[(Row, &str)]) {
    let mut numbers = NumberRanges::default();
    numbers.merge(1..10);
    let past = Past { numbers: &[numbers], suspended: &HashSet::new() };
    let mut judged: Vec<Row> = rows.iter().map(|(row, _)| *row).collect();
    judge(&mut judged, prior, &past);
    for (row, (_, expected)) in judged.iter().zip(rows) {
        assert_eq!(text(row.verdict), *expected, "counter {} number {}", row.counter(), row.terminal_number);
    }
}

fn text(verdict: Verdict) -> String {
    match verdict {
        Verdict::Accepted(flags) if flags == Flags::NONE => "accepted".into(),
        Verdict::Accepted(flags) => format!("accepted {flags}"),
        Verdict::Duplicate => Disposition::Duplicate.to_string(),
        Verdict::Refused(reason) => reason.to_string(),
    }
}

#[test]
fn a_new_card_has_no_gap_and_no_break() {
    check(
        None,
        &[
            (row(7, 20, 1, 900, 800), "accepted"),
            (row(8, 21, 2, 800, 700), "accepted"),
            (row(9, 22, 3, 690, 600), "accepted balance_break"),
            (row(11, 23, 4, 500, 400), "accepted counter_gap"),
        ],
    );
}

#[test]
fn each_line_of_the_uniqueness_rules_decides_in_its_turn() {
    let suspended = |row: Row| Row { verdict: Verdict::Refused(Reason::TooOld), ..row };
    let rejected = |row: Row| Row { verdict: Verdict::Refused(Reason::TacMismatch), ..row };
    check(
        Some(prior()),
        &[
            (row(3, 5, 0, 10, 5), "duplicate"),
            (suspended(row(4, 6, 0, 10, 5)), "duplicate"),
            (row(5, 7, 0, 10, 5), "duplicate"),
            (row(6, 40, 0, 10, 5), "stale_counter"),
            (suspended(row(7, 41, 0, 10, 5)), "too_old"),
            (row(35, 42, 0, 10, 5), "stale_counter"),
            (row(36, 43, 0, 10, 5), "accepted gap_closed"),
            (row(97, 44, 0, 10, 5), "counter_conflict"),
            (row(98, 8, 0, 10, 5), "number_conflict"),
            (row(98, 45, 0, 10, 5), "accepted gap_closed"),
            (row(99, 9, 0, 10, 5), "duplicate"),
            (row(100, 46, 0, 10, 5), "counter_conflict"),
            (rejected(row(101, 47, 0, 500, 5)), "tac_mismatch"),
            (row(101, 48, 0, 500, 5), "accepted"),
            (row(101, 48, 0, 500, 5), "duplicate"),
            (row(101, 49, 1, 500, 5), "counter_conflict"),
            (row(102, 48, 0, 500, 5), "duplicate"),
            (row(1124, 50, 0, 500, 5), "accepted counter_gap"),
            (row(1125, 51, 0, 500, 5), "counter_jump"),
        ],
    );
}

#[test]
fn a_copy_of_an_earlier_suspended_record_is_a_duplicate_under_any_counter() {
    let first = row(200, 60, 1, 10, 5);
    let suspended = HashSet::from([(first.card(), first.chain(), first.fingerprint())]);
    let past = Past { numbers: &[], suspended: &suspended };
    let mut rows = [Row { offline_counter: 9, ..first }];
    assert_eq!(judge(&mut rows, None, &past), None);
    assert_eq!(rows[0].verdict, Verdict::Duplicate);
}

#[test]
fn a_load_between_two_purchases_excuses_the_balance() {
    let after_load = Row { online_counter: 4, ..row(101, 20, 1, 10_500, 10_400) };
    check(Some(prior()), &[(after_load, "accepted")]);
    check(Some(prior()), &[(row(101, 20, 1, 10_500, 10_400), "accepted balance_break")]);
}

#[test]
fn a_flood_of_copies_on_one_card_is_still_found() {
    let rows: Vec<(Row, &str)> = (0..60_u32)
        .flat_map(|i| {
            let minute = u8::try_from(i % 50).unwrap();
            let record = row(u16::try_from(i).unwrap() + 101, 100 + i, minute, 500, 400);
            [(record, if i == 0 { "accepted balance_break" } else { "" }), (record, "duplicate")]
        })
        .collect();
    let past = Past { numbers: &[], suspended: &HashSet::new() };
    let mut judged: Vec<Row> = rows.iter().map(|(row, _)| *row).collect();
    judge(&mut judged, None, &past);
    let duplicates = judged.iter().filter(|row| row.verdict == Verdict::Duplicate).count();
    assert_eq!(duplicates, 60);
}

#[test]
fn the_word_remembers_exactly_sixty_four_counters() {
    let mut state = ChainState::first(&row(1000, 1, 0, 2, 1));
    for counter in [900, 935, 936, 937, 999] {
        state = state.with(&row(counter, 1, 0, 2, 1));
    }
    let table = [
        (1001, Standing::Free),
        (1000, Standing::Accepted),
        (999, Standing::Accepted),
        (998, Standing::Free),
        (937, Standing::Accepted),
        (936, Standing::Accepted),
        (935, Standing::Forgotten),
        (900, Standing::Forgotten),
    ];
    for (counter, expected) in table {
        assert_eq!(state.standing(counter), expected, "{counter}");
    }
    for (rise, standing_of_1000) in [
        (1, Standing::Accepted),
        (63, Standing::Accepted),
        (64, Standing::Accepted),
        (65, Standing::Forgotten),
    ] {
        let risen = state.with(&row(1000 + rise, 1, 0, 2, 1));
        assert_eq!(risen.standing(1000), standing_of_1000, "rise {rise}");
        assert_eq!(risen.standing(1000 + rise - 1) == Standing::Accepted, rise == 1, "rise {rise}");
    }
}

/// What a released record leaves in the state, as highest counter and word, and the flags that it would have had.
#[test]
fn a_released_record_enters_the_state_as_if_accepted_before() {
    for (prior, counter, highest, below, flags) in [
        (Some(prior()), 98, 100, 0b111, "accepted gap_closed"),
        (Some(prior()), 100, 100, 0b101, "accepted"),
        (Some(prior()), 36, 100, 1 << 63 | 0b101, "accepted gap_closed"),
        // Too far below to be noted, and forgotten all the same.
        (Some(prior()), 35, 100, 0b101, "accepted gap_closed"),
        (Some(prior()), 101, 101, 0b1011, "accepted"),
        (Some(prior()), 164, 164, 1 << 63, "accepted counter_gap"),
        (Some(prior()), 2_000, 2_000, 0, "accepted counter_gap"),
        (None, 7, 7, 0, "accepted"),
    ] {
        let mut released = [row(counter, 60, 0, 500, 400)];
        let state = release(&mut released, prior).unwrap();
        assert_eq!((state.highest, state.below), (highest, below), "counter {counter}");
        assert_eq!(text(released[0].verdict), flags, "counter {counter}");
        let newest = prior.is_none_or(|prior| counter > prior.highest);
        assert_eq!(state.last_balance_fen, if newest { 400 } else { 500 }, "counter {counter}");
    }
}

#[test]
fn a_released_record_occupies_its_counter() {
    let state = release(&mut [row(98, 60, 0, 10, 5), row(101, 61, 0, 500, 450)], Some(prior()));
    check(
        state,
        &[
            (row(98, 70, 1, 10, 5), "counter_conflict"),
            (row(101, 71, 1, 500, 450), "counter_conflict"),
            (row(102, 72, 1, 450, 400), "accepted"),
            (row(103, 73, 1, 390, 300), "accepted balance_break"),
        ],
    );
}
