//! Faults of disk and database: exit code 5, nothing half done, and the next run works.

use std::path::Path;
use std::process::Command;

use crate::city::{DAY, one_day};
use crate::program::{Centre, path};

/// A small file system of its own, unmounted when the test ends.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Needs root, as continuous integration and containers have it.
    fn of(size: &str) -> Self {
        let dir = tempfile::TempDir::new().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(dir.path())
            .status()
            .unwrap();
        assert!(mounted.success(), "mounting a tmpfs needs root");
        Self(dir)
    }

    fn remount(&self, options: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,bind,{options}")])
            .arg(self.0.path())
            .status()
            .unwrap();
        assert!(status.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// Runs a command of a centre whose vault lies on `disk`.
fn run(centre: &Centre, disk: &SmallDisk, arguments: &[&str]) -> crate::program::Ended {
    let vault = format!("file://{}/vault", disk.0.path().display());
    centre.run(&[&["--vault", &vault], arguments].concat())
}

#[test]
fn a_full_or_read_only_vault_stops_the_night_and_the_next_run_works() {
    let city = one_day();
    let disk = SmallDisk::of("64m");
    let centre = Centre::absent();
    let done = |arguments: &[&str]| {
        let ended = run(&centre, &disk, arguments);
        assert_eq!(ended.code, 0, "{arguments:?}\n{}{}", ended.out, ended.err);
        ended.out
    };
    let failed = |arguments: &[&str]| {
        let ended = run(&centre, &disk, arguments);
        assert_eq!(ended.code, 5, "{arguments:?}\n{}{}", ended.out, ended.err);
        assert!(ended.err.contains("vault"), "{}", ended.err);
    };
    done(&["init"]);
    done(&["registry", "load", path(&city.join("registry"))]);
    done(&["keys", "load", path(&city.join("keys.toml"))]);
    for list in crate::program::sorted(&city.join("lists")) {
        done(&["denylist", "load", path(&list)]);
    }
    let packages = city.join("packages");
    let fill = disk.0.path().join("filler");

    // Full: not one package is acknowledged that is not durable.
    fill_up(&fill);
    failed(&["intake", path(&packages)]);
    std::fs::remove_file(&fill).unwrap();
    assert!(done(&["window", "list", "--json"]).contains("\"packages\": 0"));
    done(&["intake", path(&packages)]);

    // Read-only: the window is closed, clearing waits.
    disk.remount("ro");
    failed(&["night", "--date", DAY]);
    disk.remount("rw");
    fill_up(&fill);
    failed(&["night", "--date", DAY]);
    std::fs::remove_file(&fill).unwrap();
    let windows = done(&["window", "list", "--json"]);
    assert!(windows.contains("\"closed\""), "{windows}");
    done(&["night", "--date", DAY]);
    let after = done(&["settlement", "show", "--window", DAY, "--json"]);

    let undisturbed = Centre::of_city(city);
    undisturbed.done(&["intake", path(&packages)]);
    undisturbed.done(&["night", "--date", DAY]);
    let expected = undisturbed.done(&["settlement", "show", "--window", DAY, "--json"]);
    assert_eq!(after, expected, "the same digest and the same figures as without any fault");
}

/// Writes until the disk takes no more.
fn fill_up(file: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(file).unwrap();
    let block = vec![0; 1 << 16];
    while file.write_all(&block).is_ok() {}
}

#[test]
fn a_folder_that_cannot_be_written_is_infrastructure() {
    let disk = SmallDisk::of("1m");
    disk.remount("ro");
    let data = disk.0.path().join("data");
    let ended =
        Command::new(crate::program::program()).args(["init", "--data", path(&data)]).output().unwrap();
    assert_eq!(ended.status.code(), Some(5), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_damaged_database_or_package_is_said_and_not_paid() {
    let city = one_day();
    let centre = Centre::of_city(city);
    centre.done(&["intake", path(&city.join("packages"))]);
    // One bit of one package in the vault turns.
    let vault = centre.data().join("vault/packages");
    let mut file = vault;
    while file.is_dir() {
        file = crate::program::sorted(&file).remove(0);
    }
    let good = std::fs::read(&file).unwrap();
    let mut bad = good.clone();
    bad[150] ^= 1;
    std::fs::write(&file, &bad).unwrap();
    centre.refused(&["night", "--date", DAY], 5, &["damaged", "SHA-256"]);
    std::fs::write(&file, &good).unwrap();
    centre.done(&["night", "--date", DAY]);

    std::fs::write(centre.data().join("centre.sqlite"), "this is no database").unwrap();
    let _ = std::fs::remove_file(centre.data().join("centre.sqlite-wal"));
    centre.refused(&["window", "list"], 5, &["database"]);
}

/// Changes one byte in the middle of a file and returns how it was.
fn corrupt(file: &Path) -> Vec<u8> {
    let good = std::fs::read(file).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    std::fs::write(file, bad).unwrap();
    good
}

#[test]
fn state_that_was_changed_behind_the_centre_is_not_trusted() {
    let city = crate::city::three_days();
    let centre = Centre::of_city(city);
    let next = "2026-11-24";
    centre.done(&["intake", path(&city.join("packages").join(DAY))]);
    centre.done(&["night", "--date", DAY]);
    centre.done(&["intake", path(&city.join("packages").join(next))]);
    let vault = centre.data().join("vault");
    // Card state and accepted numbers decide what is paid next; the detail is what statements are made from.
    for name in [
        format!("cards/{DAY}/part-07.parquet"),
        format!("terminals/{DAY}.parquet"),
        format!("continuity/{DAY}.parquet"),
        format!("seen/{DAY}.parquet"),
    ] {
        let good = corrupt(&vault.join(&name));
        centre.refused(&["night", "--date", next], 5, &["damaged", &name]);
        std::fs::write(vault.join(&name), good).unwrap();
    }
    let name = format!("windows/{DAY}/part-07.parquet");
    let good = corrupt(&vault.join(&name));
    let out = centre.dir.path().join("export.csv");
    centre.refused(&["export", "--window", DAY, "--out", path(&out)], 5, &["damaged", &name]);
    assert!(!out.exists(), "no half an export");
    std::fs::write(vault.join(&name), good).unwrap();
    centre.done(&["night", "--date", next]);
    centre.done(&["export", "--window", DAY, "--out", path(&out)]);
}

#[test]
fn killed_at_any_moment_the_night_goes_on_to_the_same_result() {
    let city = one_day();
    let packages = city.join("packages");
    let show = ["settlement", "show", "--window", DAY, "--json"];
    let undisturbed = Centre::of_city(city);
    undisturbed.done(&["intake", path(&packages)]);
    undisturbed.done(&["night", "--date", DAY]);
    let expected = undisturbed.done(&show);

    let centre = Centre::of_city(city);
    let killed = |arguments: &[&str], after_ms: u64| {
        let mut child = centre.command(arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(after_ms));
        let _ = child.kill();
        child.wait().unwrap();
    };
    for after_ms in [0, 20, 60, 110, 170, 240] {
        killed(&["intake", path(&packages)], after_ms);
    }
    centre.done(&["intake", path(&packages)]);
    for after_ms in [0, 30, 70, 120, 180, 250, 330, 420, 520] {
        killed(&["night", "--date", DAY, "--workers", "2"], after_ms);
    }
    centre.done(&["night", "--date", DAY]);
    assert_eq!(centre.done(&show), expected);
    assert!(centre.data().join("vault/reports").join(DAY).join("summary.txt").exists());
}

#[test]
fn two_nights_and_three_intakes_at_once_are_one_night_and_one_intake() {
    assert_one_night_and_one_intake(&Centre::of_city(one_day()));
}

/// Three intakes and then two nights at once on a centre that knows the city of one day.
pub(crate) fn assert_one_night_and_one_intake(centre: &Centre) {
    let city = one_day();
    let packages = city.join("packages");
    let together = |arguments: &[&str], count: usize| {
        let started: Vec<_> = (0..count)
            .map(|_| {
                let mut command = centre.command(arguments);
                command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        for child in started {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
        }
    };
    together(&["intake", path(&packages)], 3);
    together(&["night", "--date", DAY], 2);
    let windows = centre.json(&["window", "list"]);
    assert_eq!(windows.as_array().unwrap().len(), 2, "{windows}");
    let settlement = centre.json(&["settlement", "show", "--window", DAY]);
    assert_eq!(settlement["received"]["packages"], crate::program::sorted(&packages.join(DAY)).len());

    let alone = Centre::of_city(city);
    alone.done(&["intake", path(&packages)]);
    alone.done(&["night", "--date", DAY]);
    assert_eq!(alone.json(&["settlement", "show", "--window", DAY]), settlement);
}

#[test]
fn an_empty_database_does_not_pass_for_a_new_centre() {
    let centre = Centre::absent();
    centre.done(&["init"]);
    let database = centre.data().join("centre.sqlite");
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", database.display()));
    }
    std::fs::write(&database, "").unwrap();
    centre.refused(&["window", "list"], 5, &["no centre"]);
}
