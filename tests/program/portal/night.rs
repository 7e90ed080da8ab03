//! A night that somebody starts and watches, and what collectors fetch after it.

use serde_json::{Value, json};

use super::server::{Client, Server, certificates};
use super::town::{self, BUS, METRO, NEXT, package};
use crate::city::{DAY, small_town};
use crate::program::{Centre, path, sorted};

/// The states that a night's events tell of, to the last.
fn watched(client: &Client, day: &str) -> Vec<Value> {
    let answer = client.get(&format!("/v1/nights/{day}/events")).expect(200);
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let mut states = Vec::new();
    for event in answer.text().split("\n\n").filter(|event| !event.is_empty()) {
        // Comments keep the connection alive.
        let lines: Vec<&str> = event.lines().filter(|line| !line.starts_with(':')).collect();
        if let [kind, data] = lines[..] {
            assert_eq!(kind, "event: night");
            states.push(serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap());
        } else {
            assert_eq!(lines, [] as [&str; 0], "{event}");
        }
    }
    states
}

/// Starts a night and watches it to its end.
fn run_night(client: &Client, day: &str) {
    let started = client.post("/v1/nights", &json!({ "window": day, "workers": 2 })).expect(202).json();
    assert_eq!(started["window"], day);
    let states = watched(client, day);
    let (last, before) = states.split_last().unwrap();
    assert_eq!((&last["window"], &last["state"]), (&day.into(), &"done".into()), "{last}");
    for state in before {
        assert_eq!((&state["window"], &state["state"]), (&day.into(), &"running".into()));
        assert!(state["total"] == 0 || state["done"].as_u64() <= state["total"].as_u64(), "{state}");
    }
    assert_eq!(&client.get(&format!("/v1/nights/{day}")).expect(200).json(), last);
}

/// The figures of the API are those of the command line.
fn assert_figures(centre: &Centre, client: &Client, day: &str) {
    let told = client.get(&format!("/v1/windows/{day}")).expect(200).json();
    let show = centre.json(&["settlement", "show", "--window", day]);
    for field in ["window", "state", "dispositions", "merchants", "operators", "sponsors"] {
        assert_eq!(told[field], show[field], "{field}");
    }
    let positions = centre.json(&["settlement", "positions", "--window", day]);
    assert_eq!(told["positions"], *positions.get("positions").unwrap_or(&positions));
}

#[test]
fn a_night_by_the_api_is_the_night_of_the_command_line() {
    let (centre, by_hand) = (town::expectant(), town::settled());
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let (clerk, viewer) = (server.log_in("clerk"), server.log_in("viewer"));
    clerk.get(&format!("/v1/nights/{DAY}")).refused(404, &[DAY]);
    for day in [DAY, NEXT] {
        for file in sorted(&small_town().join("packages").join(day)) {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let collector = server.collector(&folder, &name[..12]);
            let bytes = std::fs::read(&file).unwrap();
            let answer = collector.upload(bytes.clone()).expect(200).json();
            assert_eq!((&answer["result"], &answer["collector"]), (&"received".into(), &name[..12].into()));
            assert_eq!(collector.upload(bytes).expect(200).json()["result"], "already_received");
        }
        run_night(&clerk, day);
        assert_figures(&centre, &viewer, day);
        let show = ["settlement", "show", "--window", day];
        assert_eq!(centre.json(&show), by_hand.json(&show));
    }
    assert_eq!(centre.json(&["check"])["holds"], true);

    // The same night again changes nothing; an earlier one is over.
    let before = centre.json(&["audit", "list"]);
    run_night(&clerk, NEXT);
    assert_eq!(centre.json(&["audit", "list"]), before);
    let past = clerk.post("/v1/nights", &json!({ "window": "2026-11-22" }));
    past.refused(409, &["2026-11-22", NEXT]);
    clerk.post("/v1/nights", &json!({ "window": "2026-13-22" })).refused(422, &["window"]);
    clerk.post("/v1/nights", &json!({ "window": NEXT, "workers": 257 })).refused(422, &["workers"]);
    viewer.get("/v1/windows/2026-11-30").refused(404, &["2026-11-30"]);
}

#[test]
fn a_night_cut_off_is_finished_by_the_next_server() {
    let centre = town::expectant();
    centre.done(&["intake", path(&small_town().join("packages").join(DAY))]);
    for _ in 0..3 {
        let server = Server::start(&centre);
        let clerk = server.log_in("clerk");
        clerk.post("/v1/nights", &json!({ "window": DAY, "workers": 1 })).expect(202);
        server.kill();
    }
    let server = Server::start(&centre);
    run_night(&server.log_in("clerk"), DAY);
    let show = ["settlement", "show", "--window", DAY];
    assert_eq!(centre.json(&show), town::settled().json(&show));
    assert_eq!(centre.json(&["check"])["holds"], true);
}

/// A server that is asked to end in the middle of a night ends after it.
#[test]
fn a_server_ends_after_the_night() {
    let centre = town::expectant();
    centre.done(&["intake", path(&small_town().join("packages").join(DAY))]);
    let server = Server::start(&centre);
    let clerk = server.log_in("clerk");
    clerk.post("/v1/nights", &json!({ "window": DAY, "workers": 1 })).expect(202);
    server.stop();
    assert_eq!(centre.json(&["window", "list"])[0]["state"], "settled");
    assert_eq!(centre.json(&["night", "--date", DAY])["changed"], false);
}

/// Asks with the entity tag of an earlier answer.
fn asked_again(client: &Client, address: &str, tag: &str) -> super::server::Answer {
    client.send(client.request("GET", address).header("if-none-match", tag))
}

#[test]
fn files_that_have_not_changed_are_not_sent_again() {
    let centre = town::settled();
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let collector = server.collector(&folder, BUS[0]);
    let merchant = server.log_in("merchant");
    assert_eq!(collector.get("/v1/collector/results").expect(200).json(), json!([DAY, NEXT]));
    let result = format!("/v1/collector/results/{DAY}");
    let lists = "/v1/collector/deny-lists/0417".to_owned();
    let part = "/v1/collector/registry".to_owned();
    let statement = format!("/v1/windows/{DAY}/reports/statement-BUS00001.csv");
    let files = [(&collector, result), (&collector, lists), (&collector, part), (&merchant, statement)];
    let mut tags = Vec::new();
    for (client, address) in &files {
        let whole = client.get(address).expect(200);
        assert!(!whole.body.is_empty() && whole.header("content-disposition").starts_with("attachment"));
        let tag = whole.header("etag").to_owned();
        for tag in [tag.clone(), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = asked_again(client, address, &tag).expect(304);
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), whole.header("etag"));
        }
        assert_eq!(asked_again(client, address, "\"other\"").expect(200).body, whole.body);
        tags.push(tag);
    }
    assert_eq!(tags.iter().collect::<std::collections::BTreeSet<_>>().len(), files.len());

    // What is sent is what lies there.
    let shown = centre.done(&["result", "show", "--window", DAY, "--collector", BUS[0]]);
    assert_eq!(collector.get(&files[0].1).text(), shown);
    let heads = collector.get("/v1/collector/deny-lists").expect(200).json();
    let head = heads.as_array().unwrap().iter().find(|it| it["operator"] == "0417").unwrap();
    let list = collector.get(&files[1].1);
    assert_eq!(list.header("tongclear-version"), head["version"].to_string());
    assert_eq!(list.header("etag"), format!("\"{}\"", head["sha256"].as_str().unwrap()));
    let name = format!("lists/deny-0417-{:010}.txt", head["version"].as_u64().unwrap());
    assert_eq!(list.body, std::fs::read(small_town().join(name)).unwrap());

    // What has changed is sent.
    assert_eq!(collector.get(&files[2].1).header("tongclear-version"), "1");
    let registry = small_town().join("registry");
    let mut terminals = std::fs::read_to_string(registry.join("terminals.csv")).unwrap();
    terminals.push_str(&format!("6510ffffff00,BUS00001,{},2026-11-20,\n", BUS[0]));
    let changed = centre.dir.path().join("changed");
    std::fs::create_dir(&changed).unwrap();
    std::fs::copy(registry.join("registry.toml"), changed.join("registry.toml")).unwrap();
    std::fs::write(changed.join("terminals.csv"), terminals).unwrap();
    centre.done(&["registry", "load", path(&changed)]);
    let part = asked_again(&collector, &files[2].1, &tags[2]).expect(200);
    assert!(part.text().contains("6510ffffff00"));
    assert_eq!(part.header("tongclear-version"), "2");
    asked_again(&collector, &files[0].1, &tags[0]).expect(304);

    collector.get("/v1/collector/results/2026-11-30").refused(404, &["2026-11-30"]);
    collector.get("/v1/collector/deny-lists/9999").refused(404, &["9999"]);
}

#[test]
fn a_collector_learns_what_is_missing() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let (metro, bus) = (server.collector(&folder, METRO), server.collector(&folder, BUS[0]));
    let viewer = server.log_in("viewer");
    let missing = || metro.get("/v1/collector/packages/missing").expect(200).json();
    assert_eq!(missing(), json!([]));
    metro.upload(package(DAY, METRO, 2)).expect(200);
    assert_eq!(missing(), json!([{ "first": 1, "last": 1 }]));
    // Only what is its own; the staff see everybody's.
    assert_eq!(bus.get("/v1/collector/packages/missing").expect(200).json(), json!([]));
    let open = viewer.get("/v1/intake").expect(200).json();
    assert_eq!(open["missing"], json!([{ "collector": METRO, "first": 1, "last": 1 }]));
    assert_eq!((&open["packages"], &open["transactions"].is_u64()), (&1.into(), &true));
    metro.upload(package(DAY, METRO, 1)).expect(200);
    assert_eq!(missing(), json!([]));
    assert_eq!(viewer.get("/v1/intake").json()["missing"], json!([]));
    centre.done(&["night", "--date", DAY]);
    assert_eq!(metro.get("/v1/collector/results").json(), json!([DAY]));
    assert_eq!(bus.get("/v1/collector/results").json(), json!([]));
    bus.get(&format!("/v1/collector/results/{DAY}")).refused(404, &[BUS[0]]);
}
