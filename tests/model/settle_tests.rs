//! The figures of a small window, added up by hand.
//!
//! Bounded by: five records of one card.

use serde_json::json;

use super::*;
use crate::centre::clear;
use crate::facts::Taken;
use crate::sample;
use crate::unique::Past;
use tongclear_types::{TerminalNumber, Tti};

/// A free ride, a purchase, a copy of it, a load and a wrong TAC.
#[test]
fn a_window_adds_up() {
    let mut frozen = sample::frozen();
    frozen.registry.contracts[0].sponsor = Some(sample::sponsor());
    let mut free = sample::record();
    (free.amount_fen, free.balance_after_fen) = (0, 5_000);
    let mut paid = sample::record();
    (paid.offline_counter, paid.terminal_number) = (11, TerminalNumber(71));
    let mut load = sample::record();
    (load.tti, load.amount_fen, load.terminal_number) = (Tti::LOAD, 700, TerminalNumber(72));
    load.list_price_fen = 900; // no concession on a load
    (load.balance_before_fen, load.balance_after_fen) = (4_800, 5_500);
    let wrong = sample::record();
    let records =
        [sample::signed(free), sample::signed(paid), sample::signed(paid), sample::signed(load), wrong];
    frozen.records = (0..).zip(records).map(|(row, record)| Taken { row, ..sample::taken(record) }).collect();
    let cleared = clear(&frozen, &Past::default());
    assert_eq!(
        settlement(&cleared),
        json!({
            "window": "2026-11-22", "state": "settled",
            "received": {"packages": 1, "transactions": 5, "amount_fen": 1_300},
            "dispositions": {"accepted": {"count": 3, "amount_fen": 900},
                             "duplicate": {"count": 1, "amount_fen": 200},
                             "suspended": {"count": 0, "amount_fen": 0},
                             "rejected": {"count": 1, "amount_fen": 200}},
            "reasons": {"tac_mismatch": {"count": 1, "amount_fen": 200}},
            "flags": {},
            "merchants": [{"merchant": "BUS00001", "operator": "0417", "count": 3, "gross_fen": 200,
                           "fee_fen": 1, "concession_fen": 200, "load_fen": 700, "net_fen": -301}],
            "operators": [{"operator": "0417", "purchase_fen": 200, "load_fen": 700, "owes_fen": -500}],
            "sponsors": [{"sponsor": "GOV00001", "concession_fen": 200}],
        })
    );
    let rows: Vec<String> = cleared.records.iter().map(|judged| row(judged).join(",")).collect();
    assert_eq!(rows[0].split(',').count(), COLUMNS.split(',').count());
    let ends: Vec<&str> = rows.iter().map(|row| row.rsplit_once("120000,").unwrap().1).collect();
    let wanted = ["accepted,,,0", "rejected,tac_mismatch,,", "accepted,,,1", "duplicate,,,", "accepted,,,"];
    assert_eq!(ends, wanted);
}
