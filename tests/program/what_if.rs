//! `what-if`: the draft's side is worked out again from the export, and nothing in the data folder changes.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::city::{DAY, three_days};
use crate::program::{Centre, path, sorted};

type Line = HashMap<String, String>;

fn settled() -> Centre {
    let city = three_days();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages").join(DAY))]);
    centre.done(&["night", "--date", DAY]);
    centre
}

/// A draft file beside the data folder.
fn draft(centre: &Centre, text: &str) -> PathBuf {
    let file = centre.dir.path().join("draft.toml");
    std::fs::write(&file, text).unwrap();
    file
}

fn what_if(centre: &Centre, contracts: &Path) -> Value {
    centre.json(&["what-if", "--window", DAY, "--contracts", path(contracts)])
}

fn fen(entry: &Value, field: &str) -> i64 {
    entry[field].as_i64().unwrap_or_else(|| panic!("{field} in {entry}"))
}

/// One `[[contract]]` of the city's registry, field by field as text.
fn contracts(registry: &str) -> Vec<Line> {
    let table = |text: &str| {
        let lines = text.lines().take_while(|line| !line.starts_with('['));
        let fields = lines.filter_map(|line| line.split_once(" = "));
        fields.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
    };
    registry.split("[[contract]]\n").skip(1).map(table).collect()
}

/// The contract in force, found the slow way: the operator's own first, then the latest.
fn in_force<'a>(contracts: &'a [Line], record: &Line) -> Option<&'a Line> {
    let date = &record["date"];
    let dashed = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    let operator = &record["issuer_id"][..4];
    contracts
        .iter()
        .filter(|it| it["merchant"] == record["merchant"])
        .filter(|it| it["operator"] == "*" || it["operator"] == operator)
        .filter(|it| it["from"] <= dashed && it.get("until").is_none_or(|until| dashed <= *until))
        .max_by_key(|it| (it["operator"] != "*", it["from"].clone()))
}

fn rounded(contract: &Line, fen: Decimal) -> Decimal {
    let strategy = match contract["rounding"].as_str() {
        "half_up" => RoundingStrategy::MidpointAwayFromZero,
        "half_even" => RoundingStrategy::MidpointNearestEven,
        "down" => RoundingStrategy::ToZero,
        "up" => RoundingStrategy::AwayFromZero,
        other => panic!("{other}"),
    };
    fen.round_dp_with_strategy(0, strategy)
}

/// Fee and concession by merchant and operator under `contracts`, from the exported records.
fn expected(export: &[Line], contracts: &[Line]) -> BTreeMap<(String, String), (Decimal, Decimal)> {
    let number = |line: &Line, field: &str| Decimal::from_str(&line[field]).unwrap();
    let mut sums: BTreeMap<(String, String), (Decimal, Decimal)> = BTreeMap::new();
    let mut windows: BTreeMap<(String, String, String), (&Line, Decimal)> = BTreeMap::new();
    for record in export.iter().filter(|line| line["disposition"] == "accepted") {
        let key = (record["merchant"].clone(), record["issuer_id"][..4].to_owned());
        let sum = sums.entry(key.clone()).or_default();
        let Some(contract) = in_force(contracts, record).filter(|_| record["tti"] != "02") else { continue };
        let amount = number(record, "amount_fen");
        let unrounded = amount * number(contract, "rate") + number(contract, "fixed_fen");
        if contract["level"] == "window" {
            let whole = windows
                .entry((key.0, key.1, contract["operator"].clone() + &contract["from"]))
                .or_insert((contract, Decimal::ZERO));
            whole.1 += unrounded;
        } else {
            let least =
                contract.get("min_fee_fen").map_or(unrounded, |min| unrounded.max(min.parse().unwrap()));
            let most = contract.get("max_fee_fen").map_or(least, |max| least.min(max.parse().unwrap()));
            sum.0 += rounded(contract, most);
        }
        let difference = number(record, "list_price_fen") - amount;
        if contract.contains_key("sponsor") && difference > Decimal::ZERO {
            sum.1 += difference;
        }
    }
    for ((merchant, operator, _), (contract, whole)) in windows {
        sums.entry((merchant, operator)).or_default().0 += rounded(contract, whole);
    }
    sums
}

fn export(centre: &Centre) -> Vec<Line> {
    let file = centre.dir.path().join("export.csv");
    centre.done(&["export", "--window", DAY, "--out", path(&file)]);
    csv::Reader::from_path(&file).unwrap().deserialize().map(|line| line.unwrap()).collect()
}

/// Every merchant and operator of `found` against what its records give under `contracts`.
fn assert_draft_side(found: &Value, expected: &BTreeMap<(String, String), (Decimal, Decimal)>) {
    let mut seen = 0;
    for merchant in found["merchants"].as_array().unwrap() {
        for entry in merchant["operators"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let key = (text(&merchant["merchant"]), text(&entry["operator"]));
            let (fee, concession) = expected[&key];
            assert_eq!(Decimal::from(fen(entry, "fee_draft_fen")), fee, "{key:?}");
            assert_eq!(Decimal::from(fen(entry, "concession_draft_fen")), concession, "{key:?}");
            let net = fen(entry, "gross_fen") - fen(entry, "fee_draft_fen")
                + fen(entry, "concession_draft_fen")
                - fen(entry, "load_fen");
            assert_eq!(fen(entry, "net_draft_fen"), net, "{key:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, expected.len());
}

/// Merchants, operators and totals re-add, and the present side is what settlement says.
fn assert_adds_up(centre: &Centre, found: &Value) {
    let settlement = centre.json(&["settlement", "show", "--window", DAY]);
    let mut lines = settlement["merchants"].as_array().unwrap().iter();
    const FIGURES: [&str; 12] = [
        "count",
        "gross_fen",
        "load_fen",
        "fee_now_fen",
        "fee_draft_fen",
        "fee_difference_fen",
        "concession_now_fen",
        "concession_draft_fen",
        "concession_difference_fen",
        "net_now_fen",
        "net_draft_fen",
        "net_difference_fen",
    ];
    let sum = |entries: &[Value]| FIGURES.map(|name| entries.iter().map(|it| fen(it, name)).sum::<i64>());
    for merchant in found["merchants"].as_array().unwrap() {
        let operators = merchant["operators"].as_array().unwrap();
        assert_eq!(FIGURES.map(|name| fen(merchant, name)), sum(operators));
        for entry in operators {
            let line = lines.next().unwrap();
            assert_eq!((&line["merchant"], &line["operator"]), (&merchant["merchant"], &entry["operator"]));
            for (ours, theirs) in [
                ("count", "count"),
                ("gross_fen", "gross_fen"),
                ("load_fen", "load_fen"),
                ("fee_now_fen", "fee_fen"),
                ("concession_now_fen", "concession_fen"),
                ("net_now_fen", "net_fen"),
            ] {
                assert_eq!(entry[ours], line[theirs], "{ours}");
            }
            for item in ["fee", "concession", "net"] {
                let side = |side: &str| fen(entry, &format!("{item}_{side}_fen"));
                assert_eq!(side("difference"), side("draft") - side("now"), "{item}");
            }
        }
    }
    assert!(lines.next().is_none());
    let merchants = found["merchants"].as_array().unwrap();
    assert_eq!(FIGURES.map(|name| fen(&found["totals"], name)), sum(merchants));
}

#[test]
fn the_present_contracts_as_a_draft_make_no_difference() {
    let centre = settled();
    let found = what_if(&centre, &three_days().join("registry/registry.toml"));
    assert_adds_up(&centre, &found);
    assert!(fen(&found["totals"], "fee_now_fen") > 0);
    for entry in found["merchants"].as_array().unwrap().iter().chain([&found["totals"]]) {
        for item in ["fee", "concession", "net"] {
            assert_eq!(fen(entry, &format!("{item}_difference_fen")), 0, "{entry}");
        }
        assert_eq!((fen(&entry["no_contract"], "count"), fen(&entry["over_limit"], "count")), (0, 0));
    }
    // The expectation itself is worth something: it finds what the run found.
    let registry = std::fs::read_to_string(three_days().join("registry/registry.toml")).unwrap();
    assert_draft_side(&found, &expected(&export(&centre), &contracts(&registry)));
}

#[test]
fn twice_the_rate_gives_the_fee_that_the_records_give() {
    let centre = settled();
    let registry = std::fs::read_to_string(three_days().join("registry/registry.toml")).unwrap();
    let mut doubled = contracts(&registry);
    for contract in &mut doubled {
        let rate = Decimal::from_str(&contract["rate"]).unwrap() * Decimal::TWO;
        contract.insert("rate".to_owned(), rate.to_string());
    }
    let text = registry.lines().map(|line| match line.strip_prefix("rate = ") {
        Some(rate) => {
            let rate = Decimal::from_str(rate.trim_matches('"')).unwrap();
            format!("rate = \"{}\"\n", rate * Decimal::TWO)
        }
        None => format!("{line}\n"),
    });
    let found = what_if(&centre, &draft(&centre, &text.collect::<String>()));
    assert_adds_up(&centre, &found);
    assert_draft_side(&found, &expected(&export(&centre), &doubled));
    assert!(fen(&found["totals"], "fee_difference_fen") > 0);
}

#[test]
fn only_the_drafted_merchant_changes_and_what_would_not_pass_is_counted() {
    let centre = settled();
    let settlement = centre.json(&["settlement", "show", "--window", DAY]);
    let merchant = settlement["merchants"][0]["merchant"].as_str().unwrap();
    // From the day itself on, up to 100 fen, by the window.
    let text = format!(
        "[[contract]]\nmerchant = \"{merchant}\"\noperator = \"*\"\nfrom = \"{DAY}\"\nrate = \"0.0123\"\n\
         fixed_fen = \"0.5\"\nlevel = \"window\"\nrounding = \"up\"\namount_limit_fen = 100\ncycle = \"T+1\"\n"
    );
    let found = what_if(&centre, &draft(&centre, &text));
    assert_adds_up(&centre, &found);
    let export = export(&centre);
    let registry = std::fs::read_to_string(three_days().join("registry/registry.toml")).unwrap();
    let mut all: Vec<Line> = contracts(&registry);
    all.retain(|contract| contract["merchant"] != merchant);
    all.extend(contracts(&text));
    assert_draft_side(&found, &expected(&export, &all));

    assert_eq!(found["drafted"], serde_json::json!([merchant]));
    let day = DAY.replace('-', "");
    let mine = export.iter().filter(|it| it["disposition"] == "accepted" && it["merchant"] == merchant);
    let (before, on): (Vec<&Line>, Vec<&Line>) = mine.partition(|line| line["date"] < day);
    let tally = |lines: &[&Line], least: i64| {
        let amounts = lines.iter().map(|line| line["amount_fen"].parse::<i64>().unwrap());
        let amounts: Vec<i64> = amounts.filter(|amount| *amount > least).collect();
        serde_json::json!({ "count": amounts.len(), "amount_fen": amounts.iter().sum::<i64>() })
    };
    for entry in found["merchants"].as_array().unwrap() {
        if entry["merchant"] == merchant {
            assert_eq!(entry["drafted"], true);
            assert_eq!(entry["no_contract"], tally(&before, -1));
            assert_eq!(entry["over_limit"], tally(&on, 100));
            assert!(fen(&entry["no_contract"], "count") > 0, "the city has late records");
            assert!(fen(&entry["over_limit"], "count") > 0);
        } else {
            assert_eq!(entry["drafted"], false);
            assert_eq!((fen(entry, "net_difference_fen"), fen(entry, "fee_difference_fen")), (0, 0));
        }
    }
}

#[test]
fn people_and_spreadsheets_get_the_same_figures() {
    let centre = settled();
    let registry = std::fs::read_to_string(three_days().join("registry/registry.toml")).unwrap();
    let file = draft(&centre, &registry.replace("amount_limit_fen = ", "amount_limit_fen = 1 # was "));
    let found = what_if(&centre, &file);
    let arguments = ["what-if", "--window", DAY, "--contracts", path(&file)];
    let english = centre.done(&arguments);
    let chinese = centre.done(&[&["--lang", "zh"], &arguments[..]].concat());
    for (text, words) in [
        (&english, ["nothing was changed", "difference", "over limit", "total"]),
        (&chinese, ["未作任何更改", "差额", "超限", "合计"]),
    ] {
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        for merchant in found["merchants"].as_array().unwrap() {
            assert!(text.contains(merchant["merchant"].as_str().unwrap()), "{text}");
        }
    }
    let out = centre.dir.path().join("difference.csv");
    centre.done(&[&arguments[..], &["--out", path(&out)]].concat());
    let csv = std::fs::read_to_string(&out).unwrap();
    let mut reader = csv::Reader::from_reader(csv.strip_prefix('\u{feff}').unwrap().as_bytes());
    let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    let column = |name: &str| head.iter().position(|it| it.ends_with(&format!(" {name}"))).unwrap();
    for name in ["count", "gross_fen", "fee_now_fen", "fee_draft_fen", "net_difference_fen"] {
        let sum: i64 = rows.iter().map(|row| row[column(name)].parse::<i64>().unwrap()).sum();
        assert_eq!(sum, fen(&found["totals"], name), "{name}");
    }
    let over: i64 = rows.iter().map(|row| row[column("over_limit_count")].parse::<i64>().unwrap()).sum();
    assert_eq!(over, fen(&found["totals"]["over_limit"], "count"));
}

#[test]
fn a_draft_that_does_not_hold_is_refused_with_line_field_and_value() {
    let centre = settled();
    let registry = std::fs::read_to_string(three_days().join("registry/registry.toml")).unwrap();
    let table = "[[contract]]\n".to_owned() + registry.split("[[contract]]\n").nth(1).unwrap();
    let table = table.split("\n[").next().unwrap().to_owned();
    let line = table.lines().position(|line| line.starts_with("rate")).unwrap() + 1;
    let rate = table.lines().nth(line - 1).unwrap();
    let refused = |text: &str, words: &[&str]| {
        let file = draft(&centre, text);
        centre.refused(&["what-if", "--window", DAY, "--contracts", path(&file)], 3, words);
    };
    refused(&table.replace(rate, "rate = \"1.5\""), &["draft.toml", &format!(":{line}: rate is \"1.5\"")]);
    let merchant = contracts(&table)[0]["merchant"].clone();
    refused(&table.replace(&merchant, "NOBODY00"), &[":2: merchant is \"NOBODY00\""]);
    refused("# nothing yet\n", &["draft.toml", "[[contract]]"]);
    let file = draft(&centre, &table);
    centre.refused(&["what-if", "--window", "2026-11-30", "--contracts", path(&file)], 3, &["2026-11-30"]);
    let absent = centre.dir.path().join("absent.toml");
    centre.refused(&["what-if", "--window", DAY, "--contracts", path(&absent)], 2, &["absent.toml"]);
}

#[test]
fn nothing_in_the_data_folder_changes() {
    let centre = settled();
    // Every file but the database's own, whose log is folded in whenever SQLite likes; its rows are asked for instead.
    let tree = || {
        let mut waiting = vec![centre.data().join("vault")];
        let mut files = BTreeMap::new();
        while let Some(folder) = waiting.pop() {
            for file in sorted(&folder) {
                if file.is_dir() {
                    waiting.push(file);
                } else {
                    let digest = hex::encode(Sha256::digest(std::fs::read(&file).unwrap()));
                    files.insert(path(&file).to_owned(), digest);
                }
            }
        }
        for rows in [["audit", "list"], ["ledger", "balances"], ["window", "list"], ["quarantine", "list"]] {
            files.insert(rows.join(" "), centre.done(&[&rows[..], &["--json"]].concat()));
        }
        files
    };
    let before = tree();
    assert!(before.len() > 2 * 64, "detail and card state of 64 partitions");
    let registry = three_days().join("registry/registry.toml");
    what_if(&centre, &registry);
    centre.done(&["what-if", "--window", DAY, "--contracts", path(&registry)]);
    assert_eq!(before, tree());
}
