//! The main job: packages in, a night, and every figure agrees with the simulator's truth.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde_json::{Value, json};

use crate::city::{DAY, one_day, three_days};
use crate::program::{Centre, path, sorted};

/// One line of an export or of the truth, by column.
type Line = HashMap<String, String>;

fn lines(file: &Path) -> Vec<Line> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().map(|line| line.unwrap()).collect()
}

fn by_place(lines: Vec<Line>) -> BTreeMap<(String, String, String), Line> {
    lines
        .into_iter()
        .map(|mut line| {
            line.remove("window");
            ((line["collector"].clone(), line["package_sequence"].clone(), line["row"].clone()), line)
        })
        .collect()
}

fn number(line: &Line, column: &str) -> i64 {
    match line[column].as_str() {
        "" => 0,
        digits => digits.parse().unwrap(),
    }
}

/// The figures of `settlement show`, added up again from the exported lines.
fn assert_re_adds(settlement: &Value, export: &[Line]) {
    let tally = |lines: &mut dyn Iterator<Item = &Line>| {
        let (mut count, mut amount) = (0, 0);
        lines.for_each(|line| {
            count += 1;
            amount += number(line, "amount_fen");
        });
        json!({ "count": count, "amount_fen": amount })
    };
    let mut sum = (0, 0);
    for disposition in ["accepted", "duplicate", "suspended", "rejected"] {
        let mine = tally(&mut export.iter().filter(|line| line["disposition"] == disposition));
        assert_eq!(settlement["dispositions"][disposition], mine, "{disposition}");
        sum.0 += mine["count"].as_i64().unwrap();
        sum.1 += mine["amount_fen"].as_i64().unwrap();
    }
    assert_eq!(settlement["received"]["transactions"], sum.0);
    assert_eq!(settlement["received"]["amount_fen"], sum.1);

    let mut reasons: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in export.iter().filter(|line| !line["reason"].is_empty()) {
        reasons.entry(&line["reason"]).or_default().push(line);
    }
    let reasons: serde_json::Map<String, Value> = reasons
        .into_iter()
        .map(|(reason, lines)| (reason.to_owned(), tally(&mut lines.into_iter())))
        .collect();
    assert_eq!(settlement["reasons"], Value::Object(reasons));

    let mut flags: BTreeMap<&str, u64> = BTreeMap::new();
    for flag in export.iter().flat_map(|line| line["flags"].split('|')).filter(|flag| !flag.is_empty()) {
        *flags.entry(flag).or_default() += 1;
    }
    assert_eq!(settlement["flags"], json!(flags));

    let mut owed = 0;
    for merchant in settlement["merchants"].as_array().unwrap() {
        let figure = |name: &str| merchant[name].as_i64().unwrap();
        let mine = export.iter().filter(|line| {
            line["disposition"] == "accepted"
                && merchant["merchant"] == line["merchant"].as_str()
                && line["issuer_id"].starts_with(merchant["operator"].as_str().unwrap())
        });
        let (mut count, mut gross, mut load) = (0, 0, 0);
        for line in mine {
            count += 1;
            *(if line["tti"] == "02" { &mut load } else { &mut gross }) += number(line, "amount_fen");
        }
        assert_eq!(
            (figure("count"), figure("gross_fen"), figure("load_fen")),
            (count, gross, load),
            "{merchant}"
        );
        let net = gross - figure("fee_fen") + figure("concession_fen") - load;
        assert_eq!(figure("net_fen"), net, "{merchant}");
        owed += net + figure("fee_fen");
    }
    // What operators and sponsors owe is what merchants and the centre receive.
    let operators =
        settlement["operators"].as_array().unwrap().iter().map(|it| it["owes_fen"].as_i64().unwrap());
    let sponsors =
        settlement["sponsors"].as_array().unwrap().iter().map(|it| it["concession_fen"].as_i64().unwrap());
    assert_eq!(operators.sum::<i64>() + sponsors.sum::<i64>(), owed);
}

#[test]
fn three_days_agree_with_the_truth_on_every_record() {
    let city = three_days();
    let centre = Centre::of_city(city);
    let truth = lines(&city.join("truth.csv"));
    for day in ["2026-11-23", "2026-11-24", "2026-11-25"] {
        centre.done(&["intake", path(&city.join("packages").join(day))]);
        centre.done(&["night", "--date", day]);
        let file = centre.dir.path().join(day);
        centre.done(&["export", "--window", day, "--out", path(&file)]);
        let export = lines(&file);
        assert_re_adds(&centre.json(&["settlement", "show", "--window", day]), &export);

        let expected = by_place(truth.iter().filter(|line| line["window"] == day).cloned().collect());
        let cleared = by_place(export);
        assert_eq!(cleared.len(), expected.len(), "{day}");
        for (place, expected) in &expected {
            assert_eq!(&cleared[place], expected, "{day} {place:?}");
        }
    }
}

#[test]
fn the_settlement_has_exactly_the_documented_fields() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    centre.done(&["night", "--date", DAY]);
    let settlement = centre.json(&["settlement", "show", "--window", DAY]);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut top = keys(&settlement);
    top.sort();
    #[rustfmt::skip]
    assert_eq!(top, [
        "digest", "dispositions", "flags", "merchants", "operators", "reasons", "received", "sponsors", "state", "window",
    ]);
    assert_eq!(settlement["state"], "settled");
    assert_eq!(settlement["window"], DAY);
    assert_eq!(settlement["digest"].as_str().unwrap().len(), 64);
    let mut merchant = keys(&settlement["merchants"][0]);
    merchant.sort();
    #[rustfmt::skip]
    assert_eq!(merchant, [
        "concession_fen", "count", "fee_fen", "gross_fen", "load_fen", "merchant", "net_fen", "operator",
    ]);
    let mut received = keys(&settlement["received"]);
    received.sort();
    assert_eq!(received, ["amount_fen", "packages", "transactions"]);
}

#[test]
fn statements_lie_where_the_night_says_and_re_add() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    let night = centre.json(&["night", "--date", DAY]);
    let reports = Path::new(night["reports"].as_str().unwrap()).to_owned();
    let settlement = &night["settlement"];
    let files = sorted(&reports);
    assert!(files.iter().any(|file| file.ends_with("summary.txt")), "{files:?}");
    for merchant in settlement["merchants"].as_array().unwrap() {
        let code = merchant["merchant"].as_str().unwrap();
        let statement = std::fs::read_to_string(reports.join(format!("statement-{code}.csv"))).unwrap();
        let statement = statement.strip_prefix('\u{feff}').expect("spreadsheets need the mark");
        let mut reader = csv::Reader::from_reader(statement.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
        let sum = |items: &[&str]| -> i64 {
            rows.iter().filter(|row| items.contains(&&row[6])).map(|row| row[8].parse::<i64>().unwrap()).sum()
        };
        let parts = sum(&["purchases", "fee", "concession", "loads collected"]);
        assert_eq!(parts, sum(&["net"]) - sum(&["carried in"]), "{code}");
        assert_eq!(
            sum(&["received"]),
            sum(&["of which accepted", "of which duplicate", "of which suspended", "of which rejected"]),
            "{code}"
        );
    }
    let unpaid: usize = files
        .iter()
        .filter(|file| file.file_name().unwrap().to_string_lossy().starts_with("unpaid-"))
        .map(|file| std::fs::read_to_string(file).unwrap().lines().count() - 1)
        .sum();
    let count = |disposition: &str| settlement["dispositions"][disposition]["count"].as_u64().unwrap();
    assert_eq!(unpaid as u64, count("duplicate") + count("suspended") + count("rejected"));
}

#[test]
fn the_same_packages_and_the_same_night_again_change_nothing_and_say_so() {
    let city = one_day();
    let centre = Centre::of_city(city);
    let packages = city.join("packages");
    let first = centre.json(&["intake", path(&packages)]);
    let again = centre.json(&["intake", path(&packages)]);
    assert_eq!(again["received"]["packages"], 0);
    assert_eq!(again["already_received"], first["received"]["packages"]);
    let night = centre.json(&["night", "--date", DAY]);
    assert_eq!(night["changed"], true);
    let again = centre.json(&["night", "--date", DAY]);
    assert_eq!(again["changed"], false);
    assert_eq!(again["settlement"], night["settlement"]);
    // Even after the night the same bytes are known.
    let again = centre.json(&["intake", path(&packages)]);
    assert_eq!(again["received"]["packages"], 0);
    let text = centre.done(&["night", "--date", DAY]);
    assert!(text.contains("nothing changed") && text.contains("0 packages wait"), "{text}");
    let text = centre.done(&["--lang", "zh", "night", "--date", DAY]);
    assert!(text.contains("未作更改"), "{text}");
}

#[test]
fn the_steps_of_the_night_one_at_a_time_give_the_night() {
    let city = one_day();
    let whole = Centre::of_city(city);
    whole.done(&["intake", path(&city.join("packages"))]);
    whole.done(&["night", "--date", DAY]);

    let steps = Centre::of_city(city);
    steps.done(&["intake", path(&city.join("packages"))]);
    steps.refused(&["clear", "--window", DAY], 3, &["no window"]);
    assert_eq!(steps.json(&["window", "close", "--date", DAY])["changed"], true);
    assert_eq!(steps.json(&["window", "close", "--date", DAY])["changed"], false);
    steps.refused(&["settle", "--window", DAY], 4, &["clear"]);
    steps.refused(&["settlement", "show", "--window", DAY], 3, &["clear"]);
    assert_eq!(steps.json(&["clear", "--window", DAY])["changed"], true);
    assert_eq!(steps.json(&["clear", "--window", DAY])["changed"], false);
    assert_eq!(steps.json(&["settle", "--window", DAY])["state"], "settled");
    assert_eq!(steps.json(&["settle", "--window", DAY])["changed"], false);
    // The statements are still to be written, and the night does just that.
    assert_eq!(steps.json(&["night", "--date", DAY])["changed"], true);
    let show = ["settlement", "show", "--window", DAY];
    assert_eq!(steps.json(&show), whole.json(&show));
}

#[test]
fn a_night_that_stopped_is_finished_before_the_next_begins() {
    let city = three_days();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages/2026-11-23"))]);
    centre.done(&["window", "close", "--date", "2026-11-23"]);
    centre.done(&["intake", path(&city.join("packages/2026-11-24"))]);
    centre.done(&["night", "--date", "2026-11-24"]);
    let windows = centre.json(&["window", "list"]);
    let states: Vec<&str> =
        windows.as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["settled", "settled", "open"]);
    centre.refused(&["night", "--date", "2026-11-22"], 3, &["2026-11-22", "2026-11-24"]);
}
