//! The commands as people type them: a recorded card, a virtual card and PSAM through pcscd, a validator without a screen.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tongclear_test_pcscd::{Pcscd, wait};

use super::stand::{Stand, found_city};
use crate::program::{Centre, path};

/// Long enough for a validator to say what came of a card.
const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn a_recorded_card_is_read_as_another_reader_printed_it() {
    let cards: Value = serde_json::from_str(include_str!("../../../fixtures/vectors/cards.json")).unwrap();
    let centre = Centre::absent();
    for card in cards.as_array().unwrap() {
        let recording = centre.dir.path().join("conversation.json");
        fs::write(&recording, card["apdus"].to_string()).unwrap();
        let ended = centre.run(&["card", "read", "--replay", path(&recording), "--json"]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        let read: Value = serde_json::from_str(&ended.out).unwrap();
        let expected = &card["expected"];
        for (ours, theirs) in [
            ("card_type", "card_type"),
            ("card_number", "card_number"),
            ("balance_fen", "balance"),
            ("purchase_counter", "purchase_atc"),
            ("province", "province"),
            ("city", "city"),
            ("category_zh", "tu_type"),
            ("issued", "issue_date"),
            ("expires", "expiry_date"),
        ] {
            assert_eq!(read[ours], expected[theirs], "{ours}");
        }
        let theirs = expected["transactions"].as_array().unwrap();
        let ours = read["transactions"].as_array().unwrap();
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_eq!(ours["counter"], theirs["number"]);
            assert_eq!(ours["amount_fen"], theirs["amount"]);
            for field in ["type", "terminal", "date", "time"] {
                assert_eq!(ours[field], theirs[field], "{field}");
            }
        }
    }
    let recording = centre.dir.path().join("broken.json");
    fs::write(&recording, r#"[{"tx": "00A4", "rx": "9"}]"#).unwrap();
    let ended = centre.run(&["card", "read", "--replay", path(&recording)]);
    assert_eq!((ended.code, ended.err.contains("rx is \"9\"")), (3, true), "{}", ended.err);
    assert_eq!(centre.run(&["card", "read", "--replay", "nowhere.json"]).code, 2);
}

#[test]
fn a_validator_serves_a_virtual_card_and_its_package_clears() {
    let _pcscd = Pcscd::start();
    let folder = tempfile::tempdir().unwrap();
    found_city(folder.path());
    let mut stand = Stand::found(folder.path(), 0);
    stand.close();
    let centre = Centre::of_city(folder.path());
    let (card, psam) = (folder.path().join("card.json"), folder.path().join("psam.json"));
    let (keys, registry) = (folder.path().join("keys.toml"), folder.path().join("registry/registry.toml"));
    let serial = "03104780010000000007";
    centre.done(&["virtual-card", "issue", "--card", path(&card), "--serial", serial, "--two-level-keys"]);
    let in_background = |arguments: &[&str]| {
        centre.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut psam_slot = in_background(&[
        "virtual-psam",
        "--terminal-id",
        "651000000000",
        "--keys",
        path(&keys),
        "--registry",
        path(&registry),
        "--psam",
        path(&psam),
    ]);
    let listed = || centre.run(&["reader", "list", "--json"]).out;
    wait("the PSAM to lie in its slot", || listed().matches("\"card\"").count() == 1);
    let mut validator = centre
        .command(&["terminal", "run", "--terminal", path(&stand.folder), "--json", "--cards", "2"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(validator.stdout.take().unwrap()).lines();
    let (said, heard) = mpsc::channel();
    thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| said.send(line)));
    let next = |wanted: &str| loop {
        let line = heard.recv_timeout(PATIENCE).ok()?;
        let event: Value = serde_json::from_str(&line).unwrap();
        if event["event"] == wanted {
            return Some(event);
        }
    };
    next("ready").unwrap();
    let insert = ["virtual-card", "insert", "--card", path(&card), "--keys", path(&keys)];
    let torn = centre.run(&[&insert[..], &["--tear", "after", "--seconds", "30"]].concat());
    assert_eq!(torn.code, 0, "{}", torn.err);
    let first = next("tap").unwrap();
    assert_eq!(first["verdict"], "present_again", "{first}");
    // The virtual reader now and then overlooks a card; then it is presented again, as a passenger would.
    let (mut card_slot, second) = (0..5)
        .find_map(|_| {
            let mut slot = in_background(&insert);
            if let Some(event) = next("tap") {
                return Some((slot, event));
            }
            slot.kill().unwrap();
            slot.wait().unwrap();
            None
        })
        .expect("the card is seen");
    assert_eq!(
        (&second["verdict"], &second["balance_fen"]),
        (&"recovered".into(), &4_800.into()),
        "{second}"
    );
    assert_eq!(validator.wait().unwrap().code(), Some(0));
    card_slot.kill().unwrap();
    card_slot.wait().unwrap();
    psam_slot.kill().unwrap();
    psam_slot.wait().unwrap();

    let packages = folder.path().join("packages");
    centre.done(&["terminal", "seal", "--terminal", path(&stand.folder), "--out", path(&packages)]);
    centre.done(&["intake", path(&packages)]);
    let status = centre.json(&["terminal", "status", "--terminal", path(&stand.folder)]);
    assert_eq!((&status["counts"]["paid"], &status["counts"]["open"]), (&1.into(), &0.into()), "{status}");
    let tap = stand.terminal().journal().all_taps().unwrap()[0].record;
    stand.close();
    let date = tap.date.to_string();
    let date = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]);
    centre.done(&["night", "--date", &date]);
    let results = folder.path().join("results");
    centre.done(&["result", "list", "--window", &date, "--out", path(&results)]);
    let files: Vec<_> = fs::read_dir(&results).unwrap().map(|entry| entry.unwrap().path()).collect();
    let applied =
        centre.json(&["terminal", "apply-result", path(&files[0]), "--terminal", path(&stand.folder)]);
    assert_eq!(
        (&applied["answered"], &applied["counts"]["not_accepted"]),
        (&1.into(), &0.into()),
        "{applied}"
    );
    let tap = stand.terminal().journal().all_taps().unwrap().remove(0);
    assert_eq!(tap.disposition.as_deref(), Some("accepted"));
}
