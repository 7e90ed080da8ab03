//! People and programs come in, are kept out, and go; and no secret stays behind anywhere.

use std::path::Path;

use serde_json::{Value, json};

use super::server::{Client, PASSWORD, Server, add_person, certificates};
use super::town;
use crate::check::tamper;
use crate::city::small_town;
use crate::program::{Centre, path, sorted};

/// A command as a named person.
fn as_person(centre: &Centre, name: &str, arguments: &[&str]) -> std::process::Output {
    let mut command = centre.command(&[arguments, &["--user", name]].concat());
    command.env("TONGCLEAR_PASSWORD", PASSWORD).output().unwrap()
}

fn set_password(centre: &Centre, name: &str, password: &str) {
    let mut command = centre.command(&["user", "password", name]);
    assert!(command.env("TONGCLEAR_NEW_PASSWORD", password).output().unwrap().status.success());
}

/// Issues a token on the command line; its number and secret.
fn token(centre: &Centre, name: &str) -> (i64, String) {
    let issued = centre.json(&["token", "issue", "--for", name, "--label", "nightly download"]);
    (issued["id"].as_i64().unwrap(), issued["secret"].as_str().unwrap().to_owned())
}

#[track_caller]
fn assert_in(client: &Client, name: &str) {
    assert_eq!(client.get("/v1/sessions").expect(200).json()["user"], name);
}

#[track_caller]
fn assert_out(client: &Client) {
    client.get("/v1/sessions").refused(401, &["unknown_caller"]);
}

#[test]
fn an_account_rests_after_five_wrong_passwords_at_every_door() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let stranger = server.stranger();
    let already_in = server.log_in("clerk");
    let wrong = stranger.log_in("clerk", "not the password");
    wrong.refused(401, &["the user name or the password is wrong, or the account rests"]);
    // Whether there is such a name is not said.
    assert_eq!(stranger.log_in("nobody", "not the password").json(), wrong.json());
    assert_eq!(stranger.log_in("Not A Name\u{0}", "not the password").json(), wrong.json());
    assert_eq!(stranger.log_in("clerk", "short").json(), wrong.json());

    // A right one in between counts from the beginning again.
    stranger.log_in("clerk", "not the password").refused(401, &[]);
    stranger.log_in("clerk", PASSWORD).expect(201);
    for _ in 0..4 {
        assert_eq!(stranger.log_in("clerk", "not the password").json(), wrong.json());
    }
    let locked =
        || centre.json(&["user", "list"]).as_array().unwrap().iter().any(|it| !it["locked_until"].is_null());
    assert!(!locked());
    assert_eq!(stranger.log_in("clerk", "not the password").json(), wrong.json());
    assert!(locked());
    assert_eq!(stranger.log_in("clerk", PASSWORD).json(), wrong.json());
    assert_eq!(as_person(&centre, "clerk", &["window", "list"]).status.code(), Some(3));
    // Whoever is in stays in, others come in, and the log knows.
    assert_in(&already_in, "clerk");
    assert_in(&server.log_in("viewer"), "viewer");
    let audit = centre.json(&["audit", "list"]);
    let last = audit["entries"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["event"]["event"], &last["event"]["change"]), (&"user".into(), &"locked".into()));

    // Another password lifts the lock, and ends the sessions.
    set_password(&centre, "clerk", "another long password");
    assert_out(&already_in);
    stranger.log_in("clerk", PASSWORD).refused(401, &[]);
    stranger.log_in("clerk", "another long password").expect(201);
    centre.done(&["check"]);
}

#[test]
fn a_rest_ends_by_itself() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let stranger = server.stranger();
    for _ in 0..5 {
        stranger.log_in("viewer", "not the password").refused(401, &[]);
    }
    stranger.log_in("viewer", PASSWORD).refused(401, &[]);
    tamper(&centre, &["UPDATE users SET locked_until = locked_until - 900000 WHERE name = 'viewer'"]);
    stranger.log_in("viewer", PASSWORD).expect(201);
}

#[test]
fn tokens_open_until_they_are_revoked_or_expire() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let (id, secret) = token(&centre, "merchant");
    let program = server.holder(&secret);
    assert_eq!(program.get("/v1/sessions").json()["participant"], "merchant:BUS00001");

    // Shown once: neither door shows it again.
    let admin = server.log_in("admin");
    let list = admin.get("/v1/tokens").expect(200);
    assert_eq!((&list.json()[0]["id"], &list.json()[0]["user"]), (&id.into(), &"merchant".into()));
    assert!(!list.text().contains(&secret) && !centre.done(&["token", "list", "--json"]).contains(&secret));

    let issued =
        admin.post("/v1/tokens", &json!({ "user": "merchant", "label": "books", "days": 1 })).expect(201);
    let other = server.holder(issued.json()["secret"].as_str().unwrap());
    assert_in(&other, "merchant");
    // Revoked by the other door than the one that issued it, on a connection that is open.
    admin.delete(&format!("/v1/tokens/{id}")).expect(204);
    centre.done(&["token", "revoke", &issued.json()["id"].to_string()]);
    assert_out(&program);
    assert_out(&other);
    admin.delete(&format!("/v1/tokens/{id}")).refused(404, &[]);
    centre.refused(&["token", "revoke", &id.to_string()], 3, &["in force"]);

    let (id, secret) = token(&centre, "viewer");
    let program = server.holder(&secret);
    assert_in(&program, "viewer");
    centre.done(&["check"]);
    tamper(&centre, &[&format!("UPDATE tokens SET expires_at = created_at + 1 WHERE id = {id}")]);
    assert_out(&program);
}

#[test]
fn sessions_end_by_going_by_time_and_with_the_account() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let (one, two) = (server.log_in("clerk"), server.log_in("clerk"));
    one.delete("/v1/sessions").expect(204);
    assert_out(&one);
    one.delete("/v1/sessions").refused(401, &[]);
    // Another session of the same person is another one.
    assert_in(&two, "clerk");

    let expiring = server.log_in("viewer");
    tamper(&centre, &["UPDATE sessions SET expires_at = created_at + 1 WHERE user_name = 'viewer'"]);
    assert_out(&expiring);

    let (_, secret) = token(&centre, "clerk");
    let program = server.holder(&secret);
    assert_in(&program, "clerk");
    let admin = server.log_in("admin");
    let closed = admin.send(admin.request("PATCH", "/v1/users/clerk").json(&json!({ "active": false })));
    assert_eq!(closed.expect(200).json()["active"], false);
    assert_out(&two);
    assert_out(&program);
    server.stranger().log_in("clerk", PASSWORD).refused(401, &[]);
    assert_eq!(as_person(&centre, "clerk", &["window", "list"]).status.code(), Some(3));
    centre.done(&["user", "open", "clerk"]);
    // Opened again, its tokens open again; sessions are over.
    assert_in(&program, "clerk");
    assert_out(&two);
    assert_in(&server.log_in("clerk"), "clerk");
    centre.done(&["check"]);
}

/// A letter a byte: text is searched fast.
fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in sorted(folder) {
        if entry.is_dir() {
            files(&entry, found);
        } else {
            found.push((path(&entry).to_owned(), letters(&std::fs::read(&entry).unwrap())));
        }
    }
}

/// The log is at its most talkative, and everything that is secret passes through the door.
#[test]
fn no_secret_stays_in_the_log_or_on_the_disk() {
    let centre = town::expectant();
    let folder = certificates(&centre);
    let server = Server::start(&centre);
    let stranger = server.stranger();
    // What callers make up in addresses and headers stays out as well.
    let made_up = "made-up-by-the-caller";
    let mut secrets: Vec<String> = ["correct horse", PASSWORD, made_up].map(str::to_owned).to_vec();
    let mut keep = |text: &Value| secrets.push(text.as_str().unwrap().to_owned());

    keep(&"almost the password of the clerk".into());
    stranger.log_in("clerk", "almost the password of the clerk").refused(401, &[]);
    let admin = server.log_in("admin");
    keep(&admin.secret().into());
    keep(&"the first password of hers".into());
    let add = json!({ "name": "fang", "role": "clerk", "password": "the first password of hers" });
    admin.post("/v1/users", &add).expect(201);
    keep(&"the second password of hers".into());
    let change = json!({ "password": "the second password of hers" });
    admin.send(admin.request("PATCH", "/v1/users/fang").json(&change)).expect(200);
    let session = stranger.log_in("fang", "the second password of hers").expect(201).json();
    keep(&session["secret"]);
    let fang = server.holder(session["secret"].as_str().unwrap());

    let token = admin.post("/v1/tokens", &json!({ "user": "fang", "label": "books", "days": 9 })).expect(201);
    keep(&token.json()["secret"]);
    server.holder(token.json()["secret"].as_str().unwrap()).get("/v1/windows").expect(200);
    keep(&token_of(&centre, "viewer"));
    let hook = admin.post("/v1/webhooks", &json!({ "url": "http://127.0.0.1:9/hook" })).expect(201);
    keep(&hook.json()["secret"]);
    keep(&centre.json(&["webhook", "add", "http://127.0.0.1:9/other"])["secret"]);
    let certificate = admin.post("/v1/certificates", &json!({ "collector": town::METRO })).expect(201).json();
    // In the middle of a key there is nothing that any other PEM has.
    keep(&certificate["key_pem"].as_str().unwrap().lines().nth(1).unwrap().into());
    let key = "00112233445566778899aabbccddeef0";
    keep(&key.into());
    let keys =
        format!("[[tac]]\noperator = \"0101\"\nversion = 9\nalgorithm = \"des\"\nmaster = \"{key}\"\n");
    // At once, and as a proposal, which another one still has to approve.
    fang.post("/v1/keys", &json!({ "keys_toml": keys })).expect(200);
    admin.post("/v1/four-eyes", &json!({ "kind": "keys" })).expect(204);
    fang.post("/v1/keys", &json!({ "keys_toml": keys.replace("= 9", "= 10") })).expect(202);
    fang.post("/v1/keys", &json!({ "keys_toml": keys.replace("[[tac]]", "[[tac]") })).refused(422, &[]);
    for line in std::fs::read_to_string(small_town().join("keys.toml")).unwrap().lines() {
        if let Some(master) = line.strip_prefix("master = ") {
            keep(&master.trim_matches('"').into());
        }
    }
    server.collector(&folder, town::BUS[0]).get("/v1/collector/results").expect(200);
    fang.get(&format!("/v1/windows?token={made_up}")).expect(200);
    fang.get(&format!("/v1/windows/{made_up}")).refused(400, &[]);
    fang.get(&format!("/{made_up}")).refused(404, &[]);
    fang.send(fang.request("GET", "/v1/windows").header("x-secret", made_up)).expect(200);

    let log = server.log();
    assert!(log.contains("DEBUG") && log.contains("answered"), "{log}");
    server.stop();
    let mut kept = Vec::new();
    files(&centre.data(), &mut kept);
    let log = std::fs::read(centre.dir.path().join("serve.log")).unwrap();
    kept.push(("the log".to_owned(), letters(&log)));
    assert!(secrets.len() > 15 && kept.iter().any(|(name, _)| name.ends_with("centre.sqlite")));
    for secret in &secrets {
        // As it is, and as the bytes that its hex stands for.
        let bytes = hex::decode(secret.trim_start_matches("tcs_").trim_start_matches("tct_"));
        for needle in [Some(secret.clone()), bytes.ok().map(|bytes| letters(&bytes))].into_iter().flatten() {
            for (name, haystack) in &kept {
                assert!(!haystack.contains(&needle), "{secret} stands in {name}");
            }
        }
    }
}

fn token_of(centre: &Centre, name: &str) -> Value {
    token(centre, name).1.into()
}

#[test]
fn an_account_made_by_one_door_is_one_at_the_other() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let admin = server.log_in("admin");
    add_person(&centre, "water", "merchant", Some("merchant:WATER001"));
    assert_eq!(server.log_in("water").get("/v1/sessions").json()["participant"], "merchant:WATER001");
    let add = |name: &str, role: &str, participant: Option<&str>| {
        let new = json!({ "name": name, "role": role, "participant": participant, "password": PASSWORD });
        admin.post("/v1/users", &new)
    };
    assert_eq!(add("gas", "merchant", Some("merchant:GAS00001")).expect(201).json()["active"], true);
    assert_eq!(as_person(&centre, "gas", &["proposal", "list"]).status.code(), Some(0));
    for (name, role, participant, words) in [
        ("gas", "viewer", None, "there is one already"),
        ("nobodys", "merchant", None, "needs"),
        ("others", "merchant", Some("operator:0417"), "does not belong"),
        ("strange", "merchant", Some("merchant:STRANGE1"), "not in the registry"),
        ("staff", "clerk", Some("merchant:GAS00001"), "does not belong"),
        ("Capital", "clerk", None, "name"),
        ("king", "king", None, "role"),
    ] {
        add(name, role, participant).refused(422, &[words]);
    }
    centre.done(&["check"]);
}
