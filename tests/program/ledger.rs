//! `ledger`: balances and transfers re-add, and agree with settlement.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::city::{DAY, one_day};
use crate::program::{Centre, path};

fn settled() -> Centre {
    let centre = Centre::of_city(one_day());
    centre.done(&["intake", path(&one_day().join("packages"))]);
    centre.done(&["night", "--date", DAY]);
    centre
}

fn fen(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

#[test]
fn balances_are_the_transfers_added_up_and_sum_to_zero() {
    let centre = settled();
    let transfers = centre.json(&["ledger", "transfers", "--window", DAY]);
    let mut accounts: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut codes: BTreeMap<String, i64> = BTreeMap::new();
    let mut amount = 0;
    for transfer in transfers["transfers"].as_array().unwrap() {
        let text = |field: &str| transfer[field].as_str().unwrap().to_owned();
        let moved = fen(&transfer["amount_fen"]);
        assert_eq!(text("id").len(), 32);
        accounts.entry(text("debit")).or_default().0 += moved;
        accounts.entry(text("credit")).or_default().1 += moved;
        *codes.entry(text("code")).or_default() += moved;
        amount += moved;
    }
    assert_eq!(transfers["totals"]["amount_fen"], amount);
    assert_eq!(transfers["totals"]["count"], transfers["transfers"].as_array().unwrap().len());

    let balances = centre.json(&["ledger", "balances"]);
    let found: BTreeMap<String, (i64, i64)> = balances["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let (debits, credits) = (fen(&it["debits_fen"]), fen(&it["credits_fen"]));
            assert_eq!(fen(&it["balance_fen"]), credits - debits);
            (it["account"].as_str().unwrap().to_owned(), (debits, credits))
        })
        .filter(|(_, totals)| *totals != (0, 0))
        .collect();
    assert_eq!(found, accounts);
    assert_eq!(balances["sums_to_zero"], true);
    assert_eq!(balances["totals"]["debits_fen"], amount);
    assert_eq!(balances["totals"]["credits_fen"], amount);

    let show = centre.json(&["settlement", "show", "--window", DAY]);
    for (code, figure) in [
        ("purchase", "gross_fen"),
        ("fee", "fee_fen"),
        ("concession", "concession_fen"),
        ("load", "load_fen"),
    ] {
        let settled: i64 = show["merchants"].as_array().unwrap().iter().map(|it| fen(&it[figure])).sum();
        assert_eq!(codes.get(code).copied().unwrap_or_default(), settled, "{code}");
        assert!(settled > 0, "{code}");
    }
    assert_eq!(codes.keys().collect::<Vec<_>>(), ["concession", "fee", "load", "purchase", "suspended"]);
}

#[test]
fn people_and_spreadsheets_get_the_same_figures() {
    let centre = settled();
    for (lang, zero, count) in [("en", "sums to zero", "transfers"), ("zh", "余额合计为零", "笔转账")]
    {
        let text = centre.done(&["--lang", lang, "ledger", "balances"]);
        assert!(text.contains(zero) && text.contains("centre:fees"), "{text}");
        let text = centre.done(&["--lang", lang, "ledger", "transfers", "--window", DAY]);
        assert!(text.contains(count) && text.contains("purchase"), "{text}");
    }
    for (arguments, list, amount) in [
        (vec!["ledger", "balances"], "accounts", "debits_fen"),
        (vec!["ledger", "transfers", "--window", DAY], "transfers", "amount_fen"),
    ] {
        let out = centre.dir.path().join(format!("{list}.csv"));
        let json = centre.json(&[&arguments[..], &["--out", path(&out)]].concat());
        assert_eq!(json["out"], path(&out));
        let csv = std::fs::read_to_string(&out).unwrap();
        let mut reader = csv::Reader::from_reader(csv.strip_prefix('\u{feff}').unwrap().as_bytes());
        let column = reader.headers().unwrap().iter().position(|it| it.ends_with(amount)).unwrap();
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
        let entries = json[list].as_array().unwrap();
        assert_eq!(rows.len(), entries.len());
        for (row, entry) in rows.iter().zip(entries) {
            assert_eq!(row[column].parse::<i64>().unwrap(), fen(&entry[amount]));
        }
    }
}

#[test]
fn an_empty_ledger_and_a_window_without_transfers_are_said_to_be_so() {
    let centre = Centre::of_city(one_day());
    assert!(centre.done(&["ledger", "balances"]).contains("no transfer"));
    assert_eq!(centre.json(&["ledger", "balances"])["sums_to_zero"], true);
    centre.refused(&["ledger", "transfers", "--window", DAY], 3, &["no window"]);
    centre.done(&["window", "close", "--date", DAY]);
    centre.refused(&["ledger", "transfers", "--window", DAY], 3, &["tongclear clear"]);
}
