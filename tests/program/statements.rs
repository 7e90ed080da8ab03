//! `statement` and `month`: every document tells what the ledger has, in every format, the same bytes every time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use calamine::{Data, Reader as _, Xlsx};
use serde_json::Value;

use crate::city::{month_end, one_day};
use crate::program::{Centre, path, sorted};

/// The windows of the city, by month.
const MONTHS: [(&str, [&str; 2]); 2] =
    [("2026-11", ["2026-11-29", "2026-11-30"]), ("2026-12", ["2026-12-01", "2026-12-02"])];

/// A centre whose four windows are settled, and what its operators said of the first two.
fn settled() -> Centre {
    let (city, centre) = (month_end(), Centre::of_city(month_end()));
    for (_, days) in MONTHS {
        for day in days {
            centre.done(&["intake", path(&city.join("packages").join(day))]);
            centre.done(&["night", "--date", day]);
        }
    }
    centre
}

fn fen(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// Yuan as documents write them: `1,234.50`.
fn yuan(fen: i64) -> String {
    let (whole, part) = (fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{}{text}.{part:02}", if fen < 0 { "-" } else { "" })
}

/// Credits − debits of each participant's own account over the transfers of some windows.
fn moved(centre: &Centre, days: &[&str]) -> BTreeMap<String, i64> {
    let mut moved = BTreeMap::new();
    for day in days {
        let transfers = centre.json(&["ledger", "transfers", "--window", day]);
        for transfer in list(&transfers["transfers"]) {
            for (side, sign) in [("credit", 1), ("debit", -1)] {
                let account = transfer[side].as_str().unwrap();
                let (owner, purpose) = account.rsplit_once(':').unwrap();
                if ["payable", "clearing"].contains(&purpose) {
                    *moved.entry(owner.to_owned()).or_default() += sign * fen(&transfer["amount_fen"]);
                }
            }
        }
    }
    moved
}

/// The statements of a month as JSON, by participant.
fn statements(folder: &Path, made: &Value) -> BTreeMap<String, Value> {
    let read = |it: &Value| {
        let file = list(&it["out"]).iter().find(|file| file.as_str().unwrap().ends_with(".json")).unwrap();
        let file = Path::new(file.as_str().unwrap());
        assert_eq!(file.parent().unwrap(), folder);
        let statement: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert_eq!(statement["format"], "tongclear-statement-1");
        (it["participant"].as_str().unwrap().to_owned(), statement)
    };
    list(&made["statements"]).iter().map(read).collect()
}

/// The text of a PDF, line by line.
fn text(pdf: &Path) -> String {
    let output = Command::new("pdftotext").args(["-layout", path(pdf), "-"]).output().unwrap();
    assert!(output.status.success(), "{}", pdf.display());
    String::from_utf8(output.stdout).unwrap()
}

/// The rows of a workbook's sheet whose name begins so.
fn sheet(file: &Path, name: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = calamine::open_workbook(file).unwrap();
    let name = book.sheet_names().into_iter().find(|it| it.starts_with(name)).unwrap();
    book.worksheet_range(&name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

/// One statement against the run, the export and the other formats of the same.
fn assert_told(participant: &str, statement: &Value, shows: &[Value], folder: &Path) {
    let (role, code) = participant.split_once(':').unwrap();
    let summary = &statement["summary"];
    // The figures of `settlement show`.
    let sign = if role == "merchant" { 1 } else { -1 };
    let mine = shows.iter().flat_map(|show| list(&show["merchants"])).filter(|it| it[role] == code);
    let mine: Vec<&Value> = mine.collect();
    for (figure, sign) in [("gross_fen", sign), ("load_fen", sign)] {
        let settled: i64 = mine.iter().map(|it| fen(&it[figure])).sum();
        assert_eq!(fen(&summary[figure]), sign * settled, "{participant} {figure}");
    }
    for figure in ["fee_fen", "concession_fen"] {
        let settled: i64 = mine.iter().map(|it| fen(&it[figure])).sum();
        let expected = if role == "merchant" { settled } else { 0 };
        assert_eq!(fen(&summary[figure]), expected, "{participant} {figure}");
    }
    let count: u64 = mine.iter().map(|it| it["count"].as_u64().unwrap()).sum();
    assert_eq!(summary["count"].as_u64().unwrap(), count, "{participant}");
    assert_eq!(summary["dispositions"]["accepted"]["count"], count, "{participant}");
    // Every record that was not accepted.
    let unpaid = list(&statement["unpaid"]["here"]);
    for disposition in ["duplicate", "suspended", "rejected"] {
        let listed = unpaid.iter().filter(|it| it["disposition"] == disposition).count();
        assert_eq!(summary["dispositions"][disposition]["count"], listed, "{participant} {disposition}");
    }
    // What is broken down re-adds, and names what the sector has.
    let kinds: Vec<&str> =
        list(&statement["breakdowns"]).iter().map(|it| it["kind"].as_str().unwrap()).collect();
    let expected: &[&str] = match statement["role"]["merchant"].as_str() {
        _ if count == 0 => &[],
        None => &["sector"],
        Some("bus") => &["line"],
        Some("metro") => &["line", "station"],
        Some("water" | "power" | "gas") => &["billing_period"],
        Some(_) => &["till"],
    };
    assert_eq!(kinds, expected, "{participant}");
    // The same on paper, in a workbook, as tables.
    let file = |ending: &str| {
        folder.join(format!("statement-{code}-{}.{ending}", statement["period"].as_str().unwrap()))
    };
    let closing = fen(&summary["closing_fen"]);
    let name = statement["participant"]["name"].as_str().unwrap();
    let pdf = text(&file("pdf"));
    for word in [&yuan(closing), &yuan(fen(&summary["net_fen"])), name, "期末余额", "第 1 页"] {
        assert!(pdf.contains(word), "{participant}: {word:?} is not in\n{pdf}");
    }
    let csv = std::fs::read_to_string(file("csv")).unwrap();
    assert!(csv.starts_with('\u{feff}') && csv.contains(name) && csv.contains("期末余额"), "{csv}");
    let rows = sheet(&file("xlsx"), "汇总");
    let last = rows.last().unwrap();
    let Some(Data::Float(amount)) = last.last() else { panic!("{last:?} ends with no number") };
    assert_eq!(format!("{amount:.2}"), yuan(closing).replace(',', ""), "{participant}");
    if !unpaid.is_empty() {
        let rows = sheet(&file("xlsx"), "未付");
        let serial = rows[0].iter().position(|it| it.to_string().starts_with("卡号")).unwrap();
        for (row, record) in rows[1..].iter().zip(unpaid) {
            assert_eq!(row[serial], Data::String(record["card"].as_str().unwrap().to_owned()));
            assert_eq!(row[serial].to_string().len(), 20);
        }
        assert_eq!(rows.len(), 1 + unpaid.len() + 1);
    }
}

#[test]
fn statements_re_add_to_the_ledger_month_after_month() {
    let centre = settled();
    let mut open: BTreeMap<String, i64> = BTreeMap::new();
    let mut sectors = BTreeSet::new();
    for (month, days) in MONTHS {
        let folder = centre.dir.path().join(month);
        let made = centre.json(&["statement", "--all", "--month", month, "--out", path(&folder)]);
        let statements = statements(&folder, &made);
        assert_eq!(sorted(&folder).len(), statements.len() * 4);
        let shows = days.map(|day| centre.json(&["settlement", "show", "--window", day]));
        let moved = moved(&centre, &days);
        for (participant, statement) in &statements {
            let summary = &statement["summary"];
            let opening = open.get(participant).copied().unwrap_or_default();
            let net = moved.get(participant).copied().unwrap_or_default();
            assert_eq!(fen(&summary["opening_fen"]), opening, "{participant} {month}");
            assert_eq!(fen(&summary["net_fen"]), net, "{participant} {month}");
            assert_eq!(fen(&summary["closing_fen"]), opening + net, "{participant} {month}");
            assert_told(participant, statement, &shows, &folder);
            open.insert(participant.clone(), opening + net);
            sectors.insert(statement["role"].to_string());
            for position in list(&statement["positions"]) {
                let to_pay = fen(&position["payable_fen"]) != 0;
                let date = position["value_date"].as_str().unwrap().replace('-', "");
                let (_, code) = participant.split_once(':').unwrap();
                let reference = position["reference"].as_str().unwrap_or_default();
                // A merchant's is that of the payment which pays it, and there is none yet.
                let owes = to_pay && !participant.starts_with("merchant:");
                assert_eq!(owes, reference.ends_with(&format!("-{code}-{date}")), "{position}");
                let state = position["state"].as_str().unwrap();
                assert_eq!(state, if to_pay { "due" } else { "carried" }, "{position}");
            }
        }
        // Everybody with money has a statement, sponsors aside.
        for owner in moved.keys().filter(|it| !it.starts_with("sponsor:")) {
            assert!(statements.contains_key(owner), "{owner}");
        }
    }
    let balances = centre.json(&["ledger", "balances"]);
    for account in list(&balances["accounts"]) {
        let (owner, purpose) = account["account"].as_str().unwrap().rsplit_once(':').unwrap();
        if let Some(closing) = open.get(owner).filter(|_| ["payable", "clearing"].contains(&purpose)) {
            assert_eq!(*closing, fen(&account["balance_fen"]), "{owner}");
        }
    }
    assert_eq!(sectors.len(), 8, "seven sectors and the operators: {sectors:?}");
}

#[test]
fn the_same_figures_give_the_same_bytes_and_a_window_opens_where_the_last_one_closed() {
    let centre = settled();
    let merchant = centre.json(&["settlement", "show", "--window", "2026-11-30"])["merchants"][0]["merchant"]
        .as_str()
        .unwrap()
        .to_owned();
    let write = |period: [&str; 2], name: &str| {
        let file = centre.dir.path().join(name);
        centre.done(&["statement", "--merchant", &merchant, period[0], period[1], "--out", path(&file)]);
        std::fs::read(file).unwrap()
    };
    for ending in ["pdf", "xlsx", "csv", "json"] {
        for period in [["--month", "2026-11"], ["--window", "2026-12-01"]] {
            let [first, second] = ["a", "b"].map(|name| write(period, &format!("{name}.{ending}")));
            assert!(first == second, "{ending} of {period:?} differs");
        }
        let report = |name: &str| {
            let file = centre.dir.path().join(format!("{name}.{ending}"));
            centre.done(&["month", "--month", "2026-12", "--out", path(&file)]);
            std::fs::read(file).unwrap()
        };
        assert!(report("c") == report("d"), "{ending} of the month differs");
    }
    let mut open = 0;
    for day in MONTHS.iter().flat_map(|(_, days)| days) {
        let statement: Value = serde_json::from_slice(&write(["--window", day], "day.json")).unwrap();
        assert_eq!(fen(&statement["summary"]["opening_fen"]), open, "{day}");
        open = fen(&statement["summary"]["closing_fen"]);
        assert!(list(&statement["days"]).is_empty());
    }
    let json = write(["--month", "2026-12"], "month.json");
    let statement: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(fen(&statement["summary"]["closing_fen"]), open);
}

#[test]
fn the_months_report_adds_up_what_the_windows_came_to() {
    let centre = settled();
    for day in MONTHS.iter().flat_map(|(_, days)| days) {
        centre.done(&["reconcile", "--date", day]);
    }
    let folder = centre.dir.path();
    let file = |ending: &str| folder.join(format!("november.{ending}"));
    for ending in ["pdf", "xlsx", "csv", "json"] {
        let made = centre.json(&["month", "--month", "2026-11", "--out", path(&file(ending))]);
        assert_eq!(made["windows"], 2);
    }
    let report: Value = serde_json::from_slice(&std::fs::read(file("json")).unwrap()).unwrap();
    let shows = MONTHS[0].1.map(|day| centre.json(&["settlement", "show", "--window", day]));
    for figure in ["gross_fen", "fee_fen", "concession_fen", "load_fen"] {
        let settled = shows.iter().flat_map(|it| list(&it["merchants"])).map(|it| fen(&it[figure]));
        assert_eq!(fen(&report[figure]), settled.sum::<i64>(), "{figure}");
        for part in ["days", "operators", "sectors"] {
            let sum: i64 = list(&report[part]).iter().map(|it| fen(&it[figure])).sum();
            assert_eq!(sum, fen(&report[figure]), "{part} {figure}");
        }
    }
    assert!(fen(&report["fee_fen"]) > 0);
    for disposition in ["accepted", "duplicate", "suspended", "rejected"] {
        let settled: u64 =
            shows.iter().map(|it| it["dispositions"][disposition]["count"].as_u64().unwrap()).sum();
        assert_eq!(report["dispositions"][disposition]["count"], settled, "{disposition}");
    }
    // Open items as the last run of November left them.
    let runs = centre.json(&["reconcile", "list"]);
    assert!(!list(&report["open_items"]).is_empty());
    for items in list(&report["open_items"]) {
        let mine =
            |it: &&Value| it["operator"] == items["operator"]["code"] && it["business_date"] == "2026-11-30";
        let run = list(&runs).iter().rfind(mine).unwrap();
        let open = |side: &str| run[side]["count"].as_u64().unwrap();
        assert_eq!(items["closing"]["count"], open("ours_only") + open("theirs_only"));
        assert_eq!(items["breaks"]["count"], run["breaks"]);
        assert_eq!(items["opening"]["count"], 0);
    }
    let due: u64 = list(&report["payouts"]).iter().map(|it| it["count"].as_u64().unwrap()).sum();
    assert!(due > 0 && list(&report["payouts"])[0]["state"] == "due", "{}", report["payouts"]);
    let pdf = text(&file("pdf"));
    for word in [&yuan(fen(&report["fee_fen"])), "月度清算报告", "手续费收入", "未达账项"] {
        assert!(pdf.contains(word), "{word:?} is not in\n{pdf}");
    }
    let rows = sheet(&file("xlsx"), "每日");
    assert_eq!(rows.len(), 1 + 2 + 1);
    assert!(rows[1].iter().skip(1).all(|it| matches!(it, Data::Float(_))), "{:?}", rows[1]);
}

#[test]
fn what_cannot_be_told_yet_is_named() {
    let centre = Centre::of_city(one_day());
    let out = centre.dir.path().join("out.json");
    let out = path(&out);
    let month = ["month", "--month", "2026-11", "--out", out];
    centre.refused(&month, 3, &["2026-11 has no window"]);
    centre.done(&["intake", path(&one_day().join("packages"))]);
    centre.done(&["night", "--date", "2026-11-23"]);
    centre.done(&["window", "close", "--date", "2026-11-24"]);
    centre.done(&["window", "close", "--date", "2026-11-25"]);
    let all = ["statement", "--all", "--month", "2026-11", "--format", "json", "--out", out];
    let bus = ["statement", "--merchant", "BUS00001", "--month", "2026-11", "--out", out];
    for arguments in [&month[..], &all, &bus] {
        centre.refused(arguments, 4, &["2026-11-24, 2026-11-25 of 2026-11 are not settled", "--so-far"]);
    }
    assert!(!Path::new(out).exists());
    let today = ["statement", "--merchant", "BUS00001", "--window", "2026-11-24", "--out", out];
    centre.refused(&today, 4, &["window 2026-11-24 is not settled"]);
    for arguments in [&month[..], &bus] {
        centre.done(&[arguments, &["--so-far"]].concat());
        let made: Value = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
        assert_eq!(list(&made["days"]).len(), 1);
        assert_eq!(made["made_on"], "2026-11-23");
    }
    let window = ["--window", "2026-11-23"];
    let of = |who: [&'static str; 2]| [&["statement"], &who[..], &window, &["--out", out]].concat();
    centre.refused(&of(["--merchant", "NOBODY01"]), 3, &["NOBODY01 has no statement for 2026-11-23"]);
    centre.refused(&of(["--operator", "9999"]), 3, &["operator:9999 has no statement"]);
    centre.refused(&of(["--merchant", "GOV00001"]), 3, &["GOV00001 has no statement"]);
    let absent = ["statement", "--merchant", "BUS00001", "--window", "2026-11-30", "--out", out];
    centre.refused(&absent, 3, &["no window 2026-11-30"]);
    let unnamed = ["statement", "--merchant", "BUS00001", "--window", "2026-11-23", "--out", "bus"];
    centre.refused(&unnamed, 2, &["--format"]);
    let pdf = [&unnamed[..], &["--format", "pdf", "--font"]].concat();
    centre.refused(&[&pdf[..], &["/nowhere/font.ttf"]].concat(), 2, &["/nowhere/font.ttf"]);
    let keys = one_day().join("keys.toml");
    centre.refused(&[&pdf[..], &[path(&keys)]].concat(), 3, &["keys.toml", "no TrueType"]);
    centre.refused(&["statement", "--all", "--merchant", "BUS00001", "--out", out], 2, &["--all"]);
}

#[test]
fn what_lies_in_the_vault_otherwise_than_recorded_is_no_statement() {
    let centre = Centre::of_city(one_day());
    centre.done(&["intake", path(&one_day().join("packages"))]);
    centre.done(&["night", "--date", "2026-11-23"]);
    let out = centre.dir.path().join("bus.csv");
    let statement = ["statement", "--merchant", "BUS00001", "--window", "2026-11-23", "--out", path(&out)];
    centre.done(&statement);
    std::fs::remove_file(&out).unwrap();
    let collector = sorted(&centre.data().join("vault/packages/BUS00001")).remove(0);
    let package = sorted(&collector).remove(0);
    let mut bytes = std::fs::read(&package).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&package, bytes).unwrap();
    centre.refused(&statement, 5, &["damaged", ".ctp"]);
    assert!(!out.exists());
}
