//! A fleet uploads a second day while the night of the first one runs and the server is killed again and again: nothing is
//! lost, nothing is doubled, and the results are those of a centre that took the same packages in by hand.
//!
//! The moments of the kills are random; `TONGCLEAR_SEED=n` takes those of a run that failed.

use std::process::{Child, Stdio};
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::server::{Server, add_person, certificates, wait_for};
use super::town::NEXT;
use crate::city::{DAY, many_sites};
use crate::program::{Centre, path, sorted};

const KILLS: usize = 3;
/// The longest that a server lives before it is killed.
const LIFE_MS_MAX: u64 = 200;

/// Lets the sites of a day play against a server.
fn fleet(centre: &Centre, server: &Server, day: &str) -> Child {
    let certificates = centre.dir.path().join("certificates");
    let city = path(many_sites());
    let at_once = if day == DAY { "60" } else { "2" };
    let arguments = [
        "simulate",
        "--serve",
        &server.url,
        "--out",
        city,
        "--date",
        day,
        "--at-once",
        at_once,
        "--json",
        "--certificates",
    ];
    let mut command = centre.command(&[&arguments[..], &[path(&certificates)]].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What the fleet says when every package has its answer.
fn played(fleet: Child) -> Value {
    let output = fleet.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Starts the night and waits until its window is closed: what arrives from then on is in the next one.
fn close_by_night(server: &Server) {
    let clerk = server.log_in("clerk");
    clerk.post("/v1/nights", &json!({ "window": DAY, "workers": 1 })).expect(202);
    wait_for("the close", || {
        let windows = clerk.get("/v1/windows").expect(200).json();
        (!windows.as_array().unwrap().is_empty()).then_some(())
    });
}

/// Runs a night to its end.
fn finish_night(server: &Server, day: &str) {
    let clerk = server.log_in("clerk");
    clerk.post("/v1/nights", &json!({ "window": day })).expect(202);
    let events = clerk.get(&format!("/v1/nights/{day}/events")).expect(200);
    let last = events.text().split("data: ").last().unwrap().trim();
    let last: Value = serde_json::from_str(last.lines().next().unwrap()).unwrap();
    assert_eq!(last["state"], "done", "{last}");
}

/// What both centres must agree on.
fn results(centre: &Centre) -> Value {
    let of_day = |day: &str| {
        let positions = centre.json(&["settlement", "positions", "--window", day]);
        json!([centre.json(&["settlement", "show", "--window", day]), positions])
    };
    let mut windows = centre.json(&["window", "list"]);
    for window in windows.as_array_mut().unwrap() {
        // When it was closed says the clock.
        window.as_object_mut().unwrap().retain(|name, _| !name.ends_with("_at"));
    }
    json!({ "windows": windows, "days": [of_day(DAY), of_day(NEXT)] })
}

#[test]
fn a_fleet_loses_and_doubles_nothing_though_the_server_dies_three_times() {
    let seed = std::env::var("TONGCLEAR_SEED").map_or(2_026, |seed| seed.parse().unwrap());
    println!("TONGCLEAR_SEED={seed}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let city = many_sites();
    let packages = |day: &str| sorted(&city.join("packages").join(day));

    let centre = Centre::of_city(city);
    centre.done(&["ca", "init"]);
    add_person(&centre, "clerk", "clerk", None);
    certificates(&centre);
    let mut server = Server::start(&centre);
    let address = server.address().to_string();
    let first = played(fleet(&centre, &server, DAY));
    let day_one = packages(DAY);
    assert!(first["collectors"].as_u64().unwrap() > 50, "{first}");
    assert_eq!(first["packages"], day_one.len());

    close_by_night(&server);
    let mut second = fleet(&centre, &server, NEXT);
    let mut killed_at_work = 0;
    for _ in 0..KILLS {
        std::thread::sleep(Duration::from_millis(random.random_range(20..LIFE_MS_MAX)));
        killed_at_work += usize::from(second.try_wait().unwrap().is_none());
        server.kill();
        server = Server::start_at(&centre, &address);
        let clerk = server.log_in("clerk");
        clerk.post("/v1/nights", &json!({ "window": DAY, "workers": 1 })).expect(202);
    }
    assert!(killed_at_work > 0, "the fleet was done before the first kill");
    let second = played(second);
    assert_eq!(second["quarantined"].as_array().map_or(0, Vec::len), 0, "{second:#}");
    finish_night(&server, DAY);
    finish_night(&server, NEXT);

    let by_hand = Centre::of_city(city);
    for day in [DAY, NEXT] {
        let packages = packages(day);
        let taken = by_hand.json(&["intake", path(&city.join("packages").join(day))]);
        assert_eq!(taken["received"]["packages"], packages.len());
        by_hand.done(&["night", "--date", day]);
    }
    assert_eq!(results(&centre), results(&by_hand));
    assert_eq!(centre.json(&["check"])["holds"], true);
}
