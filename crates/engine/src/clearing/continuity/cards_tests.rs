//! Gaps, breaks and conflicts of one card over several windows: what each record did, and the items after each window.

use tongclear_types::{BusinessDate, IssuerId, Serial};

use super::super::super::chain::{Past, judge};
use super::super::tests::row;
use super::*;

const CARD: CardId = CardId { issuer: IssuerId([4; 8]), serial: Serial([1; 10]) };

/// One purchase: counter, balance before, balance after. A number of its own keeps it from being a copy.
type Tap = (u16, u32, u32);

/// Judges the windows' taps by the real rules and checks what is known of the card after each: the window by days after
/// the first, its taps, and its items as kind, range, day opened, state.
fn check(story: &[(i32, &[Tap], &str)]) {
    let first: BusinessDate = "2026-11-23".parse().unwrap();
    let (mut known, mut state, mut number) = (Vec::new(), None, 0);
    for (day, taps, expected) in story {
        let mut rows: Vec<Row> = taps
            .iter()
            .map(|&(counter, before, after)| {
                number += 1;
                let mut row = row();
                (row.offline_counter, row.terminal_number) = (counter, number);
                (row.balance_before_fen, row.balance_after_fen) = (before, after);
                row
            })
            .collect();
        rows.sort_unstable_by(Row::order);
        let prior = state;
        state = judge(&mut rows, prior, &Past { numbers: &[], suspended: &Default::default() });
        let reach = Reach { date: first.plus_days(*day), max_age_days: 30 };
        let mut watch = CardWatch::new(&known, reach);
        if !rows.is_empty() {
            watch.look((CARD, Chain::Purchase), &rows, prior);
        }
        let mut items = watch.finish();
        items.sort_unstable();
        let days = |date: BusinessDate| (date.civil() - first.civil()).get_days();
        let shown: Vec<String> = items
            .iter()
            .map(|item| {
                let ended = item.state.ended().map(|date| format!(" d{}", days(date))).unwrap_or_default();
                let (kind, state) = (item.kind, item.state.name());
                let count = if kind == ContinuityKind::SuspectedClone {
                    format!(" x{}", item.count)
                } else {
                    String::new()
                };
                format!("{kind} {}-{} d{}{count} {state}{ended}", item.first, item.last, days(item.opened))
            })
            .collect();
        assert_eq!(shown.join("; "), *expected, "day {day}");
        known = items.into_iter().filter(|item| item.state == ItemState::Open).collect();
    }
}

#[test]
fn a_gap_opens_splits_and_closes() {
    check(&[
        (0, &[(5, 500, 400), (6, 400, 300)], ""),
        (1, &[(12, 200, 100)], "counter_gap 7-11 d1 open"),
        (
            2,
            &[(9, 250, 240), (13, 100, 50)],
            "counter_gap 7-8 d1 open; counter_gap 9-9 d1 closed d2; counter_gap 10-11 d1 open",
        ),
        (
            3,
            &[(7, 300, 290), (8, 290, 250), (10, 240, 230), (15, 40, 30)],
            "counter_gap 7-8 d1 closed d3; counter_gap 10-10 d1 closed d3; counter_gap 11-11 d1 open; \
             counter_gap 14-14 d3 open",
        ),
        // Nothing is known of what lies below the first record ever accepted.
        (4, &[(3, 600, 550)], "counter_gap 11-11 d1 open; counter_gap 14-14 d3 open"),
        (32, &[], "counter_gap 11-11 d1 open; counter_gap 14-14 d3 open"),
        (33, &[], "counter_gap 11-11 d1 expired d33; counter_gap 14-14 d3 open"),
        (34, &[], "counter_gap 14-14 d3 open"),
        (35, &[], "counter_gap 14-14 d3 expired d35"),
        (36, &[], ""),
    ]);
}

#[test]
fn a_gap_within_a_window_and_two_at_once() {
    check(&[(
        0,
        &[(1, 500, 400), (4, 300, 200), (6, 100, 50)],
        "counter_gap 2-3 d0 open; counter_gap 5-5 d0 open",
    )]);
}

#[test]
fn a_break_closes_when_the_balances_agree_again() {
    check(&[
        (0, &[(1, 500, 400), (2, 390, 300)], "balance_break 2-2 d0 open"),
        // A transaction is missing in between: whether the balances agree cannot be told.
        (1, &[(4, 200, 100)], "balance_break 2-2 d0 open; counter_gap 3-3 d1 open"),
        (
            2,
            &[(5, 100, 50), (6, 45, 40)],
            "balance_break 2-2 d0 closed d2; balance_break 6-6 d2 open; counter_gap 3-3 d1 open",
        ),
        (3, &[(7, 30, 20)], "balance_break 6-6 d2 open; balance_break 7-7 d3 open; counter_gap 3-3 d1 open"),
        (
            4,
            &[(8, 20, 10)],
            "balance_break 6-6 d2 closed d4; balance_break 7-7 d3 closed d4; counter_gap 3-3 d1 open",
        ),
        (5, &[(9, 9, 8), (10, 8, 7)], "balance_break 9-9 d5 closed d5; counter_gap 3-3 d1 open"),
    ]);
}

#[test]
fn a_second_conflict_makes_a_suspected_clone() {
    check(&[
        (0, &[(5, 500, 400), (6, 400, 300), (7, 300, 200)], ""),
        (1, &[(6, 400, 350)], "single_conflict 6-6 d1 open"),
        // Too long ago to have anything to do with the next one.
        (33, &[], ""),
        (34, &[(7, 300, 250)], "single_conflict 7-7 d34 open"),
        (40, &[(5, 500, 450)], "suspected_clone 5-7 d40 x2 open"),
        (50, &[(6, 400, 300), (6, 400, 301)], "suspected_clone 5-7 d40 x4 open"),
        (81, &[], "suspected_clone 5-7 d40 x4 open"),
        // A new one after that begins anew.
        (82, &[(7, 300, 299)], "suspected_clone 5-7 d40 x4 expired d82; single_conflict 7-7 d82 open"),
    ]);
}

#[test]
fn two_conflicts_in_one_window_are_a_clone_at_once() {
    check(&[(0, &[(5, 500, 400), (5, 500, 300), (5, 500, 200)], "suspected_clone 5-5 d0 x2 open")]);
}
