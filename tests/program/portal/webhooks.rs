//! Webhooks: every event, signed, in order, at least once, whatever happens to either side.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tongclear_access::{SIGNATURE_HEADER, SignatureError, verify};

use super::receiver::{Notice, Receiver};
use super::server::{Server, add_person, wait_for};
use super::town::{self, NEXT};
use crate::city::{DAY, small_town};
use crate::program::{Centre, path};

/// Tells an address of events; the key that signs them, as it is printed.
fn hook(centre: &Centre, receiver: &Receiver, more: &[&str]) -> String {
    let added = centre.json(&[&["webhook", "add", &receiver.url], more].concat());
    added["secret"].as_str().unwrap().to_owned()
}

/// The audit log, whole.
fn audit(centre: &Centre) -> Vec<Value> {
    centre.json(&["audit", "list"])["entries"].as_array().unwrap().clone()
}

fn last(centre: &Centre) -> i64 {
    audit(centre).last().unwrap()["entry"].as_i64().unwrap()
}

/// The sequences of notices without those that came again, which must be in order.
fn in_order(notices: &[Notice]) -> Vec<i64> {
    let mut sequences: Vec<i64> = notices.iter().map(Notice::sequence).collect();
    sequences.dedup();
    let unique: BTreeSet<i64> = sequences.iter().copied().collect();
    assert!(sequences.is_sorted() && unique.len() == sequences.len(), "{sequences:?}");
    sequences
}

/// Holds a notice against its signature, its headers and the audit log.
fn assert_true(notice: &Notice, key: &str, audit: &[Value]) {
    let signature = &notice.headers[SIGNATURE_HEADER];
    let at: i64 = signature[2..].split(',').next().unwrap().parse().unwrap();
    assert_eq!(verify(key.as_bytes(), signature, &notice.body, at, 0), Ok(()));
    let other = verify(b"another key", signature, &notice.body, at, 0);
    assert_eq!(other, Err(SignatureError::Mismatch));
    let sequence = notice.sequence();
    let entry = audit.iter().find(|it| it["entry"] == sequence).unwrap();
    let body = notice.json();
    assert_eq!((&body["id"], &body["at"]), (&entry["hash"], &entry["at"]));
    assert_eq!(body["id"], notice.headers["tongclear-event-id"].as_str());
    assert_eq!(sequence.to_string(), notice.headers["tongclear-event-sequence"]);
    assert_eq!(notice.headers["content-type"], "application/json");
}

#[test]
fn everything_is_told_in_order_and_again_until_it_is_taken() {
    let centre = town::expectant();
    // The first three times the receiver has other worries; so has it once in the middle.
    let receiver = Receiver::start(|heard| match heard {
        0 => 500,
        1 => 302,
        5 => 503,
        _ => 200,
    });
    let key = hook(&centre, &receiver, &[]);
    // From now on: it is not told of itself.
    let added_at = last(&centre);
    let server = Server::start(&centre);
    centre.done(&["intake", path(&small_town().join("packages").join(DAY))]);
    centre.done(&["night", "--date", DAY]);
    let admin = server.log_in("admin");
    admin.post("/v1/tokens", &json!({ "user": "viewer", "label": "books", "days": 9 })).expect(201);

    let audit = audit(&centre);
    let last = last(&centre);
    let taken = receiver.taken_up_to(last);
    let expected: Vec<i64> = (added_at + 1..=last).collect();
    assert_eq!(in_order(&taken), expected);
    assert_eq!(taken.len(), expected.len(), "nothing went wrong after it was taken");
    for notice in receiver.heard() {
        assert_true(&notice, &key, &audit);
    }
    for notice in &taken {
        let entry = audit.iter().find(|it| it["entry"] == notice.sequence()).unwrap();
        assert_eq!(notice.json()["data"], entry["event"]);
    }
    // What was not taken came again, and nothing came before it.
    let all: Vec<i64> = receiver.heard().iter().map(Notice::sequence).collect();
    assert!(all.is_sorted() && all.len() == taken.len() + 3, "{all:?}");
    // That it was taken is noted after it was taken.
    wait_for("the end of all failures", || {
        let hooks = admin.get("/v1/webhooks").expect(200).json();
        (hooks[0]["failures"] == 0 && hooks[0]["last_error"].is_null()).then_some(())
    });
}

#[test]
fn a_killed_server_tells_everything_when_it_is_back() {
    let centre = town::expectant();
    let receiver = Receiver::start(|_| 200);
    let key = hook(&centre, &receiver, &[]);
    // From now on: it is not told of itself.
    let added_at = last(&centre);
    let make = |name: &str| add_person(&centre, name, "viewer", None);
    for round in 0..3 {
        // Events from before it starts, while it runs and while it is down.
        make(&format!("before.{round}"));
        let server = Server::start(&centre);
        for person in 0..3 {
            make(&format!("during.{round}.{person}"));
        }
        wait_for("an event", || (receiver.heard().len() > 3 * round).then_some(()));
        server.kill();
        make(&format!("after.{round}"));
    }
    let _server = Server::start(&centre);
    let (audit, last) = (audit(&centre), last(&centre));
    let taken = receiver.taken_up_to(last);
    assert_eq!(in_order(&taken), (added_at + 1..=last).collect::<Vec<i64>>());
    for notice in &taken {
        assert_true(notice, &key, &audit);
    }
}

#[test]
fn a_participant_is_told_of_its_windows_and_of_nothing_else() {
    let centre = town::expectant();
    let [everything, bus, operator] = [(); 3].map(|()| Receiver::start(|_| 200));
    hook(&centre, &everything, &[]);
    let key = hook(&centre, &bus, &["--participant", "merchant:BUS00001"]);
    let of_operator = hook(&centre, &operator, &["--participant", "operator:0417"]);
    let server = Server::start(&centre);
    for day in [DAY, NEXT] {
        centre.done(&["intake", path(&small_town().join("packages").join(day))]);
        centre.done(&["night", "--date", day]);
    }
    let clerk = server.log_in("clerk");
    for code in ["0165", "0417"] {
        let file = std::fs::read(small_town().join(format!("operators/{code}-{DAY}.csv"))).unwrap();
        clerk.put(&format!("/v1/operator-files/{code}/{DAY}"), file).expect(201);
    }
    add_person(&centre, "last.of.all", "viewer", None);
    let audit = audit(&centre);
    let last = last(&centre);
    assert!(everything.taken_up_to(last).len() > 10);

    let windows = [DAY, NEXT]
        .into_iter()
        .flat_map(|day| ["close", "run", "settlement"].map(|event| json!({ "event": event, "window": day })));
    let windows: Vec<Value> = windows.collect();
    let of_window = |receiver: &Receiver, count: usize, key: &str| {
        wait_for("what concerns the participant", || (receiver.heard().len() == count).then_some(()));
        let heard = receiver.heard();
        in_order(&heard);
        heard.iter().for_each(|notice| assert_true(notice, key, &audit));
        heard.iter().map(|notice| notice.json()["data"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of_window(&bus, 6, &key), windows);
    let told = of_window(&operator, 7, &of_operator);
    assert_eq!(told[..6], windows);
    let mut fields: Vec<&str> = told[6].as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["amount_fen", "date", "event", "lines", "sha256"]);
    assert_eq!((&told[6]["event"], &told[6]["date"]), (&"operator_file".into(), &DAY.into()));

    // Once removed, it is told nothing more; and what is no address is not taken.
    let admin = server.log_in("admin");
    let hooks = admin.get("/v1/webhooks").json();
    assert_eq!(hooks.as_array().unwrap().len(), 3);
    admin.delete(&format!("/v1/webhooks/{}", hooks[1]["id"])).expect(204);
    admin.delete(&format!("/v1/webhooks/{}", hooks[1]["id"])).refused(404, &[]);
    centre.done(&["night", "--date", "2026-11-25"]);
    everything.taken_up_to(self::last(&centre));
    wait_until_told_of_both(&operator);
    assert_eq!(bus.heard().len(), 6);
    for url in ["", "ftp://x", "http://", "https:///hook", "http://a b/", "http://x/\u{7f}"] {
        admin.post("/v1/webhooks", &json!({ "url": url })).refused(422, &["url"]);
    }
}

/// The operator's webhook comes after the merchant's: when it has heard of the third night, the other would have.
fn wait_until_told_of_both(operator: &Receiver) {
    wait_for("the third night", || (operator.heard().len() == 10).then_some(()));
}
