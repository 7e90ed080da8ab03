//! A second verifier, written from `docs/proofs.md` alone: SHA-256 and JSON, none of the crate's own code. Slow,
//! plain, and in agreement with the first.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::sample::window;

type Bytes = Vec<u8>;

fn sha(tag: u8, parts: &[Bytes]) -> Bytes {
    let mut all = vec![tag];
    parts.iter().for_each(|part| all.extend(part));
    Sha256::digest(all).to_vec()
}

fn number(value: &Value, bytes: usize) -> Bytes {
    value.as_i64().unwrap().to_be_bytes()[8 - bytes..].to_vec()
}

fn count(number: usize) -> Bytes {
    u32::try_from(number).unwrap().to_be_bytes().to_vec()
}

fn ascii(value: &Value) -> Bytes {
    value.as_str().unwrap_or_default().as_bytes().to_vec()
}

fn text(value: &Value) -> Bytes {
    let text = ascii(value);
    [count(text.len()), text].concat()
}

fn unhex(value: &Value) -> Bytes {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn items(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

const DISPOSITIONS: [&str; 4] = ["accepted", "duplicate", "suspended", "rejected"];
/// The reasons in the order of the design's table of checks.
const REASONS: [&str; 17] = [
    "malformed",
    "test_card",
    "unknown_terminal",
    "terminal_not_in_service",
    "unknown_operator",
    "future_dated",
    "too_old",
    "key_unavailable",
    "tac_mismatch",
    "balance_arithmetic",
    "no_contract",
    "over_limit",
    "deny_listed",
    "number_conflict",
    "stale_counter",
    "counter_jump",
    "counter_conflict",
];

fn tallies(value: &Value) -> Bytes {
    let tally = |name| [number(&value[name]["count"], 8), number(&value[name]["amount_fen"], 8)].concat();
    DISPOSITIONS.map(tally).concat()
}

/// The 90 bytes of a record that was not accepted.
fn canonical(record: &Value) -> Bytes {
    let place = |names: &[&str], name: &Value| names.iter().position(|it| *name == **it);
    let disposition = place(&DISPOSITIONS, &record["disposition"]).unwrap();
    let reason = place(&REASONS, &record["reason"]).unwrap_or(255);
    let bytes = [
        ascii(&record["merchant"]),
        unhex(&record["collector"]),
        number(&record["package_sequence"], 4),
        number(&record["row"], 4),
        unhex(&record["issuer_id"]),
        unhex(&record["serial"]),
        unhex(&record["tti"]),
        number(&record["offline_counter"], 2),
        number(&record["online_counter"], 2),
        unhex(&record["terminal"]),
        number(&record["terminal_number"], 4),
        number(&record["amount_fen"], 4),
        number(&record["list_price_fen"], 4),
        number(&record["balance_before_fen"], 4),
        number(&record["balance_after_fen"], 4),
        unhex(&record["date"]),
        unhex(&record["time"]),
        vec![u8::try_from(disposition).unwrap(), u8::try_from(reason).unwrap(), 0, 0],
        vec![0; 8],
    ]
    .concat();
    assert_eq!(bytes.len(), 90);
    bytes
}

/// RFC 6962 over hashes.
fn tree(leaves: &[Bytes]) -> Bytes {
    match leaves {
        [] => Sha256::digest([]).to_vec(),
        [leaf] => leaf.clone(),
        _ => {
            let mut left = 1;
            while left * 2 < leaves.len() {
                left *= 2;
            }
            sha(0x01, &[tree(&leaves[..left]), tree(&leaves[left..])])
        }
    }
}

fn branch(value: &Value) -> Bytes {
    [
        ascii(&value["first"]),
        ascii(&value["last"]),
        number(&value["records"], 8),
        number(&value["amount_fen"], 8),
        unhex(&value["hash"]),
    ]
    .concat()
}

/// The root that a statement leads to, step by step as the document says.
pub(crate) fn root_of(statement: &Value) -> Bytes {
    let proof = &statement["proof"];
    let mut unpaid = items(&statement["unpaid"]).iter();
    let sections: Vec<Bytes> = items(&proof["sections"])
        .iter()
        .map(|section| {
            let tallies_of = &section["dispositions"];
            let listed: u64 =
                DISPOSITIONS[1..].iter().map(|it| tallies_of[it]["count"].as_u64().unwrap()).sum();
            let rows: Vec<Bytes> =
                unpaid.by_ref().take(usize::try_from(listed).unwrap()).map(canonical).collect();
            assert_eq!(sha(0x06, &rows), unhex(&section["unpaid"]));
            let partition = number(&section["partition"], 2);
            sha(0x02, &[partition, tallies(tallies_of), sha(0x06, &rows), unhex(&section["records"])])
        })
        .collect();
    assert!(unpaid.next().is_none());

    let mut packages = vec![count(items(&statement["packages"]).len())];
    for package in items(&statement["packages"]) {
        packages.push(unhex(&package["collector"]));
        packages.push(number(&package["sequence"], 4));
        packages.push(unhex(&package["sha256"]));
        packages.push(number(&package["records"], 4));
        packages.push(tallies(&package["dispositions"]));
    }
    let mut figures =
        vec![text(&statement["name"]), text(&statement["name_en"]), ascii(&statement["idle_value_date"])];
    figures.push(count(items(&statement["figures"]).len()));
    for figure in items(&statement["figures"]) {
        figures.push(unhex(&figure["operator"]));
        figures.push(text(&figure["contract"]));
        figures.push(vec![figure["cycle"].as_str().unwrap()[2..].parse().unwrap()]);
        figures.push(ascii(&figure["value_date"]));
        figures.push(text(&figure["sponsor"]));
        for name in ["purchase_count", "gross_fen", "fee_fen", "concession_fen", "load_count", "load_fen"] {
            figures.push(number(&figure[name], 8));
        }
    }
    let adjustments = statement["adjustments"].as_array().map_or(&[][..], Vec::as_slice);
    if !adjustments.is_empty() {
        figures.push(count(adjustments.len()));
    }
    for adjustment in adjustments {
        let or_empty = |value: &Value| if value.is_null() { Value::from("") } else { value.clone() };
        figures.push(text(&adjustment["reference"]));
        figures.push(text(&adjustment["origin"]));
        figures.push(unhex(&adjustment["operator"]));
        figures.push(text(&or_empty(&adjustment["contract"])));
        figures.push(text(&or_empty(&adjustment["value_date"])));
        for name in ["paid_fen", "refused_fen", "net_fen"] {
            figures.push(number(&adjustment[name], 8));
        }
    }
    let leaf = sha(
        0x03,
        &[
            ascii(&statement["merchant"]),
            count(sections.len()),
            tree(&sections),
            tallies(&statement["dispositions"]),
            sha(0x07, &packages),
            sha(0x08, &figures),
        ],
    );
    let sum = |name: &str| -> i64 {
        DISPOSITIONS.iter().map(|it| statement["dispositions"][it][name].as_i64().unwrap()).sum()
    };
    let mut reached = serde_json::json!({
        "first": statement["merchant"], "last": statement["merchant"],
        "records": Value::from(sum("count")), "amount_fen": Value::from(sum("amount_fen")),
        "hash": hex::encode(leaf),
    });
    for beside in items(&proof["path"]) {
        let (left, right) = if beside["first"].as_str() < reached["first"].as_str() {
            (beside.clone(), reached)
        } else {
            (reached, beside.clone())
        };
        assert!(left["last"].as_str() < right["first"].as_str());
        let sum = |name| left[name].as_i64().unwrap() + right[name].as_i64().unwrap();
        reached = serde_json::json!({
            "first": left["first"], "last": right["last"],
            "records": Value::from(sum("records")), "amount_fen": Value::from(sum("amount_fen")),
            "hash": hex::encode(sha(0x04, &[branch(&left), branch(&right)])),
        });
    }
    let head = [b"tongclear root 1\n".to_vec(), ascii(&statement["window"]), unhex(&proof["digest"])];
    sha(0x05, &[head.concat(), number(&proof["merchants"], 4), branch(&reached)])
}

#[test]
fn a_verifier_written_from_the_document_agrees() {
    let merchants =
        [("BUS00001", 90), ("IDLE0001", 0), ("MET00001", 1_500), ("POW00001", 256), ("SHP00001", 1)];
    let window = window(&merchants);
    for (merchant, _) in merchants {
        let json = window.statement(merchant).to_json();
        let statement: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(hex::encode(root_of(&statement)), window.proof.root().to_string(), "{merchant}");
    }
}
