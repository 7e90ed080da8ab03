//! No single change of any value of a statement goes unnoticed.

use serde_json::Value;
use tongclear_proof::{PublishedRoot, Statement, verify};

use crate::sample::{window, window_of};

/// Every way to change one value, as (place, changed document).
fn changes(document: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    leaves(document, String::new(), &mut places);
    let mut changed = Vec::new();
    for place in places {
        for other in others(document.pointer(&place).unwrap()) {
            let mut copy = document.clone();
            *copy.pointer_mut(&place).unwrap() = other;
            changed.push((place.clone(), copy));
        }
    }
    changed
}

/// Where values stand, empty lists included.
fn leaves(value: &Value, place: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, format!("{place}/{name}"), found));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(i, item)| leaves(item, format!("{place}/{i}"), found));
        }
        _ => found.push(place),
    }
}

/// Other values in the place of one: near ones, which still parse, and far ones.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => {
            let number = number.as_i64().unwrap();
            vec![(number + 1).into(), (number - 1).into(), (-number - 1).into(), Value::Null]
        }
        Value::String(text) => {
            let mut near = text.clone().into_bytes();
            if let Some(last) = near.last_mut() {
                *last = match *last {
                    b'0'..=b'8' | b'a'..=b'e' => *last + 1,
                    b'9' => b'0',
                    b'f' => b'a',
                    _ => b'x',
                };
            }
            let mut others = vec![format!("{text}0").into(), text.to_uppercase().into(), Value::Null];
            others.extend(String::from_utf8(near).ok().map(Value::from));
            others.extend(["duplicate", "suspended", "rejected", "tac_mismatch", "T+2"].map(Value::from));
            others.retain(|other| other != value);
            others
        }
        Value::Null => vec!["GOV00001".into(), "tac_mismatch".into(), 0.into()],
        _ => vec![Value::Null, 0.into()],
    }
}

fn fails(document: &Value, root: tongclear_proof::Hash) -> bool {
    let json = serde_json::to_vec(document).unwrap();
    Statement::parse(&json).is_ok_and(|statement| verify(&statement, root).is_ok())
}

#[test]
fn no_value_of_a_statement_can_be_changed() {
    // An idle merchant that only carries, a small one, one with several chunks among its neighbours, one with decisions.
    let window = window(&[
        ("BUS00001", 90),
        ("IDLE0001", 0),
        ("MET00001", 700),
        ("POW00001", 25),
        ("SHP00001", 1),
        ("DEC00001", 8),
    ]);
    let root = window.proof.root();
    for merchant in ["IDLE0001", "POW00001", "SHP00001", "DEC00001"] {
        let statement = window.statement(merchant);
        verify(&statement, root).unwrap_or_else(|disagreement| panic!("{merchant}: {disagreement}"));
        let document: Value = serde_json::from_slice(&statement.to_json()).unwrap();
        let changes = changes(&document);
        assert!(changes.len() > 50);
        for (place, changed) in changes {
            assert!(!fails(&changed, root), "{merchant}: {place} can be changed unseen");
        }
    }
}

#[test]
fn no_item_of_a_statement_can_be_left_out_repeated_or_moved() {
    let window = window(&[("BUS00001", 90), ("MET00001", 700), ("DEC00001", 250)]);
    let root = window.proof.root();
    let document: Value = serde_json::from_slice(&window.statement("DEC00001").to_json()).unwrap();
    let lists =
        ["/figures", "/adjustments", "/positions", "/packages", "/unpaid", "/proof/sections", "/proof/path"];
    for list in lists {
        let items = document.pointer(list).unwrap().as_array().unwrap();
        assert!(!items.is_empty(), "{list}");
        for i in 0..items.len() {
            let mut without = items.clone();
            without.remove(i);
            let mut twice = items.clone();
            twice.insert(i, items[i].clone());
            let mut moved = items.clone();
            moved.rotate_left(1);
            for other in [without, twice, moved].into_iter().filter(|other| other != items) {
                let mut changed = document.clone();
                *changed.pointer_mut(list).unwrap() = other.into();
                assert!(!fails(&changed, root), "{list}[{i}]");
            }
        }
    }
}

#[test]
fn the_first_disagreement_is_named_with_both_values() {
    let window = window(&[("BUS00001", 90), ("MET00001", 40)]);
    let root = window.proof.root();
    let good = window.statement("BUS00001");
    let message = |change: &dyn Fn(&mut Statement)| {
        let mut statement = good.clone();
        change(&mut statement);
        verify(&statement, root).unwrap_err().to_string()
    };
    let net = good.figures[0].net_fen;
    let hash = "0".repeat(64).parse().unwrap();
    for (said, expected) in [
        (
            message(&|it| it.unpaid[0].amount_fen += 1),
            "proof.sections[0].dispositions.duplicate.amount_fen is",
        ),
        (message(&|it| it.unpaid[0].time = [9; 3]), "proof.sections[0].unpaid is"),
        (
            message(&|it| it.figures[0].net_fen = tongclear_types::Fen::ZERO),
            &format!("figures[0].net_fen is 0, expected {net}"),
        ),
        (message(&|it| it.packages[0].sha256 = hash), "proof.packages is"),
        (message(&|it| it.name.push('x')), "proof.figures is"),
        (message(&|it| it.proof.path[0].records += 1), "proof.records is 130, expected 131"),
        (message(&|it| it.proof.root = hash), "proof.root is 0000"),
    ] {
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn a_statement_belongs_to_one_root() {
    let merchants = [("BUS00001", 90), ("MET00001", 40)];
    let (one, other) = (window(&merchants), window_of("2026-11-21".parse().unwrap(), &merchants));
    let statement = one.statement("MET00001");
    let disagreement = verify(&statement, other.proof.root()).unwrap_err();
    assert_eq!(disagreement.field, "proof.root");
    assert_eq!(disagreement.follows, other.proof.root().to_string());
}

#[test]
fn no_value_of_a_published_root_can_be_changed() {
    for window in [window(&[("BUS00001", 90), ("MET00001", 40)]), window(&[])] {
        let published = window.proof.published();
        published.check().unwrap();
        assert_eq!(PublishedRoot::parse(&published.to_json()).unwrap(), published);
        for (place, changed) in changes(&serde_json::to_value(&published).unwrap()) {
            let json = serde_json::to_vec(&changed).unwrap();
            let holds = PublishedRoot::parse(&json).is_ok_and(|changed| changed.check().is_ok());
            assert!(!holds, "{place} can be changed unseen");
        }
    }
}

#[test]
fn one_value_has_one_spelling() {
    let statement = window(&[("BUS00001", 30)]).statement("BUS00001");
    let json = String::from_utf8(statement.to_json()).unwrap();
    let spaced = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&json).unwrap()).unwrap();
    assert_eq!(Statement::parse(spaced.as_bytes()).unwrap(), statement, "white space is free");
    for (from, to, expected) in [
        ("\"row\":0", "\"row\":0.0", "invalid type"),
        ("\"window\"", "\"note\":1,\"window\"", "unknown field `note`"),
        ("\"row\":0", "\"row\":0,\"row\":0", "duplicate field `row`"),
        ("\"count\":1,", "\"count\":1,\"more\":1,", "expected"),
        ("04176510ffffffff", "04176510FFFFFFFF", "unpaid[0].issuer_id is \"04176510FFFFFFFF\""),
        ("statement 1", "statement 2", "unknown variant"),
    ] {
        assert!(json.contains(from), "{from}");
        let said = Statement::parse(json.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert!(said.contains(expected), "{to}: {said}");
    }
}
