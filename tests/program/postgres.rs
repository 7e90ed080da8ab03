//! A centre on PostgreSQL is the same centre: the same bytes, the same exit codes, the same answers after a fault.

use std::process::{Child, Stdio};

use tongclear_test_postgres::{Cluster, LOCKED};

use crate::city::{DAY, one_day, three_days};
use crate::determinism::results;
use crate::faults::assert_one_night_and_one_intake;
use crate::program::{Centre, path, sorted};

const DAYS: [&str; 3] = [DAY, "2026-11-24", "2026-11-25"];

/// A centre without anything on a server.
fn absent(cluster: &Cluster) -> Centre {
    Centre::absent_on(cluster.database())
}

/// Starts a command whose end is looked at later.
fn start(centre: &Centre, arguments: &[&str]) -> Child {
    centre.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// How it ended, and what it said.
fn ended(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code(), said)
}

#[test]
fn both_databases_give_the_same_three_days() {
    let city = three_days();
    let days = |centre: Centre| {
        let centre = centre.knows(city);
        let shown = DAYS.map(|day| {
            centre.done(&["intake", path(&city.join("packages").join(day))]);
            let night = centre.json(&["night", "--date", day]);
            let show = centre.done(&["settlement", "show", "--window", day, "--json"]);
            let positions = centre.done(&["settlement", "positions", "--window", day]);
            (night["settlement"]["digest"].clone(), show, positions)
        });
        (shown, results(&centre), centre.done(&["window", "list"]))
    };
    let sqlite = days(Centre::absent());
    let postgres = days(absent(Cluster::shared()));
    assert_eq!(sqlite.0, postgres.0);
    assert!(sqlite.1.len() > 3 * 2 * 64, "detail and card state of 64 partitions on three days");
    for (sqlite, postgres) in sqlite.1.iter().zip(&postgres.1) {
        assert_eq!(sqlite, postgres);
    }
    assert_eq!(sqlite.1.len(), postgres.1.len());
    assert_eq!(sqlite.2, postgres.2);
}

#[test]
fn intakes_and_nights_at_once_are_one_night_and_one_intake() {
    assert_one_night_and_one_intake(&absent(Cluster::shared()).knows(one_day()));
}

/// Packages come while two nights close the window: each package is in one window, and each window is cleared once.
#[test]
fn intake_while_two_nights_run_loses_and_doubles_nothing() {
    let city = three_days();
    let centre = absent(Cluster::shared()).knows(city);
    centre.done(&["intake", path(&city.join("packages").join(DAYS[0]))]);
    let second = city.join("packages").join(DAYS[1]);
    let children = [
        start(&centre, &["night", "--date", DAYS[0]]),
        start(&centre, &["intake", path(&second)]),
        start(&centre, &["night", "--date", DAYS[0]]),
    ];
    for child in children {
        let (code, said) = ended(child);
        assert_eq!(code, Some(0), "{said}");
    }
    centre.done(&["night", "--date", DAYS[1]]);
    let received = |day: &str| {
        let show = centre.json(&["settlement", "show", "--window", day]);
        show["received"]["packages"].as_u64().unwrap()
    };
    let sent = sorted(&city.join("packages").join(DAYS[0])).len() + sorted(&second).len();
    assert_eq!(received(DAYS[0]) + received(DAYS[1]), u64::try_from(sent).unwrap());
    assert_eq!(centre.json(&["window", "list"]).as_array().unwrap().len(), 3);
}

/// The server goes down while the night closes the window, commits the run, fixes the positions.
#[test]
fn a_server_that_goes_down_at_any_step_costs_nothing_but_the_time() {
    let city = one_day();
    let packages = city.join("packages");
    let show = ["settlement", "show", "--window", DAY, "--json"];
    let undisturbed = Centre::of_city(city);
    undisturbed.done(&["intake", path(&packages)]);
    undisturbed.done(&["night", "--date", DAY]);

    let cluster = Cluster::start();
    let url = cluster.database();
    let (_, name) = url.rsplit_once('/').unwrap();
    let centre = Centre::absent_on(url.clone()).knows(city);
    centre.done(&["intake", path(&packages)]);
    for table in ["windows", "runs", "positions"] {
        // Whoever writes to the table waits: that is the moment at which the server goes.
        let mut keeper = cluster.session(&url);
        keeper.run(&format!("BEGIN; LOCK TABLE {table} IN SHARE MODE"));
        let night = start(&centre, &["night", "--date", DAY]);
        let waiting =
            format!("SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass AND NOT granted");
        while cluster.sql(name, &waiting) == "0" {
            std::thread::yield_now();
        }
        cluster.cut();
        drop(keeper);
        let (code, said) = ended(night);
        assert_eq!(code, Some(5), "{table}: {said}");
        assert!(said.contains("database"), "{table}: {said}");
        centre.refused(&["night", "--date", DAY], 5, &["the server cannot be reached"]);
        cluster.start_again();
    }
    centre.done(&["night", "--date", DAY]);
    assert_eq!(centre.done(&show), undisturbed.done(&show), "as without any fault");
}

/// Half the days on SQLite, then moved, and back: the third day comes out as if it had never been elsewhere.
#[test]
fn a_centre_moves_from_one_database_to_the_other_and_back() {
    let city = three_days();
    let stayed = Centre::of_city(city);
    let moved = Centre::of_city(city);
    let postgres = Cluster::shared().database();
    let back = format!("sqlite://{}", path(&moved.dir.path().join("back.sqlite")));
    let night = |centre: &Centre, database: &[&str], day: &str| {
        centre.done(&[database, &["intake", path(&city.join("packages").join(day))]].concat());
        centre.done(&[database, &["night", "--date", day]].concat());
    };
    let on_postgres: &[&str] = &["--database", &postgres];
    let on_sqlite: &[&str] = &["--database", &back];
    night(&moved, &[], DAYS[0]);
    moved.done(&["migrate-store", "--to", &postgres]);
    night(&moved, on_postgres, DAYS[1]);
    assert_eq!(moved.json(&[on_postgres, &["check"]].concat())["holds"], true);
    moved.refused(&["migrate-store", "--to", &postgres], 3, &["not new"]);
    moved.done(&[on_postgres, &["migrate-store", "--to", &back]].concat());
    night(&moved, on_sqlite, DAYS[2]);
    for day in DAYS {
        night(&stayed, &[], day);
        let show = ["settlement", "show", "--window", day, "--json"];
        assert_eq!(moved.done(&[on_sqlite, &show].concat()), stayed.done(&show));
    }
    assert_eq!(results(&moved), results(&stayed));
    assert_eq!(moved.json(&[on_sqlite, &["check"]].concat())["holds"], true);
}

#[test]
fn init_makes_the_tables_and_nothing_else_does() {
    let centre = absent(Cluster::shared());
    std::fs::create_dir_all(centre.data().join("vault")).unwrap();
    centre.refused(&["window", "list"], 5, &["it holds no centre", "tongclear init"]);
    assert_eq!(centre.json(&["init"])["created"], true);
    assert_eq!(centre.json(&["init"])["created"], false);
    assert_eq!(centre.json(&["window", "list"]).as_array().unwrap().len(), 1);
    assert!(!centre.data().join("centre.sqlite").exists());
}

/// URL, exit code, and what is said; the password of the URL never is, however much is logged.
#[test]
fn no_password_is_shown() {
    const PASSWORD: &str = "pa55-w0rd";
    let cluster = Cluster::shared();
    let (port, absent) = (cluster.port(), cluster.url("absent").replace('@', &format!(":{PASSWORD}@")));
    let locked = format!("postgres://{}:{PASSWORD}@127.0.0.1:{port}/postgres", LOCKED.name);
    let nowhere = format!("postgresql://clerk:{PASSWORD}@127.0.0.1:1/centre");
    let slash = format!("postgres://clerk:12/{PASSWORD}@127.0.0.1:1/centre");
    let scheme = format!("postgre://clerk:{PASSWORD}@127.0.0.1/centre");
    let parameter = format!("postgres://clerk@127.0.0.1/centre?pasword={PASSWORD}");
    let table: &[(&str, i32, &str)] = &[
        (&nowhere, 5, "postgres://clerk@127.0.0.1:1/centre: the server cannot be reached"),
        (&absent, 5, "database \"absent\" does not exist"),
        (&locked, 5, "password authentication failed"),
        (&slash, 2, "%2F"),
        (&scheme, 2, "neither sqlite://PATH nor postgres://"),
        (&parameter, 2, "\"pasword\" is not known"),
        ("sqlite://", 2, "neither sqlite://PATH nor postgres://"),
    ];
    for (url, code, expected) in table {
        for command in [&["init"] as &[&str], &["window", "list"]] {
            let centre = Centre::absent_on((*url).to_owned());
            std::fs::create_dir_all(centre.data().join("vault")).unwrap();
            let output = centre.command(command).env("TONGCLEAR_LOG", "trace").output();
            let output = output.unwrap();
            let said = format!("{output:?}");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(*code), "{stderr}");
            assert!(stderr.contains(expected), "{expected:?} is not said: {stderr}");
            assert!(!said.contains(PASSWORD), "{said}");
        }
    }
}
