//! `why`: from every handle the same life, and the check that decided is the right one.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::city::{DAY, one_day, three_days};
use crate::program::{Centre, Ended, path};

/// One line of an export, by column.
type Line = HashMap<String, String>;

const DAYS: [&str; 3] = ["2026-11-23", "2026-11-24", "2026-11-25"];

/// The check that gives a reason, and the line of uniqueness, as the table of the rules has them.
const DECIDED_BY: [(&str, &str, Option<u8>); 17] = [
    ("malformed", "1", None),
    ("test_card", "1a", None),
    ("unknown_terminal", "2", None),
    ("terminal_not_in_service", "3", None),
    ("unknown_operator", "4", None),
    ("future_dated", "5", None),
    ("too_old", "6", None),
    ("key_unavailable", "7", None),
    ("tac_mismatch", "8", None),
    ("balance_arithmetic", "9", None),
    ("no_contract", "10", None),
    ("over_limit", "11", None),
    ("deny_listed", "12", None),
    ("number_conflict", "13", Some(4)),
    ("stale_counter", "13", Some(5)),
    ("counter_jump", "13", Some(6)),
    ("counter_conflict", "13", Some(7)),
];

/// Runs `why` with or without the passphrase.
fn why(centre: &Centre, passphrase: bool, handle: &[&str]) -> Ended {
    let mut command = centre.command(&[&["why", "--json"], handle].concat());
    if !passphrase {
        command.env_remove("TONGCLEAR_PASSPHRASE");
    }
    Ended::from(command.output().unwrap())
}

/// The life of the line's record among those that the handle names.
fn life(centre: &Centre, passphrase: bool, handle: &[&str], line: &Line) -> Value {
    let ended = why(centre, passphrase, handle);
    assert_eq!(ended.code, 0, "{handle:?}\n{}\n{}", ended.out, ended.err);
    let answer: Value = serde_json::from_str(&ended.out).unwrap();
    let lives = answer["lives"].as_array().unwrap();
    let (sequence, row): (u32, u32) =
        (line["package_sequence"].parse().unwrap(), line["row"].parse().unwrap());
    let mine = lives.iter().find(|life| {
        let place = &life["place"];
        place["collector"] == line["collector"].as_str()
            && place["package_sequence"] == sequence
            && place["row"] == row
    });
    mine.unwrap_or_else(|| panic!("{handle:?} does not find {line:?}")).clone()
}

/// Holds a judgement against the export's line.
fn assert_tells_the_same(judgement: &Value, line: &Line) {
    let stored = &judgement["stored"];
    assert_eq!(stored["disposition"], line["disposition"].as_str(), "{line:?}");
    assert_eq!(stored["reason"].as_str().unwrap_or_default(), line["reason"], "{line:?}");
    let names = |flags: &Value, key: Option<&str>| -> String {
        let flags = flags.as_array().unwrap().iter();
        let flags = flags.map(|flag| key.map_or(flag, |key| &flag[key]).as_str().unwrap().to_owned());
        flags.collect::<Vec<_>>().join("|")
    };
    assert_eq!(names(&stored["flags"], None), line["flags"], "{line:?}");
    assert_eq!(names(&judgement["flags"], Some("flag")), line["flags"], "every flag has a cause: {line:?}");
    let fee = stored["fee_fen"].as_i64().map(|fee| fee.to_string()).unwrap_or_default();
    assert_eq!(fee, line["fee_fen"], "{line:?}");
    assert_eq!(judgement["agrees"], true, "{line:?}");
    assert_eq!(&judgement["rederived"], stored);

    let decided = (judgement["decided_by"].as_str().unwrap(), judgement["line"].as_u64());
    match line["disposition"].as_str() {
        "accepted" => assert_eq!(decided, ("13", Some(8)), "{line:?}"),
        "duplicate" => assert!(matches!(decided, ("13", Some(1 | 2))), "{line:?}: {decided:?}"),
        _ => {
            let (_, check, number) =
                DECIDED_BY.iter().find(|(reason, ..)| *reason == line["reason"]).unwrap();
            assert_eq!(decided, (*check, number.map(u64::from)), "{line:?}");
        }
    }
    assert_outcomes_follow(judgement);
    assert_others_are_named(judgement, line);
    assert_money_follows(&judgement["money"], line);
}

/// Checks pass up to the one that decided, which failed; none after it was reached, and none reached is without inputs.
fn assert_outcomes_follow(judgement: &Value) {
    let decided = judgement["decided_by"].as_str().unwrap();
    let mut reached = true;
    for check in judgement["checks"].as_array().unwrap() {
        let (number, outcome) = (check["number"].as_str().unwrap(), check["outcome"].as_str().unwrap());
        let expected: &[&str] = match (reached, number == decided) {
            (true, true) => &["failed"],
            (true, false) if ["7", "8"].contains(&number) => &["passed", "not_known"],
            (true, false) => &["passed"],
            (false, _) => &["not_reached"],
        };
        assert!(expected.contains(&outcome), "{number} {outcome}: {judgement}");
        assert_eq!(check["seen"].is_null(), !reached, "{number}: {judgement}");
        reached &= outcome != "failed";
    }
}

/// The record that a duplicate or a conflict met is found.
fn assert_others_are_named(judgement: &Value, line: &Line) {
    let uniqueness = &judgement["uniqueness"];
    let rejected = line["disposition"] == "rejected";
    assert_eq!(uniqueness.is_null(), rejected, "{line:?}");
    match (judgement["decided_by"].as_str().unwrap(), judgement["line"].as_u64()) {
        ("13", Some(1)) => assert!(uniqueness["copy_of"]["row"].is_u64(), "{line:?}: {uniqueness}"),
        ("13", Some(2 | 4)) => {
            let holders = uniqueness["number_held_by"].as_array().unwrap();
            assert!(holders.iter().any(|it| it["disposition"] == "accepted"), "{line:?}: {uniqueness}");
        }
        ("13", Some(7)) => {
            let holder = &uniqueness["counter_held_by"];
            assert_eq!(holder["disposition"], "accepted", "{line:?}: {uniqueness}");
            assert_eq!(holder["counter"], uniqueness["counter"], "{line:?}: {uniqueness}");
        }
        _ => {}
    }
}

fn assert_money_follows(money: &Value, line: &Line) {
    let codes: Vec<&str> =
        money["transfers"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    let amount: i64 = line["amount_fen"].parse().unwrap();
    match line["disposition"].as_str() {
        "accepted" => {
            let charge = &money["charge"];
            let fee = charge["fee_fen"].as_i64();
            assert_eq!(fee.map(|fee| fee.to_string()).unwrap_or_default(), line["fee_fen"], "{line:?}");
            let load = line["tti"] == "02";
            let net = if load { -amount } else { amount } - fee.unwrap_or_default()
                + charge["concession_fen"].as_i64().unwrap();
            assert_eq!(charge["net_fen"], net, "{line:?}");
            assert_eq!(codes.contains(&"load"), load, "{line:?}: {codes:?}");
            assert_eq!(codes.contains(&"purchase"), !load && amount > 0, "{line:?}: {codes:?}");
            assert_eq!(charge["fee"].is_null(), load, "{line:?}");
            assert_eq!(money["settlement"]["state"], "settled");
            let positions = money["settlement"]["positions"].as_array().unwrap();
            let merchant = format!("merchant:{}", line["merchant"]);
            assert!(positions.iter().any(|it| it["participant"] == merchant.as_str()), "{line:?}");
            assert!(money["settlement"]["settled_at"].is_string());
        }
        "suspended" => assert_eq!(codes, if amount > 0 { vec!["suspended"] } else { vec![] }, "{line:?}"),
        _ => assert!(codes.is_empty() && money["charge"].is_null(), "{line:?}: {money}"),
    }
}

#[test]
fn every_kind_of_record_is_explained_from_every_handle() {
    let city = three_days();
    let centre = Centre::of_city(city);
    // The last of each kind: it has the most history behind it.
    let mut kinds: BTreeMap<(String, String, String, bool), (&str, Line)> = BTreeMap::new();
    for day in DAYS {
        centre.done(&["intake", path(&city.join("packages").join(day))]);
        centre.done(&["night", "--date", day]);
        let file = centre.dir.path().join(day);
        centre.done(&["export", "--window", day, "--out", path(&file)]);
        for line in csv::Reader::from_path(file).unwrap().deserialize::<Line>().map(Result::unwrap) {
            let kind = ["disposition", "reason", "flags"].map(|column| line[column].clone());
            let [disposition, reason, flags] = kind;
            kinds.insert((disposition, reason, flags, line["fee_fen"].is_empty()), (day, line));
        }
    }
    let reasons = DECIDED_BY.iter().filter(|(reason, ..)| kinds.keys().any(|kind| kind.1 == *reason));
    assert_eq!(reasons.count(), DECIDED_BY.len(), "the city shows every reason: {:?}", kinds.keys());
    for (day, line) in kinds.values() {
        let package = format!("{}-{}", line["collector"], line["package_sequence"]);
        let whole = life(&centre, true, &["--package", &package, "--row", &line["row"]], line);
        assert_eq!(whole["judgement"]["window"], *day);
        assert_tells_the_same(&whole["judgement"], line);

        let terminal = ["--terminal", &line["terminal"], "--number", &line["terminal_number"]];
        let by_terminal = life(&centre, false, &terminal, line);
        assert_tells_the_same(&by_terminal["judgement"], line);

        let card = format!("{}:{}", line["issuer_id"], line["serial"]);
        let counter = if line["tti"] == "02" { &line["online_counter"] } else { &line["offline_counter"] };
        let by_card = life(&centre, false, &["--card", &card, "--counter", counter], line);
        assert_eq!(by_card, by_terminal, "{line:?}");
        for same in ["place", "names", "record", "arrival"] {
            assert_eq!(by_card[same], whole[same], "{line:?}");
        }
    }
}

/// `why` with a handle.
fn ask<'a>(handle: &[&'a str]) -> Vec<&'a str> {
    [&["why"], handle].concat()
}

#[test]
fn a_record_that_waits_is_found_by_package_and_terminal_only() {
    let city = one_day();
    let centre = Centre::of_city(city);
    let truth = csv::Reader::from_path(city.join("truth.csv")).unwrap().deserialize::<Line>().next();
    let line = truth.unwrap().unwrap();
    let package = format!("{}-{:0>10}.ctp", line["collector"], line["package_sequence"]);
    let package = ["--package", package.as_str(), "--row", &line["row"]];
    let terminal = ["--terminal", &line["terminal"], "--number", &line["terminal_number"]];
    let card = ["--card", &line["serial"], "--counter", &line["offline_counter"], "--chain", "purchase"];
    centre.refused(&ask(&package), 3, &["no package", "was accepted"]);

    centre.done(&["intake", path(&city.join("packages"))]);
    for handle in [package, terminal] {
        let waiting = life(&centre, false, &handle, &line);
        assert_eq!(waiting["judgement"], Value::Null);
        assert_eq!(waiting["arrival"]["window_state"], "open");
        assert_eq!(waiting["record"]["amount_fen"].to_string(), line["amount_fen"]);
    }
    centre.refused(&ask(&card), 3, &["not cleared", "--terminal", "--package"]);
    assert!(centre.done(&ask(&package)).contains("not judged yet"));
    centre.done(&["window", "close", "--date", DAY]);
    centre.refused(&[&ask(&card)[..], &["--window", DAY]].concat(), 3, &["clear --window"]);
    centre.done(&["night", "--date", DAY]);
    let text = centre.done(&ask(&card));
    assert!(text.contains("⇒ accepted and settled in window 2026-11-23"), "{text}");
    let text = centre.done(&[&["--lang", "zh"], &ask(&card)[..]].concat());
    assert!(text.contains("⇒ 已接受并结算：窗口 2026-11-23"), "{text}");
}

#[test]
fn what_is_not_there_is_said_with_where_it_was_looked_for() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    centre.done(&["night", "--date", DAY]);
    let serial = "00000000000000000000";
    centre.refused(&["why", "--card", serial, "--counter", "1"], 3, &["searched window 2026-11-23"]);
    centre.refused(&["why", "--card", &format!("ffff:{serial}"), "--counter", "1"], 3, &["not registered"]);
    centre.refused(&["why", "--terminal", "ffffffffffff", "--number", "1"], 3, &["no accepted package"]);
    centre.refused(
        &["why", "--package", "6510000000f1-1", "--row", "1", "--window", "2020-01-01"],
        3,
        &["2020"],
    );
    for usage in [&["--card", serial][..], &["--row", "1"], &[], &["--package", "x", "--row", "1"]] {
        centre.refused(&[&["why"], usage].concat(), 2, &[]);
    }
    // A wrong passphrase is not taken for none.
    let line = csv::Reader::from_path(city.join("truth.csv")).unwrap().deserialize::<Line>().next();
    let line = line.unwrap().unwrap();
    let package = format!("{}-{}", line["collector"], line["package_sequence"]);
    let mut command = centre.command(&["why", "--package", &package, "--row", &line["row"]]);
    let ended = Ended::from(command.env("TONGCLEAR_PASSPHRASE", "battery staple").output().unwrap());
    assert_eq!(ended.code, 3, "{}", ended.err);
}

/// Every part that is read is held against its recorded digest.
#[test]
fn a_changed_partition_is_damage() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    centre.done(&["night", "--date", DAY]);
    let line = csv::Reader::from_path(city.join("truth.csv")).unwrap().deserialize::<Line>().next();
    let line = line.unwrap().unwrap();
    for file in crate::program::sorted(&centre.data().join("vault/windows").join(DAY)) {
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&file, bytes).unwrap();
    }
    let terminal = ["why", "--terminal", &line["terminal"], "--number", &line["terminal_number"]];
    centre.refused(&terminal, 5, &["damaged", "part-"]);
}
