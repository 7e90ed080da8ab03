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
            .args(["-o", &format!("remount,{options}")])
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
