//! Statements that prove themselves: every merchant of every window against the published root, without a centre.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::city::{DAY, one_day, three_days};
use crate::program::{Centre, path, sorted};

fn reports(centre: &Centre, window: &str) -> PathBuf {
    centre.data().join("vault/reports").join(window)
}

/// The statements of a window, by merchant.
fn statements(centre: &Centre, window: &str) -> BTreeMap<String, PathBuf> {
    let merchant = |file: &PathBuf| {
        let name = file.file_name().unwrap().to_str().unwrap();
        Some(name.strip_prefix("statement-")?.strip_suffix(".json")?.to_owned())
    };
    let files = sorted(&reports(centre, window)).into_iter();
    files.filter_map(|file| Some((merchant(&file)?, file))).collect()
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// A place without a centre.
fn nowhere() -> Centre {
    Centre::absent()
}

#[test]
fn every_statement_of_every_window_verifies_against_its_root_and_no_other() {
    let city = three_days();
    let centre = Centre::of_city(city);
    let days = [DAY, "2026-11-24", "2026-11-25"];
    let anywhere = nowhere();
    let mut roots = Vec::new();
    for day in days {
        let packages = city.join("packages").join(day);
        centre.done(&["intake", path(&packages)]);
        let night = centre.json(&["night", "--date", day]);
        let settlement = centre.json(&["settlement", "show", "--window", day]);
        let root_file = reports(&centre, day).join("root.json");
        let root = read(&root_file);
        assert_eq!(root, centre.json(&["settlement", "root", "--window", day]));
        assert_eq!(root["root"], night["root"]);
        assert_eq!(root["digest"], settlement["digest"]);
        assert_eq!(root["records"], settlement["received"]["transactions"]);
        assert_eq!(root["amount_fen"], settlement["received"]["amount_fen"]);
        assert!(settlement.get("root").is_none(), "its fields are fixed");
        let hex = root["root"].as_str().unwrap().to_owned();
        assert_eq!(centre.done(&["settlement", "root", "--window", day]).trim(), hex);

        let statements = statements(&centre, day);
        assert!(statements.len() > 5);
        for (merchant, file) in &statements {
            let by_file = anywhere.json(&["verify-statement", path(file), "--root-file", path(&root_file)]);
            assert_eq!(by_file["verified"], true, "{merchant}");
            assert_eq!(by_file["proven"]["merchant"], merchant.as_str());
            let of_merchant = settlement["merchants"].as_array().unwrap().iter();
            let net: i64 = of_merchant
                .filter(|line| line["merchant"] == merchant.as_str())
                .map(|line| line["net_fen"].as_i64().unwrap())
                .sum();
            assert_eq!(by_file["proven"]["net_fen"], net, "{merchant}");
        }
        roots.push((day, hex));
    }
    // A statement of one window does not lead to the root of another.
    for (day, _) in &roots {
        let (_, file) = statements(&centre, day).pop_first().unwrap();
        for (other, root) in &roots {
            let code = if other == day { 0 } else { 4 };
            assert_eq!(anywhere.run(&["verify-statement", path(&file), "--root", root]).code, code);
        }
    }
    assert!(!anywhere.data().exists(), "verifying makes nothing");
}

#[test]
fn every_record_that_was_not_accepted_is_in_its_statement() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    centre.done(&["night", "--date", DAY]);
    let export = centre.dir.path().join("export.csv");
    centre.done(&["export", "--window", DAY, "--out", path(&export)]);
    let mut unpaid: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for line in csv::Reader::from_path(&export).unwrap().records() {
        let line: Vec<String> = line.unwrap().iter().map(str::to_owned).collect();
        if line[17] != "accepted" {
            unpaid.entry(line[0].clone()).or_default().push(line[..19].to_vec());
        }
    }
    let columns = "merchant,collector,package_sequence,row,issuer_id,serial,tti,offline_counter,online_counter,\
                   terminal,terminal_number,amount_fen,list_price_fen,balance_before_fen,balance_after_fen,date,\
                   time,disposition,reason";
    let mut found = 0;
    for (merchant, file) in statements(&centre, DAY) {
        let mut listed: Vec<Vec<String>> = read(&file)["unpaid"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| {
                let cell = |name| match &record[name] {
                    Value::String(text) => text.clone(),
                    Value::Null => String::new(),
                    number => number.to_string(),
                };
                columns.split(',').map(cell).collect()
            })
            .collect();
        let mut expected = unpaid.remove(&merchant).unwrap_or_default();
        listed.sort();
        expected.sort();
        assert_eq!(listed, expected, "{merchant}");
        found += listed.len();
    }
    assert!(found > 10 && unpaid.is_empty());
}

#[test]
fn a_statement_that_was_touched_fails_and_says_where() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    centre.done(&["night", "--date", DAY]);
    let root_file = reports(&centre, DAY).join("root.json");
    let all = statements(&centre, DAY);
    let with_unpaid: Vec<&PathBuf> =
        all.values().filter(|file| !read(file)["unpaid"].as_array().unwrap().is_empty()).collect();
    let (one, other) = (read(with_unpaid[0]), read(with_unpaid[1]));
    let anywhere = nowhere();
    let touched = anywhere.dir.path().join("touched.json");
    let verify = |document: &Value, code: i32, words: &[&str]| {
        std::fs::write(&touched, document.to_string()).unwrap();
        anywhere.refused(&["verify-statement", path(&touched), "--root-file", path(&root_file)], code, words);
    };
    verify(&one, 0, &["verified", "complete:", "unpaid:", "money:"]);

    // Two merchants' unpaid records, swapped.
    for (mine, theirs) in [(&one, &other), (&other, &one)] {
        let mut swapped = mine.clone();
        swapped["unpaid"] = theirs["unpaid"].clone();
        verify(&swapped, 4, &["NOT verified", "unpaid[0].merchant", mine["merchant"].as_str().unwrap()]);
    }
    let mut left_out = one.clone();
    left_out["unpaid"].as_array_mut().unwrap().pop();
    verify(&left_out, 4, &["NOT verified", "unpaid is", "more in proof.sections["]);
    let mut softened = one.clone();
    softened["dispositions"]["rejected"]["count"] = json!(0);
    verify(&softened, 4, &["dispositions.rejected.count is 0, expected"]);
    let mut more = one.clone();
    more["remark"] = json!("settled in full");
    verify(&more, 3, &["unknown field `remark`"]);
    verify(&json!([]), 3, &["touched.json"]);

    let file = path(with_unpaid[0]);
    let zero = "0".repeat(64);
    anywhere.refused(&["verify-statement", file, "--root", &zero], 4, &["proof.root is", &zero]);
    anywhere.refused(&["verify-statement", file, "--root", "12"], 3, &["\"12\" is not a hash"]);
    anywhere.refused(&["verify-statement", file], 2, &["--root"]);
    anywhere.refused(&["verify-statement", "absent.json", "--root", &zero], 2, &["absent.json"]);
    let zh = anywhere.done(&["verify-statement", file, "--root-file", path(&root_file), "--lang", "zh"]);
    assert!(zh.contains("已通过验证"), "{zh}");

    let mut root = read(&root_file);
    root["records"] = json!(root["records"].as_i64().unwrap() + 1);
    let touched_root = anywhere.dir.path().join("root.json");
    std::fs::write(&touched_root, root.to_string()).unwrap();
    anywhere.refused(
        &["verify-statement", file, "--root-file", path(&touched_root)],
        4,
        &["root.json: records is"],
    );
}

#[test]
fn a_merchant_holds_its_own_packages_against_the_statement() {
    let city = one_day();
    let centre = Centre::of_city(city);
    let packages = city.join("packages").join(DAY);
    centre.done(&["intake", path(&packages)]);
    centre.done(&["night", "--date", DAY]);
    let root_file = reports(&centre, DAY).join("root.json");
    let anywhere = nowhere();
    for file in statements(&centre, DAY).values() {
        let with = |folder: &Path| {
            let files = ["verify-statement", path(file), "--root-file", path(&root_file)];
            anywhere.run(&[&files[..], &["--packages", path(folder), "--json"]].concat())
        };
        let ended = with(&packages);
        assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
        let result: Value = serde_json::from_str(&ended.out).unwrap();
        let listed = read(file)["packages"].as_array().unwrap().len();
        assert_eq!(result["packages"]["matched"], listed);
        let empty = tempfile::TempDir::new().unwrap();
        let ended = with(empty.path());
        let result: Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!((ended.code, &result["verified"]), (4, &json!(false)));
        assert_eq!(result["disagreement"]["expected"], "a package among the files");
    }
    let (_, file) = statements(&centre, DAY).pop_first().unwrap();
    let arguments = ["verify-statement", path(&file), "--root-file", path(&root_file), "--packages"];
    anywhere.refused(&[&arguments[..], &["absent"]].concat(), 2, &["absent"]);
}

#[test]
fn statements_are_not_written_from_sections_that_are_not_the_runs() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    centre.done(&["window", "close", "--date", DAY]);
    centre.done(&["clear", "--window", DAY]);
    centre.done(&["settle", "--window", DAY]);
    let sections = centre.data().join("vault/proofs").join(format!("{DAY}.parquet"));
    let mut bytes = std::fs::read(&sections).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&sections, &bytes).unwrap();
    centre.refused(&["night", "--date", DAY], 5, &["damaged", "proofs/2026-11-23.parquet"]);
    bytes[20] ^= 1;
    std::fs::write(&sections, &bytes).unwrap();
    centre.done(&["night", "--date", DAY]);
}
