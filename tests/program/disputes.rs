//! Disputes from end to end: two people decide, the next night carries it out, and everything re-adds; what was decided comes
//! again and is known.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tongclear_mac::KeyFile;
use tongclear_package::{PackageHeaderFields, PackageView, file_name, write_package};
use tongclear_store::cut;
use tongclear_types::{CollectorId, PackageSequence, TransactionRecord};

use crate::check::{found, tamper};
use crate::city::{DAY, small_town, three_days};
use crate::portal::server::{add_person, done_as, refused_as};
use crate::program::{Centre, path, sorted};

const NEXT: &str = "2026-11-24";
const THIRD: &str = "2026-11-25";

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn fen(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Takes a day of a city in and settles it.
fn night(centre: &Centre, city: &Path, day: &str) {
    centre.done(&["intake", path(&city.join("packages").join(day))]);
    centre.done(&["night", "--date", day]);
}

/// The town's first day settled, with a clerk and two approvers.
fn after_one_day() -> Centre {
    let centre = Centre::of_city(small_town());
    for (name, role) in [("wang", "clerk"), ("li", "approver"), ("chen", "approver")] {
        add_person(&centre, name, role, None);
    }
    night(&centre, small_town(), DAY);
    centre
}

/// Proposes as Wang; the proposal's number.
#[track_caller]
fn propose(centre: &Centre, reference: &str, what: &[&str]) -> String {
    let arguments = [&["dispute", "decide", reference, "--reason", "seen with the depot"], what].concat();
    done_as(centre, "wang", &arguments)["proposal"].to_string()
}

/// Wang proposes, Li approves.
#[track_caller]
fn decide(centre: &Centre, reference: &str, what: &[&str]) {
    let proposal = propose(centre, reference, what);
    done_as(centre, "li", &["proposal", "approve", &proposal]);
}

/// References of the work list that can be paid: not those that lack a contract, nor nothing.
fn payable(centre: &Centre) -> Vec<(String, i64)> {
    let list = centre.json(&["dispute", "list"]);
    let items = list.as_array().unwrap().iter();
    let payable = items.filter(|it| it["reason"] != "no_contract" && fen(&it["amount_fen"]) > 1);
    payable.map(|it| (text(&it["reference"]).to_owned(), fen(&it["amount_fen"]))).collect()
}

/// Transfers of a window that refer to something, as `code debit credit amount` by reference.
fn referring(centre: &Centre, window: &str) -> BTreeMap<String, Vec<String>> {
    let transfers = centre.json(&["ledger", "transfers", "--window", window]);
    let mut by_reference: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for it in transfers["transfers"].as_array().unwrap() {
        if let Some(reference) = it["reference"].as_str() {
            let kind = |account: &Value| {
                let parts: Vec<&str> = text(account).split(':').collect();
                format!("{}:{}", parts[0], parts[parts.len() - 1])
            };
            let line = format!(
                "{} {} {} {}",
                text(&it["code"]),
                kind(&it["debit"]),
                kind(&it["credit"]),
                fen(&it["amount_fen"])
            );
            by_reference.entry(reference.to_owned()).or_default().push(line);
        }
    }
    by_reference.values_mut().for_each(|lines| lines.sort());
    by_reference
}

/// The record that a reference names, out of the centre's vault, with what its package says of itself.
fn record(centre: &Centre, reference: &str) -> (PackageHeaderFields, TransactionRecord) {
    let [collector, sequence, row] = reference.split('-').collect::<Vec<_>>().try_into().unwrap();
    let collector: CollectorId = collector.parse().unwrap();
    let name = file_name(collector, PackageSequence(sequence.parse().unwrap()));
    let name = name.split_once('-').unwrap().1;
    let merchants = sorted(&centre.data().join("vault/packages")).into_iter();
    let file = merchants.map(|it| it.join(collector.to_string()).join(name)).find(|it| it.exists());
    let bytes = std::fs::read(file.unwrap()).unwrap();
    let view = PackageView::reopen(&bytes).unwrap();
    let header = view.header();
    let fields = PackageHeaderFields {
        merchant: header.merchant,
        collector,
        sequence: header.sequence,
        created_at_unix_s: header.created_at_unix_s,
        seal_key_version: header.seal_key_version,
        previous_seal: header.previous_seal,
    };
    (fields, view.record(row.parse().unwrap()).unwrap())
}

/// Packages in which the records come once more, one for each.
fn come_again(centre: &Centre, references: &[&str]) {
    let keys = std::fs::read_to_string(small_town().join("keys.toml")).unwrap();
    let keys = KeyFile::parse(&keys).unwrap();
    let folder = centre.dir.path().join("again");
    std::fs::create_dir_all(&folder).unwrap();
    for (number, reference) in (900_000..).zip(references) {
        let (fields, record) = record(centre, reference);
        let fields = PackageHeaderFields { sequence: PackageSequence(number), ..fields };
        let master = keys.seal_master(fields.seal_key_version).unwrap();
        let bytes = write_package(&fields, &[record], master);
        std::fs::write(folder.join(file_name(fields.collector, fields.sequence)), bytes).unwrap();
    }
    centre.done(&["intake", path(&folder)]);
}

#[test]
fn what_two_people_decide_the_next_night_carries_out() {
    let centre = after_one_day();
    let items = payable(&centre);
    let [(pay, paid), (refuse, refused), (split, parted), ..] = &items[..] else { panic!("{items:?}") };
    let kept = &items.last().unwrap().0;
    let why = ["--reason", "seen with the depot"];

    // Who may not, and what may not.
    centre.refused(&["dispute", "decide", pay, "--pay", "--reason", "x"], 3, &["named person"]);
    refused_as(&centre, "li", &["dispute", "decide", pay, "--pay", "--reason", "x"], "does not cover");
    refused_as(&centre, "wang", &["dispute", "decide", pay, "--pay", "--reason", " "], "the reason is empty");
    let too_much = ["dispute", "decide", split, "--pay-fen", "1", "--refuse-fen", "99999999"];
    refused_as(&centre, "wang", &[&too_much[..], &why].concat(), "do not split");
    centre.refused(&["dispute", "decide", pay, "--pay", "--keep", "--reason", "x"], 2, &["--keep"]);
    let export = centre.dir.path().join("cleared.csv");
    centre.done(&["export", "--window", DAY, "--out", path(&export)]);
    for (disposition, words) in
        [("duplicate", "duplicates never move money"), ("rejected", "was rejected"), ("accepted", "no break")]
    {
        let mut lines = csv::Reader::from_path(&export).unwrap();
        let lines = lines.deserialize::<BTreeMap<String, String>>().map(Result::unwrap);
        let line = lines.into_iter().find(|it| it["disposition"] == disposition).unwrap();
        let number = |name: &str| line[name].trim_start_matches('0').to_owned();
        let row = line["row"].clone();
        let reference = format!("{}-{}-{row}", line["collector"], number("package_sequence"));
        refused_as(&centre, "wang", &[&["dispute", "decide", &reference, "--pay"][..], &why].concat(), words);
    }
    refused_as(&centre, "wang", &["dispute", "show", "6510c0000000-77777-0"], "nothing that waits");

    // One is kept, which needs nobody else; three wait for Li.
    centre.done(&["dispute", "decide", kept, "--keep", "--reason", "asked the merchant"]);
    let proposal = propose(&centre, pay, &["--pay", "--evidence", "letter"]);
    refused_as(&centre, "wang", &[&["dispute", "decide", pay, "--refuse"][..], &why].concat(), "waits");
    let shown = centre.json(&["dispute", "show", pay]);
    assert_eq!(shown["item"]["proposal"].to_string(), proposal);
    refused_as(&centre, "wang", &["proposal", "approve", &proposal], "does not cover");
    let before = referring(&centre, DAY);
    assert_eq!(done_as(&centre, "li", &["proposal", "approve", &proposal])["state"], "applied");
    refused_as(&centre, "chen", &["proposal", "approve", &proposal], "applied already");
    refused_as(
        &centre,
        "wang",
        &[&["dispute", "decide", pay, "--refuse"][..], &why].concat(),
        "decided already",
    );
    decide(&centre, refuse, &["--refuse"]);
    let (part, rest) = (1, parted - 1);
    decide(&centre, split, &["--pay-fen", &part.to_string(), "--refuse-fen", &rest.to_string()]);
    let list = centre.json(&["dispute", "list"]);
    let waits =
        |reference: &String| list.as_array().unwrap().iter().find(|it| it["reference"] == **reference);
    assert_eq!([pay, refuse, split].map(|it| waits(it).is_some()), [false; 3]);
    assert_eq!(waits(kept).unwrap()["kept"], "asked the merchant");
    assert_eq!(referring(&centre, DAY), before, "a decision posts nothing itself");
    assert_eq!(found(&centre).0, [""; 0]);

    // The night carries out what was decided, and everything re-adds.
    night(&centre, small_town(), NEXT);
    let posted = referring(&centre, NEXT);
    assert_eq!(posted.keys().collect::<Vec<_>>().len(), 3);
    let suspense = |code: &str, fen: i64| format!("{code} merchant:suspense operator:suspense {fen}");
    assert!(posted[pay].contains(&suspense("release", *paid)), "{posted:?}");
    assert!(posted[pay].contains(&format!("purchase operator:clearing merchant:payable {paid}")));
    assert_eq!(posted[refuse], [suspense("refuse", *refused)]);
    assert!(
        posted[split].contains(&suspense("release", part))
            && posted[split].contains(&suspense("refuse", rest))
    );
    assert_eq!(found(&centre).0, [""; 0]);
    let positions = centre.json(&["settlement", "positions", "--window", NEXT]);
    let adjusted = positions.as_array().unwrap().iter().map(|it| fen(&it["adjustments"]));
    let adjusted: Vec<i64> = adjusted.collect();
    assert_eq!(adjusted.iter().sum::<i64>(), 0);
    assert!(adjusted.iter().any(|fen| *fen > 0), "{adjusted:?}");
    let reports = sorted(&centre.data().join("vault/reports").join(NEXT));
    let told = |name: &str, words: &str| {
        let of = reports.iter().filter(|it| path(it).contains(name));
        of.filter(|it| std::fs::read_to_string(it).unwrap().contains(words)).count()
    };
    assert_eq!(told("statement-", &format!("adjustment {pay}")), 1);
    assert_eq!(told("summary.txt", "3 decisions carried out"), 1);
    let root = text(&centre.json(&["settlement", "root", "--window", NEXT])["root"]).to_owned();
    for statement in
        reports.iter().filter(|it| path(it).contains("statement-") && path(it).ends_with(".json"))
    {
        centre.done(&["verify-statement", path(statement), "--root", &root]);
    }

    // Its life tells who decided and what moved.
    let [collector, sequence, row] = pay.split('-').collect::<Vec<_>>().try_into().unwrap();
    let package = format!("{collector}-{sequence}");
    let life = centre.json(&["why", "--package", &package, "--row", row]);
    let decision = &life["lives"][0]["decisions"][0];
    assert_eq!((&decision["proposed_by"], &decision["decided_by"]), (&"user:wang".into(), &"user:li".into()));
    assert_eq!(decision["transfers"].as_array().unwrap().len(), posted[pay].len());
    assert_eq!(life["lives"][0]["judgement"]["agrees"], true);

    // Copies of all of them are known.
    come_again(&centre, &[pay, refuse, split, kept]);
    centre.done(&["night", "--date", THIRD]);
    let third = centre.json(&["settlement", "show", "--window", THIRD]);
    assert_eq!(third["dispositions"]["duplicate"]["count"], 4, "{third:#}");
    assert_eq!(found(&centre).0, [""; 0]);
}

#[test]
fn decisions_give_the_same_bytes_however_the_night_is_run() {
    let centre = after_one_day();
    let items = payable(&centre);
    for (number, (reference, amount)) in items.iter().enumerate().take(9) {
        match number % 3 {
            0 => decide(&centre, reference, &["--pay"]),
            1 => decide(&centre, reference, &["--refuse"]),
            _ => {
                let rest = (amount - 1).to_string();
                decide(&centre, reference, &["--pay-fen", "1", "--refuse-fen", &rest]);
            }
        }
    }
    centre.done(&["intake", path(&small_town().join("packages").join(NEXT))]);
    let digest = |centre: &Centre| {
        let shown = centre.json(&["settlement", "show", "--window", NEXT]);
        assert_eq!(found(centre).0, [""; 0]);
        text(&shown["digest"]).to_owned()
    };
    let mut digests = Vec::new();
    for workers in ["1", "2", "3"] {
        let copy = Centre::copy_of(&centre.data());
        copy.done(&["night", "--date", NEXT, "--workers", workers]);
        digests.push(digest(&copy));
    }
    for place in ["close.closed", "clear.loaded", "clear.files_durable", "settle.checked"] {
        let copy = Centre::copy_of(&centre.data());
        let mut cut = copy.command(&["night", "--date", NEXT]);
        cut.env(cut::VARIABLE, format!("{place}:1"));
        assert!(!cut.output().unwrap().status.success(), "{place}");
        copy.done(&["night", "--date", NEXT]);
        digests.push(digest(&copy));
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "{digests:?}");
}

#[test]
fn tampering_with_a_decision_is_named() {
    let centre = after_one_day();
    let (reference, _) = &payable(&centre)[0];
    decide(&centre, reference, &["--refuse"]);
    let triggers = ["DROP TRIGGER decisions_never_change", "DROP TRIGGER decisions_never_vanish"];
    for statement in [
        "UPDATE decisions SET window_id = 1",
        "UPDATE decisions SET body = replace(body, 'depot', 'pub')",
        "UPDATE decisions SET action = 'pay'",
        "UPDATE decisions SET decided_by = 'user:wang'",
        "DELETE FROM decisions",
        "INSERT INTO decisions SELECT 7, window_id, registry_version, 'x', origin, 'keep', body, NULL, decided_by, 1 FROM decisions",
    ] {
        let copy = Centre::copy_of(&centre.data());
        tamper(&copy, &[&triggers[..], &[statement]].concat());
        let (kinds, report) = found(&copy);
        assert!(kinds.iter().any(|kind| kind == "decision_differs"), "{statement}: {report:#}");
    }
}

#[test]
fn a_break_is_decided_and_corrected() {
    let city = three_days();
    let centre = Centre::of_city(city);
    for (name, role) in [("wang", "clerk"), ("li", "approver")] {
        add_person(&centre, name, role, None);
    }
    for day in [DAY, NEXT] {
        night(&centre, city, day);
        for operator in ["0101", "0165", "0417"] {
            let file = city.join("operators").join(format!("{operator}-{day}.csv"));
            centre.run(&["reconcile", "--operator", operator, "--date", day, "--file", path(&file)]);
        }
    }
    // Days pass and nothing comes.
    centre.done(&["reconcile", "--date", "2026-12-04"]);
    let list = centre.json(&["dispute", "list"]);
    let of = |origin: &str| {
        let items = list.as_array().unwrap().iter().filter(|it| it["origin"] == origin);
        items.cloned().collect::<Vec<_>>()
    };
    let (ours, mismatches) = (of("ours_only"), of("mismatch"));
    assert!(!ours.is_empty() && !mismatches.is_empty(), "{} {}", ours.len(), mismatches.len());
    let gone = ours.iter().find(|it| it["chain"] == "purchase" && fen(&it["amount_fen"]) > 0).unwrap();
    let differs = mismatches.iter().find(|it| it["theirs_fen"] != it["amount_fen"]).unwrap();
    // One line is of a record that waits in suspense, one of nothing that ever came.
    let lines = of("theirs_only");
    let line_of = |record: &Value| {
        let same = |line: &&Value| ["serial", "terminal_number"].iter().all(|it| line[it] == record[it]);
        lines.iter().find(same).filter(|it| it["amount_fen"] == record["amount_fen"])
    };
    let suspended = of("suspended");
    let paid = suspended.iter().filter(|it| it["reason"] != "no_contract" && fen(&it["amount_fen"]) > 1);
    let (paid, known) = paid.filter_map(|it| Some((it, line_of(it)?))).next().unwrap();
    let never = lines.iter().find(|it| it["reason"] == "theirs_only" && fen(&it["amount_fen"]) > 0).unwrap();
    for item in [gone, differs, never] {
        decide(&centre, text(&item["reference"]), &["--refuse"]);
    }
    decide(&centre, text(&paid["reference"]), &["--pay"]);
    night(&centre, city, THIRD);
    let posted = referring(&centre, THIRD);
    let amount = fen(&gone["amount_fen"]);
    let back = format!("correction merchant:payable operator:clearing {amount}");
    assert!(posted[text(&gone["reference"])].contains(&back), "{posted:?}");
    let moved = fen(&differs["theirs_fen"]) - fen(&differs["amount_fen"]);
    let (from, to) = if moved < 0 {
        ("merchant:payable", "operator:clearing")
    } else {
        ("operator:clearing", "merchant:payable")
    };
    let correction = format!("correction {from} {to} {}", moved.abs());
    let lines = &posted[text(&differs["reference"])];
    assert!(differs["chain"] == "load" || lines.contains(&correction), "{lines:?} lack {correction}");
    assert_eq!(found(&centre).0, [""; 0]);

    // From the next run on a decided break waits no more, and what was released is ours and meets its line.
    let runs = centre.json(&["reconcile", "--date", "2026-12-05"]);
    let sum = |side: &str, figure: &str| -> (i64, i64) {
        let figures = runs.as_array().unwrap().iter().map(|run| &run["proof"][side][figure]);
        figures.fold((0, 0), |sum, it| (sum.0 + fen(&it["count"]), sum.1 + fen(&it["amount_fen"])))
    };
    assert_eq!(sum("ours", "decided"), (1, amount));
    assert_eq!(sum("theirs", "decided"), (1, fen(&never["amount_fen"])));
    assert!(sum("theirs", "cleared").0 >= 1, "{runs:#}");
    let left = centre.json(&["dispute", "list"]);
    let waits = |item: &Value| left.as_array().unwrap().iter().any(|it| it["reference"] == item["reference"]);
    assert_eq!([gone, differs, never, paid, known].map(waits), [false; 5]);
    assert_eq!(found(&centre).0, [""; 0]);
}
