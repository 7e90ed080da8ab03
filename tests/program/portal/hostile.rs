//! Whoever comes with ill will: with wrong certificates, bodies without end or beginning, and addresses that make no sense.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rcgen::ExtendedKeyUsagePurpose;
use serde_json::{Value, json};
use tongclear_package::PACKAGE_LEN_MAX;

use super::api::{Endpoint, Opens, endpoints};
use super::forge::{Forged, Forger};
use super::server::{Client, Identity, PASSWORD, Server, certificates, wait_for};
use super::town::{self, BUS, METRO, package};
use crate::check::tamper;
use crate::city::DAY;

const MISSING: &str = "/v1/collector/packages/missing";

/// Nothing comes of a request: the handshake fails.
#[track_caller]
fn assert_shut(server: &Server, identity: &Identity) {
    let client = server.shown(identity);
    let answer = client.try_send(client.request("GET", "/healthz"));
    assert!(answer.is_err(), "{answer:?}");
}

#[test]
fn certificates_that_open_nothing() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let name = format!("urn:tongclear:collector:{}", BUS[0]);
    let uris = [&*name];
    let collector = Forged::collector(&uris);

    // The handshake ends at once.
    let (stranger, thief) = (Forger::stranger(), Forger::thief(&centre));
    assert_shut(&server, &stranger.sign(&collector));
    let as_server = Forged { purpose: ExtendedKeyUsagePurpose::ServerAuth, ..Forged::collector(&uris) };
    assert_shut(&server, &thief.sign(&as_server));
    assert_shut(&server, &thief.sign(&Forged { years: (2020, 2021), ..Forged::collector(&uris) }));
    assert_shut(&server, &thief.sign(&Forged { years: (2098, 2099), ..Forged::collector(&uris) }));

    // Rightly signed, but never issued: not by this serial number, not to this collector.
    server.shown(&thief.sign(&collector)).get(MISSING).refused(403, &["did not issue"]);
    let issued = centre.json(&["ca", "list"]);
    let issued = issued.as_array().unwrap();
    let serial_of = |collector: &str| {
        issued.iter().find(|it| it["collector"] == collector).unwrap()["serial"].as_str().unwrap()
    };
    let others = Forged { serial: Some(serial_of(METRO)), ..Forged::collector(&uris) };
    server.shown(&thief.sign(&others)).get(MISSING).refused(403, &["did not issue"]);
    // Names that are no collector's, or two at once, are nobody's.
    let capital = format!("urn:tongclear:collector:{}", BUS[0].to_uppercase());
    let metro = format!("urn:tongclear:collector:{METRO}");
    for uris in [vec![], vec![&*capital], vec!["urn:tongclear:collector:"], vec![&*name, &*metro]] {
        let nobody = server.shown(&thief.sign(&Forged::collector(&uris)));
        nobody.get(MISSING).refused(401, &["certificate"]);
        nobody.get("/healthz").expect(200);
    }

    // Revoked on a connection that is open; another certificate of the same collector stays.
    let client = server.collector(&folder, BUS[0]);
    client.get(MISSING).expect(200);
    let again = centre.dir.path().join("again");
    centre.done(&["ca", "issue", BUS[0], "--out", again.to_str().unwrap()]);
    centre.done(&["ca", "revoke", serial_of(BUS[0])]);
    client.get(MISSING).refused(403, &["revoked", serial_of(BUS[0])]);
    client.upload(package(DAY, BUS[0], 1)).refused(403, &["revoked"]);
    server.collector(&folder, BUS[0]).get(MISSING).refused(403, &["revoked"]);
    let renewed = server.collector(&again, BUS[0]);
    assert_eq!(renewed.upload(package(DAY, BUS[0], 1)).expect(200).json()["result"], "received");
    centre.refused(&["ca", "revoke", serial_of(BUS[0])], 3, &["in force"]);
    assert_eq!(centre.json(&["check"])["holds"], true);

    // What the centre's books say of its end counts as well.
    tamper(&centre, &[&format!("UPDATE certificates SET expires_at = 1 WHERE collector = '{METRO}'")]);
    server.collector(&folder, METRO).get(MISSING).refused(403, &["expired"]);
    assert_eq!(server.log_in("viewer").get("/v1/intake").json()["packages"], 1);
}

/// Writes a request by hand, and reads what comes until the other end closes or is silent.
fn by_hand(server: &Server, identity: Option<&Identity>, bytes: &[u8]) -> String {
    let mut line = server.line(identity);
    // Whoever is refused early may find the connection closed while writing.
    let _ = line.write_all(bytes);
    let mut answer = Vec::new();
    let mut part = [0; 4_096];
    while let Ok(read @ 1..) = line.read(&mut part) {
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer);
        let length = text.split("content-length: ").nth(1).and_then(|it| it.split('\r').next()?.parse().ok());
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
        if body.zip(length).is_some_and(|(body, length): (usize, usize)| body >= length) {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[track_caller]
fn assert_answered(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer:?}");
}

#[test]
fn bodies_without_end_are_not_waited_for() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let identity = Identity::load(&folder, BUS[0]);
    let begun = Instant::now();
    let head = |more: &str| {
        format!("POST /v1/collector/packages HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}\r\n")
    };

    // Announced to be too long: answered before anything of it comes.
    let announced = head(&format!("content-length: {}\r\n", PACKAGE_LEN_MAX + 1));
    let answer = by_hand(&server, Some(&identity), announced.as_bytes());
    assert_answered(&answer, 413);
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert_answered(&by_hand(&server, None, announced.as_bytes()), 401);

    // Not announced: answered when it has become too long.
    let client = server.shown(&identity);
    let length = PACKAGE_LEN_MAX + (1 << 20);
    let stream =
        futures::stream::iter((0..length >> 20).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 1 << 20])));
    let body = reqwest::Body::wrap_stream(stream);
    // The server may close while the rest is still being sent.
    match client.try_send(client.request("POST", "/v1/collector/packages").body(body)) {
        Ok(answer) => answer.refused(413, &["longer than"]),
        Err(error) => assert!(error.contains("reset") || error.contains("BrokenPipe"), "{error}"),
    }
    // Lengths that make no sense, and both ways at once.
    for more in [
        "content-length: -1\r\n",
        "content-length: 99999999999999999999999\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
    ] {
        assert_answered(&by_hand(&server, Some(&identity), head(more).as_bytes()), 400);
    }
    let chunk = format!("{}zz\r\n", head("transfer-encoding: chunked\r\n"));
    assert_answered(&by_hand(&server, Some(&identity), chunk.as_bytes()), 400);

    // Whoever hangs up in the middle leaves nothing behind.
    let bytes = package(DAY, BUS[0], 1);
    let mut line = server.line(Some(&identity));
    line.write_all(head(&format!("content-length: {}\r\n", bytes.len())).as_bytes()).unwrap();
    line.write_all(&bytes[..bytes.len() / 2]).unwrap();
    line.flush().unwrap();
    drop(line);
    let viewer = server.log_in("viewer");
    assert_eq!(viewer.get("/v1/intake").json()["packages"], 0);
    assert_eq!(viewer.get("/v1/quarantine").json(), json!([]));
    assert_eq!(client.upload(bytes).expect(200).json()["result"], "received");
    assert!(begun.elapsed() < Duration::from_secs(25), "nothing of that waits");
}

/// One byte a second, for as long as anybody listens.
#[test]
fn a_body_that_trickles_is_given_up_after_its_time() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let mut line = server.line(Some(&Identity::load(&folder, BUS[0])));
    let bytes = package(DAY, BUS[0], 1);
    let length = bytes.len();
    write!(line, "POST /v1/collector/packages HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n")
        .unwrap();
    line.flush().unwrap();
    line.sock.set_read_timeout(Some(Duration::from_millis(1_000))).unwrap();
    let begun = Instant::now();
    let mut part = [0; 4_096];
    let mut trickle = bytes.iter();
    let answer = wait_for("an answer", || {
        line.write_all(&[*trickle.next().unwrap()]).unwrap();
        let read = line.read(&mut part).ok().filter(|read| *read > 0)?;
        Some(String::from_utf8_lossy(&part[..read]).into_owned())
    });
    assert_answered(&answer, 408);
    assert!(answer.contains("too_slow"), "{answer}");
    let waited = begun.elapsed().as_secs();
    assert!((29..40).contains(&waited), "{waited} s");
    assert_eq!(server.log_in("viewer").get("/v1/intake").json()["packages"], 0);
}

#[test]
fn what_is_no_request_is_no_fault() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    // Heads without end: too long, or too many.
    let long = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "x".repeat(64 << 10));
    let many = format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(2_000));
    let address = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(64 << 10));
    for head in [long, many, address] {
        let answer = by_hand(&server, None, head.as_bytes());
        // The end of the connection may overtake the answer when something of the head is still under way.
        let refused = ["HTTP/1.1 431 ", "HTTP/1.1 414 "].iter().any(|it| answer.starts_with(it));
        assert!(refused || answer.is_empty(), "{answer:?}");
    }
    for nonsense in ["\r\n\r\n\r\n\r\nx\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\0\0\0\0\r\n\r\n"]
    {
        let answer = by_hand(&server, None, nonsense.as_bytes());
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{nonsense:?} {answer:?}");
    }

    // Without TLS, and with what only begins like it.
    for garbage in
        [&b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"[..], &[0x16, 3, 1, 0xff, 0xff], &[0; 100_000]]
    {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let _ = stream.write_all(garbage);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        // An alert at most, and the end.
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.len() < 100 && !answer.starts_with(b"HTTP"), "{answer:?}");
    }

    let stranger = server.stranger();
    stranger.get("/nowhere").refused(404, &["openapi.json"]);
    stranger.get("/v1/windows/").refused(404, &[]);
    stranger.delete("/healthz").refused(405, &["openapi.json"]);
    stranger.send(stranger.request("BREW", "/healthz")).refused(405, &[]);
    stranger.get("/healthz").expect(200);
    for line in server.log().lines() {
        assert!(!line.contains(" ERROR "), "{line}");
    }
}

/// From one address thirty attempts to log in are heard in a minute.
#[test]
fn a_stranger_who_hammers_is_heard_thirty_times_and_keeps_nobody_else_out() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let viewer = server.log_in("viewer");
    let stranger = server.stranger();
    let log_in = || {
        let request = stranger.request("POST", "/v1/sessions").json(&json!({ "user": "viewer" }));
        stranger.try_send(request).unwrap()
    };
    let mut heard = 0;
    let answer = loop {
        let answer = log_in();
        match answer.status {
            422 => heard += 1,
            _ => break answer,
        }
    };
    // One each two seconds comes back.
    assert!((29..=35).contains(&heard), "{heard}");
    answer.refused(429, &["try again in"]);
    assert!((1..=3).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    viewer.get("/v1/windows").expect(200);

    // Somebody known has a bucket of their own, which another one does not empty.
    let many: Vec<u16> =
        (0..400).map(|_| viewer.try_send(viewer.request("GET", "/v1/sessions")).unwrap().status).collect();
    assert!(many.contains(&200) && many.iter().all(|status| [200, 429].contains(status)), "{many:?}");
    stranger.get("/healthz").expect(200);
}

/// Values that stand in addresses and are nothing of ours.
const STRANGE: [&str; 14] = [
    "x",
    "%20",
    "%00",
    "%ff%fe",
    "2026-13-45",
    "2026-11-23%0a",
    "0000-00-00",
    "-1",
    "9223372036854775808",
    "1e3",
    "..%2f..%2fetc%2fpasswd",
    "%F0%9F%9A%8C",
    "'%20OR%201=1--",
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
];

/// Whoever may come furthest: somebody whose role opens the address.
fn insider<'a>(
    people: &'a [(tongclear_access::Role, Client)],
    collector: &'a Client,
    opens: Opens,
) -> &'a Client {
    let first = || &people[0].1;
    match opens {
        Opens::Everybody | Opens::Known => first(),
        Opens::Collector => collector,
        Opens::May(action) => {
            people.iter().find(|(role, _)| role.may(action)).map_or_else(first, |(_, client)| client)
        }
    }
}

/// Every address of the document with something strange in each place: refused with problem details, never a fault.
#[test]
fn nothing_strange_is_a_fault() {
    let centre = town::settled();
    let server = Server::start(&centre);
    let folder = certificates(&centre);
    let people: Vec<_> = ["clerk", "approver", "auditor", "admin"]
        .map(|name| (name.parse().unwrap(), server.log_in(name)))
        .into();
    let collector = server.collector(&folder, BUS[0]);
    let document = collector.get("/v1/openapi.json").json();
    let audit = centre.json(&["audit", "list"]);
    let walk = endpoints(&collector);
    // Strangers are heard only so often: what they send is another test's.
    for endpoint in walk.iter().filter(|it| it.path != "/v1/sessions") {
        let client = insider(&people, &collector, endpoint.opens);
        strange_addresses(client, endpoint, &document);
        strange_bodies(client, endpoint, &document);
    }
    assert_eq!(centre.json(&["audit", "list"]), audit, "nothing of that did anything");
}

#[track_caller]
fn assert_no_fault(client: &Client, request: reqwest::RequestBuilder, what: &str) -> u16 {
    let answer = client.send(request);
    assert!(answer.status < 500, "{what}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    if answer.status >= 400 {
        answer.refused(answer.status, &["urn:tongclear:problem:"]);
    }
    answer.status
}

fn strange_addresses(client: &Client, endpoint: &Endpoint, document: &Value) {
    let Endpoint { method, path, .. } = endpoint;
    let described = &document["paths"][path][method.to_lowercase()];
    let names: Vec<&str> = path.split('{').skip(1).map(|it| it.split('}').next().unwrap()).collect();
    for strange in STRANGE {
        for name in &names {
            // The others are as they should be: the strange one is looked at.
            let address = path.replace(&format!("{{{name}}}"), strange);
            let address = Endpoint { path: address, ..endpoint.clone() }.filled();
            let request = client.request(method, &address).json(&json!({}));
            let status = assert_no_fault(client, request, &format!("{method} {address}"));
            assert!(status >= 400, "{method} {address}: {status}");
        }
        let parameters = described["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in parameters.iter().filter(|it| it["in"] == "query" && method == "GET") {
            let address = endpoint.filled();
            let and = if address.contains('?') { '&' } else { '?' };
            let address = format!("{address}{and}{}={strange}", parameter["name"].as_str().unwrap());
            assert_no_fault(client, client.request(method, &address), &address);
        }
    }
    let twice = format!("{}?participant=merchant:BUS00001&participant=merchant:METRO001", endpoint.filled());
    if method == "GET" && !endpoint.filled().contains('?') {
        assert_no_fault(client, client.request(method, &twice), &twice);
    }
}

fn strange_bodies(client: &Client, endpoint: &Endpoint, document: &Value) {
    let Endpoint { method, path, .. } = endpoint;
    let described = &document["paths"][path][method.to_lowercase()]["requestBody"];
    if described.is_null() {
        return;
    }
    let address = endpoint.filled();
    let takes_json = !described["content"]["application/json"].is_null();
    let deep = "[".repeat(50_000);
    let bodies: [&[u8]; 12] = [
        b"",
        b"{",
        b"{}}",
        b"[]",
        b"null",
        b"\"text\"",
        b"1e999",
        b"\xff\xfe\x00",
        b"{\"\\u0000\": \"\\ud800\"}",
        deep.as_bytes(),
        b"{\"user\": 1, \"name\": [], \"window\": {}, \"kind\": null, \"url\": false, \"collector\": 1e3}",
        b"{\"window\": \"2026-02-30\", \"workers\": -1, \"kind\": \"\", \"days\": 4294967296, \"id\": 1.5}",
    ];
    for body in bodies {
        for media_type in
            ["application/json", "text/plain", "application/octet-stream", "multipart/form-data", "*", ""]
        {
            let request = client.request(method, &address).header("content-type", media_type);
            let what = format!(
                "{method} {address} {media_type} {:?}",
                String::from_utf8_lossy(&body[..body.len().min(80)])
            );
            let status = assert_no_fault(client, request.body(body.to_vec()), &what);
            if !takes_json {
                continue;
            }
            // Whether it is JSON is asked only of what says so.
            assert!([400, 404, 415, 422, 429].contains(&status), "{what}: {status}");
            assert_eq!(status == 415, media_type != "application/json", "{what}: {status}");
        }
    }
}

/// Passwords of any length and alphabet are wrong, not a fault.
#[test]
fn strange_passwords_are_wrong_passwords() {
    let centre = town::expectant();
    let server = Server::start(&centre);
    let stranger = server.stranger();
    let long = "x".repeat(50_000);
    for password in ["", "x", "\0\0\0\0\0\0\0\0\0\0", "密码密码密码密码", &long, &format!("{PASSWORD} ")]
    {
        stranger.log_in("viewer", password).refused(401, &["wrong"]);
    }
    for user in ["", "\0", "viewer ", "VIEWER", "видящий", &long] {
        stranger.log_in(user, PASSWORD).refused(401, &["wrong"]);
    }
    for body in ["", "{", "[]", "{\"user\": \"viewer\"}", &"[".repeat(50_000)] {
        let request = stranger.request("POST", "/v1/sessions").header("content-type", "application/json");
        let status = assert_no_fault(&stranger, request.body(body.to_owned()), body);
        assert!([400, 422].contains(&status), "{status}");
    }
    let request = stranger.request("POST", "/v1/sessions").body("user=viewer");
    assert_eq!(assert_no_fault(&stranger, request, "a form"), 415);
    stranger.log_in("viewer", PASSWORD).expect(201);
}
