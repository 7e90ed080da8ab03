//! Payouts: settled money leaves once, what the bank sends back is paid again, and books and bank agree in the end.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tongclear_store::cut;
use tongclear_test_postgres::Cluster;

use crate::check::{found, tamper};
use crate::city::{DAY, small_town};
use crate::portal::server::{add_person, as_person};
use crate::program::{Centre, path};

/// The business day after [`DAY`], on which most of its money moves.
const FIRST: &str = "2026-11-24";
/// The day after.
const SECOND: &str = "2026-11-25";
const ACCOUNT: &str = "6221000000000000000";

/// A centre that has settled its first day.
fn settled(centre: Centre) -> Centre {
    let centre = centre.knows(small_town());
    centre.done(&["intake", path(&small_town().join("packages").join(DAY))]);
    centre.done(&["night", "--date", DAY]);
    centre
}

fn file(centre: &Centre, name: &str) -> PathBuf {
    centre.dir.path().join(name)
}

fn fen(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn list<'a>(value: &'a Value, field: &str) -> &'a Vec<Value> {
    value[field].as_array().unwrap_or_else(|| panic!("{field} is not in {value:#}"))
}

/// Makes a payout; its order's file and result.
fn create(centre: &Centre, value_date: &str) -> (PathBuf, Value) {
    let out = file(centre, &format!("pain-{value_date}.xml"));
    let made = centre.json(&["payout", "create", "--value-date", value_date, "--out", path(&out)]);
    (out, made)
}

/// What the virtual bank makes of an order.
fn bank(centre: &Centre, order: &Path, name: &str, twists: &[&str]) -> PathBuf {
    let out = file(centre, name);
    centre.done(&[&["virtual-bank", "--payout", path(order), "--out", path(&out)], twists].concat());
    out
}

fn payments(centre: &Centre, value_date: &str) -> Vec<Value> {
    list(&centre.json(&["payout", "show", "--value-date", value_date]), "payments").clone()
}

fn holds(centre: &Centre) {
    let (kinds, report) = found(centre);
    assert_eq!(kinds, Vec::<String>::new(), "{report:#}");
}

/// Balance of an account: what entered it less what left it.
fn balance(centre: &Centre, account: &str) -> i64 {
    let balances = centre.json(&["ledger", "balances"]);
    let found = list(&balances, "accounts").iter().find(|it| it["account"] == account).cloned();
    found.map_or(0, |it| fen(&it["balance_fen"]))
}

fn state(centre: &Centre) -> String {
    let windows = centre.json(&["window", "list"]);
    let window = windows.as_array().unwrap_or_else(|| list(&windows, "windows"));
    let window = window.iter().find(|it| it["date"] == DAY || it["window"] == DAY);
    window.unwrap_or_else(|| panic!("{windows:#}"))["state"].as_str().unwrap().to_owned()
}

/// The whole way, the same on either database: returned and short payments are paid again, and the window is paid when
/// nothing of it is left.
fn whole_way(centre: &Centre) -> Vec<Value> {
    let settlement = centre.json(&["settlement", "show", "--window", DAY]);
    assert_eq!(settlement["state"], "settled");
    let (order, made) = create(centre, FIRST);
    assert_eq!((made["created"].as_bool(), list(&made, "held").len()), (Some(true), 0), "{made:#}");
    assert!(list(&made, "checks").iter().all(|it| it["check"]["holds"] == true), "{made:#}");
    let names: Vec<&str> =
        list(&made, "checks").iter().map(|it| it["check"]["name"].as_str().unwrap()).collect();
    for name in [
        "control totals",
        "ledger sums to zero",
        "no approval is open",
        "payments re-add",
        "the ledger covers each payment",
    ] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    holds(centre);
    let sent = payments(centre, FIRST);
    assert!(sent.len() >= 4, "{sent:#?}");
    let sum: i64 = sent.iter().map(|it| fen(&it["amount_fen"])).sum();
    assert_eq!((fen(&made["amount_fen"]), balance(centre, "centre:bank")), (sum, sum));
    assert!(sent.iter().all(|it| it["state"] == "sent"));

    // The same date again is the same order, byte for byte.
    let bytes = std::fs::read(&order).unwrap();
    let (again, second) = create(centre, FIRST);
    assert_eq!(second["created"], false);
    assert_eq!(std::fs::read(again).unwrap(), bytes);

    let reference = |at: usize| sent[at]["reference"].as_str().unwrap();
    let amount = |at: usize| fen(&sent[at]["amount_fen"]);
    let owed = centre.json(&["payout", "collections"]);
    let owed = list(&owed, "collections");
    // A card operator whose cards were loaded more than they bought is owed money.
    let owing = owed.iter().find(|it| fen(&it["owed_fen"]) > 1).unwrap();
    let (payer, part) = (owing["reference"].as_str().unwrap(), fen(&owing["owed_fen"]) - 1);
    let returned = format!("{}=AC04", reference(0));
    let rejected = format!("{}=AM05", reference(1));
    let short = format!("{}={}", reference(2), amount(2) - 10);
    let collected = format!("{payer}={part}");
    let twists = [
        "--return",
        &returned,
        "--reject",
        &rejected,
        "--short",
        &short,
        "--miss",
        reference(3),
        "--collect",
        &collected,
        "--collect",
        "利息=77",
    ];
    let statement = bank(centre, &order, "camt-1.xml", &twists);
    let confirmed = centre.json(&["payout", "confirm", path(&statement)]);
    assert_eq!(confirmed["changed"], true);
    let of = |at: usize| {
        let all = payments(centre, FIRST);
        (
            all[at]["state"].as_str().unwrap().to_owned(),
            fen(&all[at]["returned_fen"]),
            all[at]["reason"].clone(),
        )
    };
    assert_eq!(of(0), ("returned".to_owned(), amount(0), "AC04".into()));
    assert_eq!(of(1), ("rejected".to_owned(), amount(1), "AM05".into()));
    assert_eq!(of(2), ("short".to_owned(), 10, Value::Null));
    assert_eq!(of(3), ("sent".to_owned(), 0, Value::Null));
    assert!((4..sent.len()).all(|at| of(at).0 == "paid"));
    let unknown = list(&confirmed, "unknown");
    assert_eq!((unknown.len(), fen(&unknown[0]["amount_fen"])), (1, 77));
    let collection = list(&confirmed, "collections").iter().find(|it| it["reference"] == payer).unwrap();
    assert_eq!((collection["state"].as_str(), fen(&collection["open_fen"])), (Some("partial"), 1));
    // What left the bank by its own statement, but for what is not ordered and what it has not said yet.
    let out = sum - amount(0) - amount(1) - 10;
    assert_eq!(balance(centre, "centre:bank"), out - part);
    assert_eq!(state(centre), "settled");
    holds(centre);

    // The statement again, and its entries in another statement, change nothing.
    let before = centre.json(&["audit", "list"]);
    assert_eq!(centre.json(&["payout", "confirm", path(&statement)])["changed"], false);
    let renamed =
        String::from_utf8(std::fs::read(&statement).unwrap()).unwrap().replace("<MsgId>", "<MsgId>X");
    let overlap = file(centre, "overlap.xml");
    std::fs::write(&overlap, renamed).unwrap();
    let seen = centre.json(&["payout", "confirm", path(&overlap)]);
    assert_eq!((seen["changed"].as_bool(), &seen["statements"][0]["new"]), (Some(false), &0.into()));
    assert_eq!(centre.json(&["audit", "list"]), before);

    // What came back is paid with what is due by then.
    let (order, made) = create(centre, SECOND);
    let next = payments(centre, SECOND);
    for (at, before) in sent.iter().take(3).enumerate() {
        let again = next.iter().find(|it| it["merchant"] == before["merchant"]).unwrap();
        assert!(fen(&again["amount_fen"]) >= of(at).1, "{again:#} after {before:#}");
    }
    holds(centre);
    let missing = [&["--date", SECOND][..]].concat();
    let statement = bank(centre, &order, "camt-2.xml", &missing);
    centre.done(&["payout", "confirm", path(&statement)]);
    assert_eq!(state(centre), "settled", "one payment is still unconfirmed: {made:#}");
    // The bank tells of the payment that it had left out.
    let first = file(centre, "pain-2026-11-24.xml");
    let late = bank(centre, &first, "camt-3.xml", &[]);
    let told = centre.json(&["payout", "confirm", path(&late)]);
    assert_eq!(told["changed"], true);
    holds(centre);
    payments(centre, SECOND)
}

#[test]
fn what_comes_back_is_paid_again_until_books_and_bank_agree() {
    let centre = settled(Centre::absent());
    whole_way(&centre);
    for (lang, words) in [("en", "value date"), ("zh", "起息日")] {
        let text = centre.done(&["--lang", lang, "payout", "list"]);
        assert!(text.contains(words) && text.contains(FIRST) && text.contains("利息"), "{text}");
        let text = centre.done(&["--lang", lang, "payout", "show", "--value-date", FIRST]);
        assert!(text.contains("AC04") && text.contains("CDT-"), "{text}");
        let text = centre.done(&["--lang", lang, "payout", "collections"]);
        assert!(text.contains("operator:"), "{text}");
    }
    let csv = file(&centre, "owed.csv");
    let json = centre.json(&["payout", "collections", "--due", FIRST, "--out", path(&csv)]);
    let lines = std::fs::read_to_string(csv).unwrap().lines().count();
    assert_eq!(lines, list(&json, "collections").len() + 1);
}

#[test]
fn a_statement_tells_what_the_bank_made_of_each_payment() {
    let centre = settled(Centre::absent());
    let (order, _) = create(&centre, FIRST);
    let sent = payments(&centre, FIRST);
    let reference = |at: usize| sent[at]["reference"].as_str().unwrap();
    let ordered = |at: usize| fen(&sent[at]["amount_fen"]);
    let (returned, short) =
        (format!("{}=AC04", reference(0)), format!("{}={}", reference(1), ordered(1) - 10));
    let statement = bank(&centre, &order, "camt.xml", &["--return", &returned, "--short", &short]);
    centre.done(&["payout", "confirm", path(&statement)]);
    for (at, state, paid) in [(0, "rejected", 0), (1, "differs", ordered(1) - 10), (2, "paid", ordered(2))] {
        let out = file(&centre, "statement.json");
        let merchant = sent[at]["merchant"].as_str().unwrap();
        let month = ["statement", "--merchant", merchant, "--month", &DAY[..7], "--so-far"];
        centre.done(&[&month[..], &["--out", path(&out)]].concat());
        let told: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
        let positions = list(&told, "positions").iter().filter(|it| it["reference"] == reference(at));
        let of_payment: Vec<&Value> = positions.collect();
        let sum: i64 = of_payment.iter().map(|it| fen(&it["payable_fen"])).sum();
        assert_eq!(sum, ordered(at), "{told:#}");
        assert!(of_payment.iter().all(|it| it["state"] == state), "{told:#}");
        let payout = &list(&told, "payouts")[0];
        assert_eq!(
            (payout["reference"].as_str(), payout["state"].as_str(), fen(&payout["paid_fen"])),
            (Some(reference(at)), Some(state), paid)
        );
        assert_eq!(fen(&told["summary"]["payouts_fen"]), paid);
        let due = list(&told, "positions").iter().filter(|it| it["reference"].is_null());
        assert!(due.clone().all(|it| it["state"] != "paid"), "{told:#}");
    }
    holds(&centre);
}

#[test]
fn both_databases_pay_the_same() {
    let sqlite = whole_way(&settled(Centre::absent()));
    let postgres = whole_way(&settled(Centre::absent_on(Cluster::shared().database())));
    assert_eq!(sqlite, postgres);
}

/// When all is paid and confirmed, the window is paid.
#[test]
fn a_window_is_paid_when_nothing_of_it_is_left() {
    let centre = settled(Centre::absent());
    let positions = centre.json(&["settlement", "positions", "--window", DAY]);
    let positions = positions.as_array().unwrap_or_else(|| list(&positions, "positions"));
    let mut dates: Vec<&str> = positions.iter().map(|it| it["value_date"].as_str().unwrap()).collect();
    dates.sort_unstable();
    let last = (*dates.last().unwrap()).to_owned();
    let (order, _) = create(&centre, &last);
    assert_eq!(state(&centre), "settled");
    let statement = bank(&centre, &order, "camt.xml", &[]);
    let confirmed = centre.json(&["payout", "confirm", path(&statement)]);
    assert_eq!(list(&confirmed, "paid_windows"), &[Value::from(DAY)]);
    assert_eq!(state(&centre), "paid");
    holds(&centre);
    let nothing = centre.json(&["payout", "create", "--value-date", "2026-12-31"]);
    assert_eq!((nothing["created"].as_bool(), fen(&nothing["payments"])), (Some(false), 0));
}

#[test]
fn dates_accounts_and_files_that_do_not_fit_change_nothing() {
    let centre = settled(Centre::absent());
    centre.refused(
        &["payout", "create", "--value-date", "2026-11-28"],
        3,
        &["2026-11-28", "next business day is 2026-11-30"],
    );
    centre.refused(&["payout", "create", "--value-date", "2026-11-20"], 3, &["2026-11-20", DAY]);
    centre.refused(&["payout", "show", "--value-date", FIRST], 3, &["no payout", "payout list"]);
    let (order, _) = create(&centre, FIRST);
    let statement = std::fs::read_to_string(bank(&centre, &order, "camt.xml", &[])).unwrap();
    let before = centre.json(&["audit", "list"]);
    let end = "</Document>";
    let refused = [
        (
            "another account",
            statement.replace(ACCOUNT, "6221999999999999999"),
            vec![ACCOUNT, "6221999999999999999"],
        ),
        ("no XML", "camt".to_owned(), vec!["statement"]),
        ("cut short", statement.replace(end, ""), vec!["statement"]),
        ("a DOCTYPE", statement.replacen("<Document", "<!DOCTYPE x><Document", 1), vec!["statement"]),
        ("not added up", statement.replacen("CRDT", "DBIT", 1), vec!["statement"]),
        ("an order", std::fs::read_to_string(&order).unwrap(), vec!["statement"]),
    ];
    for (what, text, words) in refused {
        let bad = file(&centre, "bad.xml");
        std::fs::write(&bad, text).unwrap();
        println!("{what}");
        centre.refused(&["payout", "confirm", path(&bad)], 3, &words);
    }
    centre.refused(&["payout", "confirm", "nowhere.xml"], 2, &["nowhere.xml"]);
    assert_eq!(centre.json(&["audit", "list"]), before);
    holds(&centre);
}

/// A check that fails stops the payout, and says which figures disagree.
#[test]
fn nothing_leaves_when_a_figure_disagrees() {
    let centre = settled(Centre::absent());
    tamper(
        &centre,
        &["UPDATE balances SET credits_fen = credits_fen + 1 WHERE account = 'merchant:BUS00001:payable'"],
    );
    centre.refused(
        &["payout", "create", "--value-date", FIRST],
        4,
        &["ledger sums to zero", "all debits are", "all credits are", "disagree"],
    );
    let list = centre.json(&["payout", "list"]);
    assert_eq!(list["payouts"].as_array().unwrap().len(), 0);
}

/// A merchant without an account is not paid and named; its money goes out when it has one.
#[test]
fn who_has_no_account_is_listed_and_paid_later() {
    let centre = settled(Centre::absent());
    let folder = file(&centre, "registry");
    crate::program::copy_folder(&small_town().join("registry"), &folder);
    let toml = std::fs::read_to_string(folder.join("registry.toml")).unwrap();
    let without = toml.replace("account = \"6222000000000000001\"\n", "");
    assert_ne!(toml, without);
    std::fs::write(folder.join("registry.toml"), &without).unwrap();
    centre.done(&["registry", "load", path(&folder)]);
    let (_, made) = create(&centre, FIRST);
    let held = list(&made, "held");
    assert_eq!((held.len(), held[0]["missing"].as_str()), (1, Some("account")), "{made:#}");
    std::fs::write(folder.join("registry.toml"), toml.replace(&format!("account = \"{ACCOUNT}\"\n"), ""))
        .unwrap();
    centre.done(&["registry", "load", path(&folder)]);
    centre.refused(
        &["payout", "create", "--value-date", SECOND],
        3,
        &["[centre] has no account", "registry load"],
    );
    centre.done(&["registry", "load", path(&small_town().join("registry"))]);
    create(&centre, SECOND);
    let paid = payments(&centre, SECOND);
    let paid = paid.iter().find(|it| it["merchant"] == held[0]["merchant"]).unwrap();
    assert!(fen(&paid["amount_fen"]) >= fen(&held[0]["amount_fen"]));
    holds(&centre);
}

/// What does not depend on when it was done.
fn shown(centre: &Centre) -> (Vec<Value>, Value, Value) {
    let payments = payments(centre, FIRST);
    (payments, centre.json(&["payout", "collections"]), centre.json(&["ledger", "balances"]))
}

#[test]
fn cut_off_anywhere_nothing_is_half_done() {
    let original = settled(Centre::absent());
    let steps = |centre: &Centre| {
        let (order, statement) = (file(centre, "pain.xml"), file(centre, "camt.xml"));
        let (order, statement) = (path(&order).to_owned(), path(&statement).to_owned());
        let text = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        [
            text(&["payout", "create", "--value-date", FIRST, "--out", &order]),
            text(&[
                "virtual-bank",
                "--payout",
                &order,
                "--out",
                &statement,
                "--return",
                "CDT-BUS00001-20261124=AC04",
            ]),
            text(&["payout", "confirm", &statement]),
        ]
    };
    let run = |place: Option<&str>| {
        let centre = Centre::copy_of(&original.data());
        let mut cuts = 0;
        for step in steps(&centre) {
            let step: Vec<&str> = step.iter().map(String::as_str).collect();
            if let Some(place) = place {
                let mut command = centre.command(&step);
                let ended = command
                    .env(cut::VARIABLE, format!("{place}:1"))
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status()
                    .unwrap();
                if !ended.success() {
                    cuts += 1;
                    // Whatever was there before is there whole, or nothing of it is.
                    holds(&centre);
                }
            }
            centre.done(&step);
        }
        assert_eq!(cuts, u32::from(place.is_some()), "{place:?} is passed once");
        holds(&centre);
        shown(&centre)
    };
    let undisturbed = run(None);
    for place in cut::PLACES.iter().filter(|it| it.starts_with("payout.") || it.starts_with("bank.")) {
        println!("{place}");
        assert_eq!(run(Some(place)), undisturbed, "{place}");
    }
}

/// Every kind of tampering with what payouts keep is named.
#[test]
fn tampering_is_named() {
    let original = settled(Centre::absent());
    let (order, _) = create(&original, FIRST);
    let twists = ["--return", "CDT-BUS00001-20261124=AC04", "--collect", "利息=5"];
    let statement = bank(&original, &order, "camt.xml", &twists);
    original.done(&["payout", "confirm", path(&statement)]);
    create(&original, SECOND);
    holds(&original);
    let table: &[(&str, &str)] = &[
        ("UPDATE payouts SET amount_fen = amount_fen + 1 WHERE value_date = '2026-11-24'", "payout_differs"),
        ("UPDATE payouts SET payments = payments + 1 WHERE value_date = '2026-11-24'", "payout_differs"),
        ("UPDATE payouts SET file_digest = 'a' || substr(file_digest, 2)", "bank_file_altered"),
        ("UPDATE payments SET amount_fen = amount_fen + 1 WHERE merchant = 'BUS00001'", "payout_differs"),
        ("UPDATE payments SET merchant = 'SHOP0009' WHERE merchant = 'BUS00001'", "payout_differs"),
        (
            "UPDATE payment_items SET amount_fen = amount_fen + 1 WHERE merchant = 'BUS00001'",
            "payout_differs",
        ),
        (
            "UPDATE payment_items SET window_date = '2026-11-22' WHERE merchant = 'BUS00001' AND returned IS NULL",
            "payout_differs",
        ),
        ("DELETE FROM payment_items WHERE merchant = 'METRO001'", "payout_differs"),
        ("DELETE FROM payments WHERE value_date = '2026-11-25'", "payout_differs"),
        ("DELETE FROM payouts WHERE value_date = '2026-11-25'", "payout_differs"),
        ("UPDATE bank_files SET digest = 'a' || substr(digest, 2)", "bank_file_altered"),
        ("UPDATE bank_files SET size_bytes = size_bytes + 1", "bank_file_altered"),
        ("UPDATE bank_files SET message = 'another'", "bank_entry_differs"),
        ("UPDATE bank_statements SET closing_fen = closing_fen + 1", "bank_entry_differs"),
        ("DELETE FROM bank_statements", "bank_entry_differs"),
        ("UPDATE bank_entries SET amount_fen = amount_fen - 1 WHERE entry = 1", "bank_entry_differs"),
        ("UPDATE bank_entries SET movement = 'rejected' WHERE movement = 'returned'", "bank_entry_differs"),
        ("UPDATE bank_entries SET reason = 'AC01' WHERE movement = 'returned'", "bank_entry_differs"),
        ("UPDATE bank_entries SET reference = NULL WHERE movement = 'returned'", "bank_entry_differs"),
        ("DELETE FROM bank_entries WHERE names LIKE '%利息%'", "bank_entry_differs"),
        ("DELETE FROM bank_entries WHERE movement = 'returned'", "transfer_unexpected"),
        ("UPDATE windows SET state = 'paid' WHERE state = 'settled'", "window_state"),
    ];
    for (statement, kind) in table {
        let centre = Centre::copy_of(&original.data());
        tamper(&centre, &[statement]);
        let (kinds, report) = found(&centre);
        assert!(kinds.iter().any(|it| it == kind), "{statement}: {kind} is not in {kinds:?}\n{report:#}");
    }
    for folder in ["payouts/2026-11-24/pain.001.xml", "bank"] {
        let centre = Centre::copy_of(&original.data());
        let place = centre.data().join("vault").join(folder);
        let place = if place.is_dir() { crate::program::sorted(&place).remove(0) } else { place };
        std::fs::write(&place, "something else").unwrap();
        assert_eq!(found(&centre).0, ["bank_file_altered"], "{folder}");
        std::fs::remove_file(&place).unwrap();
        assert_eq!(found(&centre).0, ["bank_file_altered"], "{folder}");
    }
}

/// One proposes, another approves, and the payout is made then; an open proposal stops every other payout.
#[test]
fn two_people_pay_when_the_centre_demands_it() {
    let centre = settled(Centre::absent());
    for (name, role) in [("wang", "clerk"), ("li", "approver")] {
        add_person(&centre, name, role, None);
    }
    centre.done(&["proposal", "require", "payout"]);
    let as_person = |name: &str, arguments: &[&str]| as_person(&centre, name, arguments);
    let ask = ["payout", "create", "--value-date", FIRST];
    centre.refused(&ask, 3, &["named person"]);
    let proposed = as_person("wang", &ask);
    assert_eq!(proposed.code, 0, "{}", proposed.err);
    assert!(proposed.out.contains("\"open\""), "{}", proposed.out);
    assert_eq!(list(&centre.json(&["payout", "list"]), "payouts").len(), 0);
    let second = as_person("wang", &["payout", "create", "--value-date", SECOND]);
    assert_eq!(second.code, 4, "{}{}", second.out, second.err);
    assert!(second.err.contains("open approvals: 1, allowed: 0"), "{}", second.err);
    let own = as_person("wang", &["proposal", "approve", "1"]);
    assert_eq!(own.code, 3, "{}", own.err);
    let approved = as_person("li", &["proposal", "approve", "1"]);
    assert_eq!(approved.code, 0, "{}{}", approved.out, approved.err);
    assert!(!payments(&centre, FIRST).is_empty());
    holds(&centre);
    // What was made already waits for nobody.
    let again = as_person("wang", &ask);
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(again.out.contains("\"created\": false"), "{}", again.out);
}
