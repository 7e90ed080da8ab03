//! A backup taken while work goes on is a whole centre, and a restored one goes on like the first.

use std::path::Path;

use serde_json::Value;

use crate::city::{DAY, one_day, three_days};
use crate::program::{Centre, path, sorted};

const NEXT: &str = "2026-11-24";

/// Every file below a folder with its bytes, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in sorted(folder) {
            if entry.is_dir() {
                walk(root, &entry, found);
            } else {
                let name = path(entry.strip_prefix(root).unwrap()).to_owned();
                found.push((name, std::fs::read(&entry).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found
}

#[test]
fn a_restored_backup_goes_on_like_the_first() {
    let city = three_days();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages").join(DAY))]);
    centre.done(&["night", "--date", DAY]);
    // Something in quarantine, and packages that wait.
    let junk = centre.dir.path().join("junk.ctp");
    std::fs::write(&junk, b"no package").unwrap();
    assert_eq!(centre.run(&["intake", path(&junk)]).code, 3);
    centre.done(&["intake", path(&city.join("packages").join(NEXT))]);

    let out = centre.dir.path().join("backup");
    let made = centre.json(&["backup", "--out", path(&out)]);
    assert_eq!(made["manifest"]["damaged"], Value::Array(Vec::new()));
    assert_eq!(files(&out.join("vault")), files(&centre.data().join("vault")));
    centre.refused(&["backup", "--out", path(&out)], 3, &["not empty"]);

    let restored = Centre::absent();
    restored.done(&["restore", path(&out)]);
    assert_eq!(files(&restored.data().join("vault")), files(&centre.data().join("vault")));
    assert_eq!(restored.json(&["check"])["holds"], true);
    restored.refused(&["restore", path(&out)], 3, &["not empty"]);
    // A backup is a data folder itself.
    let ended = restored.command(&["check", "--json"]).args(["--data", path(&out)]).output();
    assert!(ended.is_ok());
    for it in [&centre, &restored] {
        it.done(&["night", "--date", NEXT]);
    }
    let show = ["settlement", "show", "--window", NEXT, "--json"];
    assert_eq!(restored.done(&show), centre.done(&show));
    assert_eq!(restored.json(&["check"])["holds"], true);
}

#[test]
fn a_backup_is_taken_while_intake_runs() {
    let city = one_day();
    let centre = Centre::of_city(city);
    let packages = sorted(&city.join("packages").join(DAY));
    let (first, rest) = packages.split_first().unwrap();
    centre.done(&["intake", path(first)]);
    // One process a package, so that the backup falls between batches.
    let intake = std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            for package in rest {
                centre.done(&["intake", path(package)]);
            }
        });
        let out = centre.dir.path().join("backup");
        centre.done(&["backup", "--out", path(&out)]);
        running.join().map(|()| out)
    });
    let out = intake.unwrap();
    let restored = Centre::absent();
    restored.done(&["restore", path(&out)]);
    assert_eq!(restored.json(&["check"])["holds"], true);
    // What the backup did not see comes again.
    restored.done(&["intake", path(&city.join("packages"))]);
    for it in [&centre, &restored] {
        it.done(&["night", "--date", DAY]);
    }
    let show = ["settlement", "show", "--window", DAY, "--json"];
    assert_eq!(restored.done(&show), centre.done(&show));
}

#[test]
fn what_is_damaged_or_half_is_said() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    centre.done(&["night", "--date", DAY]);
    let file = centre.data().join(format!("vault/cards/{DAY}/part-03.parquet"));
    std::fs::write(&file, "damaged").unwrap();
    let out = centre.dir.path().join("backup");
    centre.refused(&["backup", "--out", path(&out)], 4, &["cards/2026-11-23/part-03.parquet"]);
    assert_eq!(std::fs::read(out.join(format!("vault/cards/{DAY}/part-03.parquet"))).unwrap(), b"damaged");

    // Without its manifest a backup was interrupted.
    std::fs::remove_file(out.join("backup.json")).unwrap();
    let restored = Centre::absent();
    restored.refused(&["restore", path(&out)], 2, &["backup.json"]);
}

#[test]
fn a_store_moves_to_another_database() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    let other = format!("sqlite://{}", path(&centre.dir.path().join("other.sqlite")));
    centre.done(&["migrate-store", "--to", &other]);
    centre.refused(&["migrate-store", "--to", &other], 3, &["not new"]);
    centre.done(&["--database", &other, "night", "--date", DAY]);
    assert_eq!(centre.json(&["--database", &other, "check"])["holds"], true);
}
