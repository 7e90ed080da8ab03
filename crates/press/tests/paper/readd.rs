//! Every figure that does not re-add is refused, with both figures: one row a figure.

use tongclear_press::{Draft, MonthDraft, MonthReport, PayoutState, Statement, UnpaidList};
use tongclear_types::{Fen, Reason, Verdict};

use crate::city::{bus_day, bus_month, date, fen, month, operator_day, water_day};

#[test]
fn what_re_adds_is_a_statement() {
    for draft in [bus_day(0), bus_day(37), bus_month(100), water_day(), operator_day()] {
        let code = draft.participant.code.clone();
        Statement::new(draft).unwrap_or_else(|error| panic!("{code}: {error}"));
    }
    MonthReport::new(month()).unwrap();
}

#[test]
fn a_figure_that_does_not_re_add_is_named_with_both_figures() {
    type Spoil = fn(&mut Draft);
    let table: &[(Spoil, &str)] = &[
        (|it| it.summary.net = fen(1), "net of the period: 1 fen stated, 156960494 fen when added up"),
        (|it| it.summary.closing = fen(5), "closing amount: 5 fen stated, 156960494 fen when added up"),
        (|it| it.summary.opening = fen(0), "closing amount: 156960494 fen stated, 7083951 fen when added up"),
        (
            |it| it.summary.dispositions.accepted.count += 1,
            "accepted records: 835802 stated, 835801 when added up",
        ),
        (
            |it| it.lines[1].net = fen(7),
            "net of 1000 under contract BUS00001-*-2026-01-01: 7 fen stated, 4531258 fen when added up",
        ),
        (
            |it| drop(it.lines.pop()),
            "all lines by counterparty and contract, count: 835801 stated, 812345 when added up",
        ),
        (
            |it| {
                it.lines[0].movement.fee = fen(0);
                it.lines[0].net = fen(153_133_320);
            },
            "all lines by counterparty and contract, fee: 752826 fen stated, 36542 fen when added up",
        ),
        (
            |it| drop(it.breakdowns[0].rows.pop()),
            "totals by Line, count: 835801 stated, 835797 when added up",
        ),
        (
            |it| it.breakdowns[0].rows[4].tally.amount_fen = fen(70),
            "totals by Line, amount: 147824580 fen stated, 147824578 fen when added up",
        ),
        (|it| drop(it.adjustments.pop()), "all adjustments: 12200 fen stated, 12600 fen when added up"),
        (
            |it| it.adjustments[0].window = date("2026-11-22"),
            "the adjustment of window 2026-11-22 lies outside 2026-11-23",
        ),
        (
            |it| it.positions[0].payable = fen(0),
            "payable of window 2026-11-23 on 2026-11-24: 0 fen stated, 156960494 fen when added up",
        ),
        (
            |it| it.positions[0].carried_in = fen(-10),
            "nets of all positions without what was carried in: 156960494 fen stated, 156960504 fen when added up",
        ),
        (
            |it| it.payouts[0].state = PayoutState::Rejected,
            "payout RCCC-20261122-BUS00001-20261123 is rejected, yet 149876543 of 149876543 fen were paid",
        ),
        (
            |it| {
                it.payouts[0].state = PayoutState::Differs;
                it.payouts[0].paid = fen(1);
            },
            "all payouts: 149876543 fen stated, 1 fen when added up",
        ),
        (
            |it| {
                let UnpaidList::Here(records) = &mut it.unpaid else { return };
                records.pop();
            },
            "unpaid records that are duplicate, count: 2 stated, 1 when added up",
        ),
        (
            |it| {
                let UnpaidList::Here(records) = &mut it.unpaid else { return };
                records[0].verdict = Verdict::Refused(Reason::TooOld);
            },
            "unpaid records that are suspended, count: 20 stated, 21 when added up",
        ),
        (|it| it.lines[0].movement.gross = Fen::MAX, "amount is outside ±(2^62 − 1) fen"),
    ];
    for (row, (spoil, expected)) in table.iter().enumerate() {
        let mut draft = bus_day(36);
        spoil(&mut draft);
        let error = Statement::new(draft).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "row {row}: {error}");
    }
}

#[test]
fn a_month_has_all_its_windows() {
    type Spoil = fn(&mut Draft);
    let table: &[(Spoil, &str)] = &[
        (|it| it.days.clear(), "all windows, count: 22486765 stated, 0 when added up"),
        (|it| it.days[3].net = fen(2), "net of window 2026-11-04: 2 fen stated, 158719130 fen when added up"),
        (|it| it.days[0].window = date("2026-10-31"), "window 2026-10-31 lies outside 2026-11"),
        (
            |it| it.days[0].unpaid.count -= 1,
            "unpaid records of all windows, count: 100 stated, 99 when added up",
        ),
    ];
    for (row, (spoil, expected)) in table.iter().enumerate() {
        let mut draft = bus_month(100);
        spoil(&mut draft);
        let error = Statement::new(draft).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "row {row}: {error}");
    }
}

#[test]
fn a_months_report_re_adds_by_day_operator_sector_and_age() {
    type Spoil = fn(&mut MonthDraft);
    let table: &[(Spoil, &str)] = &[
        (|it| it.movement.count += 1, "accepted records: 16217993 stated, 16217994 when added up"),
        (|it| drop(it.operators.pop()), "all card operators, count: 16217993 stated, 15812544 when added up"),
        (|it| it.sectors.truncate(6), "all sectors, count: 16217993 stated, 16133150 when added up"),
        (
            |it| it.days[0].dispositions.rejected.count += 1,
            "rejected records of all windows, count: 13470 stated, 13471 when added up",
        ),
        (|it| it.days[0].movement.fee = fen(0), "all windows, fee: 34841740 fen stated"),
        (
            |it| it.open_items[0].cleared.count += 1,
            "open items with 0417: opening + new against cleared + closing, count: 5500 stated, 5501 when added up",
        ),
        (
            |it| it.open_items[0].aging[4].amount_fen = fen(0),
            "open items with 0417: closing against all ages, amount: 264600 fen stated, 263400 fen when added up",
        ),
        (|it| it.open_items[0].breaks.count = 2_000, "breaks with 0417: 2000 stated, 1323 when added up"),
        (
            |it| it.sectors[0].unpaid.amount_fen = fen(0),
            "unpaid records of all sectors, amount: 22640130 fen stated",
        ),
    ];
    for (row, (spoil, expected)) in table.iter().enumerate() {
        let mut draft = month();
        spoil(&mut draft);
        let error = MonthReport::new(draft).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "row {row}: {error}");
    }
}
