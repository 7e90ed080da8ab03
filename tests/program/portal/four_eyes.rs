//! Four eyes at both doors: what one person proposes takes effect when another approves it, and never before.

use serde_json::{Value, json};
use tongclear_package::DenyList;

use super::server::{Client, PASSWORD, Server, done_as, refused_as};
use super::town;
use crate::check::{found, tamper};
use crate::city::small_town;
use crate::program::{Centre, Ended, path};

/// A centre in which registry, keys and deny lists need two people, and its server.
fn demanding() -> (Centre, Server) {
    let centre = town::expectant();
    centre.done(&["proposal", "require", "registry", "keys", "deny_list"]);
    let server = Server::start(&centre);
    (centre, server)
}

/// The registry of the town with the bus company under another name, as the API takes it.
fn renamed(name: &str) -> Value {
    let text = |file: &str| std::fs::read_to_string(small_town().join("registry").join(file)).unwrap();
    let toml = text("registry.toml").replace("\"Chengdu Bus\"", &format!("\"{name}\""));
    json!({ "registry_toml": toml, "terminals_csv": text("terminals.csv") })
}

/// The same as a folder, as the command line takes it.
fn renamed_folder(centre: &Centre, name: &str) -> String {
    let folder = centre.dir.path().join(name);
    let registry = renamed(name);
    std::fs::create_dir_all(&folder).unwrap();
    for (file, field) in [("registry.toml", "registry_toml"), ("terminals.csv", "terminals_csv")] {
        std::fs::write(folder.join(file), registry[field].as_str().unwrap()).unwrap();
    }
    path(&folder).to_owned()
}

/// What the bus company is called now.
fn name_in_force(client: &Client) -> String {
    let registry = client.get("/v1/registry").expect(200).json();
    let merchants = registry["registry"]["merchants"].as_array().unwrap();
    let bus = merchants.iter().find(|it| it["code"] == "BUS00001").unwrap();
    bus["name_en"].as_str().unwrap().to_owned()
}

fn put_registry(client: &Client, name: &str) -> i64 {
    let answer = client.send(client.request("PUT", "/v1/registry").json(&renamed(name))).expect(202).json();
    assert_eq!(answer["result"], "proposed");
    answer["proposal"].as_i64().unwrap()
}

fn say(client: &Client, id: i64, what: &str) -> super::server::Answer {
    client.post(&format!("/v1/proposals/{id}/{what}"), &json!({ "note": "seen" }))
}

/// What the audit log tells of a proposal: who brought it how far.
fn told(centre: &Centre, id: i64) -> Vec<(String, String)> {
    let audit = centre.json(&["audit", "list"]);
    let entries = audit["entries"].as_array().unwrap().iter();
    let of = entries.filter(|it| it["event"]["event"] == "proposal" && it["event"]["id"] == id);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of.map(|it| (text(&it["actor"]), text(&it["event"]["state"]))).collect()
}

#[track_caller]
fn assert_told(centre: &Centre, id: i64, expected: &[(&str, &str)]) {
    let told = told(centre, id);
    let told: Vec<(&str, &str)> = told.iter().map(|(who, state)| (&**who, &**state)).collect();
    assert_eq!(told, expected);
}

const BOTH: [(&str, &str); 3] =
    [("user:clerk", "open"), ("user:approver", "approved"), ("user:approver", "applied")];

/// A way through the doors: its name, and what proposes and what approves.
type Way<'a> = (&'a str, &'a dyn Fn(&str) -> i64, &'a dyn Fn(i64));

#[test]
fn a_registry_proposed_at_either_door_is_approved_at_either_door() {
    let (centre, server) = demanding();
    let (clerk, approver) = (server.log_in("clerk"), server.log_in("approver"));
    let by_command = |name: &str| {
        let folder = renamed_folder(&centre, name);
        done_as(&centre, "clerk", &["registry", "load", &folder])["proposal"].as_i64().unwrap()
    };
    let approve_by_command =
        |id: i64| drop(done_as(&centre, "approver", &["proposal", "approve", &id.to_string()]));
    let approve_by_api = |id: i64| drop(say(&approver, id, "approve").expect(200));
    let table: [Way<'_>; 4] = [
        ("api, api", &|name| put_registry(&clerk, name), &approve_by_api),
        ("api, command", &|name| put_registry(&clerk, name), &approve_by_command),
        ("command, api", &by_command, &approve_by_api),
        ("command, command", &by_command, &approve_by_command),
    ];
    for (name, propose, approve) in table {
        let before = name_in_force(&clerk);
        let id = propose(name);
        assert_eq!(name_in_force(&clerk), before, "{name}");
        let waiting = approver.get(&format!("/v1/proposals/{id}")).expect(200).json();
        assert_eq!((&waiting["state"], &waiting["kind"]), (&"open".into(), &"registry".into()));
        assert!(waiting["subject"].as_str().unwrap().contains("BUS00001"), "{waiting}");
        approve(id);
        assert_eq!(name_in_force(&clerk), name);
        assert_told(&centre, id, &BOTH);
        // Once is enough.
        say(&approver, id, "approve").refused(422, &["applied already"]);
        refused_as(&centre, "approver", &["proposal", "refuse", &id.to_string()], "applied already");
    }
    assert_eq!(centre.json(&["check"])["holds"], true);
}

#[test]
fn keys_and_deny_lists_wait_as_well() {
    let (centre, server) = demanding();
    let (clerk, approver) = (server.log_in("clerk"), server.log_in("approver"));
    let keys = |version: u8| {
        let master = "00112233445566778899aabbccddeef0";
        format!(
            "[[tac]]\noperator = \"0101\"\nversion = {version}\nalgorithm = \"des\"\nmaster = \"{master}\"\n"
        )
    };
    let in_ring = || clerk.get("/v1/keys").expect(200).json().as_array().unwrap().len();
    let before = in_ring();
    let id = clerk.post("/v1/keys", &json!({ "keys_toml": keys(7) })).expect(202).json()["proposal"].as_i64();
    let file = centre.dir.path().join("more.toml");
    std::fs::write(&file, keys(8)).unwrap();
    let other = done_as(&centre, "clerk", &["keys", "load", path(&file)])["proposal"].as_i64();
    assert_eq!(in_ring(), before);
    done_as(&centre, "approver", &["proposal", "approve", &id.unwrap().to_string()]);
    assert_eq!(in_ring(), before + 1);
    say(&approver, other.unwrap(), "approve").expect(200);
    assert_eq!(in_ring(), before + 2);
    for id in [id, other] {
        assert_told(&centre, id.unwrap(), &BOTH);
    }

    // A list that grows as lists do needs one person; one that grows beyond the guard needs two.
    let list = |version: u32, cards: u64| {
        let serials = (0..cards).map(|card| format!("{card:020}").parse().unwrap()).collect();
        let effective = "2026-11-24T12:00:00".parse().unwrap();
        DenyList::new("0165".parse().unwrap(), version, effective, serials).unwrap().to_bytes()
    };
    let post = |address: &str, bytes| clerk.send(clerk.request("POST", address).body::<Vec<u8>>(bytes));
    post("/v1/deny-lists", list(200, 500)).expect(200);
    post("/v1/deny-lists", list(201, 2_000)).refused(422, &["count", "unless approved"]);
    let id = post("/v1/deny-lists?override=true", list(201, 2_000)).expect(202).json()["proposal"].as_i64();
    let file = centre.dir.path().join("list.txt");
    std::fs::write(&file, list(202, 9_000)).unwrap();
    let load = ["denylist", "load", path(&file)];
    refused_as(&centre, "clerk", &load, "unless approved");
    let other = done_as(&centre, "clerk", &[&load[..], &["--approve"]].concat())["proposal"].as_i64();
    let newest = || {
        let lists = clerk.get("/v1/deny-lists").expect(200).json();
        lists.as_array().unwrap().last().unwrap()["version"].as_u64().unwrap()
    };
    assert_eq!(newest(), 200);
    done_as(&centre, "approver", &["proposal", "approve", &id.unwrap().to_string()]);
    assert_eq!(newest(), 201);
    say(&approver, other.unwrap(), "approve").expect(200);
    assert_eq!(newest(), 202);
    for id in [id, other] {
        assert_told(&centre, id.unwrap(), &BOTH);
    }
    assert_eq!(centre.json(&["check"])["holds"], true);
}

/// No role may do both; one that was given another role in between is still the same person.
#[test]
fn the_same_person_is_refused_at_both_doors() {
    let (centre, server) = demanding();
    let clerk = server.log_in("clerk");
    let id = put_registry(&clerk, "mine");
    let approve = ["proposal", "approve", &id.to_string()];
    say(&clerk, id, "approve").refused(403, &["clerk", "does not cover approve"]);
    refused_as(&centre, "clerk", &approve, "does not cover approve");
    // The machine's own user is nobody in particular.
    centre.refused(&approve, 3, &["named person"]);
    centre.refused(&["registry", "load", path(&small_town().join("registry"))], 3, &["named person"]);
    centre.refused(&["keys", "load", path(&small_town().join("keys.toml"))], 3, &["named person"]);
    centre.refused(&["proposal", "require", "--no-longer", "registry"], 3, &["named person"]);
    let mut add = centre.command(&["user", "add", "accomplice", "--role", "approver"]);
    let add = Ended::from(add.env("TONGCLEAR_NEW_PASSWORD", PASSWORD).output().unwrap());
    assert_eq!(add.code, 3, "{}", add.err);

    tamper(&centre, &["UPDATE users SET role = 'approver' WHERE name = 'clerk'"]);
    say(&clerk, id, "approve").refused(403, &["clerk proposed this and cannot approve it as well"]);
    say(&clerk, id, "refuse").refused(403, &["clerk proposed this"]);
    refused_as(&centre, "clerk", &approve, "cannot approve it as well");
    let token = centre.json(&["token", "issue", "--for", "clerk", "--label", "the same"]);
    let program = server.holder(token["secret"].as_str().unwrap());
    say(&program, id, "approve").refused(403, &["cannot approve it as well"]);
    assert_told(&centre, id, &BOTH[..1]);
    let (kinds, report) = found(&centre);
    assert_eq!(kinds, ["audit_differs"], "{report:#}");
    assert_eq!(report["findings"][0]["subject"], "user clerk");
}

#[test]
fn proposals_are_refused_withdrawn_and_grow_stale() {
    let (centre, server) = demanding();
    let (clerk, approver) = (server.log_in("clerk"), server.log_in("approver"));
    let colleague = server.log_in("colleague");
    let text = |id: i64| id.to_string();

    let refused = [put_registry(&clerk, "a"), put_registry(&clerk, "b")];
    say(&approver, refused[0], "refuse").expect(204);
    done_as(&centre, "approver", &["proposal", "refuse", &text(refused[1]), "--note", "wrong terminals"]);
    let shown = clerk.get(&format!("/v1/proposals/{}", refused[1])).json();
    assert_eq!((&shown["note"], &shown["decided_by"]), (&"wrong terminals".into(), &"user:approver".into()));
    for id in refused {
        assert_told(&centre, id, &[BOTH[0], ("user:approver", "refused")]);
    }

    // Only whoever proposed withdraws.
    let withdrawn = [put_registry(&clerk, "c"), put_registry(&clerk, "d")];
    say(&colleague, withdrawn[0], "withdraw").refused(403, &["user:clerk's to withdraw"]);
    refused_as(&centre, "colleague", &["proposal", "withdraw", &text(withdrawn[0])], "user:clerk's");
    say(&clerk, withdrawn[0], "withdraw").expect(204);
    done_as(&centre, "clerk", &["proposal", "withdraw", &text(withdrawn[1])]);
    for id in withdrawn {
        assert_told(&centre, id, &[BOTH[0], ("user:clerk", "withdrawn")]);
    }
    for id in refused.into_iter().chain(withdrawn) {
        say(&approver, id, "approve").refused(422, &["already"]);
        refused_as(&centre, "approver", &["proposal", "approve", &text(id)], "already");
        say(&clerk, id, "withdraw").refused(422, &["already"]);
    }
    say(&approver, 999, "approve").refused(404, &["999"]);
    assert_eq!(name_in_force(&clerk), "Chengdu Bus");

    // Two from the same registry: what the first one changed, the second would undo.
    let (first, second) = (put_registry(&clerk, "first"), put_registry(&colleague, "second"));
    say(&approver, first, "approve").expect(200);
    say(&approver, second, "approve").refused(422, &["the registry has changed since it was proposed"]);
    refused_as(&centre, "approver", &["proposal", "approve", &text(second)], "has changed since");
    assert_eq!(name_in_force(&clerk), "first");
    say(&approver, second, "refuse").expect(204);

    // What no registry can be is not even proposed.
    let broken = json!({ "registry_toml": "[centre", "terminals_csv": "" });
    clerk.send(clerk.request("PUT", "/v1/registry").json(&broken)).refused(422, &[]);
    let long = json!({ "note": "x".repeat(1_001) });
    approver.post(&format!("/v1/proposals/{first}/approve"), &long).refused(422, &["note"]);
    assert_eq!(centre.json(&["check"])["holds"], true);
}

/// At the same moment, by both doors: one of them wins, and it takes effect once.
#[test]
fn approved_and_refused_at_once_is_one_of_both() {
    let (centre, server) = demanding();
    let (clerk, approver) = (server.log_in("clerk"), server.log_in("approver"));
    for round in 0..5 {
        let id = put_registry(&clerk, &format!("round {round}"));
        let (approved, refused) = std::thread::scope(|scope| {
            let approve = scope.spawn(|| say(&approver, id, "approve").status);
            let refuse = scope.spawn(|| say(&approver, id, "refuse").status);
            (approve.join().unwrap(), refuse.join().unwrap())
        });
        let state = clerk.get(&format!("/v1/proposals/{id}")).json()["state"].clone();
        match (approved, refused) {
            (200, 422) => assert_eq!(state, "applied"),
            (422, 204) => assert_eq!(state, "refused"),
            both => panic!("{both:?}, {state}"),
        }
        let in_force = name_in_force(&clerk) == format!("round {round}");
        assert_eq!(in_force, state == "applied");
    }
    assert_eq!(centre.json(&["check"])["holds"], true);
}

#[test]
fn check_names_what_was_changed_behind_the_programs_back() {
    let (centre, server) = demanding();
    let (clerk, approver) = (server.log_in("clerk"), server.log_in("approver"));
    let applied = put_registry(&clerk, "applied");
    say(&approver, applied, "approve").expect(200);
    let open = put_registry(&clerk, "open");
    let admin = server.log_in("admin");
    let issued = admin.post("/v1/certificates", &json!({ "collector": town::METRO })).expect(201).json();
    let serial = issued["serial"].as_str().unwrap();
    admin.delete(&format!("/v1/certificates/{serial}")).expect(204);
    let token = admin.post("/v1/tokens", &json!({ "user": "viewer", "label": "x", "days": 1 })).expect(201);
    let token = token.json()["id"].to_string();
    admin.delete(&format!("/v1/tokens/{token}")).expect(204);
    let hook = admin.post("/v1/webhooks", &json!({ "url": "http://127.0.0.1:9/" })).expect(201).json();
    let hook = hook["id"].to_string();
    server.stop();
    assert_eq!(centre.json(&["check"])["holds"], true);

    let approved = format!(
        "UPDATE proposals SET state = 'approved', decided_by = 'user:approver', decided_at = 1 WHERE id = {open}"
    );
    let table = [
        ("UPDATE users SET role = 'admin' WHERE name = 'viewer'".to_owned(), "user viewer", "differs"),
        (
            "UPDATE users SET participant = 'merchant:METRO001' WHERE name = 'merchant'".to_owned(),
            "user merchant",
            "differs",
        ),
        ("UPDATE users SET active = 0 WHERE name = 'viewer'".to_owned(), "user viewer", "differs"),
        (
            "INSERT INTO users SELECT 'mallory', 'approver', NULL, NULL, password, 1, 0, NULL, 0 FROM users \
             WHERE name = 'approver'"
                .to_owned(),
            "user mallory",
            "missing",
        ),
        (approved, &format!("proposal {open}"), "differs"),
        (
            format!("UPDATE proposals SET state = 'refused' WHERE id = {applied}"),
            &format!("proposal {applied}"),
            "differs",
        ),
        (
            format!("UPDATE proposals SET body_sha256 = '{}' WHERE id = {open}", "0".repeat(64)),
            &format!("proposal {open}"),
            "differs",
        ),
        (
            format!("UPDATE proposals SET body = CAST('{{}}' AS BLOB) WHERE id = {open}"),
            &format!("proposal {open}"),
            "differs",
        ),
        (
            format!("UPDATE certificates SET revoked_at = NULL WHERE serial = '{serial}'"),
            &format!("certificate {serial}"),
            "differs",
        ),
        (
            format!("UPDATE certificates SET collector = '{}' WHERE serial = '{serial}'", town::BUS[0]),
            &format!("certificate {serial}"),
            "differs",
        ),
        (
            format!("UPDATE tokens SET revoked_at = NULL WHERE id = {token}"),
            &format!("token {token}"),
            "differs",
        ),
        (
            format!("UPDATE tokens SET user_name = 'admin' WHERE id = {token}"),
            &format!("token {token}"),
            "differs",
        ),
        ("DELETE FROM four_eyes WHERE kind = 'keys'".to_owned(), "two people for keys", "differs"),
        ("INSERT INTO four_eyes VALUES ('payout', 1)".to_owned(), "two people for payout", "missing"),
        (
            format!("UPDATE webhooks SET url = 'http://mallory/' WHERE id = {hook}"),
            &format!("webhook {hook}"),
            "differs",
        ),
        (format!("UPDATE webhooks SET active = 0 WHERE id = {hook}"), &format!("webhook {hook}"), "differs"),
    ];
    for (statement, subject, kind) in &table {
        let copy = Centre::copy_of(&centre.data());
        tamper(&copy, &[statement]);
        let (kinds, report) = found(&copy);
        assert_eq!(kinds, [format!("audit_{kind}")], "{statement} {report:#}");
        assert_eq!(report["findings"][0]["subject"], *subject, "{statement} {report:#}");
    }
}
